/**
 * A campaign whose ledger and projections are destroyed while it runs, and again at its end: the rebuild makes each row
 * what it was, all but its reservation, which nothing remembers; and the campaign goes on to the outputs of a run to which
 * nothing happened. Over HTTP and by the command, as an operator would.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startHost, type Host } from 'durable-emulator';
import type { RebuildReport } from '../../activities/rebuildFindings';
import { addDays, startOfDate } from '../../domain/calendar';
import { parseCampaign } from '../../domain/policy';
import { endsAtMs, startsAtMs } from '../../domain/schedule';
import type { LedgerRow } from '../../services/rows';
import type { Row } from '../../services/tables';
import { chance, luckKey } from '../../simulator/random';
import { createRosterCsv } from '../../simulator/roster';
import { ROOT } from './harness';

const MINUTE_MS = 60_000;
const campaign = parseCampaign({
  campaignId: 'rebuilt',
  startsOn: '2026-01-05',
  weeks: 2,
  postPilotWeeks: 2,
  weeklyThreshold: 0.5,
  callCentre: { capacityPerDay: 60, floorPerDay: 20, baseForecast: { mon: 5, tue: 5, wed: 5, thu: 5, fri: 5 } },
});
const roster = createRosterCsv({ patients: 160, seed: 7, startsOn: campaign.startsOn });
const folder = mkdtempSync(path.join(tmpdir(), 'vip-rebuild-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The simulated outside, with a hand in the tables. */
const dist = (name: string) => JSON.stringify(path.join(ROOT, 'dist', name));
const outside = path.join(folder, 'outside.js');
writeFileSync(
  outside,
  `const { createOutside } = require(${dist('simulator/outside.js')});
const { sharedWorld } = require(${dist('services/world.js')});
const { allRows } = require(${dist('services/tables.js')});
exports.createOutside = (realm, options) => {
  const plain = createOutside(realm, options);
  const { tables } = sharedWorld();
  return { ...plain, nextAt: () => plain.nextAt(), run: (at) => plain.run(at), async call(name, payload) {
    if (name === 'rows') return allRows(tables.table(payload), {});
    if (name === 'drop') for (const { pk, rk } of payload.rows) await tables.table(payload.table).delete(pk, rk);
    else if (name === 'put') for (const row of payload.rows) await tables.table(payload.table).upsert(row);
    else return plain.call(name, payload);
  } };
};
`,
);

async function begun(): Promise<Host> {
  const host = await startHost({
    app: ROOT,
    clock: 'manual',
    startAt: new Date(startsAtMs(campaign) - MINUTE_MS),
    port: 0,
    outside: { module: outside, options: { mode: 'simulate', campaign } },
  });
  const url = `${host.url}/api/campaigns/rebuilt`;
  expect((await fetch(`${url}/roster`, { method: 'PUT', body: roster })).status).toBe(200);
  await host.call('begin', roster);
  expect((await fetch(`${url}/start`, { method: 'POST', body: JSON.stringify(campaign) })).status).toBe(202);
  return host;
}

const rows = async <T>(host: Host, table: string) => (await host.call('rows', table)) as Row<T>[];
const drop = (host: Host, table: string, gone: readonly Row[]) => host.call('drop', { table, rows: gone });
const put = (host: Host, table: string, given: readonly Row[]) => host.call('put', { table, rows: given });
const withoutReservation = (ledger: readonly Row<LedgerRow>[]) =>
  ledger.map(({ value, ...key }) => ({ ...key, value: { ...value, reservation: null } }));

async function rebuild(host: Host, body: object = {}): Promise<RebuildReport> {
  const url = `${host.url}/api/campaigns/rebuilt/rebuild`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return (await response.json()) as RebuildReport;
}

const at = (day: number, hours: number) =>
  startOfDate(addDays(campaign.startsOn, day), campaign.timeZone) + hours * 3_600_000;
const MOMENTS: readonly [string, number][] = [
  ['in the pilot', at(8, 13.25)],
  ['in the adaptive weeks', at(17, 14.3)],
  ['at its end', endsAtMs(campaign) + MINUTE_MS],
];

const DAMAGES: readonly ((row: LedgerRow) => LedgerRow)[] = [
  (row) => ({ ...row, status: row.status === 'REFUSED' ? 'SENT' : 'REFUSED' }),
  (row) => ({ ...row, messageId: '0'.repeat(32) }),
  (row) => ({ ...row, decidedAtMs: row.decidedAtMs - 3 * 3_600_000, sentAtMs: null }),
  (row) => ({ ...row, consent: null }),
  (row) => ({ ...row, plannedFor: '2026-01-01', segments: 9 }),
  (row) => ({ ...row, tier: row.tier === 1 ? 2 : 1, timeZone: 'UTC', reason: 'NO_MOBILE' }),
  () => ({}) as LedgerRow,
];

