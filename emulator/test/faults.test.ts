/**
 * Seeded faults: whatever is lost, doubled, delayed or reordered, a story ends as it ends without. RUNS=1000 tells it that
 * often; a run that fails prints its seed and its faults.
 */
import path from 'node:path';
import type { Fault, FaultOptions, Host, RealmResponse } from '../index';
import { outcomeOf, tellStory, type Teller } from './faultStory';
import { host, run, send, stopAll } from './support';

/** Simulated runs here; those that kill a process are in killed.test.ts. */
const RUNS = Math.max(1, Number(process.env.RUNS ?? 100) - 5);
const RATES: Omit<FaultOptions, 'seed'> = { crash: 0.15, duplicate: 0.2, delay: 0.2, reorder: 0.5, slowStorage: 0.02 };

jest.setTimeout(60_000 + RUNS * 1000);
afterAll(stopAll);

const outside = { module: path.join(__dirname, 'apps', 'outside.js'), options: { inputs: [] } };
const headers = { 'content-type': 'application/json' };

/** Without sockets: what comes while the host is at work does not depend on the machine's speed. */
const tellerOf = (h: Host): Teller => ({
  async send(method, target, body) {
    const reply = (await h.call('request', { method, path: target, headers, body })) as RealmResponse;
    return { status: reply.status, json: reply.body === '' ? null : JSON.parse(reply.body) };
  },
  settle: () => h.runUntilIdle(),
  pass: (ms) => h.advanceBy(ms),
});

/** At-least-once activities may signal more often than the story asks, never less. */
function judge(got: Record<string, unknown>, expected: Record<string, unknown>): void {
  expect(got['@count']).toBeGreaterThanOrEqual(expected['@count'] as number);
  expect({ ...got, '@count': 0 }).toEqual({ ...expected, '@count': 0 });
}

