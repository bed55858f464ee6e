/**
 * `npm run bench`: speed and memory of the pilot and what it costs per patient, as issue 3 asks; never run by the tests,
 * since a timed test fails on a busy machine; then what a pilot does that Azure bills, for docs/cost.md. With `--large`
 * behind `npm run bench --` 100,000 patients are added (minutes); with `--cost` only the bill is counted, and `--write`
 * puts it into its page; with `--emulator` the emulator's own benchmarks run instead (docs/benchmarks.md).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { APP } from '../cli/host';
import type { Report } from '../domain/report';
import { measureOverhead, median } from './overhead';

/** The workload. */
const PILOT_PATIENTS = 1_000;
const PILOT_RUNS = 5;
const SCALED_PATIENTS = 20_000;
const LARGE_PATIENTS = 100_000;
/** Real clients over real protocols. */
const REAL_PARTS = ['--storage', 'azurite', '--bus', 'amqp'];
/** What was promised (issue 3, "Speed and memory"). */
const GOALS = {
  pilotSeconds: 3,
  realPartsSeconds: 30,
  pilotMb: 400,
  ratio: 1.05,
  largeMinutes: 5,
  largeGb: 4,
  overhead: 1.5,
  reportMb: 2,
};

const VIP = path.join(__dirname, '..', 'cli', 'vip.js');
const USAGE = path.join(__dirname, 'printUsage.js');

interface Measured {
  /** Removed at the end. */
  readonly folder: string;
  readonly seconds: number;
  readonly maxRssMb: number;
  readonly report: Report;
  readonly reportMb: number;
}

/** A whole process of the built command, from start to exit. `parts`: options that say what it runs on; none: in memory. */
function run(patients: number, parts: readonly string[] = []): Measured {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'vip-bench-'));
  const out = path.join(folder, 'out');
  const usage = path.join(folder, 'usage.json');
  const startedAt = process.hrtime.bigint();
  execFileSync(
    process.execPath,
    ['--require', USAGE, VIP, 'pilot', '--patients', String(patients), '--out', out, '--quiet', ...parts],
    {
      env: { ...process.env, BENCH_USAGE_FILE: usage },
      stdio: 'inherit',
    },
  );
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  const { maxRssKb } = JSON.parse(readFileSync(usage, 'utf8')) as { maxRssKb: number };
  const report = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8')) as Report;
  const reportMb = statSync(path.join(out, 'report.html')).size / 1e6;
  return { folder, seconds, maxRssMb: maxRssKb / 1024, report, reportMb };
}

function perPatient(report: Report): Record<string, number> {
  const { historyEvents, replays, storageOperations, instances } = report.runtime;
  const texts = report.days.reduce((sum, day) => sum + day.sent, 0);
  const counts = { historyEvents, replays, storageOperations, instances, texts };
  return Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, n / report.roster.accepted]));
}

function line(what: string, got: string, goal: string): void {
  process.stdout.write(`${what.padEnd(58)} ${got.padStart(12)}   goal ${goal}\n`);
}

function main(): void {
  const pilots = Array.from({ length: PILOT_RUNS }, () => run(PILOT_PATIENTS));
  const small = pilots[0]!;
  line(
    `pilot, ${PILOT_PATIENTS} patients, whole process, median of ${PILOT_RUNS}`,
    `${median(pilots.map((p) => p.seconds)).toFixed(2)} s`,
    `<= ${GOALS.pilotSeconds} s`,
  );
  line(
    'pilot, largest resident memory',
    `${Math.max(...pilots.map((p) => p.maxRssMb)).toFixed(0)} MB`,
    `<= ${GOALS.pilotMb} MB`,
  );
  const real = run(PILOT_PATIENTS, REAL_PARTS);
  line(
    `pilot with Azurite and the AMQP broker, ${real.report.runtime.storageOperations} operations`,
    `${real.seconds.toFixed(1)} s`,
    `<= ${GOALS.realPartsSeconds} s`,
  );
  const scaled = run(SCALED_PATIENTS);
  const [a, b] = [perPatient(small.report), perPatient(scaled.report)];
  for (const name of Object.keys(a))
    line(
      `${name} per patient, ${PILOT_PATIENTS} and ${SCALED_PATIENTS}: ${a[name]!.toFixed(2)}, ${b[name]!.toFixed(2)}`,
      `ratio ${(b[name]! / a[name]!).toFixed(3)}`,
      name === 'texts' ? '0.95 to 1.05' : name === 'instances' ? 'none' : `<= ${GOALS.ratio}`,
    );
  const overhead = measureOverhead(path.join(small.folder, 'out', 'recording'), small.folder);
  line(
    `emulator overhead: CPU ${overhead.runMs.toFixed(0)} ms of a replay, ${overhead.feedMs.toFixed(0)} ms of feeding`,
    `ratio ${overhead.ratio.toFixed(2)}`,
    `<= ${GOALS.overhead}`,
  );
  for (const { folder } of [...pilots, real, scaled]) rmSync(folder, { recursive: true });
  costs([]);
  if (!process.argv.includes('--large')) return;
  const large = run(LARGE_PATIENTS);
  line(
    `${LARGE_PATIENTS} patients, whole process`,
    `${(large.seconds / 60).toFixed(2)} min`,
    `<= ${GOALS.largeMinutes} min`,
  );
  line(
    `${LARGE_PATIENTS} patients, largest resident memory`,
    `${(large.maxRssMb / 1024).toFixed(2)} GB`,
    `<= ${GOALS.largeGb} GB`,
  );
  line(`${LARGE_PATIENTS} patients, report.html`, `${large.reportMb.toFixed(2)} MB`, `<= ${GOALS.reportMb} MB`);
  rmSync(large.folder, { recursive: true });
}

/** What a pilot does that Azure bills, as Markdown. */
function costs(options: readonly string[]): void {
  runScript(path.join(APP, 'infra', 'cost.mjs'), ['--count', ...options]);
}

function runScript(script: string, options: readonly string[]): void {
  process.exitCode = spawnSync(process.execPath, [script, ...options], { stdio: 'inherit' }).status ?? 1;
}

const options = process.argv.slice(2);
const without = (name: string) => options.filter((option) => option !== name);
if (options.includes('--emulator'))
  runScript(require.resolve('durable-emulator/dist/bench/run.js'), without('--emulator'));
else if (options.includes('--cost')) costs(without('--cost'));
else main();
