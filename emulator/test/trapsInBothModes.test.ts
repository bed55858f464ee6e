/**
 * Each row of contract H (and the hangs of I) where the real host hangs, misroutes or loses data: strict mode says so, with
 * trap, function and way round; `strict: false` does what the real host does. Rows that are the library's alone are left
 * out: H3, H19, H21, H24, H25.
 */
import type { Host } from '../index';
import { APPS } from './conformance';
import { testServer, type TestServer } from './conformanceDriver';
import { MANAGEMENT, begin, host, raise, send, status, stopAll } from './support';

let server: TestServer;
const hosts: Record<'strict' | 'lax', Host | null> = { strict: null, lax: null };
beforeAll(async () => {
  server = await testServer();
  hosts.strict = await host({ app: APPS.plain });
  hosts.lax = await host({ app: APPS.plain, strict: false });
});
afterAll(async () => {
  await stopAll();
  await server.close();
});

interface Row {
  trap: string;
  function: string;
  input?: unknown;
  /** what happens after the start, with the instance's id */
  then?: (h: Host, id: string) => Promise<unknown>;
  /** in the strict output: the way round, or what names the culprit */
  hint: string;
  /** without strict: status, and output where there is one */
  lax: [string, unknown?];
}

const manage = (h: Host, method: string, path: string, body?: unknown) =>
  send(h, method, `${MANAGEMENT}/${path}`, body);
const minute = (h: Host): Promise<void> => h.advanceBy(60_000);
const events = async (h: Host, id: string, ...values: number[]): Promise<void> => {
  for (const v of values) {
    await raise(h, id, 'E', v);
    await h.runUntilIdle();
  }
};

const ROWS: Row[] = [
  { trap: 'H6', function: 'h6reuse', hint: 'Make a new task', lax: ['Completed', 'slept 400'] },
  {
    trap: 'H8',
    function: 'parentOfWaiting',
    then: (h, id) => manage(h, 'POST', `instances/${id}-child/terminate?reason=x`),
    hint: 'end by an external event',
    lax: ['Failed', /^Non-Deterministic workflow detected.*'childWaits'/],
  },
  { trap: 'H9', function: 'h9', hint: 'errors as values', lax: ['Failed', /^Non-Deterministic workflow detected/] },
  { trap: 'H11', function: 'h11', input: 'twice', hint: 'Call return() once', lax: ['Completed', [1, 2]] },
  {
    trap: 'H13',
    function: 'throwEmpty',
    hint: 'Throw an Error with a message',
    lax: ['Failed', /^Orchestrator function 'throwEmpty' failed: One or more errors occurred/],
  },
  {
    trap: 'H13',
    function: 'throwString',
    hint: 'Throw an Error with a message',
    lax: ['Failed', /^Non-Deterministic workflow detected/],
  },
  { trap: 'H14', function: 'unregActivity', hint: "the activity 'doesNotExist'", lax: ['Running', null] },
  { trap: 'H14', function: 'unregChild', hint: "the sub-orchestrator 'doesNotExist'", lax: ['Running', null] },
  { trap: 'H14', function: 'entUnreg', hint: "the entity 'nosuch'", lax: ['Running', null] },
  {
    trap: 'H14',
    function: 'unregSignal',
    hint: "the entity 'nosuch'",
    lax: ['Failed', /The following are the known entity functions: 'Audit', 'counter', 'rawEntity'/],
  },
  { trap: 'H14', function: 'callSelfId', hint: 'which is its own', lax: ['Running', null] },
  { trap: 'H6', function: 'h16', hint: 'H16', lax: ['Running', null] },
  { trap: 'H17', function: 'h17', then: minute, hint: 'Catch the failure', lax: ['Completed', { r: '<undefined>' }] },
  { trap: 'H18', function: 'retryTimeout', then: minute, hint: 'maxNumberOfAttempts', lax: ['Running', null] },
  {
    trap: 'H22',
    function: 'h22',
    hint: "the external event '0'",
    lax: ['Completed', [['activity', 'from the activity']]],
  },
  {
    trap: 'H26',
    function: 'httpTwo',
    then: minute,
    hint: 'enablePolling: false',
    lax: ['Failed', /^Non-Deterministic workflow detected.*'BuiltIn::HttpActivity'/],
  },
  {
    trap: 'H27',
    function: 'throwIso',
    hint: 'Put words around the date',
    lax: ['Failed', /^Orchestrator function 'throwIso' failed: One or more errors occurred/],
  },
];

async function play(h: Host, row: Row, id: string): Promise<Record<string, unknown>> {
  const input =
    row.function === 'httpTwo' ? { method: 'GET', url: `http://${server.address}/async?k=${id}` } : row.input;
  await begin(h, row.function, input, id);
  await settle(h);
  await row.then?.(h, id);
  await settle(h);
  return status(h, id);
}

