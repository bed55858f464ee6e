/**
 * Axes, scales and marks that the charts share: quiet axes with few labels, dates labelled once a week, tiers with the
 * same colour and shape everywhere.
 */
import type { MarkLineComponentOption } from 'echarts';
import { daysBetween } from '../../domain/calendar';
import { shortDate } from '../format';
import type { LegendItem } from '../figure';
import { LIGHT } from '../palette';
import type { ColourName } from '../palette';
import type { Surface } from './draw';

/** More bars than this merge into a smear; draw a line then. */
export const BARS_MAX = 130;

export const TIER_MARKS: Record<
  1 | 2 | 3,
  { readonly colour: ColourName; readonly mark: 'circle' | 'diamond' | 'triangle' }
> = {
  1: { colour: 'tier1', mark: 'circle' },
  2: { colour: 'tier2', mark: 'diamond' },
  3: { colour: 'tier3', mark: 'triangle' },
};

const TIER_LINES = { 1: 'line', 2: 'dashed', 3: 'dotted' } as const;

export function tierLegend(label: (tier: 1 | 2 | 3) => string, lines = false): LegendItem[] {
  return ([1, 2, 3] as const).map((tier) => {
    const { colour, mark } = TIER_MARKS[tier];
    return { label: label(tier), colour, mark: lines ? TIER_LINES[tier] : mark };
  });
}

export const valueAxis = {
  type: 'value',
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: { color: LIGHT.muted },
  splitLine: { lineStyle: { color: LIGHT.rule } },
  splitNumber: 4,
} as const;

export const categoryAxis = {
  type: 'category',
  axisLine: { lineStyle: { color: LIGHT.muted } },
  axisTick: { show: false },
  axisLabel: { color: LIGHT.muted },
} as const;

/** Dates as categories, labelled at the first date shown of every n-th campaign week. */
export function dateAxis(dates: readonly string[], startsOn: string, { narrow }: Surface) {
  const weekOf = (date: string) => Math.floor(daysBetween(startsOn, date) / 7);
  const weeks = dates.length === 0 ? 0 : weekOf(dates[dates.length - 1]!) + 1;
  const step = Math.ceil(weeks / (narrow ? 5 : 12)) || 1;
  const labelled = dates.map(
    (date, i) => weekOf(date) % step === 0 && (i === 0 || weekOf(dates[i - 1]!) !== weekOf(date)),
  );
  return {
    ...categoryAxis,
    data: dates.map(shortDate),
    axisLabel: { ...categoryAxis.axisLabel, interval: (i: number) => labelled[i]!, hideOverlap: true },
    axisTick: {
      show: true,
      interval: (i: number) => labelled[i]!,
      lineStyle: { color: LIGHT.muted },
      alignWithLabel: true,
    },
  };
}

/** An axis of counts from 0 to a round number at or above `value`, in equal steps (about `steps` of them). */
export function countScale(
  value: number,
  steps = 4,
): { readonly min: 0; readonly max: number; readonly interval: number } {
  const least = Math.max(value, 1) / steps;
  const unit = 10 ** Math.floor(Math.log10(least));
  const interval = Math.max(
    1,
    unit * [1, 1.5, 2, 2.5, 3, 4, 5, 10].find((step) => step * unit >= least && (step * unit) % 1 === 0)!,
  );
  return { min: 0, max: interval * Math.max(1, Math.ceil(value / interval)), interval };
}

export function panelTitle(text: string, top: number) {
  return { text, left: 0, top, padding: 0, textStyle: { fontSize: 12, fontWeight: 600, color: LIGHT.ink } } as const;
}

/** An upright line at a category with a word at its head. */
export function divider(index: number, label: string): MarkLineComponentOption {
  return {
    silent: true,
    symbol: 'none',
    label: { formatter: label, color: LIGHT.muted, fontSize: 12, position: 'end', distance: 4 },
    lineStyle: { color: LIGHT.muted, type: 'dashed', width: 1 },
    data: [{ xAxis: index }],
  };
}
