/** Samples: one measured process each, and the medians of several. */
import { execFileSync } from 'node:child_process';

/** What a measured process prints. */
export interface Sample {
  readonly seconds: number;
  /** of the whole process, user and system: steadier than the time on a busy machine */
  readonly cpuSeconds: number;
  /** what the host did, the same in every run of a machine that keeps up */
  readonly counts?: Readonly<Record<string, number>>;
  /** how it was made to run the workload */
  readonly note?: string;
}

/** A measured process that cannot run the workload says why. */
export interface Refusal {
  readonly refused: string;
}

/** A million instances take minutes to store. */
const SAMPLE_MAX_MS = 3_600_000;

/**
 * Runs a script in a process of its own, by Node with its flags, and reads the JSON that it prints. Throws when it fails or
 * takes an hour.
 */
export function measured<T>(command: readonly string[], script: string, ...args: (string | number)[]): T {
  const [node, ...flags] = command;
  const printed = execFileSync(node!, [...flags, script, ...args.map(String)], {
    encoding: 'utf8',
    timeout: SAMPLE_MAX_MS,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    return JSON.parse(printed) as T;
  } catch {
    throw new Error(`${script} ${args.join(' ')} printed '${printed.slice(0, 200)}' instead of JSON.`);
  }
}

/** The upper one of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** Medians of time and CPU time; counts and note of the first. */
export function summary(samples: readonly Sample[]): Sample {
  return {
    ...samples[0]!,
    seconds: median(samples.map((s) => s.seconds)),
    cpuSeconds: median(samples.map((s) => s.cpuSeconds)),
  };
}
