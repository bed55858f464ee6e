/**
 * host.json, local.settings.json and the environment: what is read, what wins, and that a wrong value is named. Hooks, module
 * kinds and source maps besides.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from '@swc/core';
import type { LogLine } from '../index';
import { host, send, stopAll } from './support';
import { USES, tempApp } from './tempApp';

afterEach(stopAll);

const plain = {
  'a.js': `${USES}app.http('env', { handler: (r) => ({ body: process.env[r.query.get('name')] ?? 'none' }) });`,
};

describe('local.settings.json', () => {
  test('gives values; the environment and what the host is started with win', async () => {
    const Values = { ONE: 'file', TWO: 'file', PATH: 'file', NUMBER: 7, FLAG: true };
    const app = tempApp({
      ...plain,
      'local.settings.json': `{ "IsEncrypted": false, // comment\n "Values": ${JSON.stringify(Values)}, }`,
    });
    const h = await host({ app, env: { TWO: 'option' } });
    const value = async (name: string): Promise<string> => (await send(h, 'GET', `/api/env?name=${name}`)).text;
    expect([await value('ONE'), await value('TWO'), await value('PATH')]).toEqual([
      'file',
      'option',
      expect.stringContaining('/'),
    ]);
    expect([await value('NUMBER'), await value('FLAG')]).toEqual(['7', 'true']);
  });

  test.each<[string, object | string, RegExp]>([
    ['is encrypted', { IsEncrypted: true }, /local\.settings\.json has true at IsEncrypted; expected is false/],
    ['has nested values', { Values: { a: { b: 1 } } }, /has \{"b":1\} at Values\.a; expected is text/],
    ['has a bad port', { Host: { LocalHttpPort: 'x' } }, /has "x" at Host\.LocalHttpPort/],
    ['has bad origins', { Host: { CORS: 1 } }, /has 1 at Host\.CORS/],
    ['is no object', '[]', /local\.settings\.json holds \[\]/],
  ])('is refused when it %s', async (_, settings, message) => {
    await expect(host({ app: tempApp({ ...plain, 'local.settings.json': settings }) })).rejects.toThrow(message);
  });
});

describe('host.json', () => {
  test.each<[object, RegExp]>([
    [{ version: '1.0' }, /has "1\.0" at version; expected is "2\.0"/],
    [{ extensions: { http: { routePrefix: 5 } } }, /has 5 at extensions\.http\.routePrefix; expected is text/],
    [{ extensions: { http: [] } }, /has \[\] at extensions\.http; expected is an object/],
    [
      { extensions: { http: { maxOutstandingRequests: 'many' } } },
      /has "many" at extensions\.http\.maxOutstandingRequests/,
    ],
    [{ extensions: { durableTask: { hubName: 1 } } }, /has 1 at extensions\.durableTask\.hubName/],
    [
      { extensions: { queues: { messageEncoding: 'hex' } } },
      /has "hex" at extensions\.queues\.messageEncoding; expected is "base64" or "none"/,
    ],
    [{ extensions: { queues: { visibilityTimeout: '5m' } } }, /has "5m" at extensions\.queues\.visibilityTimeout/],
    [{ extensions: { serviceBus: { maxConcurrentCalls: 0 } } }, /has 0 at extensions\.serviceBus\.maxConcurrentCalls/],
    [{ functionTimeout: 'soon' }, /has "soon" at functionTimeout; expected is a time span/],
    [{ functions: 'a' }, /has "a" at functions; expected is a list/],
    [{ functions: ['nobody'] }, /lists in "functions" what the app does not register: nobody/],
    [{ logging: { logLevel: { default: 'Loud' } } }, /has "Loud" at logging\.logLevel\.default; expected is Trace/],
  ])('%j is refused by name', async (json, message) => {
    await expect(host({ app: tempApp({ ...plain, 'host.json': json }) })).rejects.toThrow(message);
  });
});

describe('names in bindings', () => {
  test('%NAME% stands for a setting, also in routes', async () => {
    const app = tempApp({
      'a.js': `${USES}app.http('x', { route: 'at/%PLACE%', handler: () => ({ body: 'there' }) });`,
    });
    const h = await host({ app, env: { PLACE: 'here' } });
    expect((await send(h, 'GET', '/api/at/here')).text).toBe('there');
    await expect(host({ app })).rejects.toThrow(
      "'x' has the route 'at/%PLACE%' in its httpTrigger, and there is no setting 'PLACE'",
    );
  });

  test.each<[string, string, RegExp]>([
    [
      'a queue without its setting',
      "app.storageQueue('q', { queueName: 'x', connection: 'C', handler: () => {} });",
      /'q' has the connection 'C', and there is no setting 'C'/,
    ],
    [
      'a topic without its setting',
      "app.serviceBusTopic('q', { topicName: 'x', subscriptionName: 's', connection: 'C', handler: () => {} });",
      /'q' has the connection 'C'.*'C__fullyQualifiedNamespace'/,
    ],
    [
      'Event Grid as a source of blobs',
      "app.storageBlob('b', { path: 'x/{name}', source: 'EventGrid', connection: 'C', handler: () => {} });",
      /'b' has a blob trigger with source 'EventGrid'/,
    ],
    [
      'a trigger of another kind',
      "app.cosmosDB('c', { connection: 'C', databaseName: 'd', containerName: 'e', handler: () => {} });",
      /'c' has a trigger of type 'cosmosDBTrigger'/,
    ],
    [
      'an SDK type',
      "app.storageBlob('b', { path: 'x/{name}', connection: 'C', sdkBinding: true, handler: () => {} });",
      /'b' asks for an SDK type in its blobTrigger/,
    ],
  ])('%s is refused', async (_, code, message) => {
    await expect(host({ app: tempApp({ 'a.js': USES + code }) })).rejects.toThrow(message);
  });
});

test('an output of a kind that is not sent runs, and is told', async () => {
  const log: LogLine[] = [];
  const app = tempApp({
    'a.js':
      USES +
      `const sms = output.generic({ type: 'twilioSms', from: '%NO_SUCH_NUMBER%' });
      app.http('h', { extraOutputs: [sms], handler: (r, c) => { c.extraOutputs.set(sms, { to: '1' }); return { body: 'sent' }; } });`,
  });
  const h = await host({ app, log: (line) => log.push(line) });
  expect((await send(h, 'GET', '/api/h')).text).toBe('sent');
  await h.stop();
  expect(log.find((l) => l.level === 'warning')?.message).toMatch(
    /^The twilioSms output '.+' of function 'h' was set \(10 bytes\)/,
  );
});

test('an output without its connection is told at the start and fails its function, not the app', async () => {
  const log: LogLine[] = [];
  const app = tempApp({
    'a.js':
      USES +
      `const out = output.storageQueue({ queueName: 'q', connection: 'NONE' });
      app.http('bad', { extraOutputs: [out], handler: (r, c) => { c.extraOutputs.set(out, 'x'); return { body: 'sent' }; } });
      app.http('good', { handler: () => ({ body: 'good' }) });`,
  });
  const h = await host({ app, log: (line) => log.push(line) });
  expect((await send(h, 'GET', '/api/good')).text).toBe('good');
  expect((await send(h, 'GET', '/api/bad')).status).toBe(500);
  await h.stop();
  expect(log[0]).toMatchObject({ level: 'warning', functionName: 'bad' });
  expect(log[0]?.message).toContain("there is no setting 'NONE' with a connection string");
});

test('a disabled function may have what this host does not run', async () => {
  const code = "app.cosmosDB('c', { connection: '%NONE%', databaseName: 'd', containerName: 'e', handler: () => {} });";
  const app = tempApp({ 'a.js': `${USES}${code}app.http('h', { handler: () => ({ body: 'runs' }) });` });
  const h = await host({ app, env: { 'AzureWebJobs.c.Disabled': 'true' } });
  expect((await send(h, 'GET', '/api/h')).text).toBe('runs');
});

describe('hooks', () => {
  test('run in order, see and change what they may, and share their data', async () => {
    const app = tempApp({
      'a.js':
        USES +
        `app.hook.preInvocation((c) => { c.hookData.at = 'pre'; c.inputs[0] = { name: 'changed' }; });
        app.hook.preInvocation((c) => { const handler = c.functionHandler; c.functionHandler = (...args) => handler(...args) + '!'; });
        app.hook.postInvocation((c) => { c.result = { body: [c.result, c.hookData.at, c.error].join() }; });
        app.http('h', { handler: (request) => request.name });`,
    });
    const h = await host({ app });
    expect((await send(h, 'GET', '/api/h')).text).toBe('changed!,pre,');
  });

  test('postInvocation runs after an error and may take it away; a hook that throws fails the call', async () => {
    const app = tempApp({
      'a.js':
        USES +
        `app.hook.postInvocation((c) => { if (c.error && c.invocationContext.functionName === 'bad') { c.result = { body: c.error.message }; c.error = null; } });
        app.hook.preInvocation((c) => { if (c.invocationContext.functionName === 'worse') throw new Error('hook'); });
        app.http('bad', { handler: () => { throw new Error('mended'); } });
        app.http('worse', { handler: () => ({ body: 'never' }) });`,
    });
    const h = await host({ app });
    expect((await send(h, 'GET', '/api/bad')).text).toBe('mended');
    expect((await send(h, 'GET', '/api/worse')).status).toBe(500);
  });

  test('log hooks change level and text of what the app logs', async () => {
    const log: LogLine[] = [];
    const app = tempApp({
      'a.js':
        USES +
        `app.hook.log((c) => { c.message = c.message.toUpperCase() + ' ' + c.category + ' ' + (c.invocationContext?.functionName ?? '-'); c.level = 'warning'; });
        app.http('h', { handler: (request, context) => { context.log('hello', 5); return {}; } });`,
    });
    const h = await host({ app, log: (line) => log.push(line) });
    await send(h, 'GET', '/api/h');
    await h.stop();
    expect(log.filter((l) => l.category === 'user')).toEqual([
      expect.objectContaining({ level: 'warning', message: 'HELLO 5 user h', functionName: 'h' }),
    ]);
  });

  test('appTerminate runs when the host stops, with what appStart left', async () => {
    const log: LogLine[] = [];
    const app = tempApp({
      'a.js': `${USES}app.hook.appStart((c) => { c.hookData.end = 'the end'; }); app.hook.appTerminate((c) => console.log(c.hookData.end)); app.http('h', { handler: () => ({}) });`,
    });
    const h = await host({ app, console: 'log', log: (line) => log.push(line) });
    await h.stop();
    expect(log.map((l) => l.message)).toContain('the end');
  });
});

test('ES modules, CommonJS and patterns in main go together', async () => {
  const app = tempApp({
    'package.json': { main: 'src/{functions/*.js,*.mjs,*.cjs}', type: 'module' },
    'src/functions/a.js': "import { app } from '@azure/functions'; app.http('a', { handler: () => ({ body: 'a' }) });",
    'src/b.mjs':
      "import { app } from '@azure/functions'; await null; app.http('b', { handler: () => ({ body: 'b' }) });",
    'src/c.cjs': "require('@azure/functions').app.http('c', { handler: () => ({ body: 'c' }) });",
    'src/notes.txt': 'no code',
  });
  const h = await host({ app });
  for (const name of ['a', 'b', 'c']) expect((await send(h, 'GET', `/api/${name}`)).text).toBe(name);
});

test('stacks of compiled TypeScript name its source', async () => {
  const log: LogLine[] = [];
  const source =
    "import { app } from '@azure/functions';\ninterface Unused {\n  x: number;\n}\n\n" +
    "app.http('h', { handler: () => {\n  throw new Error('here');\n} });\n";
  const { code, map } = transformSync(source, {
    filename: 'h.ts',
    sourceMaps: true,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const app = tempApp({ 'src/h.ts': source, 'a.js': `${code}\n//# sourceMappingURL=a.js.map` });
  const relative = { ...(JSON.parse(map as string) as object), sources: ['src/h.ts'], sourceRoot: '' };
  writeFileSync(path.join(app, 'a.js.map'), JSON.stringify(relative));
  const h = await host({ app, log: (line) => log.push(line) });
  await send(h, 'GET', '/api/h');
  await h.stop();
  expect(log.map((l) => l.message).join('\n')).toMatch(/src[\\/]h\.ts:7:9/);
});
