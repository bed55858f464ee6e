/**
 * Runs the whole built app in the emulator, for tests: a recording in memory from roster to outputs, or a bare host with
 * its HTTP API. Rows come back as records by column. Needs `npm run build` before it, as the emulator does.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { parseCampaign, type Campaign } from '../../domain/policy';
import { endsAtMs, startsAtMs } from '../../domain/schedule';
import { startHost, type Host, type HostStats, type LogLine, type StartHostOptions } from 'durable-emulator';
import type { Report } from '../../domain/report';

export const ROOT = path.resolve(__dirname, '..', '..');
const OUTSIDE = path.join(ROOT, 'dist', 'simulator', 'outside.js');
const MINUTE_MS = 60_000;

/** A run takes well under a second on a free machine; two busy ones may take ten times that. */
jest.setTimeout(60_000);

export type Row = Readonly<Record<string, string>>;

export interface Scenario {
  /** Over `SMALL`. */
  readonly campaign?: object;
  readonly patients: readonly Partial<Row>[];
  readonly inputs?: readonly object[];
  /** Vendor files by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly initial?: readonly object[];
  readonly host?: Partial<StartHostOptions>;
}

export interface Run {
  readonly campaign: Campaign;
  readonly ledger: readonly Row[];
  readonly patients: readonly Row[];
  readonly worklist: readonly Row[];
  readonly report: Report;
  readonly files: Readonly<Record<string, string>>;
  readonly dump: Dump;
  readonly logs: readonly LogLine[];
  readonly stats: HostStats;
}

export interface Dump {
  readonly instances: readonly {
    readonly name: string;
    readonly instanceId: string;
    readonly runtimeStatus: string;
    readonly history: readonly { readonly EventType: string }[];
  }[];
  readonly entities: readonly unknown[];
}

/** One pilot week whose Monday has room for everyone, without files: what a test is about stands in its own scenario. */
export const SMALL = {
  campaignId: 'small',
  startsOn: '2026-01-05',
  weeks: 1,
  postPilotWeeks: 0,
  weeklyThreshold: 1,
  touches: [0],
  requireFreshPreferences: false,
  callCentre: {
    capacityPerDay: 1000,
    floorPerDay: 1000,
    baseForecast: { mon: 0, tue: 1000, wed: 1000, thu: 1000, fri: 1000 },
  },
};

const COLUMNS =
  'patientId,firstName,lastName,phone,language,timeZone,state,category,birthDate,chronicConditions,edVisits12m,admissions12m,missedAppointments12m,lastPcpVisit,careGaps,clinicId,pcpId'.split(
    ',',
  );
const PERSON = {
  language: 'en',
  timeZone: 'America/Chicago',
  state: 'IL',
  category: 'SERIOUS',
  birthDate: '1950-02-03',
  chronicConditions: '0',
  edVisits12m: '0',
  admissions12m: '0',
  missedAppointments12m: '0',
  lastPcpVisit: '2025-11-02',
  careGaps: '0',
  clinicId: 'C-1',
  pcpId: 'D-1',
};

/** Phone of the n-th patient of a scenario, from 0. */
export const phoneOf = (n: number) => `+1312555${String(1000 + n)}`;

export function rosterOf(patients: readonly Partial<Row>[]): string {
  const rows = patients.map((over, n) => {
    const names = { firstName: `Zvurk${letters(n)}`, lastName: `Quovzd${letters(n)}`, phone: phoneOf(n) };
    const row: Partial<Row> = { patientId: `P${n + 1}`, ...PERSON, ...names, ...over };
    return COLUMNS.map((column) => row[column] ?? '').join(',');
  });
  return [COLUMNS.join(','), ...rows, ''].join('\n');
}

const letters = (n: number) => n.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 26)));

export function optedIn(...patientIds: string[]): object[] {
  return patientIds.map((patientId) => ({
    type: 'preference',
    patientId,
    status: 'OPT_IN',
    source: 'VENDOR',
    effectiveAt: '2026-01-01T12:00:00-06:00',
  }));
}

/** A vendor file with its trailer; each row `patientId,phone,action,effectiveAt`. */
export function vendorFile(...rows: string[]): string {
  return [
    'patientId,phone,action,effectiveAt,source',
    ...rows.map((row) => `${row},portal`),
    `TRAILER,${rows.length}`,
    '',
  ].join('\n');
}

