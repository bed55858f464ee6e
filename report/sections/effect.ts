/**
 * The stepped-wedge estimate in words that a manager can act on, with what it rests on and what may be wrong with it.
 * The method: domain/evaluation.ts.
 */
import type { Report } from '../../domain/report';
import { intervalsChart } from '../charts/intervals';
import { figure } from '../figure';
import { number, plural } from '../format';
import { html } from '../markup';
import type { Markup } from '../markup';
import { numeric, table, text } from '../table';

export function effectSection({ evaluation }: Report): Markup {
  const {
    riskDifferencePerWeek: estimate,
    strata,
    treatedPatientWeeks,
    controlPatientWeeks,
    method,
  } = evaluation.steppedWedge;
  if (estimate.value === null)
    return html`<p>
      No effect can be estimated: in no pilot week were there both admitted and waiting patients of one lot (tier,
      category and score band).
    </p>`;
  const points = (share: number) => share * 100;
  const { low, high } = estimate;
  const value = points(estimate.value);
  const said = `In any one week, ${more(value)} of every 100 admitted patients booked than of 100 patients of the same lot who were still waiting.`;
  const interval = low === null || high === null ? null : { low: points(low), high: points(high) };
  const range = interval ? `95% interval: ${signed(interval.low)} to ${signed(interval.high)} in 100.` : '';
  return html`<p class="lead">${said}</p>
    <p>
      ${range} ${verdict(interval)} It rests on ${number(treatedPatientWeeks)} patient-weeks of admitted and
      ${number(controlPatientWeeks)} patient-weeks of waiting patients, compared within ${plural(strata, 'pair')} of lot
      and pilot week. A lot is one tier, category and score band: among its patients the order of admission is drawn at
      random, which makes the waiting a fair comparison.
    </p>
    ${
      interval &&
      figure({
        id: 'effect',
        title: 'Extra bookings a week among 100 admitted patients',
        note: 'Against patients of the same lot still waiting, with the 95% interval. Zero: no difference.',
        alternative: `${signed(value)} in 100. ${range}`,
        chart: (surface) =>
          intervalsChart(
            [{ title: '', rows: [{ label: 'Effect', intervals: [{ value, ...interval, tier: null }] }] }],
            { unit: '', ...scale(interval), zero: 0 },
            surface,
          ),
        numbers: table({
          caption: method,
          columns: [text('Estimate'), ...['In 100 a week', 'Low', 'High'].map(numeric)],
          rows: [['Risk difference', signed(value), signed(interval.low), signed(interval.high)]],
        }),
      })
    }
    <h3>How far to trust it</h3>
    <ul class="caveats">
      <li>
        Only lots that were split between two weeks tell anything: most patients of the highest bands are admitted
        together and have nobody to be compared with.
      </li>
      <li>
        The waiting include patients who opted out or consented late, and who could not have been admitted at that time.
      </li>
      <li>
        A patient counts as admitted for the whole week of the wave, though the text may come days later. That makes the
        effect look smaller.
      </li>
      <li>
        It is about the first booking, not attendance, and about the pilot weeks only: in the adaptive phase nobody
        waits.
      </li>
      <li>Patients are taken as independent of each other; families on one phone are not.</li>
    </ul>`;
}

/** A scale that takes in zero and the interval, with some air. */
function scale({ low, high }: { readonly low: number; readonly high: number }) {
  const reach = Math.max(Math.abs(low), Math.abs(high));
  const step = [1, 2, 5, 10, 20].find((candidate) => reach <= candidate * 5) ?? 20;
  return { min: Math.min(0, Math.floor(low / step) * step), max: Math.max(0, Math.ceil(high / step) * step) };
}

function more(value: number): string {
  return value >= 0 ? `${number(value, 1)} more` : `${number(-value, 1)} fewer`;
}

function signed(value: number): string {
  return value > 0 ? `+${number(value, 1)}` : number(value, 1);
}

function verdict(interval: { readonly low: number; readonly high: number } | null): string {
  if (!interval) return 'Nobody booked, or everybody did: no interval can be given.';
  if (interval.low > 0) return 'Chance alone is an unlikely explanation.';
  if (interval.high < 0) return 'Chance alone is an unlikely explanation: being admitted went with fewer bookings.';
  return 'The interval includes zero: this campaign alone cannot tell the effect from chance.';
}
