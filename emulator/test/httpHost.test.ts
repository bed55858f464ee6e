/**
 * What the host does around HTTP functions: streams, keys, cross-origin requests, who may use /admin, routes of every form,
 * limits, and the admin routes that Azure has too.
 */
import http from 'node:http';
import type { Host, LogLine } from '../index';
import { MANAGEMENT, host, send, stopAll } from './support';
import { USES, tempApp } from './tempApp';

afterAll(stopAll);

interface Raw {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
  chunks: number;
}

/** A request that fetch would not make: any Host, any method, a body in pieces. */
function raw(h: Host, method: string, path: string, headers: http.OutgoingHttpHeaders = {}, body: string[] = []) {
  return new Promise<Raw>((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: h.port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, chunks: chunks.length });
      });
    });
    request.on('error', reject);
    for (const piece of body) request.write(piece);
    request.end();
  });
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('streams', () => {
  const app = (): string =>
    tempApp({
      'a.js':
        USES +
        `app.setup({ enableHttpStream: true });
        const { Readable } = require('node:stream');
        const wait = (ms) => new Promise((r) => setTimeout(r, ms));
        app.http('slow', { methods: ['GET'], handler: () => ({ headers: { 'x-kind': 'slow' }, body: Readable.from((async function* () {
          for (let i = 0; i < 4; i++) { yield 'part ' + i + ';'; await wait(30); } })()) }) });
        app.http('count', { methods: ['POST'], route: 'count/{unit}', handler: async (request) => {
          let n = 0; let pieces = 0;
          for await (const chunk of request.body) { n += chunk.length; pieces++; }
          return { status: 201, jsonBody: { n, pieces, unit: request.params.unit, query: request.query.get('q'), type: request.headers.get('x-type'), url: request.url } };
        } });
        app.http('broken', { handler: () => { throw new Error('no'); } });
        app.http('nothing', { handler: () => undefined });
        df.app.orchestration('o', function* () { return 1; });
        app.http('start', { extraInputs: [df.input.durableClient()], handler: async (request, context) => {
          const client = df.getClient(context); return client.createCheckStatusResponse(request, await client.startNew('o')); } });`,
    });

  test('an answer arrives while the function still writes it', async () => {
    const h = await host({ app: app(), clock: 'real' });
    const began = performance.now();
    const response = await fetch(`${h.url}/api/slow`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const first = performance.now() - began;
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read())
      text += Buffer.from(part.value).toString();
    expect(performance.now() - began - first).toBeGreaterThan(50);
    expect([response.headers.get('x-kind'), text.endsWith('part 3;')]).toEqual(['slow', true]);
  });

  test('a body reaches the function in pieces, with parameters, query and headers', async () => {
    const h = await host({ app: app() });
    const reply = await raw(h, 'POST', '/api/count/bytes?q=7', { 'x-type': 'text' }, [
      'a'.repeat(40_000),
      'b'.repeat(40_000),
    ]);
    const answer = JSON.parse(reply.body) as { pieces: number };
    expect([reply.status, answer]).toEqual([
      201,
      {
        n: 80_000,
        pieces: answer.pieces,
        unit: 'bytes',
        query: '7',
        type: 'text',
        url: `http://127.0.0.1:${h.port}/api/count/bytes?q=7`,
      },
    ]);
    expect(answer.pieces).toBeGreaterThan(1);
  });

  test('a body larger than what is taken unstreamed passes', async () => {
    const h = await host({ app: app(), clock: 'real' });
    const body = Buffer.alloc(120 * 1024 * 1024, 1);
    const reply = await fetch(`${h.url}/api/count/bytes`, { method: 'POST', body });
    expect(await reply.json()).toMatchObject({ n: body.length });
  });

  test('errors, nothing, and durable starters work as without streams', async () => {
    const h = await host({ app: app() });
    expect((await send(h, 'GET', '/api/broken')).status).toBe(500);
    expect((await send(h, 'GET', '/api/nothing')).status).toBe(204);
    expect((await send(h, 'GET', '/api/none')).status).toBe(404);
    const reply = await send(h, 'POST', '/api/start');
    expect([reply.status, (reply.json as { statusQueryGetUri: string }).statusQueryGetUri]).toEqual([
      202,
      expect.stringContaining(`${h.url}${MANAGEMENT}/instances/`),
    ]);
    await h.idle();
    expect((await h.client.getStatusAll()).map((s) => s.runtimeStatus)).toEqual(['Completed']);
  });
});

