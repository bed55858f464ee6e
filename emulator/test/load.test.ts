/**
 * An app that does not load, a port in use, a module that is no outside module: each says what is wrong.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { APP, host, run, stopAll } from './support';

const root = mkdtempSync(path.join(os.tmpdir(), 'emulator-load-'));
afterEach(stopAll);
afterAll(() => rmSync(root, { recursive: true, force: true }));

let n = 0;
function app(files: Record<string, string>): string {
  const folder = path.join(root, String(n++));
  mkdirSync(folder);
  symlinkSync(path.join(__dirname, '..', '..', 'node_modules'), path.join(folder, 'node_modules'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

const pkg = (main?: string) => ({ 'package.json': JSON.stringify({ main }) });
const register = (name: string) =>
  `require('@azure/functions').app.http('${name}', { handler: () => ({ body: '${name}' }) });`;

test.each<[string, Record<string, string>, RegExp]>([
  ['no package.json', {}, /has no package\.json/],
  ['no main', pkg(), /no "main"/],
  ['main matches nothing', pkg('dist/app.js'), /"dist\/app\.js", and no file matches it.*built/],
  [
    'a load error, with its place',
    { ...pkg('a.js'), 'a.js': 'x.y.z;' },
    /a\.js failed: ReferenceError: x is not defined[^]*a\.js:1/,
  ],
  ['no functions', { ...pkg('a.js'), 'a.js': '1;' }, /registered no functions/],
  ['duplicate names', { ...pkg('a.js'), 'a.js': register('f') + register('f') }, /"f" is already registered/],
  [
    'names that differ in case only',
    { ...pkg('a.js'), 'a.js': register('f') + register('F') },
    /'F' is registered twice/,
  ],
  [
    'a trigger of another kind',
    { ...pkg('a.js'), 'a.js': "require('@azure/functions').app.warmup('q', { handler: () => {} });" },
    /'q' has a trigger of type 'warmupTrigger'/,
  ],
  [
    'a bad schedule',
    {
      ...pkg('a.js'),
      'a.js': "require('@azure/functions').app.timer('t', { schedule: 'nonsense', handler: () => {} });",
    },
    /'t' has the schedule 'nonsense'/,
  ],
  ['a bad host.json', { ...pkg('a.js'), 'a.js': register('f'), 'host.json': '{' }, /host\.json is not valid JSON/],
])('refuses an app with %s', async (_, files, message) => {
  await expect(host({ app: app(files) })).rejects.toThrow(message);
});

test('a port in use is named', async () => {
  const h = await host();
  await expect(host({ port: h.port })).rejects.toThrow(`Port ${h.port} is in use`);
});

test('an outside module without createOutside is named', async () => {
  await expect(host({ outside: { module: path.join(APP, 'host.json') } })).rejects.toThrow('createOutside');
});

test('main may be a pattern, modules may be ES modules, hooks run, the route prefix may be empty', async () => {
  const folder = app({
    'package.json': JSON.stringify({ main: 'src/*.js', type: 'module' }),
    'host.json': JSON.stringify({ extensions: { http: { routePrefix: '' } } }),
    'src/a.js':
      "import { app } from '@azure/functions'; app.http('a', { handler: (r, c) => ({ jsonBody: c.extraFromHook }) });",
    'src/b.js':
      "import { app } from '@azure/functions'; app.http('b', { handler: () => ({ body: 'b' }) });" +
      "app.hook.preInvocation((c) => { c.invocationContext.extraFromHook = 'pre ' + c.hookData; });" +
      "app.hook.postInvocation((c) => { if (c.invocationContext.functionName === 'b') c.result = { body: 'changed' }; });",
  });
  const h = await host({ app: folder });
  expect(await (await fetch(`${h.url}/a`)).text()).toContain('pre ');
  expect(await (await fetch(`${h.url}/b`)).text()).toBe('changed');
});

test('two hosts run side by side in one process', async () => {
  const [a, b] = [await host(), await host({ startAt: '2030-01-01T00:00:00Z' })];
  expect((await run(a, 'chain')).createdTime).toBe('2026-01-05T09:00:00Z');
  expect((await run(b, 'chain')).createdTime).toBe('2030-01-01T00:00:00Z');
  expect((await a.stats()).instances).toBe(1);
});

test('a stopped host says so', async () => {
  const h = await host();
  await h.stop();
  await expect(h.now()).rejects.toThrow('stopped');
});
