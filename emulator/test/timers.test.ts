/**
 * Timer triggers: schedules of every form, zones, the status given, runs at the start and missed ones, retries. And what
 * decides whether a function runs at all.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../index';
import { DAY_MS, host, send, stopAll } from './support';
import { USES, tempApp, tempFolder } from './tempApp';

afterEach(stopAll);

const HOUR_MS = 3_600_000;

/** An app with one timer function that records instants and timers, and a function that shows them. */
const timerApp = (options: object, files: Record<string, string | object> = {}): string =>
  tempApp({
    'a.js':
      USES +
      `const seen = []; app.timer('t', { ...${JSON.stringify(options)}, handler: (timer) => void seen.push([new Date().toISOString(), timer]) });` +
      "app.http('seen', { handler: () => ({ jsonBody: seen }) });",
    ...files,
  });

type Seen = [string, { isPastDue: boolean; scheduleStatus: { last: string; next: string } | null }][];
const seen = async (h: Host): Promise<Seen> => (await send(h, 'GET', '/api/seen')).json as Seen;
const instants = async (h: Host): Promise<string[]> => (await seen(h)).map(([at]) => at.slice(0, 19));

test.each<[string, object, Record<string, string>, number, string[]]>([
  ['six fields', { schedule: '30 0 12 * * *' }, {}, DAY_MS, ['2026-01-05T12:00:30']],
  ['five fields', { schedule: '15 12 * * *' }, {}, DAY_MS, ['2026-01-05T12:15:00']],
  ['names of days', { schedule: '0 0 8 * * Tue' }, {}, 2 * DAY_MS, ['2026-01-06T08:00:00']],
  ['both day fields', { schedule: '0 0 0 13 * Fri' }, {}, 60 * DAY_MS, ['2026-02-13T00:00:00']],
  [
    'a time span',
    { schedule: '08:00:00' },
    {},
    DAY_MS,
    ['2026-01-05T17:00:00', '2026-01-06T01:00:00', '2026-01-06T09:00:00'],
  ],
  ['a setting', { schedule: '%WHEN%' }, { WHEN: '0 0 10 * * *' }, DAY_MS, ['2026-01-05T10:00:00']],
  ['a zone', { schedule: '0 0 9 * * *' }, { WEBSITE_TIME_ZONE: 'America/New_York' }, DAY_MS, ['2026-01-05T14:00:00']],
  [
    "a zone of Windows'",
    { schedule: '0 0 9 * * *' },
    { WEBSITE_TIME_ZONE: 'Pacific Standard Time' },
    DAY_MS,
    ['2026-01-05T17:00:00'],
  ],
])('fires by %s', async (_, options, env, ms, expected) => {
  const h = await host({ app: timerApp(options), env });
  await h.advance(ms);
  expect(await instants(h)).toEqual(expected);
});

test("a zone's change of hours moves the instant, not the local time", async () => {
  const env = { WEBSITE_TIME_ZONE: 'Europe/Berlin' };
  const app = timerApp({ schedule: '0 0 9 * * *' });
  const h = await host({ app, env, startAt: '2026-03-28T00:00:00Z' });
  await h.advance('48h');
  expect(await instants(h)).toEqual(['2026-03-28T08:00:00', '2026-03-29T07:00:00']);
});

test.each([
  [
    'WEBSITE_TIME_ZONE',
    { schedule: '0 0 9 * * *' },
    { WEBSITE_TIME_ZONE: 'Nowhere' },
    /WEBSITE_TIME_ZONE is 'Nowhere'/,
  ],
  ['a missing setting', { schedule: '%NONE%' }, {}, /'t' has the schedule '%NONE%'.*no setting 'NONE'/],
  ['seven fields', { schedule: '0 0 0 9 * * *' }, {}, /'t' has the schedule '0 0 0 9 \* \* \*'.*7 fields/],
])('refuses %s', async (_, options, env, message) => {
  await expect(host({ app: timerApp(options), env: env as Record<string, string> })).rejects.toThrow(message);
});

test('runOnStartup runs once at the start; schedules below a minute have no status', async () => {
  const h = await host({ app: timerApp({ schedule: '*/20 * * * * *', runOnStartup: true }) });
  await h.advance('45s');
  expect(await instants(h)).toEqual(['2026-01-05T09:00:00', '2026-01-05T09:00:20', '2026-01-05T09:00:40']);
  expect((await seen(h))[1]?.[1]).toEqual({ isPastDue: false, schedule: { adjustForDST: true }, scheduleStatus: null });
});

