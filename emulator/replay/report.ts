/** A replay's results as text for people: one line each, and for a difference recorded and now side by side. */
import type { ReplayResult } from './run';

const COLUMN = 44;

/** `file` is shown when several are replayed. */
export function replayText(result: ReplayResult & { file?: string }): string {
  const title = `${result.same ? 'same     ' : 'DIFFERENT'}  ${result.name}  ${result.instanceId}`;
  const size = `${result.episodes} episodes, ${result.events} events`;
  const lines = [`${title}  (${size}${result.file ? `, ${result.file}` : ''})`];
  const d = result.difference;
  if (d) {
    const where = d.event === null ? '' : `, event ${d.event} of the history`;
    lines.push(`  first difference in episode ${d.episode}${where}: ${d.why}`, '');
    lines.push(row('   ', 'recorded', 'now'), row('   ', '-'.repeat(COLUMN), '-'.repeat(COLUMN)));
    for (const b of d.before) {
      const text = b.slice(2);
      lines.push(b.startsWith('=') ? row('   ', text, text) : row('   ', `(${text})`, ''));
    }
    lines.push(row(' > ', d.recorded ?? 'nothing: waits', d.now ?? 'nothing: waits'));
    for (const a of d.after) lines.push(row('   ', a, '…'));
    lines.push('');
  }
  for (const r of result.remarks) lines.push(`  remark: ${r}`);
  return lines.join('\n');
}

function row(mark: string, left: string, right: string): string {
  const fits = left.length > COLUMN ? `${left.slice(0, COLUMN - 1)}…` : left.padEnd(COLUMN);
  return `${mark}${fits}  ${right}`.trimEnd();
}
