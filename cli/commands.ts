/** The commands of `vip`: check everything that came, run, write the folder, say what happened. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Campaign, DEFAULT_PRACTICE, DEFAULTS, readCampaign } from '../domain/policy';
import { BadInput } from '../domain/problem';
import { startHost, type Host } from 'durable-emulator';
import { Checks, parseJson, readInput } from './checks';
import { APP } from './host';
import { startLocal, type LocalOptions } from './local';
import { checkOutputFile, checkOutputFolder, nextOutputFolder, writeOutputFolder } from './outputFolder';
import type { Recording } from '../services/recording';
import { progressOn, silent } from './progress';
import { recordedFiles, runCampaign, type RunRequest, type RunResult } from './runCampaign';
import { summaryOf, summaryText } from './summary';

/** Of the built-in pilot. */
const PILOT = { campaignId: 'pilot-2026', startsOn: '2026-01-05' };
const PILOT_PATIENTS = 1_000;

export interface CommonOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface PilotOptions extends CommonOptions {
  readonly campaign?: string;
  readonly roster?: string;
  readonly seed?: number;
  readonly patients?: number;
}

export async function pilot(options: PilotOptions, host: Promise<Host>): Promise<void> {
  if (options.roster !== undefined && options.patients !== undefined)
    throw new BadInput('the options do not fit', [
      {
        field: '--patients',
        value: String(options.patients),
        expected: 'no --roster beside it: the roster says how many',
      },
    ]);
  const { campaign, given } = await pilotInputs(options);
  const { seed, startsOn } = campaign;
  const patients = options.patients ?? PILOT_PATIENTS;
  const roster = async () =>
    given ?? (await import('../simulator/roster.js')).createRosterCsv({ patients, seed, startsOn });
  const out = options.out ?? nextOutputFolder(campaign.campaignId);
  await runTo(out, options, true, { host, campaign, roster, outside: { mode: 'simulate', campaign } }, (result) =>
    recordedFiles(campaign, result),
  );
}

export async function replay(
  folder: string,
  options: CommonOptions & { readonly out: string },
  host: Promise<Host>,
): Promise<void> {
  if (!existsSync(folder))
    throw new BadInput('the recording cannot be replayed', [
      { field: 'RECORDING', value: folder, expected: 'a recording folder' },
    ]);
  const { campaign, rosterCsv, inputs, files, initial, simulated, sources } = await replayInputs(folder, options);
  const outside = { mode: 'replay', campaign, inputs, files, initial } as const;
  await runTo(
    options.out,
    options,
    simulated,
    { host, campaign, roster: async () => rosterCsv, outside },
    () => sources,
  );
}

export async function roster(
  options: { readonly patients: number; readonly seed: number; readonly out: string } & CommonOptions,
): Promise<void> {
  const { patients, seed, out } = options;
  checkOutputFile(out, options.force ?? false);
  const { createRosterCsv } = await import('../simulator/roster.js');
  writeFileSync(out, createRosterCsv({ patients, seed, startsOn: PILOT.startsOn }));
  if (options.json) process.stdout.write(`${JSON.stringify({ out, patients, seed })}\n`);
}

export async function serve(
  options: { readonly port: number; readonly clock: 'real' | 'auto' | 'manual' } & LocalOptions &
    Pick<CommonOptions, 'json' | 'quiet'>,
): Promise<void> {
  const { port, clock } = options;
  const local = await startLocal(options);
  const { env, externals } = local;
  try {
    const host = await startHost({ app: APP, port, clock, env, externals });
    const api = `${host.url}/api`;
    if (options.json) process.stdout.write(`${JSON.stringify({ api, clock })}\n`);
    else if (!options.quiet) process.stdout.write(`VIP Outreach at ${api}, clock ${clock}; Ctrl+C ends it\n`);
    await new Promise<void>((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    await host.stop();
  } finally {
    await local.stop();
  }
}

/** The files of the recording folder, without recording.json. */
type Recorded = (result: RunResult) => Readonly<Record<string, string>>;

async function runTo(
  out: string,
  options: CommonOptions,
  simulated: boolean,
  request: Pick<RunRequest, 'host' | 'campaign' | 'roster' | 'outside'>,
  recorded: Recorded,
): Promise<void> {
  checkOutputFolder(out, options.force ?? false);
  const { campaign } = request;
  const quiet = options.quiet ?? options.json ?? false;
  const progress = quiet ? silent : progressOn(process.stdout, campaign.weeks + campaign.postPilotWeeks);
  // The report's charting library loads and takes its slow first run while the host, in its own thread, is at work.
  let producing: Promise<typeof import('./produce')> | null = null;
  const whileRunning = () => {
    producing = import('./produce.js');
    void producing.then(({ warmUp }) => warmUp(campaign));
  };
  const stepDays = progress.stepDays;
  const result = await runCampaign({ ...request, stepDays, whileRunning, onStep: (status) => progress.show(status) });
  const { report, worklist, files } = (await (producing ?? import('./produce.js'))).produce(
    result,
    campaign,
    recorded(result),
    simulated,
  );
  writeOutputFolder(out, files);
  const summary = summaryOf(report, worklist, out);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else if (!options.quiet) process.stdout.write(`\n${summaryText(summary)}`);
}

/** The campaign, and the roster where one is given. Throws `BadInput` with the problems of both. */
async function pilotInputs(options: PilotOptions): Promise<{ campaign: Campaign; given: string | null }> {
  const checks = new Checks();
  const read = checks.run(() =>
    options.campaign === undefined
      ? builtIn(options.patients)
      : parseJson(readInput(options.campaign, '--campaign'), options.campaign),
  );
  const { campaign, problems } = readCampaign(read, DEFAULT_PRACTICE);
  if (read !== undefined && problems.length > 0)
    checks.run(() => {
      throw new BadInput('campaign.json is not valid', problems);
    });
  const file = options.roster;
  const given = file === undefined ? null : (checks.run(() => readInput(file, '--roster')) ?? null);
  if (options.out !== undefined) checks.run(() => checkOutputFolder(options.out!, options.force ?? false));
  if (given !== null) await checks.andRoster(given, campaign.startsOn);
  checks.done();
  return { campaign: options.seed === undefined ? campaign : { ...campaign, seed: options.seed }, given };
}

/** The recording. Throws `BadInput` with all problems of the folder and of `--out`. */
async function replayInputs(folder: string, options: CommonOptions & { readonly out: string }): Promise<Recording> {
  const checks = new Checks();
  checks.run(() => checkOutputFolder(options.out, options.force ?? false));
  const { readRecording } = await import('../services/recording.js');
  const recording = checks.run(() => readRecording(folder));
  const roster = path.join(folder, 'roster.csv');
  if (!recording && existsSync(roster)) await checks.andRoster(readInput(roster, 'roster.csv'), '');
  checks.done();
  return recording!;
}

/** campaign.json of the built-in pilot. Call centre scaled to the roster: N ÷ 1,000, rounded up (formats.md, "Command line"). */
export function builtIn(patients: number | undefined): unknown {
  if (patients === undefined) return PILOT;
  const scaled = (n: number) => Math.ceil((n * patients) / PILOT_PATIENTS);
  const { capacityPerDay, baseForecast, floorPerDay } = DEFAULTS.callCentre;
  const forecast = Object.fromEntries(Object.entries(baseForecast).map(([day, calls]) => [day, scaled(calls)]));
  return {
    ...PILOT,
    callCentre: { capacityPerDay: scaled(capacityPerDay), baseForecast: forecast, floorPerDay: scaled(floorPerDay) },
  };
}
