/**
 * Two panels over the same days: calls offered against forecast and capacity, and below it texts sent inside the day's
 * budget, with the halvings of the throttle and the days on which nobody was texted.
 */
import type { BarSeriesOption, CustomSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts';
import type { DayReport } from '../../domain/report';
import { LIGHT } from '../palette';
import { BARS_MAX, countScale, dateAxis, divider, panelTitle, valueAxis } from './axes';
import type { ChartOption, Surface } from './draw';

export interface CallsData {
  readonly days: readonly DayReport[];
  readonly startsOn: string;
  readonly capacityPerDay: number;
  /** First date of the adaptive phase; null: none in the picture. */
  readonly adaptiveFrom: string | null;
}

export function isOpened(day: DayReport): boolean {
  return day.preferences === 'TAKEN' || day.preferences === 'NOT_REQUIRED';
}

export function callsChart(data: CallsData, surface: Surface) {
  const { days, startsOn, capacityPerDay, adaptiveFrom } = data;
  const height = surface.narrow ? 440 : 480;
  const upper = { left: 40, right: 10, top: 40, height: surface.narrow ? 190 : 220 };
  const lowerTop = upper.top + upper.height + 74;
  const dates = days.map((day) => day.date);
  const adaptiveIndex = adaptiveFrom === null ? -1 : dates.findIndex((date) => date >= adaptiveFrom);
  const axis = dateAxis(dates, startsOn, surface);
  const callsScale = countScale(
    Math.max(capacityPerDay * 1.05, ...days.map((day) => Math.max(day.offered, day.forecastCalls))),
  );
  const textsScale = countScale(1.12 * Math.max(0, ...days.map((day) => Math.max(day.budget, day.sent))), 3);
  const option: ChartOption = {
    title: [panelTitle('Calls offered a day', 0), panelTitle('Texts sent a day', lowerTop - 32)],
    grid: [upper, { left: 40, right: 10, top: lowerTop, bottom: 24 }],
    xAxis: [
      { ...axis, gridIndex: 0 },
      { ...axis, gridIndex: 1 },
    ],
    yAxis: [
      { ...valueAxis, gridIndex: 0, ...callsScale },
      { ...valueAxis, gridIndex: 1, ...textsScale },
    ],
    series: [
      {
        ...dayBars(
          days.map((day) => day.offered),
          'soft',
          capacityPerDay,
        ),
        ...(adaptiveIndex > 0 && { markLine: divider(adaptiveIndex, 'adaptive phase') }),
      } as BarSeriesOption,
      stepAcross(
        days.map((day) => day.forecastCalls),
        LIGHT.ink,
        1.25,
        [3, 2],
      ),
      stepAcross(
        days.map(() => capacityPerDay),
        LIGHT.ink,
        2,
      ),
      {
        ...dayBars(
          days.map((day) => day.sent),
          'accent',
        ),
        xAxisIndex: 1,
        yAxisIndex: 1,
      } as BarSeriesOption,
      {
        ...stepAcross(
          days.map((day) => day.budget),
          LIGHT.ink,
          1.5,
        ),
        xAxisIndex: 1,
        yAxisIndex: 1,
      },
      {
        ...marks(
          days.map((day) => (day.halvings > 0 ? textsScale.max * 0.95 : null)),
          'triangle',
          LIGHT.alert,
        ),
        symbolRotate: 180,
      },
      marks(
        days.map((day) => (isOpened(day) ? null : textsScale.max * 0.06)),
        CROSS,
        LIGHT.alert,
      ),
    ],
  };
  return { height, option };
}

const CROSS = 'path://M0 1L1 0L5 4L9 0L10 1L6 5L10 9L9 10L5 6L1 10L0 9L4 5Z';

/** Bars up to `BARS_MAX` days, an area past it. Bars over `limit` stand out. */
function dayBars(
  values: readonly number[],
  colour: 'soft' | 'accent',
  limit = Infinity,
): BarSeriesOption | LineSeriesOption {
  if (values.length > BARS_MAX)
    return {
      type: 'line',
      silent: true,
      symbol: 'none',
      data: [...values],
      lineStyle: { color: LIGHT.accent, width: 1.5 },
      areaStyle: { color: LIGHT.soft },
    };
  const data = values.map((value) => ({ value, itemStyle: { color: value > limit ? LIGHT.alert : LIGHT[colour] } }));
  return { type: 'bar', silent: true, barCategoryGap: '22%', data };
}

/** A level for each category, drawn over its whole breadth (a step line of echarts stops at the middle of the last). */
function stepAcross(
  values: readonly number[],
  colour: string,
  lineWidth: number,
  lineDash?: number[],
): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    // Above the bars.
    z: 5,
    data: values.map((value, i) => [i, value]),
    renderItem: ({ dataIndex }, api) => {
      if (dataIndex > 0) return null;
      const half = (api.size!([1, 0]) as number[])[0]! / 2;
      const points = values.flatMap((value, i) => {
        const [x, y] = api.coord([i, value]) as [number, number];
        return [
          [x - half, y],
          [x + half, y],
        ];
      });
      return {
        type: 'polyline',
        shape: { points },
        style: { stroke: colour, lineWidth, fill: 'none', ...(lineDash && { lineDash }) },
      };
    },
  };
}

function marks(values: readonly (number | null)[], symbol: string, colour: string): ScatterSeriesOption {
  return {
    type: 'scatter',
    silent: true,
    xAxisIndex: 1,
    yAxisIndex: 1,
    symbol,
    symbolSize: 8,
    itemStyle: { color: colour, opacity: 1 },
    data: values.map((value, i) => [i, value]).filter(([, value]) => value !== null) as number[][],
  };
}
