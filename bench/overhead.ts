/**
 * What the emulator costs beside what any host must spend (issue 3, "Emulator overhead"): CPU time of a replay of the
 * pilot ÷ CPU time of feeding the same captured trigger payloads straight to the packages. Both are whole processes.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const RUNS = 5;

export interface Overhead {
  readonly ratio: number;
  readonly runMs: number;
  readonly feedMs: number;
  readonly runs: number;
}

/** `recording`: of the pilot. `scratch`: a folder for the captured payloads, which hold the roster. */
export function measureOverhead(recording: string, scratch: string): Overhead {
  const captured = path.join(scratch, 'captured.jsonl');
  cpuMs('replayOnce.js', recording, captured);
  const runMs = median(Array.from({ length: RUNS }, () => cpuMs('replayOnce.js', recording)));
  const feedMs = median(Array.from({ length: RUNS }, () => cpuMs('feed.js', captured)));
  return { ratio: runMs / feedMs, runMs, feedMs, runs: RUNS };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function cpuMs(script: string, ...args: string[]): number {
  return Number(execFileSync(process.execPath, [path.join(__dirname, script), ...args], { encoding: 'utf8' }).trim());
}