test(`${RUNS} runs with faults end as the one without`, async () => {
  const h = await host({ outside, faults: { seed: 0 } });
  const teller = tellerOf(h);
  await tellStory(teller, 'none');
  const expected = await outcomeOf(teller, 'none');
  expect(await h.faults()).toEqual([]);
  expect(expected).toMatchObject({ '@count': 10, waitOne: { runtimeStatus: 'Completed', output: { at: 'last' } } });
  const made: Record<string, number> = {};
  for (let seed = 1; seed <= RUNS; seed++) {
    await h.setFaults({ seed, ...RATES });
    await tellStory(teller, `s${seed}-`);
    const faults = await h.faults();
    for (const f of faults) made[f.kind] = (made[f.kind] ?? 0) + 1;
    await h.setFaults(null);
    try {
      judge(await outcomeOf(teller, `s${seed}-`), expected);
    } catch (error) {
      throw new Error(`seed ${seed}, faults:\n${faults.map(line).join('\n')}\n${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  for (const kind of ['crashBefore', 'crashAfter', 'runTwice', 'deliverTwice', 'delay', 'reorder', 'slow']) {
    expect([kind, made[kind] ?? 0]).toEqual([kind, expect.any(Number)]);
    if (RUNS > 20) expect(made[kind]).toBeGreaterThan(RUNS / 10);
  }
});

const line = (f: Fault): string => `${f.number} ${f.kind} ${new Date(f.atMs).toISOString()} ${f.target}`;

test('the same seed makes the same faults and the same histories, another one others', async () => {
  const tell = async (seed: number): Promise<[Fault[], string]> => {
    const h = await host({ outside, faults: { seed, ...RATES, earlyTimers: 0.5, slowStorage: 0 } });
    const teller = tellerOf(h);
    // one thing at a time: then nothing depends on when a request comes
    const send: Teller['send'] = async (...request) => {
      const reply = await teller.send(...request);
      await h.runUntilIdle();
      return reply;
    };
    await tellStory({ ...teller, send }, 'x');
    const result: [Fault[], string] = [await h.faults(), JSON.stringify(await h.dump())];
    await h.stop();
    return result;
  };
  const [a, b, c] = [await tell(5), await tell(5), await tell(6)];
  expect(a[0].length).toBeGreaterThan(20);
  expect(b[0]).toEqual(a[0]);
  expect(b[1] === a[1]).toBe(true);
  expect(c[0]).not.toEqual(a[0]);
});

test('a run says its seed and each fault in the log', async () => {
  const lines: string[] = [];
  const h = await host({ faults: { seed: 77, crash: 1 }, log: (l) => lines.push(l.message) });
  expect(await run(h, 'chain')).toMatchObject({ runtimeStatus: 'Completed' });
  expect(lines.join('\n')).toMatch(/faults with \{"seed":77,"crash":1\}[^]*fault 1: crash\w+ at 2026-01-05T09:00:00/);
});

test('every step crashing, the host still gets on', async () => {
  const h = await host({ faults: { seed: 1, crash: 1 } });
  expect(await run(h, 'fanOut', 10)).toMatchObject({ runtimeStatus: 'Completed', output: 285 });
});

test('a failing activity fails as one of the app would, and retries meet it again', async () => {
  const h = await host({ faults: { seed: 1, failActivities: 1 } });
  const failed = await run(h, 'chain');
  expect(failed).toMatchObject({ runtimeStatus: 'Failed' });
  expect(failed.output).toContain('Injected fault 1 (seed 1)');
  await h.setFaults(null);
  expect(await run(h, 'chain', undefined, 'fine')).toMatchObject({ runtimeStatus: 'Completed' });
});

test('a delayed answer comes later on the clock when that is asked for', async () => {
  const h = await host({ faults: { seed: 3, delay: 1, delayMs: 5000 } });
  expect(await run(h, 'chain')).toMatchObject({ runtimeStatus: 'Running' });
  await h.advanceBy(15_000);
  expect(await run(h, 'chain', undefined, 'again')).toMatchObject({ runtimeStatus: 'Running' });
});

test('timers fire up to a second early, never late', async () => {
  const h = await host({ faults: { seed: 9, earlyTimers: 0.5 }, clock: 'auto' });
  const early: number[] = [];
  for (let i = 0; i < 20; i++) {
    const id = `sleep-${i}`;
    await send(h, 'POST', `/runtime/webhooks/durabletask/orchestrators/sleep/${id}`, { ms: 60_000 });
    const { at, now } = (await h.waitFor(id)).output as { at: string; now: string };
    early.push(Date.parse(at) - Date.parse(now));
  }
  expect(Math.min(...early)).toBe(0);
  expect(Math.max(...early)).toBeGreaterThan(0);
  expect(Math.max(...early)).toBeLessThanOrEqual(1000);
});

test('a clock that jumps makes timers late; what comes from outside meanwhile still goes first', async () => {
  const startAt = '2026-01-01T00:00:00Z';
  const approval = '/runtime/webhooks/durabletask/instances/two/raiseEvent/Approval';
  const inputs = [{ at: '2026-01-01T00:01:00.001Z', method: 'POST', path: approval, body: 'true', headers }];
  const late: number[] = [];
  for (let seed = 1; seed <= 5; seed++) {
    const h = await host({
      clock: 'manual',
      startAt,
      outside: { ...outside, options: { inputs } },
      faults: { seed, clockJumps: 1, clockJumpMs: 30_000 },
    });
    await send(h, 'POST', '/runtime/webhooks/durabletask/orchestrators/sleep/one', { ms: 60_000 });
    await send(h, 'POST', '/runtime/webhooks/durabletask/orchestrators/race/two', { ms: 60_000 });
    await h.advanceBy(120_000);
    const { at, now } = (await h.waitFor('one')).output as { at: string; now: string };
    late.push(Date.parse(now) - Date.parse(at));
    expect((await h.waitFor('two')).output).toMatchObject({ won: 'event' });
    expect((await h.faults()).map(({ kind }) => kind)).toContain('jump');
    await h.stop();
  }
  expect(Math.min(...late)).toBeGreaterThan(0);
  expect(Math.max(...late)).toBeLessThanOrEqual(30_000);
});

test.each<[FaultOptions, string]>([
  [{ seed: 1.5 }, 'faults.seed is 1.5; an integer was expected'],
  [{ seed: 1, crash: 2 }, 'faults.crash is 2; a rate from 0 to 1 was expected'],
  [{ seed: 1, delay: Number.NaN }, 'faults.delay is NaN'],
  [{ seed: 1, delayMs: -1 }, 'faults.delayMs is -1'],
  [{ seed: 1, clockJumpMs: -1 }, 'faults.clockJumpMs is -1'],
])('a plan of %j is refused', async (faults, message) => {
  await expect(host({ faults })).rejects.toThrow(message);
});
