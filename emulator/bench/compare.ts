/**
 * Our host in memory and with data, and the rivals, on the same workloads. The samples of a workload are taken in turn, one of
 * each contestant, so that a busy spell of the machine meets all of them.
 */
import path from 'node:path';
import { head, row, say, seconds, times, verdict } from './print';
import type { Rival } from './rivals';
import { measured, summary, type Refusal, type Sample } from './sample';
import { GOALS, WORKLOADS, type Workload } from './settings';

export interface CompareOptions {
  /** that runs every contestant */
  readonly node: string;
  readonly rivals: readonly Rival[];
  readonly rivalFolder: string;
  readonly samples: number;
}

interface Contestant {
  readonly title: string;
  sample(workload: Workload): Sample | Refusal;
}

export function compare(options: CompareOptions): void {
  const contestants = [ours(options, 'memory'), ours(options, 'data'), ...options.rivals.map((r) => rival(options, r))];
  const measuredTimes: string[][] = [];
  const ratios: string[][] = [];
  for (const workload of WORKLOADS) {
    const results = take(contestants, workload, options.samples);
    measuredTimes.push([workload.title, ...results.map(cell)]);
    ratios.push([workload.title, ...ratiosOf(workload, results), counts(results[0]!)]);
  }
  head('workload: time (CPU time)', ...contestants.map((c) => c.title));
  for (const cells of measuredTimes) row(...cells);
  say();
  head('workload: ratios', 'data ÷ memory, throughput', 'faster than the better rival', 'than the real host', 'counts');
  for (const cells of ratios) row(...cells);
}

function ours({ node }: CompareOptions, store: 'memory' | 'data'): Contestant {
  const script = path.join(__dirname, 'ours.js');
  const title = store === 'memory' ? 'ours, in memory' : 'ours, with data';
  return { title, sample: ({ name, size }) => measured([node], script, name, size, store) };
}

function rival({ node, rivalFolder }: CompareOptions, { title, script }: Rival): Contestant {
  return { title, sample: ({ name, size }) => measured([node], script, rivalFolder, name, size) };
}

function take(contestants: readonly Contestant[], workload: Workload, samples: number): (Sample | Refusal)[] {
  const taken = contestants.map((): (Sample | Refusal)[] => []);
  for (let n = 0; n < samples; n++) contestants.forEach((c, i) => taken[i]!.push(c.sample(workload)));
  return taken.map((all) => {
    const refusal = all.find((s) => 'refused' in s);
    return refusal ?? summary(all as Sample[]);
  });
}

function cell(result: Sample | Refusal): string {
  if ('refused' in result) return `no: ${result.refused}`;
  const note = result.note === undefined ? '' : `, ${result.note}`;
  return `${seconds(result.seconds)} (${seconds(result.cpuSeconds)}${note})`;
}

/** A rival's note tells that it needed help, and then it is no rival for the goal; the ratio is printed all the same. */
function ratiosOf(workload: Workload, [memory, data, ...rivals]: readonly (Sample | Refusal)[]): string[] {
  const mine = memory as Sample;
  const share = mine.seconds / (data as Sample).seconds;
  const able = rivals.filter((r): r is Sample => !('refused' in r));
  const helped = able.filter((r) => r.note !== undefined).map((r) => `; helped: ${times(r.seconds / mine.seconds)}`);
  const best = Math.min(...able.filter((r) => r.note === undefined).map((r) => r.seconds)) / mine.seconds;
  const { rivalGoal, realSeconds } = workload;
  return [
    verdict(share.toFixed(2), share >= GOALS.dataShare, `≥ ${GOALS.dataShare}`),
    (Number.isFinite(best) ? verdict(times(best), best >= rivalGoal, `≥ ${rivalGoal}×`) : 'none runs it') +
      helped.join(''),
    realSeconds === null
      ? 'a week'
      : verdict(times(realSeconds / mine.seconds), realSeconds / mine.seconds >= GOALS.real, `≥ ${GOALS.real}×`),
  ];
}

function counts(result: Sample | Refusal): string {
  if ('refused' in result || result.counts === undefined) return '';
  return Object.entries(result.counts)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ');
}
