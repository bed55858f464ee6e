/**
 * Patients who have booked, by tier, over the days of the campaign. Each line carries its last count; counts that would
 * lie on each other are moved apart.
 */
import type { Evaluation } from '../../domain/report';
import { number } from '../format';
import { LIGHT } from '../palette';
import { countScale, dateAxis, divider, TIER_MARKS, valueAxis } from './axes';
import type { ChartOption, Surface } from './draw';

type Days = Evaluation['bookingsByDay'];
const TIERS = [1, 2, 3] as const;
const LABEL_HEIGHT = 15;

export function bookingsChart(days: Days, startsOn: string, adaptiveFrom: string | null, surface: Surface) {
  const height = surface.narrow ? 260 : 320;
  const grid = { left: 40, right: surface.narrow ? 54 : 84, top: 22, bottom: 24 };
  const dates = days.map((day) => day.date);
  const scale = countScale(Math.max(0, ...days.map((day) => Math.max(day.tier1, day.tier2, day.tier3))));
  const last = days[days.length - 1];
  const ends = TIERS.map((tier) => (last ? last[`tier${tier}`] : 0));
  const shifts = apart(ends.map((value) => (value / scale.max) * (height - grid.top - grid.bottom)));
  const adaptiveIndex = adaptiveFrom === null ? -1 : dates.indexOf(adaptiveFrom);
  const option: ChartOption = {
    grid,
    xAxis: { ...dateAxis(dates, startsOn, surface), boundaryGap: false },
    yAxis: { ...valueAxis, ...scale },
    series: TIERS.map((tier, i) => ({
      type: 'line',
      silent: true,
      symbol: 'none',
      data: days.map((day) => day[`tier${tier}`]),
      lineStyle: { color: LIGHT[TIER_MARKS[tier].colour], width: 2.5, type: LINES[tier] },
      endLabel: {
        show: true,
        formatter: () => `${surface.narrow ? '' : 'Tier '}${tier}: ${number(ends[i]!)}`,
        color: LIGHT[TIER_MARKS[tier].colour],
        fontWeight: 600,
        fontSize: 12,
        offset: [0, -shifts[i]!],
      },
      ...(i === 0 && adaptiveIndex > 0 && { markLine: divider(adaptiveIndex, 'adaptive phase') }),
    })),
  };
  return { height, option };
}

const LINES: Record<1 | 2 | 3, 'solid' | number[]> = { 1: 'solid', 2: [7, 3], 3: [2, 2] };

/** How far up each of a few heights must move so that labels at them do not overlap. */
export function apart(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!);
  const moved = [...heights];
  order.forEach((index, i) => {
    const below = order[i - 1];
    if (below !== undefined) moved[index] = Math.max(moved[index]!, moved[below]! + LABEL_HEIGHT);
  });
  return moved.map((height, i) => height - heights[i]!);
}