describe('over a restart', () => {
  /** A data folder at 15:30 whose timer ran last at 10:00. */
  const left = async (): Promise<string> => {
    const data = tempFolder();
    const other = await host({ app: tempApp({ 'a.js': `${USES}app.http('x', { handler: () => ({}) });` }), data });
    await other.advanceTo('2026-01-05T15:30:00Z');
    await other.stop();
    const status = { last: Date.parse('2026-01-05T10:00:00Z'), next: Date.parse('2026-01-05T11:00:00Z'), updated: 0 };
    writeFileSync(path.join(data, 'timers.json'), JSON.stringify({ t: status }));
    return data;
  };

  test('a run missed while the host was down is made up for, once, and says so', async () => {
    const h = await host({ app: timerApp({ schedule: '0 0 * * * *' }), data: await left() });
    await h.idle();
    const [run] = await seen(h);
    expect(run?.[1]).toMatchObject({ isPastDue: true, scheduleStatus: { last: '2026-01-05T10:00:00+00:00' } });
    await h.advance(HOUR_MS);
    expect((await seen(h)).map(([, timer]) => timer.isPastDue)).toEqual([true, false]);
  });

  test('a host leaves behind what the next one needs', async () => {
    const data = tempFolder();
    const h = await host({ app: timerApp({ schedule: '0 0 * * * *' }), data });
    await h.advance('90m');
    await h.stop();
    const text = readFileSync(path.join(data, 'timers.json'), 'utf8');
    expect((JSON.parse(text) as { t: object }).t).toMatchObject({ next: Date.parse('2026-01-05T11:00:00Z') });
  });

  test('useMonitor: false forgets', async () => {
    const h = await host({ app: timerApp({ schedule: '0 0 * * * *', useMonitor: false }), data: await left() });
    await h.idle();
    expect(await seen(h)).toEqual([]);
  });
});

describe('retries', () => {
  const retryApp = (retry: string): string =>
    tempApp({
      'a.js':
        USES +
        `const seen = []; app.timer('t', { schedule: '0 0 10 * * *', retry: ${retry}, handler: (timer, context) => {
          seen.push([new Date().toISOString().slice(11, 19), context.retryContext?.retryCount ?? 0, context.retryContext?.exception?.message]);
          if (seen.length < 4) throw new Error('no ' + seen.length);
        } }); app.http('seen', { handler: () => ({ jsonBody: seen }) });`,
    });

  test('a fixed delay passes on the clock, and the function sees what failed', async () => {
    const h = await host({
      app: retryApp("{ strategy: 'fixedDelay', maxRetryCount: 5, delayInterval: { minutes: 2 } }"),
    });
    await h.advance('3h');
    expect(await seen(h)).toEqual([
      ['10:00:00', 0, null],
      ['10:02:00', 1, 'no 1'],
      ['10:04:00', 2, 'no 2'],
      ['10:06:00', 3, 'no 3'],
    ]);
  });

  test('delays grow up to the maximum', async () => {
    const retry =
      "{ strategy: 'exponentialBackoff', maxRetryCount: 5, minimumInterval: { seconds: 10 }, maximumInterval: { seconds: 15 } }";
    const h = await host({ app: retryApp(retry) });
    await h.advance('3h');
    expect((await seen(h)).map(([at]) => at)).toEqual(['10:00:00', '10:00:10', '10:00:25', '10:00:40']);
  });

  test('end after maxRetryCount', async () => {
    const h = await host({ app: retryApp("{ strategy: 'fixedDelay', maxRetryCount: 1, delayInterval: 1000 }") });
    await h.advance('3h');
    expect(await seen(h)).toHaveLength(2);
  });
});

describe('which functions run', () => {
  const files = {
    'a.js':
      USES +
      "app.http('one', { handler: () => ({ body: 'one' }) }); app.http('two', { handler: () => ({ body: 'two' }) });",
  };

  test('AzureWebJobs.<name>.Disabled keeps one out, and /admin/functions says so', async () => {
    const h = await host({ app: tempApp(files), env: { 'AzureWebJobs.one.Disabled': 'true' } });
    expect((await send(h, 'GET', '/api/one')).status).toBe(404);
    expect((await send(h, 'GET', '/api/two')).text).toBe('two');
    const all = (await send(h, 'GET', '/admin/functions')).json as { name: string; isDisabled: boolean }[];
    expect(all.map((f) => [f.name, f.isDisabled])).toEqual([
      ['two', false],
      ['one', true],
    ]);
    expect((await send(h, 'GET', '/admin/functions/one/status')).json).toEqual({ isDisabled: true });
  });

  test('host.json "functions" names those that run', async () => {
    const h = await host({ app: tempApp({ ...files, 'host.json': { version: '2.0', functions: ['two'] } }) });
    expect((await send(h, 'GET', '/api/one')).status).toBe(404);
    expect((await send(h, 'GET', '/api/two')).text).toBe('two');
  });
});
