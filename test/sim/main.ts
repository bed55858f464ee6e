/**
 * `npm run sim -- --runs N --seed S`: simulated runs S, S + 1, … on all cores. Prints each failing seed with its faults,
 * and the first ones made smaller (shrink.ts); `--resume FILE` keeps what was done, so that a long series can be cut off
 * and go on. Exit 1 when a run broke a rule.
 */
import { fork } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keepThread } from 'durable-emulator';
import { FAULT_KINDS } from '../../simulator/faults/plan';
import { flagsOf, HOST_FAULT_KINDS, shrink } from './shrink';
import { simulate, type SimulatedRun, type SimulationOptions } from './simulate';

const HELP = `npm run sim -- [--runs N] [--seed S] [--jobs N] [--resume FILE] [--keep] [--no-faults] [--no-shrink]
  of one run: [--off KIND,KIND…] [--from INSTANT] [--until INSTANT] [--patients N]`;
const RUNS_A_THREAD = 20;
/** Failing seeds that are made smaller: each takes some dozens of runs. */
const SHRUNK_MAX = 3;

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      resume: { type: 'string' },
      keep: { type: 'boolean', default: false },
      'no-faults': { type: 'boolean', default: false },
      'no-shrink': { type: 'boolean', default: false },
      off: { type: 'string' },
      from: { type: 'string' },
      until: { type: 'string' },
      patients: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const runs = whole('runs', values.runs);
  const first = whole('seed', values.seed);
  const done = new Set(
    values.resume && existsSync(values.resume) ? readFileSync(values.resume, 'utf8').match(/^\d+/gm) : [],
  );
  const seeds = Array.from({ length: runs }, (_, i) => first + i).filter((seed) => !done.has(String(seed)));
  const startedAt = Date.now();
  const failed: SimulatedRun[] = [];
  let faults = 0;
  let late = 0;
  const jobs = Math.max(1, Math.min(whole('jobs', values.jobs), seeds.length));
  const options: SimulationOptions = {
    faults: !values['no-faults'],
    keep: values.keep,
    limits: {
      ...(values.off ? { off: kinds(values.off.split(',')) } : {}),
      ...(values.from ? { fromMs: instant('from', values.from) } : {}),
      ...(values.until ? { untilMs: instant('until', values.until) } : {}),
    },
    ...(values.patients ? { patients: whole('patients', values.patients) } : {}),
  };
  await inParallel(seeds, jobs, options, (run) => {
    faults += run.faults.length + run.hostFaults.length;
    late += Number(run.excused.length > 0);
    if (values.resume && run.violations.length === 0)
      appendFileSync(values.resume, [run.seed, ...run.excused.map((line) => `late: ${line}`), ''].join('\n'));
    if (run.violations.length > 0) failed.push(run);
    if (run.violations.length > 0 || values.keep) tell(run);
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${seeds.length} runs from seed ${first}, ${faults} faults, ${failed.length} broke a rule, ${late} excused as late, ${seconds} s`,
  );
  if (!values['no-shrink'])
    for (const run of failed.slice(0, SHRUNK_MAX)) {
      const { run: smallest, smaller } = await shrink(run, options);
      console.log(`made smaller: npm run sim -- --runs 1 --seed ${run.seed} ${flagsOf(smaller)}`);
      tell(smallest);
    }
  return failed.length > 0 ? 1 : 0;
}

function instant(name: string, text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new Error(`--${name} is '${text}', expected an instant such as 2026-03-02T10:45:00Z`);
  return atMs;
}

function kinds(names: string[]): string[] {
  const unknown = names.find((name) => !FAULT_KINDS.has(name) && !HOST_FAULT_KINDS.has(name));
  if (unknown !== undefined)
    throw new Error(`--off has '${unknown}', expected some of ${[...FAULT_KINDS, ...HOST_FAULT_KINDS].join(', ')}`);
  return names;
}

function whole(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} is '${text}', expected a whole number`);
  return Number(text);
}

/** The seed alone repeats a run; its faults are told so that a person sees what to look for. */
export function tell(run: SimulatedRun): void {
  console.log(`seed ${run.seed}: ${run.title}, ${run.violations.length} violations; ${run.folder ?? ''}`);
  for (const line of run.violations.slice(0, 8)) console.log(`  ${line}`);
  for (const line of run.excused.slice(0, 8)) console.log(`  (late) ${line}`);
  for (const { kind, atMs, target } of [...run.faults, ...run.hostFaults].slice(0, 40))
    console.log(`    fault ${new Date(atMs).toISOString()} ${kind} ${target}`);
}

/** Each job is a process of its own: a host is a thread beside the one that reads and checks. */
export async function inParallel(
  seeds: readonly number[],
  jobs: number,
  options: object,
  onRun: (run: SimulatedRun) => void,
): Promise<void> {
  if (jobs === 1) {
    const one = inTurn(options);
    for (const seed of seeds) onRun(await one(seed));
    return;
  }
  let next = 0;
  const worker = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(join(__dirname, 'run.js'), ['--child', JSON.stringify(options)]);
      const give = () => (next < seeds.length ? child.send(seeds[next++]!) : child.disconnect());
      child.on('message', (run: SimulatedRun) => {
        onRun(run);
        give();
      });
      child.on('error', reject);
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a job ended with ${code}`))));
      give();
    });
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** In a thread that is kept, and ended after some runs: what libraries hold on to grows. */
function inTurn(options: object): (seed: number) => Promise<SimulatedRun> {
  const thread = keepThread();
  let runs = 0;
  return async (seed) => {
    if (runs > 0 && runs % RUNS_A_THREAD === 0) await thread.close();
    runs += 1;
    return simulate(seed, { ...options, thread });
  };
}

/** A job: simulates each seed that it is sent. */
export function child(optionsJson: string): void {
  const one = inTurn(JSON.parse(optionsJson) as object);
  process.on('message', (seed: number) => {
    // Nobody listens any more when the command was stopped.
    void one(seed).then((run) => process.connected && process.send!(run));
  });
}
