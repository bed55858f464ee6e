/**
 * The top of the page: which run this is, one paragraph that says how it went, and the headline figures.
 */
import { addDays } from '../../domain/calendar';
import type { Report } from '../../domain/report';
import { longDate, number, percent, plural, share } from '../format';
import { html } from '../markup';
import type { Markup } from '../markup';
import { isOpened } from '../charts/calls';

interface Figures {
  readonly admitted: number;
  readonly texts: number;
  readonly refused: number;
  readonly worklist: number;
  readonly daysOpened: number;
}

export function headline(report: Report, worklistRows: number): Markup {
  const { days, weeks, evaluation } = report;
  const figures: Figures = {
    admitted: weeks[weeks.length - 1]?.admittedCumulative ?? 0,
    texts: days.reduce((sum, day) => sum + day.sent, 0),
    refused: Object.values(evaluation.refusals).reduce((sum, n) => sum + n, 0),
    worklist: worklistRows,
    daysOpened: days.filter(isOpened).length,
  };
  return html`${title(report)}
    <section aria-labelledby="headline">
      <h2 id="headline" class="hidden">Headline figures</h2>
      <p class="lead">${lead(report, figures)}</p>
      <dl class="tiles">
        ${tiles(report, figures).map(
          ([label, value, note]) =>
            html`<div>
              <dt>${label}</dt>
              <dd>${value}</dd>
              <dd class="note">${note}</dd>
            </div> `,
        )}
      </dl>
    </section>`;
}

function title({ campaignId, policy, startedAt, endedAt, endState, seed }: Report): Markup {
  const phases =
    `${plural(policy.weeks, 'pilot week')}` +
    (policy.postPilotWeeks > 0 ? `, ${plural(policy.postPilotWeeks, 'adaptive week')}` : '');
  return html`<header>
    <p class="eyebrow">VIP Outreach · campaign report</p>
    <h1>${campaignId}</h1>
    <dl class="facts">
      <div>
        <dt>Practice</dt>
        <dd>${policy.practice.name}</dd>
      </div>
      <div>
        <dt>Ran</dt>
        <dd>${longDate(startedAt)} to ${longDate(lastDate(endedAt))}</dd>
      </div>
      <div>
        <dt>Plan</dt>
        <dd>${phases}</dd>
      </div>
      <div>
        <dt>Ended</dt>
        <dd class="${endState === 'COMPLETED' ? '' : 'c-alert'}">
          ${endState === 'COMPLETED' ? 'Completed' : 'Cancelled'}
        </dd>
      </div>
      <div>
        <dt>Seed</dt>
        <dd>${`${seed}`}</dd>
      </div>
    </dl>
  </header>`;
}

/** A campaign that ended at midnight did nothing on that date. */
function lastDate(endedAt: string): string {
  const date = endedAt.slice(0, 10);
  return endedAt.slice(10, 19) === 'T00:00:00' ? addDays(date, -1) : date;
}

function lead({ roster, evaluation, days }: Report, { admitted, texts, daysOpened }: Figures): string {
  const { booked, attended } = evaluation.overall;
  const over = evaluation.calls.daysOverCapacity;
  return (
    `Of ${plural(roster.accepted, 'patient')} on the roster, ${number(admitted)} were admitted in the pilot weeks. ` +
    `${plural(texts, 'text')} went out on ${number(daysOpened)} of ${plural(days.length, 'send day')}. ` +
    `${plural(booked.n, 'patient')} booked a visit (${percent(booked.rate)}) and ${number(attended.n)} attended one (${percent(attended.rate)}). ` +
    (over === 0 ? 'Calls stayed within capacity on every day.' : `Calls went over capacity on ${plural(over, 'day')}.`)
  );
}

type Tile = readonly [label: string, value: string, note: string];

function tiles({ roster, evaluation, days }: Report, figures: Figures): Tile[] {
  const { booked, attended, optedOut, texted } = evaluation.overall;
  const perPatient = texted.n === 0 ? '' : ` to ${plural(texted.n, 'patient')}`;
  return [
    [
      'Admitted',
      number(figures.admitted),
      `${share(figures.admitted, roster.accepted)} of ${number(roster.accepted)} accepted`,
    ],
    ['Texts', number(figures.texts), `pilot and adaptive${perPatient}`],
    ['Booked', number(booked.n), `${percent(booked.rate)} of patients`],
    ['Attended', number(attended.n), `${percent(attended.rate)} of patients`],
    ['Opted out', number(optedOut.n), `${percent(optedOut.rate)} of patients, at the end`],
    ['Worklist', number(figures.worklist), 'waiting for a person'],
    ['Days over capacity', number(evaluation.calls.daysOverCapacity), `of ${plural(days.length, 'send day')}`],
    ['Texts refused', number(figures.refused), 'by the gate, with reason'],
  ];
}

/** First date of the adaptive phase, null when the run did not come to it. */
export function adaptiveFrom({ policy, evaluation, days }: Report): string | null {
  const from = addDays(policy.startsOn, 7 * policy.weeks);
  const last = evaluation.bookingsByDay[evaluation.bookingsByDay.length - 1]?.date ?? days[days.length - 1]?.date ?? '';
  return policy.postPilotWeeks > 0 && from <= last ? from : null;
}