describe('routes', () => {
  const app = tempApp({
    'host.json': {
      version: '2.0',
      extensions: { http: { routePrefix: 'v1', customHeaders: { 'X-Frame-Options': 'DENY' } } },
    },
    'a.js':
      USES +
      `const show = (name) => ({ methods: ['GET', 'HEAD'], route: name, handler: (r) => ({ body: JSON.stringify(r.params) }) });
      app.http('a', show('shop/{category:alpha}/{id:int:min(1)?}'));
      app.http('b', show('files/{*rest}'));
      app.http('c', show('codes/{code:length(3)}'));
      app.http('d', show('years/{year:range(1900,2100)}'));
      app.http('e', show('big/{id:int}'));
      app.http('f', show('words/{word:regex(^[a-c]{{2}}$)}'));
      app.http('g', show('keys/{key:guid}'));
      app.http('i', show('keys/{key:int}'));
      app.http('j', show('keys/{key}'));
      app.http('k', show('pages/{size:int=10}/{page?}'));
      app.http('l', show('docs/{name}.{ending:alpha}'));
      app.http('m', show('docs/{id}:approve'));
      app.http('n', { route: 'cookies', handler: () => ({ cookies: [
        { name: 'a', value: 'x y', expires: new Date('2026-02-01T00:00:00Z'), maxAge: 60, domain: 'd.example', path: '/p', secure: true, httpOnly: true, sameSite: 'None' },
        { name: 'b', value: '2', sameSite: 'Strict' }, { name: 'c', value: '3' }] }) });
      app.http('only', { methods: ['PATCH'], handler: () => ({ body: 'patched' }) });`,
  });
  let h: Host;
  beforeAll(async () => void (h = await host({ app })));

  test.each([
    ['/v1/shop/books/7', { category: 'books', id: '7' }],
    ['/v1/shop/books', { category: 'books' }],
    ['/v1/files/a/b/c.txt', { rest: 'a/b/c.txt' }],
    ['/v1/files', {}],
    ['/v1/codes/abc', { code: 'abc' }],
    ['/v1/years/2026', { year: '2026' }],
    ['/v1/words/ab', { word: 'ab' }],
    ['/v1/WORDS/Ab', { word: 'Ab' }],
    ['/v1/keys/973bfe35-95c9-4db5-8ce5-5a2f973bfe35', { key: '973bfe35-95c9-4db5-8ce5-5a2f973bfe35' }],
    ['/v1/keys/7', { key: '7' }],
    ['/v1/keys/a%2Fb%20c', { key: 'a%2Fb c' }],
    ['/v1/pages', { size: '10' }],
    ['/v1/pages/20/2/', { size: '20', page: '2' }],
    ['/v1/docs/a.b.txt', { name: 'a.b', ending: 'txt' }],
    ['/v1/docs/7:approve', { id: '7' }],
  ])('%s', async (path, params) => {
    const reply = await send(h, 'GET', path);
    expect([reply.status, reply.json]).toEqual([200, params]);
    expect(reply.headers.get('x-frame-options')).toBe('DENY');
  });

  test.each([
    '/v1/shop/books/0',
    '/v1/shop/b00ks',
    '/v1/codes/abcd',
    '/v1/years/1800',
    '/v1/big/4294967296',
    '/v1/words/ad',
    '/v1/words/abc',
    '/v1/pages/x',
    '/v1/docs/a.b1',
    '/v1/keys/%zz',
    '/v1/keys/7/8',
    '/api/files',
  ])('%s is not found', async (path) => expect((await send(h, 'GET', path)).status).toBe(404));

  test('cookies with all that they can say', async () => {
    expect((await send(h, 'GET', '/v1/cookies')).headers.getSetCookie()).toEqual([
      'a=x%20y; expires=Sun, 01 Feb 2026 00:00:00 GMT; max-age=60; domain=d.example; path=/p; secure; samesite=none; httponly',
      'b=2; path=/; samesite=strict',
      'c=3; path=/',
    ]);
  });

  test('HEAD gives the headers alone, other methods are not found', async () => {
    const reply = await raw(h, 'HEAD', '/v1/codes/abc');
    expect([reply.status, reply.headers['content-length'], reply.body]).toEqual([200, '14', '']);
    expect((await send(h, 'PATCH', '/v1/only')).text).toBe('patched');
    expect((await send(h, 'GET', '/v1/only')).status).toBe(404);
  });

  test('the root says that the host is up, unless told not to', async () => {
    expect((await send(h, 'GET', '/')).text).toContain('up and running');
    const silent = await host({ app, env: { AzureWebJobsDisableHomepage: 'true' } });
    expect((await send(silent, 'GET', '/')).status).toBe(204);
  });

  test('an unknown constraint is named', async () => {
    const bad = tempApp({ 'a.js': `${USES}app.http('x', { route: 'a/{b:odd}', handler: () => ({}) });` });
    await expect(host({ app: bad })).rejects.toThrow(
      "'x' cannot have the route '/api/a/{b:odd}': the constraint 'odd'",
    );
  });
});

