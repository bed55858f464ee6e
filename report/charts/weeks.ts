/**
 * Patients admitted and patients texted, against the cumulative cap, at the end of each pilot week (formats.md, rule 1).
 */
import type { WeekReport } from '../../domain/report';
import { number } from '../format';
import { LIGHT } from '../palette';
import { categoryAxis, countScale, valueAxis } from './axes';
import type { ChartOption, Surface } from './draw';

export function weeksChart(weeks: readonly WeekReport[], { narrow, width }: Surface) {
  const top = Math.max(
    0,
    ...weeks.map((week) => Math.max(week.capCumulative, week.admittedCumulative, week.textedCumulative)),
  );
  const band = (width - 60) / Math.max(1, weeks.length);
  const few = weeks.length <= (narrow ? 6 : 15);
  const bar = { type: 'bar', silent: true, barMaxWidth: 44, barGap: '0%', barCategoryGap: '28%' } as const;
  const option: ChartOption = {
    grid: { left: 44, right: 8, top: 20, bottom: 24 },
    xAxis: { ...categoryAxis, data: weeks.map(({ week }) => (!few ? `${week}` : `Week ${week}`)) },
    yAxis: { ...valueAxis, ...countScale(top * 1.05) },
    series: [
      { ...bar, data: weeks.map((week) => week.admittedCumulative), itemStyle: { color: LIGHT.soft } },
      { ...bar, data: weeks.map((week) => week.textedCumulative), itemStyle: { color: LIGHT.accent } },
      {
        type: 'scatter',
        silent: true,
        symbol: 'rect',
        symbolSize: [Math.min(100, band * 0.8), 3],
        itemStyle: { color: LIGHT.ink, opacity: 1 },
        data: weeks.map((week) => week.capCumulative),
        label: {
          show: few,
          position: 'top',
          distance: 3,
          color: LIGHT.ink,
          fontSize: 12,
          formatter: ({ value }) => number(Number(value)),
        },
      },
    ],
  };
  return { height: narrow ? 240 : 300, option };
}