/** Activities of these functions sleep in real time, and callHttp goes out. */
async function settle(h: Host): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await h.runUntilIdle();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(ROWS.map((r) => [r.trap, r.function, r] as const))('%s %s', (_, name, row) => {
  test('strict: fails, naming trap, function and way round', async () => {
    const { runtimeStatus, output } = await play(hosts.strict as Host, row, `${name}-strict`);
    expect([runtimeStatus, output]).toEqual(['Failed', expect.stringMatching(/\[trap H\d+\] '[@\w]/)]);
    expect(output).toContain(`[trap ${row.trap}]`);
    expect(output).toContain(row.hint);
  });

  test('not strict: as the real host', async () => {
    const { runtimeStatus, output } = await play(hosts.lax as Host, row, `${name}-lax`);
    const [expected, value] = row.lax;
    expect([runtimeStatus, output]).toEqual([expected, value instanceof RegExp ? expect.stringMatching(value) : value]);
  });
});

describe.each(['strict', 'lax'] as const)('both modes (%s)', (mode) => {
  const h = (): Host => hosts[mode] as Host;
  const traps = async (): Promise<string> => (await h().stats()).traps.join('\n');

  test('H1: a start without input gives an empty text', async () => {
    await send(h(), 'POST', '/api/start/waitOne/h1');
    await h().runUntilIdle();
    expect((await status(h(), 'h1')).input).toBe('');
  });

  test('H2: an event without data is refused, strict says why', async () => {
    await begin(h(), 'waitOne', undefined, 'h2');
    const reply = (await send(h(), 'POST', '/api/client/raise/h2?name=Go')).json as { ok: boolean; message: string };
    expect(reply.ok).toBe(false);
    expect(reply.message).toContain("Error reading JToken from JsonReader. Path '', line 0, position 0.");
    expect(reply.message.includes('[trap H2]')).toBe(mode === 'strict');
  });

  test('H4: events for a finished instance seem to arrive', async () => {
    await begin(h(), 'noYield', undefined, 'h4');
    await h().runUntilIdle();
    expect((await send(h(), 'POST', '/api/client/raise/h4?name=Go', 1)).json).toEqual({
      ok: true,
      result: '<undefined>',
    });
    expect(await raise(h(), 'h4', 'Go', 1)).toBe(410);
  });

  test.each([
    ['raise', 'h5?name=a%3Fb'],
    ['raise', 'h5?name=a%2Fb'],
    ['raise', 'h5?name=a%23b'],
    ['read', 'K%3F1?name=counter'],
    ['terminate', 'h5?reason=R%26D'],
  ])('H5: %s %s goes astray; strict says so', async (operation, target) => {
    await begin(h(), 'waitOne', undefined, 'h5');
    const reply = (await send(h(), 'POST', `/api/client/${operation}/${target}`, operation === 'raise' ? 1 : undefined))
      .json as { ok: boolean; message?: string };
    expect(reply.message?.includes('[trap H5]') ?? false).toBe(mode === 'strict');
    await manage(h(), 'POST', 'instances/h5/terminate');
    await h().runUntilIdle();
  });

  test('H7: a task for an event that was yielded again takes events away', async () => {
    await begin(h(), 'h7', undefined, 'h7');
    await h().runUntilIdle();
    // the second comes while the orchestrator waits for a timer
    await events(h(), 'h7', 1, 2);
    await h().advanceBy(60_000);
    const { runtimeStatus, output } = await status(h(), 'h7');
    if (mode === 'lax') expect(runtimeStatus).toBe('Running');
    else expect([runtimeStatus, output]).toEqual(['Failed', expect.stringContaining("[trap H7] 'h7'")]);
  });

  test('H10: the message of an Error thrown in an entity is lost; strict writes it down', async () => {
    await begin(h(), 'entBoom', 'h10', 'h10');
    await h().runUntilIdle();
    expect((await status(h(), 'h10')).output).toMatchObject({ boom: { message: '[object Object]' } });
    expect((await traps()).includes("[trap H10] '@counter@h10'")).toBe(mode === 'strict');
  });

  test('H12: a signal to a name in mixed case reaches an entity of its own; strict keeps it back', async () => {
    await manage(h(), 'POST', 'entities/counter/h12?op=fwdCase', '"v"');
    await h().runUntilIdle();
    const ids = (await manage(h(), 'GET', 'instances?instanceIdPrefix=@')).json as { instanceId: string }[];
    expect(ids.some((i) => i.instanceId === '@Audit@h12')).toBe(mode === 'lax');
    expect((await traps()).includes("[trap H12] '@counter@h12'")).toBe(mode === 'strict');
  });

  test('H20: a text given to continueAsNew comes back in quotes', async () => {
    await begin(h(), 'eternalString', 'start', 'h20');
    await h().runUntilIdle();
    expect((await status(h(), 'h20')).output).toEqual({ input: '"abc"' });
  });

  test('H23: a timer that is not cancelled holds the end back', async () => {
    await begin(h(), 'race', { ms: 60_000, cancel: false }, 'h23');
    await raise(h(), 'h23', 'Approval', 1);
    await h().runUntilIdle();
    expect((await status(h(), 'h23')).runtimeStatus).toBe('Running');
    await h().advanceBy(60_000);
    expect((await status(h(), 'h23')).runtimeStatus).toBe('Completed');
  });

  test('a child id of a running instance: refused, or that instance is replaced and its parent hangs', async () => {
    await begin(h(), 'parentOfWaiting', undefined, 'first');
    await h().runUntilIdle();
    await begin(h(), 'replacesRunning', 'first-child', 'second');
    await h().runUntilIdle();
    if (mode === 'strict') {
      expect((await status(h(), 'second')).output).toContain('still running; the real host would silently');
      return;
    }
    await raise(h(), 'first-child', 'X', 1);
    await h().runUntilIdle();
    expect((await status(h(), 'second')).runtimeStatus).toBe('Completed');
    expect((await status(h(), 'first')).runtimeStatus).toBe('Running');
  });

  test('a terminated entity: signals get 202 and do nothing, calls hang; strict answers them', async () => {
    await manage(h(), 'POST', 'entities/counter/dead?op=add', 5);
    await h().runUntilIdle();
    await manage(h(), 'POST', 'instances/@counter@dead/terminate?reason=x');
    expect((await manage(h(), 'POST', 'entities/counter/dead?op=add', 5)).status).toBe(202);
    await begin(h(), 'callsCounter', 'dead', 'calls-dead');
    await h().runUntilIdle();
    expect((await manage(h(), 'GET', 'entities/counter/dead')).json).toBe(5);
    const { runtimeStatus, output } = await status(h(), 'calls-dead');
    if (mode === 'lax') expect(runtimeStatus).toBe('Running');
    else expect(output).toContain("[trap I (terminated entity)] '@counter@dead'");
    expect((await traps()).includes("[trap I (terminated entity)] '@counter@dead'")).toBe(mode === 'strict');
  });

  test('a lock outlives its owner that failed: callers hang; strict answers them', async () => {
    await begin(h(), 'entLockThrow', 'locked', 'owner');
    await h().runUntilIdle();
    expect((await status(h(), 'owner')).runtimeStatus).toBe('Failed');
    await begin(h(), 'callsCounter', 'locked', 'calls-locked');
    await begin(h(), 'entLockHold', 'locked', 'locks-locked');
    await h().runUntilIdle();
    const call = await status(h(), 'calls-locked');
    const lock = await status(h(), 'locks-locked');
    if (mode === 'lax') expect([call.runtimeStatus, lock.runtimeStatus]).toEqual(['Running', 'Running']);
    else {
      expect(call.output).toContain("the orchestration 'owner' failed or was terminated while it held the lock");
      expect(lock.output).toContain("'@counter@locked'");
    }
    // purging frees the key and loses the state
    expect((await manage(h(), 'DELETE', 'instances/@counter@locked')).json).toEqual({ instancesDeleted: 1 });
    await begin(h(), 'callsCounter', 'locked', 'calls-freed');
    await h().runUntilIdle();
    expect((await status(h(), 'calls-freed')).output).toBe(0);
  });

  test('non-determinism: the words of the real host; strict shows both lists, otherwise the history is spoilt', async () => {
    await begin(h(), 'nondet', undefined, 'nondet');
    await h().runUntilIdle();
    const { output } = await status(h(), 'nondet');
    expect(output).toContain(
      "named 'hello', but the current orchestration replay instead scheduled an activity task named 'square'",
    );
    expect(String(output).includes("> activity #0 'hello'")).toBe(mode === 'strict');
    const view = await manage(h(), 'GET', 'instances/nondet?showHistory=true');
    expect(view.status).toBe(mode === 'strict' ? 200 : 400);
  });

  test('a rewind after an earlier successful retry breaks the replay', async () => {
    await begin(h(), 'rewindAfterRetry', undefined, 'rr');
    await h().advanceBy(1000);
    expect((await status(h(), 'rr')).runtimeStatus).toBe('Failed');
    await send(h(), 'POST', '/api/flag/rr');
    expect((await manage(h(), 'POST', 'instances/rr/rewind?reason=x')).status).toBe(202);
    await h().runUntilIdle();
    expect(await status(h(), 'rr')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('scheduled a timer task with sequence number 1'),
    });
  });
});
