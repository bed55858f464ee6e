/** The sections of the bench beside the comparison: start, memory of idle instances, pages of long lists. */
import path from 'node:path';
import type { IdleMemory, Memory } from './idle';
import type { Listing, Pages } from './listing';
import { head, row, say, seconds, times, verdict } from './print';
import { measured, median } from './sample';
import { GOALS, IDLE_INSTANCES, LISTED, REAL_START_SECONDS } from './settings';
import { startSeconds } from './startTime';

export async function start(node: string, samples: number): Promise<void> {
  const taken: number[] = [];
  for (let n = 0; n < samples; n++) taken.push(await startSeconds(node));
  const middle = median(taken);
  head('start of the command to the first HTTP answer', 'median', 'all', 'than the real host');
  row(
    'small app, in memory',
    verdict(seconds(middle), middle <= GOALS.startSeconds, `≤ ${GOALS.startSeconds} s`),
    taken.map(seconds).join(', '),
    times(REAL_START_SECONDS / middle),
  );
}

/** One run a store: memory hardly differs between runs. */
export function idle(node: string): void {
  const titles = ['empty host', 'idle', 'garbage collected', 'peak while filling', 'filling'];
  head(`${IDLE_INSTANCES} idle instances: resident memory (of it mapped files)`, ...titles);
  for (const store of ['memory', 'data']) {
    const m = measured<IdleMemory>([node, '--expose-gc'], path.join(__dirname, 'idle.js'), IDLE_INSTANCES, store);
    const resident = verdict(memory(m.idle), m.idle.residentMb <= GOALS.idleMb, `≤ ${GOALS.idleMb} MB`);
    row(store, memory(m.empty), resident, memory(m.collected), `${m.peakMb.toFixed(0)} MB`, seconds(m.fillSeconds));
  }
}

function memory({ residentMb, mappedMb }: Memory): string {
  return `${residentMb.toFixed(0)} MB (${mappedMb === null ? 'unknown' : mappedMb.toFixed(0)})`;
}

export function list(node: string, count: number): void {
  const l = measured<Listing>([node], path.join(__dirname, 'listing.js'), count);
  const { fillSeconds, folderMb, startSeconds: restart } = l;
  say(`${count} stored instances: filled in ${seconds(fillSeconds)}, ${folderMb.toFixed(0)} MB on disk.`);
  say(`The host starts on them in ${seconds(restart)}.`);
  say();
  head(`pages of ${LISTED.pageSize} over HTTP`, 'pages read', 'median', '99th percentile', 'worst');
  pages('all', l.all);
  pages('by a status that all have', l.completed);
  pages('by a status that none has', l.none);
}

function pages(title: string, p: Pages): void {
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  const middle = verdict(ms(p.medianMs), p.medianMs <= GOALS.pageMs, `≤ ${GOALS.pageMs} ms`);
  row(title, String(p.pages), middle, ms(p.p99Ms), ms(p.worstMs));
}
