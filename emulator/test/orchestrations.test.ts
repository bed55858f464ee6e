/**
 * Orchestrations over the fixture app: chaining, fan-out, values, failures, retries, sub-orchestrations, entities, locks,
 * events, custom status, control. One host, driven over HTTP on a manual clock.
 */
import type { Host } from '../index';
import { MANAGEMENT, START, begin, host, raise, run, send, status, stopAll } from './support';

let h: Host;
beforeAll(async () => void (h = await host()));
afterAll(stopAll);

describe('activities', () => {
  test('run in a chain, and the history shows each with the time it was scheduled', async () => {
    expect(await run(h, 'chain')).toEqual({
      name: 'chain',
      instanceId: 'chain',
      runtimeStatus: 'Completed',
      input: null,
      customStatus: null,
      output: ['Hello Tokyo', 'Hello Seattle', 'Hello London'],
      createdTime: '2026-01-05T09:00:00Z',
      lastUpdatedTime: '2026-01-05T09:00:00Z',
    });
    const { historyEvents } = await status(h, 'chain', '?showHistory=true&showHistoryOutput=true');
    const task = (city: string) => ({
      EventType: 'TaskCompleted',
      Result: `Hello ${city}`,
      Timestamp: START,
      ScheduledTime: START.replace('Z', '+00:00'),
      FunctionName: 'hello',
      Input: null,
    });
    expect(historyEvents).toEqual([
      {
        EventType: 'ExecutionStarted',
        Input: null,
        Correlation: null,
        ParentTraceContext: null,
        ScheduledStartTime: null,
        Generation: 0,
        GenerateNewTrace: false,
        Timestamp: START,
        FunctionName: 'chain',
      },
      task('Tokyo'),
      task('Seattle'),
      task('London'),
      {
        EventType: 'ExecutionCompleted',
        OrchestrationStatus: 'Completed',
        Result: ['Hello Tokyo', 'Hello Seattle', 'Hello London'],
        FailureDetails: null,
        Timestamp: START,
      },
    ]);
  });

  test('get their inputs as the real host passes them: booleans as text, no input as undefined', async () => {
    const { output } = await run(h, 'values');
    expect(output).toEqual([
      { type: 'number', value: 1 },
      { type: 'number', value: 1.5 },
      { type: 'string', value: 'text' },
      { type: 'string', value: '12' },
      { type: 'string', value: 'True' },
      { type: 'string', value: 'False' },
      { type: 'undefined', value: 'none' },
      { type: 'undefined', value: 'none' },
      { type: 'object', value: { a: 1 } },
      { type: 'object', value: [1, 2] },
    ]);
  });

  test('completions of one instant form one episode: a fan-out of 50 takes two', async () => {
    const before = (await h.stats()).replays;
    expect((await run(h, 'fanOut', 50)).output).toBe(40425);
    expect((await h.stats()).replays - before).toBe(2);
  });

  test('a failure reaches the orchestrator as an error, uncaught it fails the instance', async () => {
    expect((await run(h, 'failCaught')).output).toBe("Activity function 'boom' failed: bad thing \n ");
    const failed = await run(h, 'fail');
    expect(failed.runtimeStatus).toBe('Failed');
    expect(failed.output).toMatch(/^Orchestrator function 'fail' failed: Activity function 'boom' failed: bad thing/);
    expect((await run(h, 'throwError')).output).toBe("Orchestrator function 'throwError' failed: orchestrator error");
  });

  test('retries wait on the clock with growing delays', async () => {
    await run(h, 'retryOk');
    expect(await status(h, 'retryOk')).toMatchObject({ runtimeStatus: 'Running' });
    const begun = await h.now();
    await h.advanceBy(14_999);
    expect(await status(h, 'retryOk')).toMatchObject({ runtimeStatus: 'Running' });
    await h.advanceBy(1);
    expect((await status(h, 'retryOk')).output).toEqual({
      r: 'ok at 3',
      now: new Date(begun.getTime() + 15_000).toISOString(),
    });
  });

  test('exhausted retries draw ids as the library does, so the next task gets its own result', async () => {
    await run(h, 'retryExhausted');
    await run(h, 'retrySub');
    await h.advanceBy(2000);
    expect((await status(h, 'retryExhausted')).output).toBe('Hello after');
    expect(await status(h, 'retrySub')).toMatchObject({ runtimeStatus: 'Completed' });
  });
});

