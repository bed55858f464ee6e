/**
 * One simulated run with faults: the built app on the emulator, behind services that fail (simulator/faults), held to the
 * oracle, and to what must agree when all is over. Whatever the faults, nobody is texted twice, after a STOP or out of
 * hours, and nobody is lost; only *when* something is done may slip, since a machine that is down does nothing.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startHost, type Fault, type FaultOptions, type HostThread } from 'durable-emulator';
import { produceData } from '../../cli/produce';
import { writeOutputFolder } from '../../cli/outputFolder';
import { recordedFiles, runCampaign, type RunResult } from '../../cli/runCampaign';
import { chance, luckKey, pick } from '../../simulator/random';
import type { FaultLimits, MadeFault } from '../../simulator/faults/plan';
import type { HeldUp } from '../../simulator/faults/bus';
import { checkRun, type Violation } from '../oracle/check';
import { lateness } from './late';
import { scenarioOf, type Scenario } from './scenario';

export interface SimulatedRun {
  readonly seed: number;
  readonly title: string;
  /** Of a pilot. */
  readonly patients: number | null;
  /** None: the run kept every rule. */
  readonly violations: readonly string[];
  /** What the oracle says and faults excuse (late.ts). */
  readonly excused: readonly string[];
  readonly faults: readonly MadeFault[];
  readonly hostFaults: readonly Fault[];
  /** Of a run that broke a rule; else gone. */
  readonly folder: string | null;
}

export interface SimulationOptions {
  readonly faults?: boolean;
  /** Folder of the built app: the project's `dist`, or a mutant of it. */
  readonly dist?: string;
  readonly keep?: boolean;
  /** Of a failing run that is made smaller: which faults are left, and how many patients of a pilot. */
  readonly limits?: FaultLimits;
  readonly patients?: number;
  /** For runs one after the other in one process, which take less time so. */
  readonly thread?: HostThread;
}

const ROOT = resolve(__dirname, '..', '..');
/** Retries of the campaign's last step take some minutes. */
const GRACE_MS = 3 * 3_600_000;

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulatedRun> {
  const { faults = true, dist = join(ROOT, 'dist'), keep = false, limits = {}, patients } = options;
  const scenario = scenarioOf(seed, patients);
  const { campaign } = scenario;
  const folder = mkdtempSync(join(tmpdir(), 'vip-sim-'));
  const host = startHost({
    app: appFolder(folder, dist, faults ? { seed, limits } : null),
    clock: 'manual',
    startAt: '1970-01-02T00:00:00Z',
    port: 0,
    seed,
    outside: { module: join(dist, 'simulator', faults ? 'faults/outside.js' : 'outside.js') },
    ...(faults ? { faults: hostFaultsOf(seed, limits.off) } : {}),
    ...(options.thread ? { thread: options.thread } : {}),
  });
  const violations: string[] = [];
  const excused: string[] = [];
  let made: MadeFault[] = [];
  let hostFaults: Fault[] = [];
  let heldUp: HeldUp = { replies: [], answers: [], lostAnswers: [], orders: [], inputs: [] };
  try {
    const result = await runCampaign({
      host,
      campaign,
      roster: async () => scenario.rosterCsv,
      outside: scenario.outside,
      stepDays: 7,
      graceMs: GRACE_MS,
      onStep: () => undefined,
    });
    const up = await host;
    if (faults) {
      violations.push(...((await up.call('audit', campaign.campaignId)) as string[]));
      made = (await up.call('faults')) as MadeFault[];
      hostFaults = await up.faults();
      heldUp = (await up.call('heldUp')) as HeldUp;
    }
    const out = join(folder, 'out');
    writeOutputFolder(out, filesOf(scenario, result));
    const isLate = lateness({ ...result, campaign, heldUp, faults: [...made, ...hostFaults] });
    const isKept = (one: Violation) => {
      const isExcused = faults && isLate(one);
      if (isExcused) excused.push(lineOf(one));
      return !isExcused;
    };
    violations.push(...checkRun(join(out, 'recording'), out, isKept).map(lineOf));
  } catch (error) {
    violations.push(`the run failed: ${String(error instanceof Error ? (error.stack ?? error.message) : error)}`);
  } finally {
    await host.then((up) => up.stop()).catch(() => undefined);
  }
  const kept = keep || violations.length > 0;
  if (!kept) rmSync(folder, { recursive: true, force: true });
  const { title } = scenario;
  return {
    ...{ seed, title, patients: scenario.patients, violations, excused, faults: made, hostFaults },
    folder: kept ? folder : null,
  };
}

const lineOf = ({ rule, detail }: Violation) => `[${rule}] ${detail}`;

/** The output folder, with an empty report.html: drawing it takes as long as checking all the rest, and sees no fault. */
function filesOf({ campaign, sources }: Scenario, result: RunResult): Record<string, string> {
  // Of a recording too: the faults may have added inputs.
  const recording = sources ? { ...sources, 'inputs.jsonl': result.inputs } : recordedFiles(campaign, result);
  return { ...produceData(result, campaign, recording, sources === null).files, 'report.html': '' };
}

/** An app folder whose entry puts the faults around the world and then loads the built app. */
function appFolder(folder: string, dist: string, faults: { seed: number; limits: FaultLimits } | null): string {
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'simulated', main: 'main.js' }));
  copyFileSync(join(ROOT, 'host.json'), join(app, 'host.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'));
  const entry = JSON.stringify(join(dist, 'app.js'));
  const faulty = JSON.stringify(join(dist, 'simulator', 'faults', 'share.js'));
  writeFileSync(
    join(app, 'main.js'),
    faults === null
      ? `require(${entry});\n`
      : `require(${faulty}).shareFaultyWorld(${faults.seed}, ${JSON.stringify(faults.limits)});\nrequire(${entry});\n`,
  );
  return app;
}

const RATES = [0, 0, 0.001, 0.005, 0.02];
/** How long a machine may be suspended at most, and how often that happens beside the other faults. */
const JUMPS = [
  { ms: 10_000, factor: 2 },
  { ms: 4 * 60_000, factor: 1 },
  { ms: 3 * 3_600_000, factor: 0.2 },
];

/** The durable host's own faults: crashes between steps, work done twice, messages late and out of order, early timers. */
function hostFaultsOf(seed: number, off: readonly string[] = []): FaultOptions {
  const key = luckKey(seed, 'host');
  const rate = (name: keyof FaultOptions, factor = 1) =>
    off.includes(name) ? 0 : pick(RATES, chance(key, name)) * factor;
  const jump = pick(JUMPS, chance(key, 'jump'));
  return {
    seed,
    crash: rate('crash'),
    duplicate: rate('duplicate', 3),
    delay: rate('delay', 3),
    reorder: rate('reorder', 10),
    earlyTimers: rate('earlyTimers', 20),
    clockJumps: rate('clockJumps', jump.factor),
    clockJumpMs: jump.ms,
    failActivities: rate('failActivities'),
  };
}
