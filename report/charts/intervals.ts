/**
 * Estimates with their intervals as a forest plot: one row a group, in it one mark with error bars a tier (or one in
 * ink). Rows grow downwards, so it reads the same on a phone.
 */
import type { CustomSeriesOption } from 'echarts';
import { LIGHT } from '../palette';
import { categoryAxis, panelTitle, TIER_MARKS, valueAxis } from './axes';
import type { ChartOption, Surface } from './draw';

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** null: everybody. */
  readonly tier: 1 | 2 | 3 | null;
}

export interface IntervalRow {
  readonly label: string;
  readonly intervals: readonly Interval[];
}

export interface Panel {
  readonly title: string;
  readonly rows: readonly IntervalRow[];
}

interface Axis {
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
  readonly interval?: number;
  /** Draws an upright line here. */
  readonly zero?: number;
}

const DODGE = 14;
const LABEL_WIDTH = 108;

/** Panels side by side when wide, below each other when narrow. All share the scale. */
export function intervalsChart(panels: readonly Panel[], axis: Axis, { narrow, width }: Surface) {
  const titled = panels.some((panel) => panel.title !== '');
  const bands = Math.max(1, ...panels.flatMap((panel) => panel.rows.map((row) => row.intervals.length)));
  const rowHeight = bands * DODGE + 14;
  const rows = Math.max(1, ...panels.map((panel) => panel.rows.length));
  const panelHeight = rows * rowHeight + (titled ? 24 : 4) + 34;
  const columns = narrow ? 1 : panels.length;
  const panelWidth = (width - (columns - 1) * 32) / columns;
  const places = panels.map((_, i) => ({
    left: narrow ? 0 : i * (panelWidth + 32),
    top: narrow ? i * panelHeight : 0,
  }));
  const option: ChartOption = {
    title: panels.map((panel, i) => ({ ...panelTitle(panel.title, places[i]!.top), left: places[i]!.left })),
    grid: places.map(({ left, top }) => ({
      left: left + LABEL_WIDTH,
      width: panelWidth - LABEL_WIDTH - 20,
      top: top + (titled ? 24 : 4),
      height: rows * rowHeight,
    })),
    xAxis: panels.map((_, i) => ({
      ...valueAxis,
      gridIndex: i,
      ...(axis.min !== undefined && { min: axis.min }),
      ...(axis.max !== undefined && { max: axis.max }),
      ...(axis.interval !== undefined && { interval: axis.interval }),
      axisLabel: { ...valueAxis.axisLabel, formatter: `{value}${axis.unit}` },
    })),
    yAxis: panels.map((panel, i) => ({
      ...categoryAxis,
      gridIndex: i,
      inverse: true,
      data: panel.rows.map((row) => row.label),
      axisLine: { show: false },
      axisLabel: { color: LIGHT.ink, interval: 0, width: LABEL_WIDTH - 10, overflow: 'truncate' },
    })),
    series: panels.map((panel, i) => errorBars(panel, i, axis.zero)),
  };
  return { height: narrow ? panelHeight * panels.length : panelHeight, option };
}

function errorBars(panel: Panel, index: number, zero: number | undefined): CustomSeriesOption {
  const points = panel.rows.flatMap((row, y) =>
    row.intervals.map((interval, i) => ({ ...interval, y, i, of: row.intervals.length })),
  );
  return {
    type: 'custom',
    silent: true,
    xAxisIndex: index,
    yAxisIndex: index,
    // The ends of every interval are among the data, so that a scale without limits takes them in.
    encode: { x: [0, 1, 2], y: 3 },
    data: points.map(({ value, low, high, y }) => [value, low, high, y]),
    ...(zero !== undefined && {
      markLine: {
        silent: true,
        symbol: 'none',
        label: { show: false },
        lineStyle: { color: LIGHT.muted, type: 'solid', width: 1 },
        data: [{ xAxis: zero }],
      },
    }),
    renderItem: ({ dataIndex }, api) => {
      const { value, low, high, y, i, of, tier } = points[dataIndex]!;
      const at = (x: number) => api.coord([x, y]) as [number, number];
      const middle = at(value)[1] + (i - (of - 1) / 2) * DODGE;
      const colour = tier === null ? LIGHT.ink : LIGHT[TIER_MARKS[tier].colour];
      const [from, to] = [at(low)[0], at(high)[0]];
      return {
        type: 'group',
        children: [
          whisker([from, middle], [to, middle], colour),
          whisker([from, middle - 3], [from, middle + 3], colour),
          whisker([to, middle - 3], [to, middle + 3], colour),
          { type: 'polygon', shape: { points: outline(tier, at(value)[0], middle) }, style: { fill: colour } },
        ],
      };
    },
  };
}

function whisker([x1, y1]: [number, number], [x2, y2]: [number, number], stroke: string) {
  return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth: 1.5 } } as const;
}

/** The corners of a tier's mark around a point; a circle is a polygon of sixteen. */
function outline(tier: 1 | 2 | 3 | null, x: number, y: number): number[][] {
  const round = (n: number) => Math.round(n * 10) / 10;
  const ring = (corners: number, radius: number, turn: number) =>
    Array.from({ length: corners }, (_, i) => {
      const angle = (2 * Math.PI * i) / corners + turn;
      return [round(x + radius * Math.cos(angle)), round(y + radius * Math.sin(angle))];
    });
  if (tier === null) return ring(4, 5.5, Math.PI / 4);
  const { mark } = TIER_MARKS[tier];
  if (mark === 'circle') return ring(16, 4.5, 0);
  return mark === 'diamond' ? ring(4, 5.5, 0) : ring(3, 5.5, -Math.PI / 2);
}
