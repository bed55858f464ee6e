/**
 * One workload on our host, in a process of its own: `node ours.js WORKLOAD SIZE memory|data`. Prints a Sample as JSON.
 * Logging is off and the clock on auto, as in a test. The measuring starts when the host stands ready and ends when
 * every result is there and checked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startHost } from '../index';
import type { Sample } from './sample';
import { APP, type WorkloadName } from './settings';
import { runWorkload } from './workloads';

async function main([name, size, store]: string[]): Promise<void> {
  const folder = store === 'data' ? mkdtempSync(path.join(os.tmpdir(), 'emulator-bench-')) : null;
  const host = await startHost({ app: APP, clock: 'auto', port: 0, ...(folder === null ? {} : { data: folder }) });
  try {
    const cpuBefore = process.cpuUsage();
    const startedAt = process.hrtime.bigint();
    await runWorkload(host, name as WorkloadName, Number(size));
    const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
    const cpu = process.cpuUsage(cpuBefore);
    const { replays, activities, entityTurns, commits } = await host.stats();
    const counts = { replays, activities, entityTurns, commits };
    const sample: Sample = { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, counts };
    process.stdout.write(JSON.stringify(sample));
  } finally {
    await host.stop();
    if (folder !== null) rmSync(folder, { recursive: true });
  }
}

void main(process.argv.slice(2));
