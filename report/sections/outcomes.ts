/** How it ended: the final outcomes, then booking, attendance and opt-out by tier and wave with their intervals. */
import { OUTCOMES } from '../../domain/report';
import type { Evaluation, GroupOutcomes, Proportion, Report } from '../../domain/report';
import { tierLegend } from '../charts/axes';
import { countsChart } from '../charts/counts';
import { intervalsChart } from '../charts/intervals';
import type { Interval, IntervalRow } from '../charts/intervals';
import { figure } from '../figure';
import { NONE, number, OUTCOME_LABELS, percent, range, share, TIER_NAMES, waveName } from '../format';
import { html } from '../markup';
import type { Content, Markup } from '../markup';
import { details, numeric, table, text } from '../table';

/** A forest plot of more waves than this is taller than anybody reads; the table has them all. */
const WAVES_DRAWN_MAX = 12;

export function outcomesSection(report: Report): Markup {
  const { overall, byTier, byWave, byTierAndWave } = report.evaluation;
  const rows = [
    rateRow('Everybody', overall),
    ...byTier.map((group) => rateRow(TIER_NAMES[group.tier!], group)),
    ...byWave.map((group) => rateRow(waveName(group.wave), group)),
  ];
  return html`${endings(report)} ${rates(report.evaluation)}
  ${table({ caption: 'Rates by tier and by wave, with 95% intervals in percent', columns: rateColumns('Group'), rows })}
  ${details('Every tier within every wave', table({ caption: 'Rates by wave and tier, with 95% intervals in percent', captionHidden: true, tall: true, columns: rateColumns('Wave and tier'), rows: byTierAndWave.map((group) => rateRow(`${waveName(group.wave)}, tier ${group.tier}`, group)) }), true)}`;
}

function endings({ outcomes, roster }: Report): Markup {
  const counts = OUTCOMES.map((outcome) => ({
    label: OUTCOME_LABELS[outcome],
    n: outcomes[outcome] ?? 0,
    strong: outcome === 'ATTENDED' || outcome === 'BOOKED',
  }));
  const total = counts.reduce((sum, { n }) => sum + n, 0);
  return figure({
    id: 'outcomes',
    title: 'How it ended for each patient',
    note: `Everyone of the ${number(roster.accepted)} accepted patients is in one row: the first that holds, from the top.`,
    alternative: `${counts.map(({ label, n }) => `${label}: ${number(n)}`).join('; ')}.`,
    chart: (surface) => countsChart(counts, surface),
    numbers: table({
      caption: 'Patients by outcome',
      captionHidden: true,
      columns: [text('Outcome'), numeric('Patients'), numeric('Share')],
      rows: counts.map(({ label, n }) => [label, number(n), share(n, total)]),
    }),
  });
}

function rates({ byTier, byTierAndWave }: Evaluation): Markup {
  const allWaves = [...new Set(byTierAndWave.map((group) => group.wave ?? null))];
  const waves = allWaves.slice(0, WAVES_DRAWN_MAX);
  const cut = waves.length < allWaves.length ? ` Only the first ${WAVES_DRAWN_MAX} waves are drawn.` : '';
  const rows = (of: (group: GroupOutcomes) => Proportion): IntervalRow[] => [
    { label: 'All waves', intervals: byTier.flatMap((group) => interval(group, of)) },
    ...waves.map((wave) => ({
      label: waveName(wave),
      intervals: byTierAndWave.filter((group) => (group.wave ?? null) === wave).flatMap((group) => interval(group, of)),
    })),
  ];
  const booked = rows((group) => group.booked);
  const attended = rows((group) => group.attended);
  const sentence = byTier
    .filter((group) => group.patients > 0)
    .map(
      (group) => `Tier ${group.tier}: ${percent(group.booked.rate)} booked, ${percent(group.attended.rate)} attended`,
    )
    .join('. ');
  return figure({
    id: 'rates',
    title: 'Who booked and who attended, by wave and tier',
    note: `The mark is the share of patients, the bar its 95% interval: the fewer patients, the wider.${cut}`,
    legend: tierLegend((tier) => TIER_NAMES[tier]),
    alternative: `${sentence}.`,
    chart: (surface) =>
      intervalsChart(
        [
          { title: 'Booked', rows: booked },
          { title: 'Attended', rows: attended },
        ],
        { unit: '%', min: 0, max: scaleMax([...booked, ...attended]), interval: 20 },
        surface,
      ),
    numbers: html`<p>Every number is in the tables that follow.</p>`,
  });
}

/** Percent; past the end of every interval, in steps of 20. */
function scaleMax(rows: readonly IntervalRow[]): number {
  const highest = Math.max(0, ...rows.flatMap((row) => row.intervals.map(({ high }) => high)));
  return Math.min(100, Math.max(20, Math.ceil(highest / 20) * 20));
}

function interval(group: GroupOutcomes, of: (group: GroupOutcomes) => Proportion): Interval[] {
  const { rate, low, high } = of(group);
  if (rate === null || low === null || high === null) return [];
  return [{ value: rate * 100, low: low * 100, high: high * 100, tier: group.tier ?? null }];
}

function rateColumns(first: string) {
  return [text(first), ...['Patients', 'Texted', 'Booked', 'Attended', 'Opted out'].map(numeric)];
}

function rateRow(label: string, group: GroupOutcomes): Content[] {
  const { texted, booked, attended, optedOut } = group;
  return [label, number(group.patients), percent(texted.rate), ...[booked, attended, optedOut].map(rateCell)];
}

function rateCell(proportion: Proportion): Content {
  if (proportion.rate === null) return NONE;
  return html`<span class="rate">${percent(proportion.rate)} <span class="ci">${range(proportion)}</span></span>`;
}
