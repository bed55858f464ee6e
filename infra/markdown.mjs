/** Numbers and tables as docs/cost.md shows them; tables as prettier would write them. */

export const count = (value) => Math.round(value).toLocaleString('en-US');

export const dollars = (value) => {
  const digits = value > 0 && value < 0.1 ? 4 : 2;
  return `$${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
};

export const unit = (value) => `$${Number(value.toPrecision(3)).toFixed(12).replace(/0+$/, '').replace(/\.$/, '')}`;

/** `words`: columns that stand to the left; the others are numbers. */
export function table(head, rows, words = [0]) {
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((row) => row[at].length)));
  const line = (cells, pad) => `| ${cells.map((cell, at) => pad(cell, at)).join(' | ')} |`;
  const pad = (cell, at) => (words.includes(at) ? cell.padEnd(widths[at]) : cell.padStart(widths[at]));
  const rule = head.map((_, at) => (words.includes(at) ? '-'.repeat(widths[at]) : `${'-'.repeat(widths[at] - 1)}:`));
  return [line(head, pad), line(rule, (cell) => cell), ...rows.map((row) => line(row, pad))].join('\n');
}
