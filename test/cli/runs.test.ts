/** What `vip` says and writes when all is well: one line a week when piped, one JSON object, nothing, a roster. */
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { scratch, vip } from './support';

const folder = scratch();
const at = (name: string) => path.join(folder, name);
const FILES = [
  'audit.jsonl',
  'ledger.csv',
  'patients.csv',
  'quarantine.csv',
  'recording',
  'report.html',
  'report.json',
  'worklist.csv',
];
/** A small campaign of its own: two weeks, few texts. */
const campaign = at('campaign.json');
writeFileSync(campaign, '{"campaignId":"short","startsOn":"2026-01-05","weeks":1,"postPilotWeeks":1}');
const roster = at('roster.csv');
beforeAll(async () => expect((await vip(['roster', '--patients', '8', '--seed', '3', '--out', roster])).code).toBe(0));
const pilot = (...args: string[]) => vip(['pilot', '--campaign', campaign, '--roster', roster, ...args]);

describe('vip pilot', () => {
  it('piped, says one line a week, then how it ended and where the report is', async () => {
    const { code, stdout, stderr } = await pilot('--out', at('piped'));
    expect([code, stderr]).toEqual([0, '']);
    const weeks = stdout.split('\n').filter((line) => line.startsWith('week '));
    expect(weeks.map((line) => line.slice(0, 8))).toEqual(['week 1/2', 'week 2/2']);
    expect(stdout).toContain('short completed');
    expect(stdout).toContain(path.join(at('piped'), 'report.html'));
    // eslint-disable-next-line no-control-regex -- the terminal display must not reach a pipe
    expect(stdout).not.toMatch(/\u001b/);
    expect(readdirSync(at('piped')).sort()).toEqual(FILES);
  });

  it('--json prints one JSON object and nothing else', async () => {
    const { code, stdout, stderr } = await pilot('--out', at('json'), '--json');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ campaignId: 'short', endState: 'COMPLETED', out: at('json') });
  });

  it('--quiet prints nothing; --force replaces what the folder held', async () => {
    mkdirSync(at('quiet'));
    writeFileSync(at('quiet/old.txt'), 'old');
    const { code, stdout, stderr } = await pilot('--out', at('quiet'), '--force', '--quiet');
    expect([code, stdout, stderr]).toEqual([0, '', '']);
    expect(readdirSync(at('quiet')).sort()).toEqual(FILES);
  });

  it('--patients without a campaign scales the call centre, rounded up', async () => {
    const { code } = await vip(['pilot', '--patients', '7', '--seed', '5', '--out', at('scaled'), '--quiet']);
    expect(code).toBe(0);
    const used = JSON.parse(readFileSync(at('scaled/recording/campaign.json'), 'utf8')) as {
      seed: number;
      callCentre: object;
    };
    expect(used.seed).toBe(5);
    // 145, 130, 105, 100, 100, 95 and 5 times 7 / 1000, rounded up.
    expect(used.callCentre).toMatchObject({
      capacityPerDay: 2,
      baseForecast: { mon: 1, tue: 1, wed: 1, thu: 1, fri: 1 },
      floorPerDay: 1,
    });
  });

  it('writes into the folder it is given, whatever way it is named, and nothing beside it', async () => {
    mkdirSync(at('real'));
    mkdirSync(at('here'));
    writeFileSync(at('real/old.txt'), 'old');
    symlinkSync(at('real'), at('link'));
    const args = ['--quiet', '--force', '--out'];
    expect((await pilot(...args, `${at('slash')}/`)).code).toBe(0);
    expect(readdirSync(at('slash')).sort()).toEqual(FILES);
    expect((await pilot(...args, at('link'))).code).toBe(0);
    expect([lstatSync(at('link')).isSymbolicLink(), readdirSync(at('real')).sort()]).toEqual([true, FILES]);
    const inside = await vip(['pilot', '--campaign', campaign, '--roster', roster, ...args, '.'], {}, at('here'));
    expect([inside.code, readdirSync(at('here')).sort()]).toEqual([0, FILES]);
  });

  it('leaves no half-written folder behind', () => {
    expect(readdirSync(folder).filter((name) => name.includes('writing'))).toEqual([]);
  });
});

describe('vip roster', () => {
  const make = (name: string, seed: string, env = {}) =>
    vip(['roster', '--patients', '40', '--seed', seed, '--out', at(name)], env);

  it('writes the same file for the same seed, whatever the zone of the machine, and another for another', async () => {
    await Promise.all([
      make('a.csv', '1', { TZ: 'UTC' }),
      make('b.csv', '1', { TZ: 'Asia/Kolkata' }),
      make('c.csv', '2'),
    ]);
    const [a, b, c] = ['a.csv', 'b.csv', 'c.csv'].map((name) => readFileSync(at(name), 'utf8'));
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    // Forty patients, and a few bad rows beside them.
    expect(a!.trimEnd().split('\n').length).toBeGreaterThanOrEqual(41);
  });

  it('--json prints one JSON object, and nothing is said without it', async () => {
    const args = ['roster', '--patients', '4', '--seed', '1', '--force', '--out', at('said.csv')];
    expect((await vip([...args, '--quiet'])).stdout).toBe('');
    expect(JSON.parse((await vip([...args, '--json'])).stdout)).toEqual({
      out: at('said.csv'),
      patients: 4,
      seed: 1,
    });
  });

  it('does not overwrite a file unless forced', async () => {
    writeFileSync(at('mine.csv'), 'mine');
    expect((await make('mine.csv', '1')).code).toBe(2);
    expect(readFileSync(at('mine.csv'), 'utf8')).toBe('mine');
    expect((await vip(['roster', '--patients', '4', '--seed', '1', '--out', at('mine.csv'), '--force'])).code).toBe(0);
    expect(readFileSync(at('mine.csv'), 'utf8')).not.toBe('mine');
  });
});

describe('vip serve', () => {
  it('says clearly that a port is in use: exit 1, no stack trace', async () => {
    const { createServer } = await import('node:http');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await vip(['serve', '--port', String(port), '--clock', 'manual']);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(String(port));
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(existsSync(at('nothing'))).toBe(false);
  });
});
