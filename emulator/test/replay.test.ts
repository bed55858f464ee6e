/**
 * Replaying recorded histories against today's code: the same code replays the same, whatever the orchestrator does; each
 * breaking change is found at the event where it begins, and what an instance in flight would not notice is only remarked.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { replayHistory, replayText, type HistoryFile } from '../replay/index';
import { APP, MANAGEMENT, begin, host, raise, send, stopAll } from './support';

const ORDERS = path.join(__dirname, 'apps', 'replay');
const CONFORMANCE = path.join(__dirname, 'apps', 'conformance');
const DAY = 86_400_000;

let folder: string;
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'replay-test-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(stopAll);

type Running = Awaited<ReturnType<typeof host>>;

async function exported(h: Running, id: string, children = false): Promise<HistoryFile> {
  const reply = await send(h, 'GET', `/admin/instances/${encodeURIComponent(id)}/history?children=${children}`);
  expect(reply.status).toBe(200);
  return reply.json as HistoryFile;
}

/** An order that was paid after a day and runs to its end. */
async function order(until: 'end' | 'waiting' = 'end'): Promise<HistoryFile> {
  const h = await host({ app: ORDERS });
  await begin(h, 'order', 'o1', 'o1');
  await h.advanceBy(DAY);
  if (until === 'end') {
    await raise(h, 'o1', 'Paid', { sum: 5 });
    await h.runUntilIdle();
  }
  const file = await exported(h, 'o1', true);
  await h.stop();
  return file;
}

const replay = (history: unknown, variant = 'none', exact = false) =>
  replayHistory({ app: ORDERS, history, exact, env: { VARIANT: variant } });