/** 2026-01-<day> <time> in Chicago's winter. */
export const january = (day: number, time: string) =>
  `2026-01-${String(day).padStart(2, '0')}T${time.length === 5 ? `${time}:00` : time}-06:00`;

export async function runRecording(scenario: Scenario): Promise<Run> {
  const campaign = parseCampaign({ ...SMALL, ...scenario.campaign });
  const logs: LogLine[] = [];
  const { inputs = [], files = {}, initial = [] } = scenario;
  const host = await startHost({
    app: ROOT,
    clock: 'manual',
    startAt: new Date(startsAtMs(campaign) - MINUTE_MS),
    port: 0,
    outside: { module: OUTSIDE, options: { mode: 'replay', campaign, inputs, files, initial } },
    log: (line) => logs.push(line),
    ...scenario.host,
  });
  try {
    await begin(host, campaign, rosterOf(scenario.patients));
    await host.advanceTo(new Date(endsAtMs(campaign) + MINUTE_MS));
    return { ...(await harvested(host, campaign)), logs };
  } finally {
    await host.stop();
  }
}

/** The simulated world over a roster of its own, in the same host. */
export async function runPilot(
  campaign: Campaign,
  rosterCsv: string,
  options: Partial<StartHostOptions> = {},
): Promise<Run> {
  const logs: LogLine[] = [];
  const host = await startHost({
    app: ROOT,
    clock: 'manual',
    startAt: new Date(startsAtMs(campaign) - MINUTE_MS),
    port: 0,
    outside: { module: OUTSIDE, options: { mode: 'simulate', campaign } },
    log: (line) => logs.push(line),
    ...options,
  });
  try {
    await begin(host, campaign, rosterCsv);
    await host.advanceTo(new Date(endsAtMs(campaign) + MINUTE_MS));
    return { ...(await harvested(host, campaign)), logs };
  } finally {
    await host.stop();
  }
}

async function begin(host: Host, campaign: Campaign, rosterCsv: string): Promise<void> {
  const url = `${host.url}/api/campaigns/${campaign.campaignId}`;
  await expectStatus(200, fetch(`${url}/roster`, { method: 'PUT', body: rosterCsv }));
  await host.call('begin', rosterCsv);
  await expectStatus(202, fetch(`${url}/start`, { method: 'POST', body: JSON.stringify(campaign) }));
}

async function expectStatus(expected: number, sent: Promise<Response>): Promise<void> {
  const response = await sent;
  if (response.status !== expected) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}

async function harvested(host: Host, campaign: Campaign): Promise<Omit<Run, 'logs'>> {
  const status = await host.waitFor(campaign.campaignId);
  if (status.runtimeStatus !== 'Completed')
    throw new Error(`the campaign ended as ${status.runtimeStatus}: ${JSON.stringify(status.output)}`);
  const { outputs } = (await host.call('harvest')) as { outputs: Record<string, string> };
  return {
    campaign,
    ledger: csv(outputs['ledger.csv']),
    patients: csv(outputs['patients.csv']),
    worklist: csv(outputs['worklist.csv']),
    report: JSON.parse(outputs['report.json'] ?? '{}') as Report,
    files: outputs,
    dump: (await host.dump()) as Dump,
    stats: await host.stats(),
  };
}

function csv(text = ''): Row[] {
  return parse(text, { columns: true }) as Row[];
}

/** Pilot and adaptive texts that left, in the order of the ledger. */
export function textsOf(run: Run, patientId?: string): Row[] {
  return run.ledger.filter(
    (row) => row['phase'] !== 'REPLY' && row['sentAt'] !== '' && (patientId ?? row['patientId']) === row['patientId'],
  );
}

export function rowsOf(run: Run, patientId: string): Row[] {
  return run.ledger.filter((row) => row['patientId'] === patientId);
}

/** Every file under a folder, by its path inside. */
export function filesUnder(folder: string, under = ''): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(path.join(folder, under)).sort()) {
    const inside = path.join(under, name);
    if (statSync(path.join(folder, inside)).isDirectory())
      for (const [file, content] of filesUnder(folder, inside)) files.set(file, content);
    else files.set(inside, readFileSync(path.join(folder, inside), 'utf8'));
  }
  return files;
}