describe('keys', () => {
  const app = tempApp({
    'a.js':
      USES +
      `for (const authLevel of ['anonymous', 'function', 'admin']) app.http(authLevel, { authLevel, handler: () => ({ body: 'in' }) });
      df.app.orchestration('o', function* () { return 1; });
      app.http('start', { authLevel: 'anonymous', extraInputs: [df.input.durableClient()], handler: async (request, context) => {
        const client = df.getClient(context); return client.createCheckStatusResponse(request, await client.startNew('o', { instanceId: 'k' })); } });`,
  });
  const status = async (h: Host, path: string, key?: string): Promise<number> =>
    (await fetch(h.url + path, key === undefined ? {} : { headers: { 'x-functions-key': key } })).status;

  test('are not asked for unless wanted', async () => {
    const h = await host({ app });
    for (const level of ['anonymous', 'function', 'admin']) expect(await status(h, `/api/${level}`)).toBe(200);
    expect(await status(h, '/admin/functions')).toBe(200);
  });

  test('open what Azure opens with them, in the header or as code', async () => {
    const h = await host({ app, keys: true });
    const keys = await h.keys();
    const own = keys.functions.function as string;
    const table: [string, string | undefined, number][] = [
      ['/api/anonymous', undefined, 200],
      ['/api/function', undefined, 401],
      ['/api/function', 'wrong', 401],
      ['/api/function', own, 200],
      ['/api/function', keys.host, 200],
      ['/api/function', keys.master, 200],
      [`/api/function?code=${own}`, undefined, 200],
      ['/api/admin', keys.host, 401],
      ['/api/admin', own, 401],
      ['/api/admin', keys.master, 200],
      ['/admin/functions', keys.host, 401],
      ['/admin/functions', keys.master, 200],
      ['/admin/host/status', undefined, 401],
      ['/admin/host/ping', undefined, 200],
      [`${MANAGEMENT}/instances`, undefined, 401],
      [`${MANAGEMENT}/instances`, keys.host, 401],
      [`${MANAGEMENT}/instances`, keys.durable, 200],
      [`${MANAGEMENT}/instances?code=${keys.master}`, undefined, 200],
    ];
    for (const [path, key, expected] of table)
      expect([path, key, await status(h, path, key)]).toEqual([path, key, expected]);
    const refused = await send(h, 'GET', `${MANAGEMENT}/instances`);
    expect([refused.headers.get('www-authenticate'), refused.text]).toEqual(['Bearer', '']);
  });

  test('links of the client carry the system key, and the client itself needs none', async () => {
    const h = await host({ app, keys: true });
    const links = (await send(h, 'POST', '/api/start')).json as { statusQueryGetUri: string };
    await h.idle();
    const reply = await fetch(links.statusQueryGetUri);
    expect([reply.status, await reply.json()]).toEqual([200, expect.objectContaining({ runtimeStatus: 'Completed' })]);
  });

  test('follow from the seed', async () => {
    const [a, b, c] = [await host({ app, seed: 4 }), await host({ app, seed: 4 }), await host({ app, seed: 5 })];
    expect(await a.keys()).toEqual(await b.keys());
    expect((await a.keys()).master).not.toBe((await c.keys()).master);
  });
});

describe('who may use /admin and the page', () => {
  let h: Host;
  beforeAll(async () => void (h = await host()));

  test.each(['/admin/clock', '/admin/host/status', '/admin/functions', '/runtime/ui'])(
    '%s refuses foreign hosts and origins',
    async (path) => {
      const own = `127.0.0.1:${h.port}`;
      expect((await raw(h, 'GET', path)).status).toBe(200);
      expect((await raw(h, 'GET', path, { host: `localhost:${h.port}` })).status).toBe(200);
      expect((await raw(h, 'GET', path, { host: own, origin: `http://${own}` })).status).toBe(200);
      for (const headers of [
        { host: `evil.example:${h.port}` },
        { host: 'localhost.evil.example' },
        { host: own, origin: 'http://evil.example' },
        { host: own, origin: 'null' },
        { host: own, origin: 'http://localhost:3000' },
      ]) {
        const reply = await raw(h, 'GET', path, headers);
        expect([headers, reply.status]).toEqual([headers, 403]);
        expect(reply.body).toMatch(/is not this machine|may not use this address/);
      }
    },
  );

  test('functions and webhooks take any host name', async () => {
    expect((await raw(h, 'GET', '/api/nothing', { host: 'tunnel.example' })).status).toBe(204);
    expect((await raw(h, 'GET', `${MANAGEMENT}/instances`, { host: 'tunnel.example' })).status).toBe(200);
  });
});