describe('a campaign whose rows are destroyed', () => {
  let host: Host;
  let outputs: Record<string, string>;

  beforeAll(async () => {
    const undisturbed = await begun();
    await undisturbed.advanceTo(new Date(endsAtMs(campaign) + MINUTE_MS));
    outputs = ((await undisturbed.call('harvest')) as { outputs: Record<string, string> }).outputs;
    await undisturbed.stop();
    host = await begun();
  });
  afterAll(() => host.stop());

  it.each(MOMENTS)('%s: has each ledger row again, whichever were lost or damaged', async (moment, atMs) => {
    await host.advanceTo(new Date(atMs));
    const before = await rows<LedgerRow>(host, 'ledger');
    const phases = new Set(before.map(({ value }) => `${value.phase} ${value.status}`));
    expect(phases).toContain('PILOT SENT');
    expect(phases).toContain('REPLY SENT');
    if (moment !== 'in the pilot') expect(phases).toContain('ADAPTIVE SENT');
    const sound = await rebuild(host, { what: 'ledger' });
    expect(sound).toMatchObject({ checked: before.length, inserted: 0, replaced: [], unaccounted: [], notes: [] });

    await drop(host, 'ledger', before);
    const dry = await rebuild(host, { what: 'ledger', dryRun: true });
    expect([dry.inserted, (await rows(host, 'ledger')).length]).toEqual([before.length, 0]);
    expect((await rebuild(host, { what: 'ledger' })).inserted).toBe(before.length);
    expect(withoutReservation(await rows(host, 'ledger'))).toEqual(withoutReservation(before));

    const key = luckKey(7, moment);
    const lost = before.filter((_, i) => chance(key, 'lost', i) < 0.2);
    const hurt = before.flatMap((row, i) => {
      const damage = DAMAGES[Math.floor(chance(key, 'how', i) * DAMAGES.length)]!;
      return !lost.includes(row) && chance(key, 'hurt', i) < 0.4 ? [{ ...row, value: damage(row.value) }] : [];
    });
    await put(host, 'ledger', hurt);
    await drop(host, 'ledger', lost);
    const report = await rebuild(host, { what: 'ledger' });
    expect(withoutReservation(await rows(host, 'ledger'))).toEqual(withoutReservation(before));
    expect([report.inserted, report.replaced.length, report.unaccounted]).toEqual([lost.length, hurt.length, []]);
    expect(await rebuild(host)).toMatchObject({ inserted: 0, replaced: [], unaccounted: [], notes: [] });
  });

  it('has written the outputs of a run to which nothing happened', async () => {
    const after = ((await host.call('harvest')) as { outputs: Record<string, string> }).outputs;
    for (const name of ['ledger.csv', 'patients.csv', 'worklist.csv']) expect(after[name]).toBe(outputs[name]);
    expect(after['audit.jsonl']).toContain('"action":"ledger.rebuilt"');
  });

  it('tells of a row that nobody accounts for, and leaves it', async () => {
    const [first] = await rows<LedgerRow>(host, 'ledger');
    const forged = { ...first!, rk: `${first!.value.patientId}|1|9`, value: { ...first!.value, touch: 9 } };
    await put(host, 'ledger', [forged]);
    expect((await rebuild(host, { what: 'ledger' })).unaccounted).toEqual([`ledger ${forged.rk}`]);
    expect((await rows(host, 'ledger')).some(({ rk }) => rk === forged.rk)).toBe(true);
    await drop(host, 'ledger', [forged]);
  });

  it('counts a text again that outreach forgot', async () => {
    const before = await rows<{ touches: { status: string }[]; texts: unknown[] }>(host, 'outreach');
    const one = before.find(({ value }) => value.touches[0]?.status === 'SENT' && value.touches.length > 1)!;
    const touches = one.value.touches.map(() => ({ status: 'OPEN' }));
    await put(host, 'outreach', [{ ...one, value: { ...one.value, touches, texts: [] } }]);
    const report = await rebuild(host, { what: 'people' });
    expect(report.replaced).toEqual([
      expect.stringMatching(new RegExp(`^outreach ${one.rk}: .*touches.*texts|texts.*touches`)),
    ]);
    const after = (await rows<typeof one.value>(host, 'outreach')).find(({ rk }) => rk === one.rk)!;
    expect(after.value.touches[0]).toEqual(one.value.touches[0]);
    expect(after.value.texts).toEqual(one.value.texts);
    await put(host, 'outreach', [one]);
  });

  it('has people again with preference, enrolment and dead numbers, and what stands instead of a lost booking', async () => {
    type Person = {
      preference: unknown;
      campaigns: object;
      noMobile: boolean;
      appointments: Record<string, { status: string }>;
    };
    // Whoever the start took off the roster again is on none, and nothing remembers them.
    const before = (await rows<Person>(host, 'people')).filter(({ value }) => Object.keys(value.campaigns).length > 0);
    await drop(host, 'people', await rows(host, 'people'));
    const report = await rebuild(host, { what: 'people' });
    const after = await rows<Person>(host, 'people');
    const core = ({ rk, value: { preference, campaigns, noMobile } }: Row<Person>) => ({
      rk,
      preference,
      campaigns,
      noMobile,
    });
    expect(after.map(core)).toEqual(before.map(core));
    const booked = ({ value }: Row<Person>) =>
      Object.values(value.appointments).some(({ status }) => status === 'BOOKED');
    expect(after.map(booked)).toEqual(before.map(booked));
    expect(before.filter(booked).length).toBeGreaterThan(0);
    expect(report.notes.join('\n')).toContain('appointment');
    await put(host, 'people', before);
  });

  it('has a person again who is older than the entity', async () => {
    const before = await rows<{ preference: { source: string; status: string } | null }>(host, 'people');
    const stopped = before.filter(
      ({ value }) => value.preference?.source === 'REPLY' && value.preference.status === 'OPT_OUT',
    );
    expect(stopped.length).toBeGreaterThan(0);
    await put(
      host,
      'people',
      stopped.map((row) => ({ ...row, value: { ...row.value, preference: null } })),
    );
    expect((await rebuild(host, { what: 'people' })).replaced.length).toBe(stopped.length);
    const after = await rows<{ preference: unknown }>(host, 'people');
    expect(after.map(({ value }) => value.preference)).toEqual(before.map(({ value }) => value.preference));
    await put(host, 'people', before);
  });

  it('has numbers again with everyone on them and the STOP that stands', async () => {
    type NumberOf = { patients: string[]; stop: { atMs: number; closed: boolean } | null; noMobile: boolean };
    const enrolled = new Set((await rows(host, 'outreach')).map(({ rk }) => rk));
    const before = (await rows<NumberOf>(host, 'numbers')).filter(({ value }) =>
      value.patients.every((id) => enrolled.has(id)),
    );
    await drop(host, 'numbers', await rows(host, 'numbers'));
    await rebuild(host, { what: 'people' });
    const after = await rows<NumberOf>(host, 'numbers');
    const core = ({ rk, value }: Row<NumberOf>) => ({
      rk,
      patients: [...value.patients].sort(),
      silent: value.stop !== null && !value.stop.closed,
      noMobile: value.noMobile,
    });
    expect(after.map(core)).toEqual(before.map(core));
    await put(host, 'numbers', before);
  });

  it('does without what the first release did not remember, and says so', async () => {
    const before = await rows<LedgerRow>(host, 'ledger');
    type Touched = { touches: { status: string; reason?: string }[] };
    const outreach = await rows<Touched>(host, 'outreach');
    const old = outreach.map((row) => ({
      ...row,
      value: {
        ...row.value,
        touches: row.value.touches.map(({ status, reason, ...rest }) =>
          status === 'REFUSED' ? { status, reason } : { status, reason, ...rest },
        ),
      },
    }));
    await put(host, 'outreach', old);
    expect(await rebuild(host, { what: 'ledger' })).toMatchObject({ inserted: 0, replaced: [], unaccounted: [] });
    const refused = before.filter(({ value }) => value.phase === 'PILOT' && value.status === 'REFUSED');
    await drop(host, 'ledger', refused);
    const report = await rebuild(host, { what: 'ledger' });
    expect([report.inserted, report.notes.join()]).toEqual([0, expect.stringContaining('first release')]);
    await put(host, 'outreach', outreach);
    expect((await rebuild(host, { what: 'ledger' })).inserted).toBe(refused.length);
  });

  it('is a command', async () => {
    const run = promisify(execFile);
    const vip = (...args: string[]) =>
      run(process.execPath, [path.join(ROOT, 'dist/cli/vip.js'), 'rebuild', '--url', host.url, ...args]);
    const before = await rows<LedgerRow>(host, 'ledger');
    await drop(host, 'ledger', before.slice(0, 3));
    const dry = await vip('--campaign', 'rebuilt', '--dry-run');
    expect(dry.stdout).toContain('3 would be inserted, 0 would be replaced, 0 unaccounted for');
    const { stdout } = await vip('--campaign', 'rebuilt', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ inserted: 3, replaced: [], next: null });
    await expect(vip('--campaign', 'nobody')).rejects.toMatchObject({ code: 2, stderr: 'error: no campaign nobody\n' });
  });

  it('404 for a campaign that there is not; 400 with everything that is wrong with the body', async () => {
    const post = async (id: string, body: string) => {
      const response = await fetch(`${host.url}/api/campaigns/${id}/rebuild`, { method: 'POST', body });
      const { errors = [] } = (await response.json()) as { errors?: { field: string }[] };
      return [response.status, errors.map(({ field }) => field)];
    };
    expect(await post('nobody', '{}')).toEqual([404, []]);
    expect(await post('rebuilt', '{"what":"days","from":-1,"dryRun":"yes","all":1}')).toEqual([
      400,
      ['all', 'what', 'dryRun', 'from'],
    ]);
    expect(await post('rebuilt', '')).toEqual([400, ['body']]);
  });
});
