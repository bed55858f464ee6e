/** Calls against capacity by day, with the throttle's work below; and every send day in a table. */
import type { DayReport, PreferencesState, Report } from '../../domain/report';
import { callsChart, isOpened } from '../charts/calls';
import { figure } from '../figure';
import { labelOf, number, plural, REFUSAL_LABELS, share, weekday } from '../format';
import { html } from '../markup';
import type { Markup } from '../markup';
import { details, numeric, table, text } from '../table';
import type { Column } from '../table';
import { adaptiveFrom } from './headline';

export function callsSection(report: Report): Markup {
  const { days, evaluation, policy } = report;
  if (days.length === 0) return html`<p>The campaign had no send day.</p>`;
  const { offered, causedByTexts, sparedByLinkOrReply, daysOverCapacity } = evaluation.calls;
  const { capacityPerDay } = policy.callCentre;
  const halvings = days.reduce((sum, day) => sum + day.halvings, 0);
  const halvedDays = days.filter((day) => day.halvings > 0).length;
  const unopened = days.length - days.filter(isOpened).length;
  const busiest = days.reduce((most, day) => (day.offered > most.offered ? day : most));
  const caused =
    causedByTexts >= 0
      ? `about ${number(causedByTexts)} more than the forecast, which is what the texts may have caused`
      : `about ${number(-causedByTexts)} fewer than the forecast`;
  return html`<p>
      The call centre can answer ${plural(capacityPerDay, 'call')} a day. It was offered ${number(offered)} in all,
      ${caused}; ${plural(sparedByLinkOrReply, 'patient')} booked by link or reply and did not need to call. The
      throttle halved what was left of a day
      ${halvings === 0 ? 'not once' : `${plural(halvings, 'time')} on ${plural(halvedDays, 'day')}`}.
    </p>
    ${figure({
      id: 'calls',
      title: 'Calls against capacity, and the texts the throttle let out',
      note: 'Send days only. The budget is fixed when the day opens.',
      legend: [
        { label: 'Calls offered', colour: 'soft', mark: 'bar' },
        { label: 'Calls over capacity', colour: 'alert', mark: 'bar' },
        { label: 'Calls forecast', colour: 'ink', mark: 'dashed' },
        { label: 'Texts sent', colour: 'accent', mark: 'bar' },
        { label: 'Capacity for calls, budget for texts', colour: 'ink', mark: 'line' },
        { label: 'Throttle halved', colour: 'alert', mark: 'down' },
        { label: 'Nobody texted: no sound consent file', colour: 'alert', mark: 'cross' },
      ],
      alternative: `Calls went over the capacity of ${number(capacityPerDay)} on ${number(daysOverCapacity)} of ${plural(days.length, 'send day')}; the busiest, ${busiest.date}, had ${number(busiest.offered)}. The throttle halved ${plural(halvings, 'time')}. ${plural(unopened, 'day')} did not open.`,
      chart: (surface) =>
        callsChart({ days, startsOn: policy.startsOn, capacityPerDay, adaptiveFrom: adaptiveFrom(report) }, surface),
      numbers: html`<p>Every number is in the table of <a href="#days">send days</a>.</p>`,
    })}`;
}

export const PREFERENCE_LABELS: Record<PreferencesState, string> = {
  TAKEN: 'taken',
  MISSING: 'missing',
  REFUSED: 'refused',
  NOT_REQUIRED: 'not required',
};

export function daysSection({ days, policy }: Report): Markup {
  const reasons = Object.keys(REFUSAL_LABELS).filter((reason) => days.some((day) => day.refused[reason as never]));
  const columns: Column[] = [
    text('Date'),
    text('Consent file'),
    ...['Forecast', 'Calls', 'Abandoned', 'Calls per text', 'Budget', 'Sent', 'Halvings'].map(numeric),
    ...reasons.map((reason) => numeric(`Refused: ${labelOf(REFUSAL_LABELS, reason).toLowerCase()}`)),
  ];
  const row = (day: DayReport) => [
    html`<span class="date">${weekday(day.date)} ${day.date}</span>`,
    isOpened(day)
      ? labelOf(PREFERENCE_LABELS, day.preferences)
      : html`<strong class="c-alert">${labelOf(PREFERENCE_LABELS, day.preferences)}</strong>`,
    number(day.forecastCalls),
    day.offered > policy.callCentre.capacityPerDay
      ? html`<strong class="c-alert">${number(day.offered)}<span class="hidden"> (over capacity)</span></strong>`
      : number(day.offered),
    html`${number(day.abandoned)} <span class="ci">${share(day.abandoned, day.offered)}</span>`,
    number(day.callRate, 3),
    number(day.budget),
    number(day.sent),
    number(day.halvings),
    ...reasons.map((reason) => number(day.refused[reason as never] ?? 0)),
  ];
  const all = table({ caption: 'Send days', captionHidden: true, tall: true, columns, rows: days.map(row) });
  return details(`${plural(days.length, 'send day')}, one a row`, all, true);
}
