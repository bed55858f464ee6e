/** Counts by name as horizontal bars with the number at the end of each. */
import { number } from '../format';
import { LIGHT } from '../palette';
import { categoryAxis, valueAxis } from './axes';
import type { ChartOption, Surface } from './draw';

export interface Count {
  readonly label: string;
  readonly n: number;
  /** Set apart from the others. */
  readonly strong?: boolean;
}

const ROW_HEIGHT = 27;

export function countsChart(counts: readonly Count[], { narrow }: Surface) {
  const labelWidth = narrow ? 140 : 170;
  const option: ChartOption = {
    grid: { left: labelWidth, right: 60, top: 2, bottom: 2 },
    xAxis: { ...valueAxis, show: false, min: 0, max: Math.max(1, ...counts.map(({ n }) => n)) },
    yAxis: {
      ...categoryAxis,
      inverse: true,
      data: counts.map(({ label }) => label),
      axisLine: { show: false },
      axisLabel: { color: LIGHT.ink, interval: 0, width: labelWidth - 12, overflow: 'truncate' },
    },
    series: [
      {
        type: 'bar',
        silent: true,
        barWidth: 15,
        data: counts.map(({ n, strong }) => ({ value: n, itemStyle: { color: strong ? LIGHT.accent : LIGHT.soft } })),
        label: {
          show: true,
          position: 'right',
          color: LIGHT.ink,
          fontSize: 12,
          formatter: ({ value }) => number(Number(value)),
        },
      },
    ],
  };
  return { height: counts.length * ROW_HEIGHT + 4, option };
}
