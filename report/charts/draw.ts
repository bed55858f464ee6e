/**
 * Draws a chart to SVG shapes with echarts' server-side renderer, and makes them fit the report: the same bytes for
 * the same input (echarts numbers its ids and classes over the life of the process), colours by CSS variable so that
 * dark pages and print follow, nothing interactive, no XML namespaces. Leaves out: which chart (the files beside).
 */
import * as echarts from 'echarts';
import { LIGHT } from '../palette';
import type { ColourName } from '../palette';

export type ChartOption = echarts.EChartsOption;

/** What a chart is drawn for. Widths are of the viewBox; the page scales it. */
export interface Surface {
  readonly narrow: boolean;
  readonly width: number;
}

export const WIDE_WIDTH = 920;
export const NARROW_WIDTH = 340;
export const FONT = 'system-ui,sans-serif';
export const FONT_SIZE = 12;

const NAMES = new Map<string, ColourName>(Object.entries(LIGHT).map(([name, value]) => [value, name as ColourName]));

/** The shapes of the chart, without the `<svg>` around them. `id`: unique on the page. */
export function draw(id: string, option: ChartOption, width: number, height: number): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT, fontSize: FONT_SIZE, color: LIGHT.ink },
      ...option,
    });
    return cleaned(id, chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

function cleaned(id: string, svg: string): string {
  return svg
    .replace(/^[^]*?<svg[^>]*>/, '')
    .replace(/<\/svg>\s*$/, '')
    .replace(/<style\s*>[^]*?<\/style>/g, '')
    .replace(/<rect [^>]*fill="none"><\/rect>/, '')
    .replace(/ (?:class|pointer-events|ecmeta_\w+|xml:space)="[^"]*"/g, '')
    .replace(/<path [^>]*fill-opacity="0"[^>]*stroke-width="0"><\/path>\n?/g, '')
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace(/font-size:12px;font-family:system-ui,sans-serif;/g, '')
    .replace(/ style=""/g, '')
    .replace(/#[0-9a-f]{6}\b/g, (colour) => (NAMES.has(colour) ? `var(--${NAMES.get(colour)!},${colour})` : colour))
    .trim();
}
