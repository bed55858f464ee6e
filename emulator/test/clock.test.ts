/**
 * The virtual clock: modes, order within an instant, the outside hook, waits inside the packages, determinism, faults.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MANAGEMENT, START, begin, host, raise, run, send, status, stopAll } from './support';

afterEach(stopAll);

const DAY = 86_400_000;
const outside = path.join(__dirname, 'apps', 'outside.js');
const later = (ms: number): string => new Date(Date.parse(START) + ms).toISOString();

describe('auto', () => {
  test('weeks of timers pass in milliseconds, at exact instants', async () => {
    const h = await host({ clock: 'auto' });
    const began = performance.now();
    await begin(h, 'sleep', { ms: 70 * DAY });
    const done = await h.waitFor('sleep');
    expect(performance.now() - began).toBeLessThan(30_000);
    const { start } = done.output as { start: string };
    const at = new Date(Date.parse(start) + 70 * DAY).toISOString();
    expect(done.output).toEqual({ start, at, now: at });
    // 70 days are sliced: 3 days each until at most 6 are left
    const { historyEvents } = await status(h, 'sleep', '?showHistory=true');
    expect((historyEvents as { EventType: string }[]).filter((e) => e.EventType === 'TimerFired')).toHaveLength(23);
  });

  test('stands still when nothing is due, also for timer triggers alone', async () => {
    const h = await host({ clock: 'auto' });
    expect(await run(h, 'waitOne')).toMatchObject({ runtimeStatus: 'Running' });
    const before = await h.now();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await h.now()).toEqual(before);
  });

  test('does not move for a timer that nobody waits for any more', async () => {
    const h = await host({ clock: 'auto' });
    await h.setClock('manual');
    await begin(h, 'race', { ms: DAY });
    await raise(h, 'race', 'Approval', 1);
    await h.setClock('auto');
    expect((await h.waitFor('race')).output).toMatchObject({ won: 'event' });
    await h.runUntilIdle();
    expect(await h.now()).toEqual(new Date(START));
  });

  test('goes no further than stopAt', async () => {
    const h = await host({ clock: 'auto', stopAt: later(DAY) });
    await begin(h, 'sleep', { ms: 2 * DAY });
    await h.runUntilIdle();
    expect(await status(h, 'sleep')).toMatchObject({ runtimeStatus: 'Running' });
    expect((await h.now()).getTime()).toBeLessThanOrEqual(Date.parse(later(DAY)));
  });

  test("the client's waits pass on the clock: an orchestration of 5 s is waited for in far less", async () => {
    const h = await host({ clock: 'auto' });
    const began = performance.now();
    const reply = await send(h, 'POST', '/api/startwait/sleep', { ms: 5000 });
    expect(reply.status).toBe(200);
    expect(performance.now() - began).toBeLessThan(30_000);
    const late = await send(h, 'POST', '/api/startwait/sleep', { ms: 60_000 });
    expect(late.status).toBe(202);
    const waited = await send(h, 'POST', `${MANAGEMENT}/orchestrators/sleep?timeout=30&pollingInterval=1`, {
      ms: 20_000,
    });
    expect(waited.status).toBe(200);
    expect(performance.now() - began).toBeLessThan(60_000);
  });

  test('manual to auto starts the jumping', async () => {
    const h = await host();
    await run(h, 'sleep', { ms: 3 * DAY });
    expect(await h.now()).toEqual(new Date(START));
    await h.setClock('auto');
    expect((await h.waitFor('sleep')).runtimeStatus).toBe('Completed');
    await expect(h.advanceBy(1)).rejects.toThrow('manual');
  });

  test('is not moved while an activity is at work', async () => {
    const h = await host({ clock: 'auto' });
    await begin(h, 'sleep', { ms: DAY }, 'timer');
    await h.waitFor('timer');
    const before = await h.now();
    await begin(h, 'slowAndTimer');
    const done = await h.waitFor('slowAndTimer');
    expect(done.output).toEqual({ activityEndedAt: before.toISOString() });
  });
});

describe('manual', () => {
  test('runs everything due on the way, in order, and ends at the instant asked for', async () => {
    const h = await host();
    await begin(h, 'sleep', { ms: 2000 }, 'b');
    await begin(h, 'sleep', { ms: 1000 }, 'a');
    await h.runUntilIdle();
    await h.advanceTo(later(1500));
    expect([await status(h, 'a'), await status(h, 'b')]).toMatchObject([
      { runtimeStatus: 'Completed', lastUpdatedTime: '2026-01-05T09:00:01Z' },
      { runtimeStatus: 'Running' },
    ]);
    expect(await h.now()).toEqual(new Date(later(1500)));
  });

  test('timer triggers fire at their NCRONTAB instants', async () => {
    const h = await host();
    await h.advanceBy(DAY);
    const ticks = (await send(h, 'GET', '/api/ticks')).json as [string, { scheduleStatus: object }][];
    expect(ticks.map((t) => t[0])).toEqual([
      '2026-01-05T12:00:00.000Z',
      '2026-01-05T18:00:00.000Z',
      '2026-01-06T00:00:00.000Z',
      '2026-01-06T06:00:00.000Z',
    ]);
    // the status before the run, as the real host gives it
    expect(ticks[0]?.[1].scheduleStatus).toEqual({
      last: '0001-01-01T00:00:00',
      lastUpdated: '0001-01-01T00:00:00',
      next: '2026-01-05T12:00:00+00:00',
    });
    expect(ticks[1]?.[1].scheduleStatus).toEqual({
      last: '2026-01-05T12:00:00+00:00',
      lastUpdated: '2026-01-05T12:00:00+00:00',
      next: '2026-01-05T18:00:00+00:00',
    });
  });

  test('a storm of 2,000 timers over a year fires each at its own instant', async () => {
    const h = await host({ outside: { module: outside, options: { inputs: [] } } });
    await h.call('starts', { name: 'sleep', count: 2000, input: { ms: 5 * DAY } });
    await h.advanceBy(365 * DAY);
    const stats = await h.stats();
    expect(stats).toMatchObject({ instances: 2000, replays: 4000 });
    expect((await status(h, 'sleep-1999')).output).toMatchObject({ now: later(5 * DAY) });
  });
});

describe('outside', () => {
  const approve = (at: string) => ({
    at,
    method: 'POST',
    path: `${MANAGEMENT}/instances/race/raiseEvent/Approval`,
    headers: { 'content-type': 'application/json' },
    body: '"outside"',
  });

  test('an input at the instant of a timer comes before it', async () => {
    const h = await host({ outside: { module: outside, options: { inputs: [approve(later(60_000))] } } });
    await begin(h, 'race', { ms: 60_000 });
    await h.advanceBy(60_000);
    expect((await status(h, 'race')).output).toEqual({ won: 'event', value: 'outside' });
  });

  test('an input one millisecond later comes after it', async () => {
    const h = await host({ outside: { module: outside, options: { inputs: [approve(later(60_001))] } } });
    await begin(h, 'race', { ms: 60_000 });
    await h.advanceBy(60_001);
    expect((await status(h, 'race')).output).toEqual({ won: 'timer' });
  });

  test('all inputs of an instant count before any orchestrator runs on them', async () => {
    const event = (n: number) => ({
      ...approve(later(1000)),
      path: `${MANAGEMENT}/instances/w/raiseEvent/E`,
      body: String(n),
    });
    const messages: { status: number }[] = [];
    const h = await host({
      outside: { module: outside, options: { inputs: [event(1), event(2), event(3)] } },
      onMessage: (m) => messages.push(m as { status: number }),
    });
    await run(h, 'waitSeq', undefined, 'w');
    const before = (await h.stats()).replays;
    await h.advanceBy(1000);
    expect((await h.stats()).replays - before).toBe(1);
    expect((await status(h, 'w')).output).toEqual([1, 2, 3]);
    expect(messages.map((m) => m.status)).toEqual([202, 202, 202]);
  });

  test('events of one instant that continue-as-new has not seen yet are carried over', async () => {
    const item = (n: number) => ({
      ...approve(later(1000)),
      path: `${MANAGEMENT}/instances/c/raiseEvent/Item`,
      body: String(n),
    });
    const h = await host({ outside: { module: outside, options: { inputs: [item(1), item(2), item(3)] } } });
    await run(h, 'eternalEvents', { seen: [] }, 'c');
    await h.advanceBy(1000);
    expect((await status(h, 'c')).output).toEqual([1, 2, 3]);
  });

  test('nextAt is asked anew: an input that came up while running is not missed', async () => {
    const times: { at: string }[] = [];
    const http = { at: later(1000), method: 'GET', path: '/api/time', thenAfterMs: 500 };
    const h = await host({
      outside: { module: outside, options: { inputs: [http] } },
      onMessage: (m) => times.push(m as { at: string }),
    });
    await h.advanceBy(10_000);
    expect(times.map((t) => t.at)).toEqual([later(1000), later(1500)]);
  });

  test('call() goes through to it, errors included', async () => {
    const h = await host({ outside: { module: outside, options: { inputs: [] } } });
    expect(await h.call('hello', { a: 1 })).toEqual({
      name: 'hello',
      payload: { a: 1 },
      now: Date.parse(START),
      instances: 0,
    });
    await expect(h.call('fail')).rejects.toThrow('outside says no');
  });
});

describe('determinism', () => {
  const story = async (seed: number): Promise<string> => {
    const event = (at: number, n: number) => ({
      at: later(at),
      method: 'POST',
      path: `${MANAGEMENT}/instances/waitSeq-0/raiseEvent/E`,
      headers: { 'content-type': 'application/json' },
      body: String(n),
    });
    const h = await host({
      seed,
      outside: { module: outside, options: { inputs: [event(10, 1), event(20, 2), event(20, 3)] } },
    });
    for (const name of ['signalers', 'parent', 'entities', 'locked', 'retryOk', 'waitSeq', 'guids', 'eternal']) {
      await h.call('starts', {
        name,
        count: 3,
        input: name === 'eternal' ? { n: 0 } : name === 'locked' ? { key: 'k', hold: 10 } : 'x',
      });
      await h.runUntilIdle();
    }
    await h.advanceBy(DAY);
    return JSON.stringify(await h.dump());
  };

  test('two runs with one seed are the same to the byte', async () => {
    const [a, b, c] = [await story(7), await story(7), await story(8)];
    expect(a.length).toBeGreaterThan(10_000);
    expect(firstDifference(a, b)).toBe('');
    expect(firstDifference(a, c)).not.toBe('');
  });
});

/** The surroundings of the first difference; empty when there is none. */
function firstDifference(a: string, b: string): string {
  if (a === b) return '';
  let i = 0;
  while (a[i] === b[i]) i++;
  return `${a.slice(Math.max(0, i - 80), i + 80)} <> ${b.slice(Math.max(0, i - 80), i + 80)}`;
}

