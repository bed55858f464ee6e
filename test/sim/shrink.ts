/**
 * Makes a run that breaks a rule smaller, so that a person sees what it takes: leaves out kinds of faults, patients, and
 * the time before and after the faults that matter, as long as some rule is still broken. A recording keeps its people.
 */
import { rmSync } from 'node:fs';
import type { FaultLimits } from '../../simulator/faults/plan';
import { simulate, type SimulatedRun, type SimulationOptions } from './simulate';

/** Which option of the host makes the faults that it lists. */
const HOST_KINDS: Readonly<Record<string, string>> = {
  crashBefore: 'crash',
  crashAfter: 'crash',
  runTwice: 'duplicate',
  deliverTwice: 'duplicate',
  early: 'earlyTimers',
  jump: 'clockJumps',
  fail: 'failActivities',
};
/** Options of the host's own faults. */
export const HOST_FAULT_KINDS: ReadonlySet<string> = new Set([...Object.values(HOST_KINDS), 'delay', 'reorder']);
const PATIENTS_MIN = 5;

export type Smaller = Pick<SimulationOptions, 'limits' | 'patients'>;

export interface Shrunk {
  readonly run: SimulatedRun;
  readonly smaller: Smaller;
}

/**
 * `failed`: a run with violations, made with `options`, which it goes on from. Runs some dozens more; the last failing one
 * keeps its folder.
 */
export async function shrink(failed: SimulatedRun, options: SimulationOptions): Promise<Shrunk> {
  const { limits, patients } = options;
  let best: Shrunk = {
    run: failed,
    smaller: { ...(limits && { limits }), ...(patients !== undefined && { patients }) },
  };
  const stillFails = async (smaller: Smaller): Promise<boolean> => {
    const run = await simulate(failed.seed, { ...options, ...smaller });
    if (run.violations.length === 0) return false;
    if (best.run.folder) rmSync(best.run.folder, { recursive: true, force: true });
    best = { run, smaller };
    return true;
  };
  for (const kind of kindsOf(failed)) await stillFails(without(best.smaller, kind));
  if (failed.patients !== null)
    for (let n = halfOf(failed.patients); n >= PATIENTS_MIN && (await stillFails({ ...best.smaller, patients: n }));)
      n = halfOf(n);
  await narrow(timesOf(best.run), (untilMs) => stillFails(limited(best.smaller, { untilMs: untilMs + 1 })));
  await narrow(timesOf(best.run).reverse(), (fromMs) => stillFails(limited(best.smaller, { fromMs })));
  return best;
}

/** As options of the command. */
export function flagsOf({ limits = {}, patients }: Smaller): string {
  const iso = (atMs: number) => new Date(atMs).toISOString();
  return [
    ...(limits.off ? [`--off ${limits.off.join(',')}`] : []),
    ...(limits.fromMs !== undefined ? [`--from ${iso(limits.fromMs)}`] : []),
    ...(limits.untilMs !== undefined ? [`--until ${iso(limits.untilMs)}`] : []),
    ...(patients !== undefined ? [`--patients ${patients}`] : []),
  ].join(' ');
}

function kindsOf(run: SimulatedRun): Set<string> {
  return new Set([
    ...run.faults.map(({ kind }) => kind),
    ...run.hostFaults.map(({ kind }) => HOST_KINDS[kind] ?? kind),
  ]);
}

function without(smaller: Smaller, kind: string): Smaller {
  return limited(smaller, { off: [...(smaller.limits?.off ?? []), kind] });
}

function limited(smaller: Smaller, limits: FaultLimits): Smaller {
  return { ...smaller, limits: { ...smaller.limits, ...limits } };
}

const halfOf = (n: number) => Math.floor(n / 2);

function timesOf(run: SimulatedRun): number[] {
  return [...new Set(run.faults.map(({ atMs }) => atMs))].sort((a, b) => a - b);
}

/** The first of `times` with which it still fails, by halving: a guess that is mostly right. */
async function narrow(times: readonly number[], stillFails: (atMs: number) => Promise<boolean>): Promise<void> {
  for (let low = 0, high = times.length - 1; low < high;) {
    const middle = Math.floor((low + high) / 2);
    if (await stillFails(times[middle]!)) high = middle;
    else low = middle + 1;
  }
}
