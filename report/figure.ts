/**
 * A chart as a figure: caption, legend in HTML, one drawing for wide and one for narrow pages (the style sheet shows
 * one; the other is out of the accessibility tree with it), a text alternative on each, and the numbers in a table.
 */
import { draw, NARROW_WIDTH, WIDE_WIDTH } from './charts/draw';
import type { ChartOption, Surface } from './charts/draw';
import { html, trusted } from './markup';
import type { Content, Markup } from './markup';
import type { ColourName } from './palette';
import { details } from './table';

export interface LegendItem {
  readonly label: string;
  readonly colour: ColourName;
  readonly mark: 'bar' | 'line' | 'dashed' | 'dotted' | 'circle' | 'diamond' | 'triangle' | 'down' | 'cross';
}

export interface Figure {
  /** A word, unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What the picture shows, in sentences with the figures that matter. */
  readonly alternative: string;
  readonly legend?: readonly LegendItem[];
  readonly chart: (surface: Surface) => { readonly height: number; readonly option: ChartOption };
  readonly note?: Content;
  /** The numbers as a table. */
  readonly numbers: Content;
}

export function figure(figure: Figure): Markup {
  const { id, title, legend = [], note, numbers } = figure;
  return html`<figure id="figure-${id}">
    <figcaption><strong>${title}</strong>${note && html` <span>${note}</span>`}</figcaption>
    ${
      legend.length > 0 &&
      html`<ul class="legend">
        ${legend.map(legendItem)}
      </ul>`
    }
    ${drawing(figure, 'wide')} ${drawing(figure, 'narrow')} ${details('Show the numbers', numbers)}
  </figure>`;
}

function drawing({ id, title, alternative, chart }: Figure, kind: 'wide' | 'narrow'): Markup {
  const width = kind === 'wide' ? WIDE_WIDTH : NARROW_WIDTH;
  const { height, option } = chart({ narrow: kind === 'narrow', width });
  const shapes = draw(`${id}-${kind}`, option, width, height);
  return html`<svg
    class="chart ${kind}"
    role="img"
    aria-label="${title}. ${alternative}"
    viewBox="0 0 ${width} ${height}"
  >
    <desc>${alternative}</desc>
    ${trusted(shapes)}
  </svg>`;
}

const MARKS: Record<LegendItem['mark'], string> = {
  bar: '<rect x="2" y="2" width="12" height="10" fill="currentColor"/>',
  line: '<path d="M0 7H16" stroke="currentColor" stroke-width="2.5"/>',
  dashed: '<path d="M0 7H16" stroke="currentColor" stroke-width="2.5" stroke-dasharray="6 3"/>',
  dotted: '<path d="M0 7H16" stroke="currentColor" stroke-width="2.5" stroke-dasharray="2 2"/>',
  circle: '<circle cx="8" cy="7" r="5" fill="currentColor"/>',
  diamond: '<path d="M8 1L14 7L8 13L2 7Z" fill="currentColor"/>',
  triangle: '<path d="M8 2L14 12H2Z" fill="currentColor"/>',
  down: '<path d="M2 2H14L8 12Z" fill="currentColor"/>',
  cross: '<path d="M3 2L13 12M13 2L3 12" stroke="currentColor" stroke-width="2"/>',
};

function legendItem({ label, colour, mark }: LegendItem): Markup {
  return html`<li>
    <svg viewBox="0 0 16 14" width="16" height="14" aria-hidden="true" class="c-${colour}">${trusted(MARKS[mark])}</svg
    >${label}
  </li>`;
}
