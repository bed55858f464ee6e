/** Texts that were planned and not sent, by reason. Waiting is not a refusal (formats.md, status). */
import { REFUSAL_REASONS } from '../../domain/report';
import type { Report } from '../../domain/report';
import { countsChart } from '../charts/counts';
import { figure } from '../figure';
import { number, plural, REFUSAL_LABELS, share } from '../format';
import { html } from '../markup';
import type { Markup } from '../markup';
import { numeric, table, text } from '../table';

export function refusalsSection({ evaluation }: Report): Markup {
  const counts = REFUSAL_REASONS.map((reason) => ({
    label: REFUSAL_LABELS[reason],
    n: evaluation.refusals[reason] ?? 0,
  }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n);
  const total = counts.reduce((sum, { n }) => sum + n, 0);
  if (total === 0) return html`<p>Every planned text was sent.</p>`;
  return html`<p>
      ${plural(total, 'planned text was', 'planned texts were')} not sent, each for a reason that is on record. Most
      common: ${counts[0]!.label.toLowerCase()} (${number(counts[0]!.n)}).
    </p>
    ${figure({
      id: 'refusals',
      title: 'Texts refused, by reason',
      note: 'A refused first text refuses its follow-ups with it.',
      alternative: `${counts.map(({ label, n }) => `${label}: ${number(n)}`).join('; ')}.`,
      chart: (surface) => countsChart(counts, surface),
      numbers: table({
        caption: 'Texts refused by reason',
        captionHidden: true,
        columns: [text('Reason'), numeric('Texts'), numeric('Share')],
        rows: counts.map(({ label, n }) => [label, number(n), share(n, total)]),
      }),
    })}`;
}
