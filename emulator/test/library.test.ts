/** The library: host.client, durations, idleness, histories, several hosts in one process, and what a broken app does. */
import type { Host } from '../index';
import { stopAllHosts } from '../index';
import { host, stopAll } from './support';
import { USES, tempApp } from './tempApp';

afterEach(stopAll);

const app = tempApp({
  'a.js':
    USES +
    `df.app.orchestration('week', function* (c) {
      for (let day = 0; day < 7; day++) yield c.df.createTimer(new Date(c.df.currentUtcDateTime.getTime() + 86400000));
      return c.df.currentUtcDateTime.toISOString();
    });
    df.app.orchestration('ask', function* (c) {
      c.df.setCustomStatus({ asked: c.df.getInput() });
      return yield c.df.waitForExternalEvent('Answer');
    });
    df.app.orchestration('bad', function* () { throw new Error('went wrong'); });
    df.app.entity('counter', (c) => {
      const n = c.df.getState(() => 0);
      if (c.df.operationName === 'add') c.df.setState(n + c.df.getInput());
    });`,
});

describe('host.client', () => {
  let h: Host;
  beforeEach(async () => void (h = await host({ app })));

  test('starts, asks, answers, and reads histories', async () => {
    const id = await h.client.startNew('ask', { instanceId: 'a b#1', input: { q: 1 } });
    await h.idle();
    expect(id).toBe('a b#1');
    expect(await h.client.getStatus(id)).toMatchObject({
      runtimeStatus: 'Running',
      input: { q: 1 },
      customStatus: { asked: { q: 1 } },
    });
    await h.client.raiseEvent(id, 'Answer', [42]);
    expect((await h.waitFor(id)).output).toEqual([42]);
    expect((await h.history(id)).map((e) => e.EventType)).toEqual([
      'ExecutionStarted',
      'EventRaised',
      'ExecutionCompleted',
    ]);
  });

  test('an id is drawn when none is given, an input may be left out', async () => {
    const id = await h.client.startNew('ask');
    await h.idle();
    expect(await h.client.getStatus(id)).toMatchObject({ input: null, customStatus: { asked: null } });
  });

  test('suspends, resumes, terminates, restarts, purges', async () => {
    const { client } = h;
    await client.startNew('ask', { instanceId: 'x', input: 1 });
    await h.idle();
    await client.suspend('x', 'why? & how');
    await h.idle();
    expect(await client.getStatus('x')).toMatchObject({ runtimeStatus: 'Suspended', output: 'why? & how' });
    await client.resume('x');
    await h.idle();
    await client.terminate('x', 'enough');
    await h.idle();
    expect(await client.getStatus('x')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    const again = await client.restart('x');
    await h.idle();
    expect(await client.getStatus(again)).toMatchObject({ runtimeStatus: 'Running', input: 1 });
    expect(await client.purgeInstanceHistory('x')).toEqual({ instancesDeleted: 1 });
    expect(await client.purgeInstanceHistory('x')).toEqual({ instancesDeleted: 0 });
    await expect(client.getStatus('x')).rejects.toThrow("The status of 'x' failed: not found");
  });

  test('lists by status and prefix over pages; purges by filter, but never what runs', async () => {
    const { client } = h;
    for (let i = 0; i < 150; i++) await client.startNew('bad', { instanceId: `bad-${i}` });
    await client.startNew('ask', { instanceId: 'open' });
    await h.idle();
    expect(await client.getStatusAll()).toHaveLength(151);
    expect(await client.getStatusBy({ runtimeStatus: ['Running'] })).toHaveLength(1);
    expect(await client.getStatusBy({ instanceIdPrefix: 'bad-14' })).toHaveLength(11);
    await expect(client.purgeInstanceHistoryBy({ createdTimeFrom: '2000-01-01' })).rejects.toThrow('statuses');
    await expect(
      client.purgeInstanceHistoryBy({ createdTimeFrom: '2000-01-01', runtimeStatus: ['Running'] }),
    ).rejects.toThrow('Running');
    const purged = await client.purgeInstanceHistoryBy({ createdTimeFrom: '2000-01-01', runtimeStatus: ['Failed'] });
    expect([purged, (await client.getStatusAll()).map((s) => s.instanceId)]).toEqual([
      { instancesDeleted: 150 },
      ['open'],
    ]);
  });

  test('signals and reads entities with any key', async () => {
    const entity = { name: 'counter', key: 'a b?c#d&e%' };
    expect(await h.client.readEntityState(entity)).toEqual({ entityExists: false });
    await h.client.signalEntity(entity, 'add', 2);
    await h.client.signalEntity(entity, 'add', 3);
    await h.idle();
    expect(await h.client.readEntityState<number>(entity)).toEqual({ entityExists: true, entityState: 5 });
    expect(await h.client.listEntities({ name: 'counter' })).toHaveLength(1);
  });

  test('what cannot be done is an error that says why', async () => {
    await h.client.startNew('bad', { instanceId: 'done' });
    await h.idle();
    await expect(h.client.raiseEvent('done', 'Answer', 1)).rejects.toThrow(
      "event 'Answer' for 'done' failed: it has ended",
    );
    await expect(h.client.readEntityState({ name: 'counter', key: 'a/b' })).rejects.toThrow("'a/b' holds a '/'");
    await expect(h.client.terminate('nobody')).rejects.toThrow("terminate of 'nobody' failed: not found");
    await h.client.startNew('ask', { instanceId: 'twice' });
    await h.idle();
    await expect(h.client.startNew('ask', { instanceId: 'twice' })).rejects.toThrow('status Running already exists');
  });
});

test('a week of timers takes milliseconds', async () => {
  const h = await host({ app });
  const id = await h.client.startNew('week');
  const began = performance.now();
  await h.advance('7d');
  // Of real time: anything but the week itself.
  expect(performance.now() - began).toBeLessThan(20_000);
  expect((await h.client.getStatus(id)).output).toBe('2026-01-12T09:00:00.000Z');
});

test.each<[string | number, string]>([
  [1500, '2026-01-05T09:00:01.500Z'],
  ['90m', '2026-01-05T10:30:00.000Z'],
  ['1d 2h', '2026-01-06T11:00:00.000Z'],
  ['1.5h', '2026-01-05T10:30:00.000Z'],
  ['2w', '2026-01-19T09:00:00.000Z'],
  ['P1DT12H', '2026-01-06T21:00:00.000Z'],
  ['PT0.25S', '2026-01-05T09:00:00.250Z'],
  ['00:05:00', '2026-01-05T09:05:00.000Z'],
  ['2.00:00:00', '2026-01-07T09:00:00.000Z'],
])('advance(%j)', async (by, expected) => {
  const h = await host({ app });
  await h.advance(by);
  expect((await h.now()).toISOString()).toBe(expected);
});

test.each(['soon', '', '5 parsecs', 'P', 'PT', -1, Number.NaN, '1M'])('advance(%j) is refused', async (by) => {
  const h = await host({ app });
  await expect(h.advance(by)).rejects.toThrow('Expected: milliseconds');
});

test('hosts side by side have their own clocks, keys, instances and modules', async () => {
  const [a, b] = await Promise.all([host({ app }), host({ app, startAt: '2030-06-01T00:00:00Z', seed: 2 })]);
  await Promise.all([a.client.startNew('week', { instanceId: 'w' }), b.client.startNew('week', { instanceId: 'w' })]);
  await b.advance('7d');
  expect((await b.client.getStatus('w')).output).toBe('2030-06-08T00:00:00.000Z');
  expect((await a.client.getStatus('w')).runtimeStatus).toBe('Running');
  await a.client.signalEntity({ name: 'counter', key: 'k' }, 'add', 1);
  await a.idle();
  expect(await b.client.readEntityState({ name: 'counter', key: 'k' })).toEqual({ entityExists: false });
});

test('without a port, the usual one is taken or any that is free; one that was given is refused when in use', async () => {
  const [a, b] = await Promise.all([{ port: undefined }, { port: undefined }].map((o) => host({ app, ...o })));
  expect(a?.port).not.toBe(b?.port);
  expect((await fetch(`${b?.url}/admin/host/ping`)).status).toBe(200);
  await expect(host({ app, port: b?.port })).rejects.toThrow(`Port ${b?.port} is in use`);
});

test('options that no host can have are named', async () => {
  await expect(host({ app: undefined })).rejects.toThrow("startHost needs the app's folder");
  await expect(host({ app, clock: 'fast' as 'auto' })).rejects.toThrow(
    "clock is 'fast'. Expected: real, auto, manual.",
  );
});

test('stopAllHosts stops what is left open', async () => {
  const h = await host({ app });
  expect(await stopAllHosts()).toBeGreaterThanOrEqual(1);
  await expect(h.now()).rejects.toThrow('stopped');
});

test('an unhandled rejection in the app is told to onFailure', async () => {
  const broken = tempApp({
    'a.js': `${USES}app.http('h', { handler: () => { void Promise.reject(new Error('forgotten')); return {}; } });`,
  });
  const failure = new Promise<Error>((resolve) => {
    void host({ app: broken, onFailure: resolve }).then((h) => fetch(`${h.url}/api/h`).catch(() => undefined));
  });
  expect((await failure).message).toContain('forgotten');
});