test('early timers fire up to the given time early, and the orchestrator sees it', async () => {
  const h = await host({ earlyTimersMs: 900, seed: 3, outside: { module: outside, options: { inputs: [] } } });
  await h.call('starts', { name: 'sleep', count: 40, input: { ms: 60_000 } });
  await h.advanceBy(DAY);
  const early: number[] = [];
  for (let i = 0; i < 40; i++) {
    const { at, now } = (await status(h, `sleep-${i}`)).output as { at: string; now: string };
    early.push(Date.parse(at) - Date.parse(now));
  }
  expect(Math.min(...early)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...early)).toBeLessThanOrEqual(900);
  expect(early.filter((e) => e > 0).length).toBeGreaterThan(20);
});

test('a long timer that fires early still ends', async () => {
  const h = await host({ earlyTimersMs: 900, seed: 3 });
  await begin(h, 'sleep', { ms: 20 * DAY });
  await h.advanceBy(21 * DAY);
  expect(await status(h, 'sleep')).toMatchObject({ runtimeStatus: 'Completed' });
});

test('on a real clock timers take their time, and activities run side by side', async () => {
  const h = await host({ clock: 'real' });
  const began = Date.now();
  await begin(h, 'sleep', { ms: 1500 });
  await begin(h, 'slowPair', 1500);
  await Promise.all([h.waitFor('sleep'), h.waitFor('slowPair')]);
  const took = Date.now() - began;
  expect(took).toBeGreaterThanOrEqual(1490);
  expect(took).toBeLessThan(2980);
  await expect(h.setClock('auto')).rejects.toThrow('real');
});

test('captureTo writes every trigger payload in order', async () => {
  const file = path.join(os.tmpdir(), `emulator-capture-${process.pid}.jsonl`);
  const h = await host({ captureTo: file });
  await run(h, 'chain');
  await send(h, 'POST', '/api/mirror/x', { a: 1 });
  await h.stop();
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l) as { name: string; inputs: { data: { http?: { body: unknown } } }[] });
  expect(lines.map((l) => l.name)).toEqual(['chain', 'hello', 'chain', 'hello', 'chain', 'hello', 'chain', 'mirror']);
  expect(lines[7]?.inputs[0]?.data.http?.body).toEqual({
    bytes: { base64: Buffer.from('{"a":1}').toString('base64') },
  });
});

test('the dump holds inputs, outputs, histories and entity states', async () => {
  const h = await host();
  await run(h, 'chainInput', { secret: 'needle-input' });
  await run(h, 'entities', 'needle-key');
  await raise(h, 'none', 'x', 1);
  const text = JSON.stringify(await h.dump());
  for (const part of ['needle-input', '@counter@needle-key', '"state":"7"', 'ExecutionId'])
    expect(text).toContain(part);
});
