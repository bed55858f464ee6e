/**
 * What the benchmarks run and what was promised: sizes, samples, goals, and the figures of the real host that ratios
 * refer to. Every figure printed is the median of SAMPLES runs, each in a process of its own that has warmed nothing up.
 */
import path from 'node:path';

export const SAMPLES = 5;

export type WorkloadName = 'fanOut' | 'chains' | 'timers' | 'signalsToOne' | 'signalsToMany';

export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
  /** activities, orchestrations, timers or signals */
  readonly size: number;
  /** seconds that the real host took for this size, the best of its runs; null: not measured, or days */
  readonly realSeconds: number | null;
  /** how many times faster than the better rival */
  readonly rivalGoal: number;
}

/**
 * The real host: Functions host 4.1037, Durable extension 3.14.1, Azurite, two cores. Its signals were 1,000 (1.3 s to one
 * entity, 3.3 s to a hundred); ours are 10,000, so that its figures stand here times ten.
 */
export const WORKLOADS: readonly Workload[] = [
  { name: 'fanOut', title: '1 orchestration, 1,000 activities at once', size: 1000, realSeconds: 9.6, rivalGoal: 3 },
  { name: 'chains', title: '1,000 orchestrations × 3 activities', size: 1000, realSeconds: 102, rivalGoal: 1 },
  { name: 'timers', title: '1,000 durable timers of a week', size: 1000, realSeconds: null, rivalGoal: 3 },
  { name: 'signalsToOne', title: '10,000 signals to one entity', size: 10_000, realSeconds: 13, rivalGoal: 3 },
  { name: 'signalsToMany', title: '10,000 signals to 100 entities', size: 10_000, realSeconds: 33, rivalGoal: 3 },
];

/** Entities of signalsToMany. */
export const ENTITIES = 100;

export const GOALS = { real: 20, startSeconds: 1, dataShare: 0.5, pageMs: 10, idleMb: 300 };

/** Start of the real host to its first answer. */
export const REAL_START_SECONDS = 4;

export const LISTED = { usual: 200_000, large: 1_000_000, pageSize: 100 };
export const IDLE_INSTANCES = 100_000;
/** Instances started at once while filling a host. */
export const FILL_BATCH = 2000;

/** From dist/bench, where this runs. */
const PACKAGE = path.join(__dirname, '..', '..');
export const APP = path.join(PACKAGE, 'bench', 'app');
export const RIVALS = path.join(PACKAGE, 'bench', 'rivals');
export const COMMAND = path.join(PACKAGE, 'bin', 'durable-emulator.js');
