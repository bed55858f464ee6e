/**
 * HTTP functions, the check-status answers, the management API's lists and purges, and /admin, over real loopback HTTP.
 */
import type { Host } from '../index';
import { MANAGEMENT, START, begin, host, raise, run, send, status, stopAll } from './support';

let h: Host;
beforeAll(async () => void (h = await host({ env: { TEST_X: 'set' } })));
afterAll(stopAll);

describe('HTTP functions', () => {
  test('get method, params, query, headers and body', async () => {
    const reply = await send(h, 'PUT', '/api/mirror/a/b%20c?x=1&y=2', { q: 1 });
    expect(reply.status).toBe(201);
    expect(reply.headers.get('x-method')).toBe('PUT');
    expect(reply.headers.get('content-type')).toBe('application/json');
    expect(reply.json).toEqual({
      url: `${h.url}/api/mirror/a/b%20c?x=1&y=2`,
      params: { path: 'a/b c' },
      query: { x: '1', y: '2' },
      type: 'application/json',
      text: '{"q":1}',
    });
  });

  test('constraints, methods, unknown routes', async () => {
    expect((await send(h, 'GET', '/api/items/12')).text).toBe('item 12');
    expect((await send(h, 'GET', '/api/ITEMS/12')).status).toBe(200);
    expect((await send(h, 'GET', '/api/items/twelve')).status).toBe(404);
    expect((await send(h, 'POST', '/api/items/12')).status).toBe(404);
    expect((await send(h, 'GET', '/items/12')).status).toBe(404);
  });

  test('cookies, bytes, nothing, errors', async () => {
    expect((await send(h, 'GET', '/api/mirror/x?cookie=1')).headers.get('set-cookie')).toMatch(/^c=v; path=\//);
    const bytes = await fetch(`${h.url}/api/bytes`, { method: 'POST', body: Buffer.from([0, 255, 128]) });
    expect([...new Uint8Array(await bytes.arrayBuffer())]).toEqual([0, 255, 128]);
    expect((await send(h, 'GET', '/api/nothing')).status).toBe(204);
    expect((await send(h, 'GET', '/api/broken')).status).toBe(500);
  });

  test('a body of 20 MB arrives whole', async () => {
    const reply = await fetch(`${h.url}/api/bytes`, { method: 'POST', body: Buffer.alloc(20 * 1024 * 1024, 7) });
    const body = Buffer.from(await reply.arrayBuffer());
    expect([body.length, body[body.length - 1]]).toEqual([20 * 1024 * 1024, 7]);
  });

  test('see the virtual time and their environment', async () => {
    expect((await send(h, 'GET', '/api/time')).json).toEqual({ now: START, ms: Date.parse(START) });
    expect((await send(h, 'GET', '/api/env')).json).toEqual({ x: 'set', site: `127.0.0.1:${h.port}` });
  });
});

describe('starting', () => {
  test('the starter answers 202 with the links of createCheckStatusResponse', async () => {
    const reply = await send(h, 'POST', '/api/start/chain/linked');
    expect(reply.status).toBe(202);
    const link = `${h.url}${MANAGEMENT}/instances/linked`;
    const q = 'taskHub=TestHubName&connection=Storage&code=emulator';
    expect(reply.headers.get('location')).toBe(`${link}?${q}`);
    expect(reply.headers.get('retry-after')).toBe('10');
    expect(reply.json).toEqual({
      id: 'linked',
      statusQueryGetUri: `${link}?${q}`,
      sendEventPostUri: `${link}/raiseEvent/{eventName}?${q}`,
      terminatePostUri: `${link}/terminate?reason={text}&${q}`,
      rewindPostUri: `${link}/rewind?reason={text}&${q}`,
      purgeHistoryDeleteUri: `${link}?${q}`,
      restartPostUri: `${link}/restart?${q}`,
      suspendPostUri: `${link}/suspend?reason={text}&${q}`,
      resumePostUri: `${link}/resume?reason={text}&${q}`,
    });
  });

  test('the management start has no rewind link, an id without dashes, and 400 for bad JSON', async () => {
    const reply = await send(h, 'POST', `${MANAGEMENT}/orchestrators/chain`, '');
    const body = reply.json as Record<string, string>;
    expect(body.id).toMatch(/^[0-9a-f]{32}$/);
    expect(Object.keys(body)).toEqual([
      'id',
      'statusQueryGetUri',
      'sendEventPostUri',
      'terminatePostUri',
      'purgeHistoryDeleteUri',
      'restartPostUri',
      'suspendPostUri',
      'resumePostUri',
    ]);
    expect((await send(h, 'POST', `${MANAGEMENT}/orchestrators/chain/bad`, '{bad')).status).toBe(400);
    expect((await send(h, 'GET', `${MANAGEMENT}/instances/bad`)).status).toBe(404);
  });

  test('an unknown orchestrator starts and fails', async () => {
    const { runtimeStatus, output } = await run(h, 'noSuchFunction');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(
      /^Orchestrator function 'noSuchFunction' failed: The function 'noSuchFunction' doesn't exist/,
    );
  });

  test('the client waits for completion', async () => {
    const reply = await send(h, 'POST', '/api/startwait/chain');
    expect([reply.status, reply.json]).toEqual([200, ['Hello Tokyo', 'Hello Seattle', 'Hello London']]);
  });
});

describe('status', () => {
  test('is 202 with Location and Retry-After while running, 200 at the end, 500 when asked for', async () => {
    await run(h, 'waitOne');
    const target = `${MANAGEMENT}/instances/waitOne?x=1`;
    const running = await send(h, 'GET', target);
    expect([running.status, running.headers.get('location'), running.headers.get('retry-after')]).toEqual([
      202,
      h.url + target,
      '5',
    ]);
    await raise(h, 'waitOne', 'Go', { v: 1 });
    await h.runUntilIdle();
    expect((await send(h, 'GET', target)).status).toBe(200);
    await run(h, 'throwError');
    expect((await send(h, 'GET', `${MANAGEMENT}/instances/throwError`)).status).toBe(200);
    const flagged = `${MANAGEMENT}/instances/throwError?returnInternalServerErrorOnFailure=true`;
    expect((await send(h, 'GET', flagged)).status).toBe(500);
  });

  test('events want application/json', async () => {
    await begin(h, 'waitOne', undefined, 'typed');
    const reply = await fetch(`${h.url}${MANAGEMENT}/instances/typed/raiseEvent/Go`, {
      method: 'POST',
      body: '5',
      headers: { 'content-type': 'text/plain' },
    });
    expect([reply.status, await reply.json()]).toEqual([
      400,
      { Message: 'Only application/json request content is supported' },
    ]);
  });

  test('another task hub and unknown routes are 404', async () => {
    for (const path of ['instances/waitOne?taskHub=other', 'nothing', 'instances/waitOne/whatever']) {
      expect((await send(h, path.includes('whatever') ? 'POST' : 'GET', `${MANAGEMENT}/${path}`)).status).toBe(404);
    }
  });
});

describe('lists and purges', () => {
  const list = (query: string, token?: string) =>
    fetch(`${h.url}${MANAGEMENT}/instances?instanceIdPrefix=page-${query}`, {
      headers: token === undefined ? {} : { 'x-ms-continuation-token': token },
    });
  const ids = async (r: Response) => ((await r.json()) as { instanceId: string }[]).map((i) => i.instanceId);

  beforeAll(async () => {
    for (let i = 0; i < 5; i++) await begin(h, 'chainInput', { i }, `page-${i}`);
    await begin(h, 'throwError', undefined, 'page-x');
    await h.runUntilIdle();
  });

  test('pages go on where the token says and end without one', async () => {
    const seen: string[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const reply = await list('&top=2', token);
      seen.push(...(await ids(reply)));
      token = reply.headers.get('x-ms-continuation-token') ?? undefined;
      pages++;
    } while (token !== undefined);
    expect([pages, seen]).toEqual([3, ['page-0', 'page-1', 'page-2', 'page-3', 'page-4', 'page-x']]);
  });

  test('filters by status; unknown statuses are ignored', async () => {
    expect(await ids(await list('&runtimeStatus=Failed'))).toEqual(['page-x']);
    expect(await ids(await list('&runtimeStatus=Failed,Bogus'))).toEqual(['page-x']);
    expect((await ids(await list('&runtimeStatus=failed'))).length).toBe(6);
  });

  test('odd values of top, and a bad token, answer as recorded', async () => {
    const none = await list('&top=0');
    expect([await ids(none), none.headers.has('x-ms-continuation-token')]).toEqual([[], true]);
    expect((await list('&top=-1')).status).toBe(500);
    expect((await ids(await list('&top=x'))).length).toBe(6);
    expect(await ids(await list('', '!!'))).toEqual([]);
  });

  test('purge by id: 200, then 404; 412 while running', async () => {
    expect((await send(h, 'DELETE', `${MANAGEMENT}/instances/page-0`)).json).toEqual({ instancesDeleted: 1 });
    expect((await send(h, 'DELETE', `${MANAGEMENT}/instances/page-0`)).status).toBe(404);
    await run(h, 'waitOne', undefined, 'purge-run');
    const refused = await send(h, 'DELETE', `${MANAGEMENT}/instances/purge-run`);
    expect([refused.status, refused.json]).toEqual([
      412,
      'Only orchestrations in a terminal state can be purged, but the orchestration with instance ID purge-run has status Running',
    ]);
  });

  test('purge by filter wants createdTimeFrom and takes terminal instances of the given status', async () => {
    expect((await send(h, 'DELETE', `${MANAGEMENT}/instances?runtimeStatus=Completed`)).status).toBe(400);
    const from = 'createdTimeFrom=2020-01-01T00:00:00Z';
    expect((await send(h, 'DELETE', `${MANAGEMENT}/instances?${from}&createdTimeTo=2020-01-02T00:00:00Z`)).status).toBe(
      404,
    );
    await send(h, 'DELETE', `${MANAGEMENT}/instances?${from}&runtimeStatus=Failed`);
    expect(await ids(await list(''))).toEqual(['page-1', 'page-2', 'page-3', 'page-4']);
  });

  test('the client reaches the same API over its own endpoint', async () => {
    const client = async (op: string, id: string) => (await send(h, 'POST', `/api/client/${op}`.concat(`/${id}`))).json;
    expect(await client('status', 'page-1')).toMatchObject({ ok: true, result: { runtimeStatus: 'Completed' } });
    expect(await client('terminate', 'page-1')).toEqual({ ok: true, result: null });
    expect(await client('terminate', 'unknown')).toEqual({
      ok: false,
      message: "No instance with ID 'unknown' found.",
    });
    expect(await client('purge', 'page-1')).toEqual({ ok: true, result: { instancesDeleted: 1 } });
    expect(await client('read', 'never')).toEqual({ ok: true, result: { entityExists: false } });
  });
});

test('entities are listed by name and by time of the last operation', async () => {
  await send(h, 'POST', `${MANAGEMENT}/entities/counter/listed?op=add`, 5);
  await h.runUntilIdle();
  const at = (await h.now()).toISOString();
  const list = async (query: string) => (await send(h, 'GET', `${MANAGEMENT}/entities/${query}`)).json;
  const mine = { entityId: { name: 'counter', key: 'listed' }, lastOperationTime: at, state: 5 };
  expect(await list(`COUNTER?fetchState=true&lastOperationTimeFrom=${at}`)).toEqual([mine]);
  expect(await list(`?lastOperationTimeFrom=${at}`)).toEqual([{ ...mine, state: null }]);
  expect(await list(`counter?lastOperationTimeTo=2020-01-01T00:00:00Z`)).toEqual([]);
  expect(await list('nosuch')).toEqual([]);
});

test('without the direct client its calls go over loopback HTTP and mean the same', async () => {
  const wired = await host({ directClient: false });
  const reply = await send(wired, 'POST', '/api/start/chain/tcp');
  expect(reply.status).toBe(202);
  await wired.runUntilIdle();
  for (const [op, expected] of [
    ['status', { ok: true, result: { runtimeStatus: 'Completed' } }],
    ['all', { ok: true, result: [{ instanceId: 'tcp' }] }],
    ['raise', { ok: true, result: null }],
    ['purge', { ok: true, result: { instancesDeleted: 1 } }],
  ] as const) {
    expect((await send(wired, 'POST', `/api/client/${op}/tcp?name=x`, 1)).json).toMatchObject(expected);
  }
});

describe('/admin', () => {
  test('tells the clock, moves it, and says what it expects otherwise', async () => {
    const before = (await h.now()).getTime();
    expect((await send(h, 'GET', '/admin/clock')).json).toEqual({
      now: new Date(before).toISOString(),
      mode: 'manual',
    });
    const moved = await send(h, 'POST', '/admin/clock', { advanceBy: 3_600_000 });
    expect(moved.json).toEqual({ now: new Date(before + 3_600_000).toISOString(), mode: 'manual' });
    const wrong = await send(h, 'POST', '/admin/clock', { advanceBy: -1 });
    expect([wrong.status, (wrong.json as { expected: string }).expected]).toEqual([
      400,
      expect.stringContaining('advanceTo'),
    ]);
  });

  test('host status, ping and functions', async () => {
    expect((await send(h, 'GET', '/admin/host/status')).json).toMatchObject({ state: 'Running' });
    expect((await send(h, 'POST', '/admin/host/ping')).status).toBe(200);
    const functions = (await send(h, 'GET', '/admin/functions')).json as { name: string }[];
    expect(functions.map((f) => f.name)).toContain('chain');
  });
});

test('stats count commits, messages and requests', async () => {
  const before = await h.stats();
  await run(h, 'chain', undefined, 'counted');
  const after = await h.stats();
  expect({
    instances: after.instances - before.instances,
    replays: after.replays - before.replays,
    activities: after.activities - before.activities,
    commits: after.commits - before.commits,
    messages: after.messages - before.messages,
    historyEvents: after.historyEvents - before.historyEvents,
  }).toEqual({ instances: 1, replays: 4, activities: 3, commits: 7, messages: 4, historyEvents: 16 });
  expect(await status(h, 'counted')).toMatchObject({ runtimeStatus: 'Completed' });
});