describe('sub-orchestrations', () => {
  test('get default and explicit ids and know their parent', async () => {
    const { output } = await run(h, 'parent');
    expect(output).toEqual({
      a: { got: { n: 1 }, id: expect.stringMatching(/^[0-9a-f-]{36}:0$/), parent: 'parent' },
      b: { got: 'text', id: 'parent-explicit', parent: 'parent' },
    });
  });

  test('fail into their parent', async () => {
    expect((await run(h, 'parentOfFailing')).output).toBe(
      "Orchestrator function 'throwError' failed: orchestrator error",
    );
  });

  test('thirty children that end at one instant wake their parent once', async () => {
    const before = (await h.stats()).replays;
    const { output } = await run(h, 'fanParents', 30);
    expect((output as unknown[]).length).toBe(30);
    expect((await h.stats()).replays - before).toBe(2 + 30 * 2);
  });

  test('children of unequal length that end at one instant wake their parent once too', async () => {
    const before = (await h.stats()).replays;
    expect((await run(h, 'uneven')).output).toEqual([1, 4, 2, 7]);
    expect((await h.stats()).replays - before).toBe(2 + 2 + 5 + 3 + 8);
  });

  test('a terminated parent leaves its child running', async () => {
    await run(h, 'parentOfWaiting', undefined, 'pw');
    await send(h, 'POST', `${MANAGEMENT}/instances/pw/terminate?reason=enough`);
    await h.runUntilIdle();
    expect(await status(h, 'pw')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    expect(await status(h, 'pw-child')).toMatchObject({ runtimeStatus: 'Running' });
  });
});

describe('external events', () => {
  test('race a timer: the event wins and the cancelled timer holds nothing up', async () => {
    await run(h, 'race', { ms: 60_000 }, 'race-event');
    expect(await raise(h, 'race-event', 'Approval', { yes: true })).toBe(202);
    await h.runUntilIdle();
    expect((await status(h, 'race-event')).output).toEqual({ won: 'event', value: { yes: true } });
  });

  test('race a timer: the timer wins at its instant', async () => {
    await run(h, 'race', { ms: 60_000 }, 'race-timer');
    await h.advanceBy(59_999);
    expect(await status(h, 'race-timer')).toMatchObject({ runtimeStatus: 'Running' });
    await h.advanceBy(1);
    expect((await status(h, 'race-timer')).output).toEqual({ won: 'timer' });
  });

  test('an uncancelled timer holds the completion back (H23)', async () => {
    await run(h, 'race', { ms: 60_000, cancel: false }, 'race-open');
    await raise(h, 'race-open', 'Approval', 1);
    await h.runUntilIdle();
    expect(await status(h, 'race-open')).toMatchObject({ runtimeStatus: 'Running' });
    await h.advanceBy(60_000);
    expect((await status(h, 'race-open')).output).toEqual({ won: 'event', value: 1 });
  });

  test('of one name are taken in order, also when they come before they are waited for', async () => {
    await begin(h, 'waitSeq');
    for (const n of [1, 2, 3]) await raise(h, 'waitSeq', 'E', n);
    await h.runUntilIdle();
    expect((await status(h, 'waitSeq')).output).toEqual([1, 2, 3]);
    expect(await raise(h, 'waitSeq', 'E', 4)).toBe(410);
  });
});

describe('continue-as-new', () => {
  test('starts new generations with the new input in one work item each', async () => {
    const done = await run(h, 'eternal', { n: 0 });
    expect(done).toMatchObject({ runtimeStatus: 'Completed', input: { n: 3 }, output: { n: 3, r: 3 } });
    const { historyEvents } = await status(h, 'eternal', '?showHistory=true');
    expect((historyEvents as unknown[]).length).toBe(3);
  });

  test('carries over events that came after it in the same batch', async () => {
    await run(h, 'eternalEvents', { seen: [] });
    for (const n of [1, 2, 3]) await raise(h, 'eternalEvents', 'Item', n);
    await h.runUntilIdle();
    expect((await status(h, 'eternalEvents')).output).toEqual([1, 2, 3]);
  });
});

describe('entities', () => {
  test('take signals before calls of the same orchestrator, and their thrown text arrives', async () => {
    expect((await run(h, 'entities', 'k1')).output).toEqual({ a: 7, error: 'entity text', b: 7 });
    expect((await send(h, 'GET', `${MANAGEMENT}/entities/Counter/k1`)).json).toBe(7);
  });

  test('signals of one instant form one batch', async () => {
    const before = await h.stats();
    await run(h, 'signalers', 'batch');
    const after = await h.stats();
    expect(after.entityTurns - before.entityTurns).toBe(1);
    expect(after.entityOperations - before.entityOperations).toBe(10);
    expect((await send(h, 'GET', `${MANAGEMENT}/entities/counter/batch`)).json).toBe(10);
  });

  test('a deleted entity is gone', async () => {
    await send(h, 'POST', `${MANAGEMENT}/entities/counter/gone?op=add`, 5);
    await h.runUntilIdle();
    await send(h, 'DELETE', `${MANAGEMENT}/entities/counter/gone`);
    await h.runUntilIdle();
    expect((await send(h, 'GET', `${MANAGEMENT}/entities/counter/gone`)).status).toBe(404);
  });

  test('entity to entity signals arrive', async () => {
    await send(h, 'POST', `${MANAGEMENT}/entities/counter/from?op=forward`, '"to"');
    await h.runUntilIdle();
    expect((await send(h, 'GET', `${MANAGEMENT}/entities/counter/to`)).json).toBe(10);
  });

  test('a lock keeps others out until it is released, also without a release call', async () => {
    await run(h, 'locked', { key: 'L', hold: 60_000 }, 'holder');
    await run(h, 'locked', { key: 'L' }, 'second');
    await send(h, 'POST', `${MANAGEMENT}/entities/counter/L?op=add`, 100);
    await h.advanceBy(59_999);
    expect(await status(h, 'second')).toMatchObject({ runtimeStatus: 'Running' });
    // the holder's get() made it exist, the signal of 100 waits behind the lock
    expect((await send(h, 'GET', `${MANAGEMENT}/entities/counter/L`)).json).toBeNull();
    await h.advanceBy(1);
    expect((await status(h, 'holder')).output).toEqual({ before: 0, after: null });
    expect((await status(h, 'second')).output).toEqual({ before: 1, after: 102 });
  });
});

describe('custom status', () => {
  test('follows the orchestrator and is limited to 16 KB of UTF-16', async () => {
    expect((await run(h, 'statusThenWait')).customStatus).toEqual({ stage: 'waiting' });
    await raise(h, 'statusThenWait', 'Go', 1);
    await h.runUntilIdle();
    expect((await status(h, 'statusThenWait')).customStatus).toEqual({ stage: 'end' });
    // recorded on a real host: 8450 characters pass, 8703 do not
    expect(await run(h, 'bigStatus', 8450, 'fits')).toMatchObject({ runtimeStatus: 'Completed' });
    expect(await run(h, 'bigStatus', 8703, 'over')).toMatchObject({
      runtimeStatus: 'Failed',
      output:
        "Orchestrator function 'bigStatus' failed: The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. " +
        'The current payload size is 17 KB.',
    });
  });
});

describe('control', () => {
  const post = (id: string, rest: string) => send(h, 'POST', `${MANAGEMENT}/instances/${id}/${rest}`);

  test('suspend holds events back, resume lets them through', async () => {
    await run(h, 'waitSeq', undefined, 'sr');
    expect((await post('sr', 'suspend?reason=pause')).status).toBe(202);
    await h.runUntilIdle();
    expect(await status(h, 'sr')).toMatchObject({ runtimeStatus: 'Suspended', output: 'pause' });
    expect((await post('sr', 'suspend')).status).toBe(500);
    for (const n of [1, 2, 3]) await raise(h, 'sr', 'E', n);
    await h.runUntilIdle();
    expect(await status(h, 'sr')).toMatchObject({ runtimeStatus: 'Suspended' });
    expect((await post('sr', 'resume?reason=go')).status).toBe(202);
    await h.runUntilIdle();
    expect(await status(h, 'sr')).toMatchObject({ runtimeStatus: 'Completed', output: [1, 2, 3] });
    expect((await post('sr', 'resume')).status).toBe(410);
  });

  test('a timer that is due while suspended counts after the resume', async () => {
    await run(h, 'sleep', { ms: 1000 }, 'sr-timer');
    await post('sr-timer', 'suspend');
    await h.advanceBy(5000);
    expect(await status(h, 'sr-timer')).toMatchObject({ runtimeStatus: 'Suspended' });
    await post('sr-timer', 'resume');
    await h.runUntilIdle();
    expect(await status(h, 'sr-timer')).toMatchObject({ runtimeStatus: 'Completed' });
  });

  test('terminate ends with the reason and refuses what comes later', async () => {
    await run(h, 'waitOne', undefined, 'term');
    expect((await post('term', 'terminate?reason=because')).status).toBe(202);
    await h.runUntilIdle();
    expect(await status(h, 'term')).toMatchObject({ runtimeStatus: 'Terminated', output: 'because' });
    expect((await post('term', 'terminate')).status).toBe(410);
    expect(await raise(h, 'term', 'Go', 1)).toBe(410);
  });

  test('restart runs again, under a new id or the same', async () => {
    await run(h, 'chainInput', { a: 1 }, 'again');
    const fresh = (await post('again', 'restart')).json as { id: string };
    expect(fresh.id).toMatch(/^[0-9a-f]{32}$/);
    await post('again', 'restart?restartWithNewInstanceId=false');
    await h.runUntilIdle();
    expect((await status(h, fresh.id)).output).toEqual({ input: { a: 1 }, type: 'object', id: fresh.id });
    const { historyEvents } = await status(h, 'again', '?showHistory=true');
    expect((historyEvents as { Generation: number }[])[0]?.Generation).toBe(1);
  });

  test('a second start of an active id conflicts, of a finished one replaces', async () => {
    await run(h, 'waitOne', undefined, 'busy');
    const conflict = await send(h, 'POST', `${MANAGEMENT}/orchestrators/chain/busy`, '');
    expect([conflict.status, conflict.json]).toEqual([
      409,
      { Message: 'An Orchestration instance with the status Running already exists.' },
    ]);
    await post('busy', 'terminate');
    await h.runUntilIdle();
    expect((await run(h, 'chain', undefined, 'busy')).runtimeStatus).toBe('Completed');
  });
});
