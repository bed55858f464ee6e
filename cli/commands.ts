/** The commands of `vip`: check everything that came, run, write the folder, say what happened. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Campaign, DEFAULT_PRACTICE, DEFAULTS, parseCampaign } from '../domain/policy';
import { BadInput, quote } from '../domain/problem';
import { startHost, type Host } from 'durable-emulator';
import { APP } from './host';
import { checkOutputFolder, nextOutputFolder, writeOutputFolder } from './outputFolder';
import { progressOn, silent } from './progress';
import { runCampaign, type RunRequest, type RunResult } from './runCampaign';
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
  const campaign = pilotCampaign(options);
  const { seed, startsOn } = campaign;
  const given = options.roster === undefined ? null : readInput(options.roster, '--roster');
  const patients = options.patients ?? PILOT_PATIENTS;
  const roster = async () =>
    given ?? (await import('../simulator/roster.js')).createRosterCsv({ patients, seed, startsOn });
  const out = options.out ?? nextOutputFolder(campaign.campaignId);
  await runTo(out, options, true, { host, campaign, roster, outside: { mode: 'simulate', campaign } }, (result) => ({
    'campaign.json': `${JSON.stringify(campaign, null, 2)}\n`,
    'roster.csv': result.rosterCsv,
    'inputs.jsonl': result.inputs,
    ...Object.fromEntries(Object.entries(result.files).map(([name, content]) => [`preferences/${name}`, content])),
  }));
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
  checkOutputFolder(options.out, options.force ?? false);
  const { readRecording } = await import('../services/recording.js');
  const { campaign, rosterCsv, inputs, files, initial, simulated, sources } = readRecording(folder);
  const outside = { mode: 'replay', campaign, inputs, files, initial } as const;
  await runTo(
    options.out,
    options,
    simulated,
    { host, campaign, roster: async () => rosterCsv, outside },
    () => sources,
  );
}

export async function roster(options: {
  readonly patients: number;
  readonly seed: number;
  readonly out: string;
  readonly force?: boolean;
}): Promise<void> {
  if (existsSync(options.out) && !options.force)
    throw new BadInput('the roster cannot be written', [
      { field: '--out', value: options.out, expected: 'a file that does not exist; --force replaces it' },
    ]);
  const { createRosterCsv } = await import('../simulator/roster.js');
  writeFileSync(
    options.out,
    createRosterCsv({ patients: options.patients, seed: options.seed, startsOn: PILOT.startsOn }),
  );
}

export async function serve(options: {
  readonly port: number;
  readonly clock: 'real' | 'auto' | 'manual';
}): Promise<void> {
  const host = await startHost({ app: APP, port: options.port, clock: options.clock });
  process.stdout.write(`VIP Outreach at ${host.url}/api, clock ${options.clock}; Ctrl+C ends it\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await host.stop();
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

function pilotCampaign(options: PilotOptions): Campaign {
  const practice = DEFAULT_PRACTICE;
  const given =
    options.campaign === undefined
      ? builtIn(options.patients)
      : parseJson(readInput(options.campaign, '--campaign'), options.campaign);
  const campaign = parseCampaign(given, practice);
  return options.seed === undefined ? campaign : { ...campaign, seed: options.seed };
}

/** Call centre scaled to the roster: N ÷ 1,000, rounded up (formats.md, "Command line"). */
function builtIn(patients: number | undefined): unknown {
  if (patients === undefined) return PILOT;
  const scaled = (n: number) => Math.ceil((n * patients) / PILOT_PATIENTS);
  const { capacityPerDay, baseForecast, floorPerDay } = DEFAULTS.callCentre;
  const forecast = Object.fromEntries(Object.entries(baseForecast).map(([day, calls]) => [day, scaled(calls)]));
  return {
    ...PILOT,
    callCentre: { capacityPerDay: scaled(capacityPerDay), baseForecast: forecast, floorPerDay: scaled(floorPerDay) },
  };
}

function readInput(file: string, option: string): string {
  if (!existsSync(file))
    throw new BadInput('an input is missing', [{ field: option, value: quote(file), expected: 'a file that exists' }]);
  return readFileSync(file, 'utf8');
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new BadInput('campaign.json is not valid', [
      { field: file, value: `${text.length} characters`, expected: 'JSON' },
    ]);
  }
}
