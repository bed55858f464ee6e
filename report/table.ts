/**
 * A data table: caption, column headers, a row header in the first column, numbers set right. It scrolls inside its own
 * box, which the keyboard can reach, so the page itself never scrolls sideways on a phone; the caption stands outside
 * the box, so that it stays in view.
 */
import { html, trusted } from './markup';
import type { Content, Markup } from './markup';

export interface Column {
  readonly label: string;
  readonly numeric?: boolean;
}

export interface Table {
  /** Unique on the page. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
  /** Long: scrolls inside a limited height on screen (not in print). */
  readonly tall?: boolean;
  /** The caption repeats a heading near by: keep it for screen readers only. */
  readonly captionHidden?: boolean;
}

export function text(label: string): Column {
  return { label };
}

export function numeric(label: string): Column {
  return { label, numeric: true };
}

export function table({ caption, columns, rows, tall, captionHidden }: Table): Markup {
  const cell = (content: Content, i: number) =>
    i === 0
      ? html`<th scope="row">${content}</th>`
      : columns[i]?.numeric
        ? html`<td class="n">${content}</td>`
        : html`<td>${content}</td>`;
  const head = ({ label, numeric }: Column) =>
    numeric ? html`<th scope="col" class="n">${label}</th>` : html`<th scope="col">${label}</th>`;
  const id = `table-${caption.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  return html`<p id="${id}" class="${captionHidden ? 'hidden' : 'caption'}">${caption}</p>
    <div class="scroll${tall ? ' tall' : ''}" role="region" aria-labelledby="${id}" tabindex="0">
      <table aria-labelledby="${id}">
        <thead>
          <tr>
            ${columns.map(head)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => trusted(`<tr>${row.map(cell).join('')}</tr>\n`))}
        </tbody>
      </table>
    </div>`;
}

export function details(summary: string, content: Content, printed = false): Markup {
  return html`<details class="${printed ? 'printed' : 'closed'}">
    <summary>${summary}</summary>
    ${content}
  </details>`;
}
