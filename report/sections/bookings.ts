/** Bookings over time, by tier. */
import type { Evaluation, Report } from '../../domain/report';
import { tierLegend } from '../charts/axes';
import { bookingsChart } from '../charts/bookings';
import { figure } from '../figure';
import { number, plural, TIER_NAMES } from '../format';
import { html } from '../markup';
import type { Markup } from '../markup';
import { numeric, table, text } from '../table';
import { adaptiveFrom } from './headline';

export function bookingsSection(report: Report): Markup {
  const { bookingsByDay } = report.evaluation;
  const last = bookingsByDay[bookingsByDay.length - 1];
  if (!last) return html`<p>The campaign ended before its first day did.</p>`;
  const total = last.tier1 + last.tier2 + last.tier3;
  const sentence = `${plural(total, 'patient')} had booked by the end: ${number(last.tier1)} of tier 1, ${number(last.tier2)} of tier 2 and ${number(last.tier3)} of tier 3.`;
  return html`<p>${sentence} A patient counts once, from the first booking on, whatever became of it.</p>
    ${figure({
      id: 'bookings',
      title: 'Patients who have booked, by tier',
      note: 'Cumulative, at the end of each date. Each line ends with its tier and number of patients.',
      legend: tierLegend((tier) => TIER_NAMES[tier], true),
      alternative: sentence,
      chart: (surface) => bookingsChart(bookingsByDay, report.policy.startsOn, adaptiveFrom(report), surface),
      numbers: table({
        caption: 'Patients who have booked, at the end of each campaign week',
        columns: [text('Week'), text('Up to'), ...['Tier 1', 'Tier 2', 'Tier 3', 'All'].map(numeric)],
        rows: weekEnds(bookingsByDay).map(({ week, day }) => [
          `Week ${week}`,
          day.date,
          ...[day.tier1, day.tier2, day.tier3, day.tier1 + day.tier2 + day.tier3].map((n) => number(n)),
        ]),
      }),
    })}`;
}

function weekEnds(days: Evaluation['bookingsByDay']) {
  return days.flatMap((day, i) => (i % 7 === 6 || i === days.length - 1 ? [{ week: Math.floor(i / 7) + 1, day }] : []));
}
