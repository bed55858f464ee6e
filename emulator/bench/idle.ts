/**
 * Memory of a process whose host holds many instances that wait for an event: `node --expose-gc idle.js COUNT memory|data`.
 * Prints Memory as JSON, with and without the garbage that filling left behind, which the engine is in no hurry to collect.
 * Pages of the data file that the system has mapped are told apart: it may drop them at will.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startHost } from '../index';
import { fill } from './fill';
import { APP } from './settings';

/** Of the whole process. */
export interface Memory {
  readonly residentMb: number;
  /** of it, pages of mapped files and programs, as far as the system tells (Linux) */
  readonly mappedMb: number | null;
}

export interface IdleMemory {
  readonly empty: Memory;
  /** once all is idle */
  readonly idle: Memory;
  /** after garbage was collected in both threads */
  readonly collected: Memory;
  /** the largest resident memory on the way */
  readonly peakMb: number;
  readonly fillSeconds: number;
}

const SETTLE_MS = 3000;
const MB = 2 ** 20;

async function main([count, store]: string[]): Promise<void> {
  const data = store === 'data' ? mkdtempSync(path.join(os.tmpdir(), 'emulator-bench-')) : undefined;
  const outside = { module: path.join(APP, 'collect.js') };
  const host = await startHost({
    app: APP,
    clock: 'manual',
    port: 0,
    outside,
    ...(data === undefined ? {} : { data }),
  });
  try {
    const empty = memory();
    const startedAt = process.hrtime.bigint();
    await fill(host, 'wait', Number(count));
    const fillSeconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
    await settle();
    const idle = memory();
    await host.call('collect');
    globalThis.gc?.();
    await settle();
    const peakMb = process.resourceUsage().maxRSS / 1024;
    const result: IdleMemory = { empty, idle, collected: memory(), peakMb, fillSeconds };
    process.stdout.write(JSON.stringify(result));
  } finally {
    await host.stop();
    if (data !== undefined) rmSync(data, { recursive: true });
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
const memory = (): Memory => ({ residentMb: process.memoryUsage().rss / MB, mappedMb: mappedMb() });

function mappedMb(): number | null {
  if (process.platform !== 'linux') return null;
  const found = /^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return found ? Number(found[1]) / 1024 : null;
}

void main(process.argv.slice(2));
