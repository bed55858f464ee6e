/**
 * HTML as a tagged template in which every interpolated text is escaped; only what is `Markup` already goes in as it
 * is. So a page cannot be built with an unescaped id in it except by calling `trusted`, which the charts (SVG of the
 * charting library) and the style sheet do. Knows nothing of reports.
 */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** null, undefined and false print nothing; an array prints its members one after another. */
export type Content = Markup | string | number | null | undefined | false | readonly Content[];

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

export function html(literals: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const parts = values.map((value, i) => render(value) + squeezed(literals[i + 1]!));
  return new Markup(squeezed(literals[0]!) + parts.join(''));
}

/** Only for text that this project or its charting library made. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** The indentation of the source has no place in the page. */
function squeezed(literal: string): string {
  return literal.replace(/\s*\n\s*/g, '\n');
}

function render(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (Array.isArray(content)) return content.map(render).join('');
  return escapeHtml(String(content));
}
