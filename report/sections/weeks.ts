/** Texts and admissions against the cumulative cap, by pilot week. */
import type { Report } from '../../domain/report';
import { weeksChart } from '../charts/weeks';
import { figure } from '../figure';
import { number, plural, waveName } from '../format';
import { html } from '../markup';
import type { Markup } from '../markup';
import { numeric, table, text } from '../table';

export function weeksSection({ weeks }: Report): Markup {
  if (weeks.length === 0) return html`<p>The campaign ended before its first week did.</p>`;
  const within = weeks.every((week) => week.textedCumulative <= week.capCumulative);
  const last = weeks[weeks.length - 1]!;
  const verdict = within
    ? 'At the end of every week no more patients had been texted than the cap allows.'
    : 'In at least one week more patients had been texted than the cap allows.';
  return html`<p>
      Each week raises the number of patients who may have been texted. ${verdict} What does not fit into a week is
      carried over, never lost.
    </p>
    ${figure({
      id: 'weeks',
      title: 'Patients admitted and texted, against the cap',
      note: 'Cumulative, at the end of each pilot week.',
      legend: [
        { label: 'Admitted', colour: 'soft', mark: 'bar' },
        { label: 'Texted', colour: 'accent', mark: 'bar' },
        { label: 'Cap', colour: 'ink', mark: 'line' },
      ],
      alternative: `${verdict} After ${plural(weeks.length, 'pilot week')}: ${number(last.admittedCumulative)} admitted, ${number(last.textedCumulative)} texted, cap ${number(last.capCumulative)}.`,
      chart: (surface) => weeksChart(weeks, surface),
      numbers: table({
        caption: 'Pilot weeks',
        captionHidden: true,
        columns: [
          text('Week'),
          text('Wave'),
          ...['Eligible', 'Cap', 'Admitted', 'Texted', 'Booked in week', 'Opted out in week', 'Carried over'].map(
            numeric,
          ),
        ],
        rows: weeks.map((week) => [
          `Week ${week.week}`,
          week.wave === null ? 'none' : waveName(week.wave),
          ...[
            week.eligible,
            week.capCumulative,
            week.admittedCumulative,
            week.textedCumulative,
            week.booked,
            week.optedOut,
            week.carriedOver,
          ].map((n) => number(n)),
        ]),
      }),
    })}`;
}