describe('Host.CORS of local.settings.json', () => {
  const files = { 'a.js': `${USES}app.http('x', { handler: () => ({ body: 'x' }) });` };
  const withCors = (Host: object): string => tempApp({ ...files, 'local.settings.json': { Values: {}, Host } });
  const origin = { origin: 'http://site.example' };

  test('lets named origins in, answers their preflights, and no others', async () => {
    const h = await host({
      app: withCors({ CORS: 'http://site.example,http://other.example', CORSCredentials: true }),
    });
    const reply = await raw(h, 'GET', '/api/x', origin);
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': 'http://site.example',
      'access-control-allow-credentials': 'true',
    });
    const asked = { ...origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-a' };
    const preflight = await raw(h, 'OPTIONS', '/api/x', asked);
    expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([204, 'POST']);
    expect(preflight.headers['access-control-allow-headers']).toBe('x-a');
    const foreign = await raw(h, 'GET', '/api/x', { origin: 'http://evil.example' });
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
    expect((await raw(h, 'GET', '/admin/clock', origin)).status).toBe(403);
  });

  test('* lets all in; without it nothing is said', async () => {
    const all = await host({ app: withCors({ CORS: '*' }) });
    expect((await raw(all, 'GET', '/api/x', origin)).headers['access-control-allow-origin']).toBe('*');
    const none = await host({ app: tempApp(files) });
    expect((await raw(none, 'GET', '/api/x', origin)).headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('limits of host.json', () => {
  const app = (http: object, more: object = {}): string =>
    tempApp({
      'host.json': { version: '2.0', extensions: { http }, ...more },
      'a.js':
        USES +
        `let now = 0, most = 0; app.http('slow', { handler: async () => { most = Math.max(most, ++now); await new Promise((r) => setTimeout(r, 150)); now--; return { body: String(most) }; } });`,
    });
  const three = (h: Host): Promise<Response[]> => Promise.all([1, 2, 3].map(() => fetch(`${h.url}/api/slow`)));

  test('maxOutstandingRequests answers 429 to the rest', async () => {
    const h = await host({ app: app({ maxOutstandingRequests: 2 }) });
    expect((await three(h)).map((r) => r.status).sort()).toEqual([200, 200, 429]);
  });

  test('maxConcurrentRequests lets the rest wait', async () => {
    const h = await host({ app: app({ maxConcurrentRequests: 1 }) });
    const all = await three(h);
    expect([all.map((r) => r.status), await Promise.all(all.map((r) => r.text()))]).toEqual([
      [200, 200, 200],
      ['1', '1', '1'],
    ]);
  });

  test('functionTimeout ends an invocation', async () => {
    const log: LogLine[] = [];
    const h = await host({ app: app({}, { functionTimeout: '00:00:00.0500000' }), log: (l) => log.push(l) });
    expect((await fetch(`${h.url}/api/slow`)).status).toBe(500);
    expect(log.map((l) => l.message).join('\n')).toContain(
      "Timeout value of 00:00:00 exceeded by function 'Functions.slow'",
    );
  });
});

describe('the admin routes of the real host', () => {
  const app = tempApp({
    'a.js':
      USES +
      `const seen = [];
      app.http('seen', { handler: () => ({ jsonBody: seen }) });
      app.timer('t', { schedule: '0 0 0 1 1 *', handler: (timer) => void seen.push(['t', timer.isPastDue]) });
      df.app.activity('act', { handler: (value) => void seen.push(['act', value]) });
      app.http('hook', { handler: async (request) => void seen.push(['hook', await request.text()]) });`,
  });
  let h: Host;
  beforeAll(async () => void (h = await host({ app })));
  const post = (name: string, body: string, type = 'application/json'): Promise<Response> =>
    fetch(`${h.url}/admin/functions/${name}`, { method: 'POST', body, headers: { 'content-type': type } });

  test('status and ping', async () => {
    const status = (await send(h, 'GET', '/admin/host/status')).json;
    expect(status).toMatchObject({
      state: 'Running',
      version: '4.1037.0.0',
      id: expect.any(String),
      processUptime: expect.any(Number),
    });
    expect((await send(h, 'POST', '/admin/host/ping', '')).status).toBe(200);
  });

  test('functions, one function, an unknown one', async () => {
    const list = (await send(h, 'GET', '/admin/functions')).json as { name: string }[];
    expect(list.map((f) => f.name)).toEqual(['seen', 't', 'act', 'hook']);
    expect((await send(h, 'GET', '/admin/functions/SEEN')).json).toMatchObject({
      name: 'seen',
      href: `${h.url}/admin/functions/seen`,
      invoke_url_template: `${h.url}/api/seen`,
      language: 'node',
      isDisabled: false,
      config: { bindings: expect.arrayContaining([expect.objectContaining({ type: 'httpTrigger' })]) },
    });
    expect((await send(h, 'GET', '/admin/functions/none')).status).toBe(404);
    expect((await send(h, 'DELETE', '/admin/functions/seen')).status).toBe(405);
  });

  test('POST runs a function by hand', async () => {
    for (const [name, input] of [
      ['t', ''],
      ['act', '{"a":1}'],
      ['hook', 'text'],
    ] as const) {
      const reply = await post(name, JSON.stringify({ input }));
      expect([name, reply.status]).toEqual([name, 202]);
      await h.idle();
    }
    expect((await send(h, 'GET', '/api/seen')).json).toEqual([
      ['t', false],
      ['act', { a: 1 }],
      ['hook', 'text'],
    ]);
  });

  test('POST wakes a host that is at rest', async () => {
    const real = await host({ app, clock: 'real' });
    await fetch(`${real.url}/admin/functions/act`, {
      method: 'POST',
      body: '{"input":"wake"}',
      headers: { 'content-type': 'application/json' },
    });
    for (let i = 0; i < 100 && (await send(real, 'GET', '/api/seen')).text === '[]'; i++) await sleep(10);
    expect((await send(real, 'GET', '/api/seen')).json).toEqual([['act', 'wake']]);
  });

  test.each<[string, string, string, string, number]>([
    ['no JSON', 't', '{', 'application/json', 400],
    ['null', 't', 'null', 'application/json', 400],
    ['an input that is no text', 't', '{"input":1}', 'application/json', 400],
    ['text/plain', 't', '{}', 'text/plain', 415],
    ['an unknown function', 'none', '{}', 'application/json', 404],
  ])('POST with %s', async (_, name, body, type, status) => expect((await post(name, body, type)).status).toBe(status));

  test('the clock takes durations and says what it expects', async () => {
    const move = (body: unknown) => send(h, 'POST', '/admin/clock', body);
    expect((await move({ advanceBy: '90m' })).json).toMatchObject({ now: '2026-01-05T10:30:00.000Z', mode: 'manual' });
    expect((await move({ advanceBy: 'P1D' })).json).toMatchObject({ now: '2026-01-06T10:30:00.000Z' });
    expect((await move({ advanceTo: '2026-01-07T00:00:00Z' })).json).toMatchObject({ now: '2026-01-07T00:00:00.000Z' });
    for (const body of [
      { advanceBy: -1 },
      { advanceBy: 'soon' },
      { advanceBy: '9999999d' },
      { other: 1 },
      'no',
      null,
    ]) {
      const reply = await move(body);
      expect([body, reply.status, (reply.json as { expected: string }).expected]).toEqual([
        body,
        400,
        expect.stringContaining('advanceBy'),
      ]);
    }
  });
});

test('slow and broken clients do not hold the host', async () => {
  const h = await host({ clock: 'real' });
  const request = http.request({
    host: '127.0.0.1',
    port: h.port,
    method: 'POST',
    path: '/api/bytes',
    headers: { 'content-length': 1000 },
  });
  request.on('error', () => undefined);
  request.write('half');
  await sleep(50);
  request.destroy();
  await sleep(50);
  expect((await send(h, 'GET', '/api/nothing')).status).toBe(204);
  await h.idle();
});

test('localhost answers over IPv4 and IPv6', async () => {
  const h = await host();
  for (const address of ['127.0.0.1', '[::1]', 'localhost']) {
    expect((await fetch(`http://${address}:${h.port}/api/nothing`)).status).toBe(204);
  }
});