describe('histories of the same code', () => {
  test('every kind of orchestration replays the same, finished or not', async () => {
    const h = await host();
    const starts: [string, unknown?][] = [
      ['chain'],
      ['values'],
      ['fanOut', 20],
      ['fail'],
      ['failCaught'],
      ['throwError'],
      ['sleep', { ms: 9 * DAY }],
      ['race', { ms: DAY }],
      ['waitSeq'],
      ['statusThenWait'],
      ['bigStatus', 9000],
      ['parent'],
      ['parentOfFailing'],
      ['parentOfWaiting'],
      ['fanParents', 3],
      ['eternal', { n: 0 }],
      ['eternalEvents', { seen: [] }],
      ['retryOk'],
      ['retryExhausted'],
      ['retrySub'],
      ['entities', 'e1'],
      ['locked', { key: 'k', hold: 0 }],
      ['uneven'],
      ['guids'],
      ['h6'],
      ['h13'],
      ['h14'],
      ['h14sub'],
      ['h22'],
    ];
    for (const [name, input] of starts) await begin(h, name, input);
    await begin(h, 'race', { ms: 100 * DAY }, 'race-won');
    await begin(h, 'waitSeq', undefined, 'paused');
    await begin(h, 'waitSeq', undefined, 'stopped');
    await h.advanceBy(2 * DAY);
    await raise(h, 'race-won', 'Approval', 1);
    for (const n of [1, 2]) await raise(h, 'eternalEvents', 'Item', n);
    await raise(h, 'waitSeq', 'E', 1);
    await send(h, 'POST', `${MANAGEMENT}/instances/paused/suspend?reason=r`);
    await h.runUntilIdle();
    await raise(h, 'paused', 'E', 'while suspended');
    await send(h, 'POST', `${MANAGEMENT}/instances/stopped/terminate?reason=r`);
    await h.runUntilIdle();
    await send(h, 'POST', `${MANAGEMENT}/instances/paused/resume?reason=r`);
    await h.advanceBy(10 * DAY);
    const ids = [...starts.map(([name]) => name), 'race-won', 'paused', 'stopped'];
    const files = [];
    for (const id of ids) files.push(await exported(h, id, true));
    const history = { ...files[0], instances: files.flatMap((f) => f.instances) };
    const report = await replayHistory({ app: APP, history });
    expect(report.differences.map(replayText)).toEqual([]);
    expect(report.results.length).toBeGreaterThan(40);
    expect(report.results.flatMap((r) => r.remarks)).toEqual([]);
    expect(report.results.reduce((n, r) => n + r.episodes, 0)).toBeGreaterThan(120);
  });

  test('a rewound history replays the same', async () => {
    const h = await host();
    await begin(h, 'fail');
    await h.runUntilIdle();
    for (const reason of ['once', 'twice']) {
      const rewound = await send(h, 'POST', `${MANAGEMENT}/instances/fail/rewind?reason=${reason}`);
      expect(rewound.status).toBe(202);
      await h.runUntilIdle();
    }
    const history = await exported(h, 'fail');
    expect(history.instances[0]?.history.filter((e) => e.EventType === 17).length).toBeGreaterThan(4);
    const report = await replayHistory({ app: APP, history });
    expect(report.results.map((r) => [r.same, r.episodes])).toEqual([[true, expect.any(Number)]]);
  });

  test('an order with its child replays the same, exactly', async () => {
    const report = await replay(await order(), 'none', true);
    expect(report.results.map((r) => [r.instanceId, r.same])).toEqual([
      ['o1', true],
      ['o1-packing', true],
    ]);
  });

  test('a history of three hundred steps replays within seconds', async () => {
    const h = await host();
    await begin(h, 'steps', 300);
    await h.runUntilIdle();
    const started = performance.now();
    const report = await replayHistory({ app: APP, history: await exported(h, 'steps') });
    expect(report.same).toBe(true);
    expect(report.results[0]?.events).toBeGreaterThan(1200);
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});

describe('changed code', () => {
  const paid = order();

  test.each([
    ['step added first', 1, 'activity #0 reserve', 'activity #0 charge', 'another name'],
    ['waits again', 3, 'entity #2 call take @stock@o1', null, 'the orchestrator does not do it now'],
    ['operation renamed', 3, 'entity #2 call take @stock@o1', 'entity #2 call get @stock@o1', 'another operation'],
    ['step removed', 4, 'activity #3 charge', 'sub-orchestration #3 packing o1-packing', 'another kind of event'],
    ['activity renamed', 6, 'activity #5 ship', 'activity #5 shipFast', 'another name'],
    ['activity removed', 6, 'activity #5 ship', null, "the app has no activity 'ship' any more"],
    [
      'orchestrator removed',
      1,
      'activity #0 reserve',
      "ends Failed: Orchestrator function 'order' failed: The function 'order' …",
      "the app has no orchestrator 'order' any more",
    ],
  ])('%s: differs in episode %i', async (variant, episode, recorded, now, why) => {
    const [found] = (await replay(await paid, variant)).differences;
    const d = found?.difference;
    if (variant === 'activity removed' && d?.now !== null) {
      // a strict recording says which trap it is
      expect(d).toMatchObject({ episode, recorded });
      expect(d?.now).toMatch(/ends Failed: .*H14/);
      return;
    }
    expect(d).toMatchObject({ episode, recorded, now, why });
  });

  test('a task that was not scheduled then is shown against nothing', async () => {
    const d = (await replay(await paid, 'fan-out')).differences[0]?.difference;
    expect(d).toMatchObject({ episode: 4, recorded: null, why: 'nothing was scheduled there then' });
    expect(d?.now).toMatch(/^sub-orchestration #4 packing/);
    expect(d?.after[0]).toBe('sub-orchestration #4 packing o1-packing');
  });

  test('another end differs, another output is remarked', async () => {
    const failing = (await replay(await paid, 'fails')).differences[0]?.difference;
    expect(failing?.recorded).toMatch(/^ends Completed/);
    expect(failing?.now).toMatch(/^ends Failed: Orchestrator function 'order' failed: no more/);
    const output = await replay(await paid, 'other output');
    expect(output.same).toBe(true);
    expect(output.results[0]?.remarks).toEqual([expect.stringMatching(/^the output was .*old.*, now .*new/)]);
    expect((await replay(await paid, 'other output', true)).same).toBe(false);
  });

  test('a timer set to another instant is remarked, and counts when all must be equal', async () => {
    const report = await replay(await paid, 'longer timer');
    expect(report.same).toBe(true);
    expect(report.results[0]?.remarks[0]).toMatch(/^timer 1 was set to 2026-01-08T09.*, now to 2026-01-10T09/);
    expect((await replay(await paid, 'longer timer', true)).differences[0]?.difference?.episode).toBe(2);
  });

  test('an unfinished instance tells as much as it has lived through', async () => {
    const waiting = await order('waiting');
    expect((await replay(waiting, 'activity renamed')).same).toBe(true);
    expect((await replay(waiting, 'step added first')).same).toBe(false);
  });

  test('the text shows both sides and what went before', async () => {
    const text = replayText((await replay(await paid, 'step removed')).differences[0] as never);
    expect(text).toMatch(/^DIFFERENT {2}order {2}o1 {2}\(7 episodes, \d+ events\)/);
    expect(text).toMatch(/first difference in episode 4, event \d+ of the history: another kind of event/);
    expect(text).toMatch(/\n {3}entity #2 call take @stock@o1 +entity #2 call take @stock@o1\n/);
    expect(text).toMatch(/\n > activity #3 charge +sub-orchestration #3 packing o1-packing\n/);
  });
});

describe('other forms', () => {
  interface Line {
    scenario: string;
    function: string;
    instanceId: string;
    turns: { events: object[] }[];
  }
  const recorded = readFileSync(path.join(__dirname, 'samples', 'recordedRuns.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l) as Line);
  const payload = (l: Line, turns = l.turns.length) => ({
    history: l.turns.slice(0, turns).flatMap((t) => t.events),
    instanceId: l.instanceId,
    parentInstanceId: null,
    input: null,
  });
  const chain = recorded.find((l) => l.function === 'chain') as Line;

  test('a payload of a real host replays the same, and a changed one does not', async () => {
    const report = await replayHistory({ app: APP, history: payload(chain) });
    expect(report.results.map((r) => [r.name, r.episodes, r.same])).toEqual([['chain', 4, true]]);
    const changed = JSON.parse(JSON.stringify(payload(chain)).replace('"Name":"hello"', '"Name":"greet"')) as object;
    const d = (await replayHistory({ app: APP, history: changed })).differences[0]?.difference;
    expect(d).toMatchObject({ episode: 1, recorded: 'activity #0 greet', now: 'activity #0 hello' });
  });

  test('every execution recorded on a real host replays the same; with one name changed, none does', async () => {
    const file = path.join(folder, 'recorded.jsonl');
    // of rewound executions the samples keep what each episode added, not the history as it was rewritten
    const lines = recorded.filter((l) => l.scenario !== 'rewind').map((l) => JSON.stringify(payload(l)));
    writeFileSync(file, lines.join('\n'));
    const report = await replayHistory({ app: CONFORMANCE, file });
    expect(report.differences.map(replayText)).toEqual([]);
    expect(report.results.length).toBe(lines.length);
    expect(lines.length).toBeGreaterThan(130);
    const changed = lines.flatMap((l) => {
      const other = l.replace(/("EventType":4,"Name":")\w+"/, '$1renamed"');
      return other === l ? [] : [other];
    });
    writeFileSync(file, changed.join('\n'));
    const after = await replayHistory({ app: CONFORMANCE, file });
    expect(after.results.length).toBeGreaterThan(35);
    expect(after.results.filter((r) => r.same).map((r) => r.instanceId)).toEqual([]);
  });

  test('of lines of payloads the longest of each execution is taken', async () => {
    const lines = chain.turns.map((_, i) =>
      JSON.stringify({ function: 'chain', payload: { string: JSON.stringify(payload(chain, i + 1)) } }),
    );
    const file = path.join(folder, 'payloads.jsonl');
    writeFileSync(file, [...lines, '{"function":"hello","payload":{"string":"\\"x\\""}}'].join('\n'));
    const report = await replayHistory({ app: APP, file });
    expect(report.results.map((r) => [r.episodes, r.same])).toEqual([[4, true]]);
  });

  test("a host's capture replays the same", async () => {
    const file = path.join(folder, 'capture.jsonl');
    const h = await host({ captureTo: file });
    await begin(h, 'retryOk');
    await begin(h, 'parent');
    await h.advanceBy(DAY);
    await h.stop();
    const report = await replayHistory({ app: APP, file });
    expect(report.results.map((r) => [r.name, r.same]).sort()).toEqual([
      ['child', true],
      ['child', true],
      ['parent', true],
      ['retryOk', true],
    ]);
  });

  test('the status form serves where it tells the order, and says what is missing where it does not', async () => {
    const h = await host();
    await begin(h, 'retryOk');
    await begin(h, 'fanOut', 3);
    await h.advanceBy(DAY);
    const status = async (id: string, query: string): Promise<object> =>
      (await send(h, 'GET', `${MANAGEMENT}/instances/${id}?${query}`)).json as object;
    const whole = 'showHistory=true&showHistoryOutput=true';
    const statusOf = (id: string) => status(id, whole);
    const replayOf = (history: object) => replayHistory({ app: APP, history });
    await expect(replayOf(await status('retryOk', 'showHistory=true'))).rejects.toThrow(
      /Missing: the result of 'flaky'.*showHistoryOutput=true/,
    );
    await expect(replayOf(await status('retryOk', ''))).rejects.toThrow(/status without "historyEvents"/);
    await expect(replayOf(await statusOf('fanOut'))).rejects.toThrow(/Missing: the order of the tasks scheduled at/);
    const spaced = spread(await statusOf('retryOk'));
    expect((await replayOf(spaced)).results.map((r) => r.same)).toEqual([true]);
    const renamed = JSON.parse(JSON.stringify(spaced).replaceAll('"flaky"', '"shaky"')) as object;
    expect((await replayOf(renamed)).differences[0]?.difference?.recorded).toBe('activity #0 shaky');
  });

  /** A real host's clock gives each event an instant of its own; a virtual one does not. */
  function spread(status: object): object {
    let n = 0;
    const later = (_: string, iso: string): string => `${iso.slice(0, 19)}.${String(++n).padStart(7, '0')}`;
    const text = JSON.stringify(status, (key, value: unknown) => {
      if (key !== 'historyEvents') return value;
      return (value as Record<string, string>[]).map((e) => {
        const scheduled = e.ScheduledTime === undefined ? {} : { ScheduledTime: later('', e.ScheduledTime) + '+00:00' };
        return { ...e, ...scheduled, Timestamp: later('', String(e.Timestamp)) + 'Z' };
      });
    });
    return JSON.parse(text) as object;
  }

  test.each([
    ['', /neither JSON nor JSON lines/],
    ['[]', /no history of an orchestration/],
    ['{"a":1}', /has the members a\. Expected a file of "durable-emulator export"/],
    ['{"format":"other"}', /Its format is "other"/],
    [
      '{"format":"durable-history","formatVersion":9,"instances":[]}',
      /format version is 9; this program reads version 1/,
    ],
    ['{"history":[{"EventType":12}],"instanceId":"x"}', /has at position 0 .*expected an event/],
    [
      '{"history":[{"EventType":0,"Name":"f","Timestamp":"2026-01-01T00:00:00Z"}],"instanceId":"x"}',
      /no OrchestratorStarted/,
    ],
  ])('a bad file is named with what is wrong: %s', async (text, message) => {
    const file = path.join(folder, 'bad.json');
    writeFileSync(file, text);
    await expect(replayHistory({ app: APP, file })).rejects.toThrow(message);
    await expect(replayHistory({ app: APP, file })).rejects.toThrow(/bad\.json/);
  });
});

describe('the commands', () => {
  const BIN = path.join(__dirname, '..', 'bin', 'durable-emulator.js');

  function command(...args: string[]): { code: number; out: string } {
    try {
      const out = execFileSync(process.execPath, [BIN, ...args], {
        encoding: 'utf8',
        stdio: 'pipe',
        env: { ...process.env, VARIANT: process.env.VARIANT ?? '' },
      });
      return { code: 0, out };
    } catch (error) {
      const e = error as { status: number; stdout: string; stderr: string };
      return { code: e.status, out: e.stdout + e.stderr };
    }
  }

  test('history, export and replay work on a running host, and a change ends with code 1', async () => {
    const h = await host({ app: ORDERS });
    await begin(h, 'order', 'o1', 'o1');
    await h.advanceBy(DAY);
    await raise(h, 'o1', 'Paid', { sum: 5 });
    await h.runUntilIdle();
    const file = path.join(folder, 'order.json');

    const shown = await asyncCommand('history', 'o1', '--url', h.url);
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/^o1 {2}order {2}Completed\n/);
    expect(shown.out).toMatch(/\+1 d +event Paid +\{"sum":5\}\n/);
    expect(shown.out).toMatch(/\+1 d +call take @stock@o1 +1\n/);
    expect(shown.out).toMatch(/\+1 d +answer take @stock@o1 +9\n/);
    expect(JSON.parse((await asyncCommand('history', 'o1', '--json', '--url', h.url)).out)).toMatchObject({
      instanceId: 'o1',
      historyEvents: expect.any(Array) as unknown,
    });
    expect(await asyncCommand('history', 'nobody', '--url', h.url)).toMatchObject({ code: 1 });

    const written = await asyncCommand('export', 'o1', '--with-children', '--out', file, '--url', h.url);
    expect(written).toMatchObject({ code: 0, out: expect.stringMatching(/2 instance\(s\), \d+ events/) as string });
    expect((JSON.parse(readFileSync(file, 'utf8')) as HistoryFile).formatVersion).toBe(1);

    expect(command('replay', folder, '--app', ORDERS)).toMatchObject({ code: expect.any(Number) as number });
    const same = command('replay', file, '--app', ORDERS);
    expect(same).toMatchObject({ code: 0, out: expect.stringContaining('2 histories replay the same') as string });
    process.env.VARIANT = 'activity renamed';
    const different = command('replay', file, '--app', ORDERS);
    delete process.env.VARIANT;
    expect(different.code).toBe(1);
    expect(different.out).toMatch(/ > activity #5 ship +activity #5 shipFast/);
  });

  /** The host lives in this process: it must be able to answer meanwhile. */
  async function asyncCommand(...args: string[]): Promise<{ code: number; out: string }> {
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, [BIN, ...args]);
    let out = '';
    child.stdout.on('data', (d: Buffer) => (out += d.toString()));
    child.stderr.on('data', (d: Buffer) => (out += d.toString()));
    const code = await new Promise<number>((resolve) => child.on('close', resolve));
    return { code, out };
  }

  test('bad usage, a missing file and no host end with code 2 and say why', () => {
    expect(command('replay')).toMatchObject({ code: 2 });
    expect(command('replay', '/nowhere.json', '--app', ORDERS)).toMatchObject({
      code: 2,
      out: expect.stringContaining('/nowhere.json cannot be read') as string,
    });
    const file = path.join(folder, 'ok.json');
    writeFileSync(
      file,
      JSON.stringify({
        history: [
          { EventType: 12, EventId: -1, Timestamp: '2026-01-01T00:00:00Z' },
          { EventType: 0, EventId: -1, Timestamp: '2026-01-01T00:00:00Z', Name: 'f' },
        ],
        instanceId: 'x',
      }),
    );
    expect(command('replay', file, '--app', folder)).toMatchObject({
      code: 2,
      out: expect.stringContaining('has no package.json') as string,
    });
    expect(command('history', 'x', '--url', 'http://127.0.0.1:9')).toMatchObject({
      code: 2,
      out: expect.stringContaining('No host answers at http://127.0.0.1:9') as string,
    });
  });
});
