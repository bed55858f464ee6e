/** The command: what it prints, when it is ready, how it ends, and the exit codes of what goes wrong. Runs the built command. */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { USES, tempApp, tempFolder } from './tempApp';

jest.setTimeout(60_000);

const BIN = path.join(__dirname, '..', 'bin', 'durable-emulator.js');
const running: ChildProcess[] = [];
afterEach(() => running.splice(0).forEach((child) => child.kill('SIGKILL')));

interface Run {
  child: ChildProcess;
  output(): string;
  exit: Promise<number | null>;
}

function command(...args: string[]): Run {
  return observed(spawn(process.execPath, [BIN, ...args]));
}

function observed(child: ChildProcessWithoutNullStreams): Run {
  running.push(child);
  let text = '';
  child.stdin.end();
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: () => text, exit: new Promise((resolve) => child.on('close', resolve)) };
}

/** The address once the command says that it is ready. */
async function ready(run: Run): Promise<string> {
  for (let i = 0; i < 2000; i++) {
    const found = /Ready on (http:\/\/localhost:\d+)|"event":"ready","url":"([^"]+)"/.exec(run.output());
    if (found) return (found[1] ?? found[2]) as string;
    if (run.child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`The command did not become ready: ${run.output()}`);
}

const code =
  USES +
  `app.http('hello', { route: 'hello/{name?}', handler: (request, context) => { context.log('greeting'); console.log('from the console'); return { body: 'Hello ' + request.params.name }; } });
  app.timer('tick', { schedule: '0 0 0 1 1 *', handler: () => {} });
  app.http('throws', { handler: () => { throw new Error('as asked'); } });
  app.http('dies', { handler: () => { void Promise.reject(new Error('nobody waits')); return {}; } });
  df.app.orchestration('o', function* (c) { yield c.df.createTimer(new Date(c.df.currentUtcDateTime.getTime() + 86400000)); return 'done'; });
  app.hook.appTerminate(() => console.log('terminated'));`;
const app = tempApp({ 'a.js': code });

test('start prints functions and URLs, says when it is ready, logs, and SIGTERM ends it in order', async () => {
  const run = command('start', '--app', app, '--port', '0');
  const url = await ready(run);
  const status = (await (await fetch(`${url}/admin/host/status`)).json()) as { state: string };
  expect([status.state, (await fetch(`${url}/admin/host/ping`)).status]).toEqual(['Running', 200]);
  expect(await (await fetch(`${url}/api/hello/you`)).text()).toBe('Hello you');
  run.child.kill('SIGTERM');
  expect(await run.exit).toBe(0);
  const output = run.output();
  expect(output).toContain(`hello: [GET,POST] ${url}/api/hello/{name?}`);
  expect(output).toContain('tick: timerTrigger');
  expect(output).toMatch(/^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] Executing 'Functions.hello' \(Reason='This function was/m);
  expect(output).toMatch(/^\[[^\]]+Z\] greeting$/m);
  expect(output).toMatch(/^\[[^\]]+Z\] from the console$/m);
  expect(output).toMatch(/^\[[^\]]+Z\] Executed 'Functions.hello' \(Succeeded, Id=[0-9a-f-]+, Duration=\d+ms\)$/m);
  expect(output).toMatch(/terminated[^]*Stopped\.\n$/);
});

test('started by npx, it ends in order when npx has been ended', async () => {
  const script = `"${process.execPath}" "${BIN}" start --app "${app}" --port 0 & wait`;
  const run = observed(spawn('sh', ['-c', script], { env: { ...process.env, npm_command: 'exec' } }));
  const url = await ready(run);
  run.child.kill('SIGTERM');
  await run.exit; // of the shell, once the host has let go of its output
  expect(run.output()).toMatch(/Stopped\.\n$/);
  await expect(fetch(url)).rejects.toThrow();
});

test('--json writes one object a line; clock, start and strictness are as asked', async () => {
  const run = command(
    'start',
    '--app',
    app,
    '--port',
    '0',
    '--json',
    '--clock',
    'auto',
    '--start-at',
    '2026-01-05T09:00:00Z',
    '--strict=off',
  );
  const url = await ready(run);
  await fetch(`${url}/runtime/webhooks/durabletask/orchestrators/o/one`, { method: 'POST' });
  let status: { runtimeStatus?: string; output?: unknown } = {};
  for (let i = 0; i < 200 && status.runtimeStatus !== 'Completed'; i++) {
    status = (await (await fetch(`${url}/runtime/webhooks/durabletask/instances/one`)).json()) as typeof status;
  }
  expect(status.output).toBe('done');
  expect(await (await fetch(`${url}/admin/clock`)).json()).toEqual({ now: '2026-01-06T09:00:00.000Z', mode: 'auto' });
  await fetch(`${url}/api/hello/you`);
  run.child.kill('SIGINT');
  expect(await run.exit).toBe(0);
  const events = run
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const started = events.find((e) => e.event === 'ready') as { functions: { name: string; url?: string }[] };
  expect(started.functions.find((f) => f.name === 'hello')?.url).toBe(`${url}/api/hello/{name?}`);
  const user = events.find((e) => e.event === 'log' && e.message === 'greeting');
  expect(user).toMatchObject({
    level: 'information',
    category: 'user',
    functionName: 'hello',
    at: '2026-01-06T09:00:00.000Z',
  });
  expect(events.at(-1)).toEqual({ event: 'stopped' });
});

test('--quiet writes errors only, besides being ready', async () => {
  const run = command('start', '--app', app, '--port', '0', '--quiet');
  const url = await ready(run);
  await fetch(`${url}/api/hello/you`);
  await fetch(`${url}/api/throws`);
  run.child.kill('SIGTERM');
  await run.exit;
  expect(run.output()).toContain('Exception: as asked');
  expect(run.output()).not.toMatch(/greeting|Executing|Functions:/);
});

test('--keys asks for keys and prints them; --data keeps them and the instances', async () => {
  const data = path.join(tempFolder(), 'new');
  const first = command('start', '--app', app, '--port', '0', '--keys', '--data', data, '--clock', 'manual');
  const url = await ready(first);
  const key = /durable webhooks (\S+)/.exec(first.output())?.[1] as string;
  const instances = `${url}/runtime/webhooks/durabletask`;
  expect((await fetch(`${instances}/orchestrators/o/kept`, { method: 'POST' })).status).toBe(401);
  expect((await fetch(`${instances}/orchestrators/o/kept?code=${key}`, { method: 'POST' })).status).toBe(202);
  await fetch(`${url}/admin/clock`, { method: 'POST', body: '{"runUntilIdle":true}' });
  first.child.kill('SIGTERM');
  expect(await first.exit).toBe(0);
  expect(existsSync(data)).toBe(true);
  const second = command('start', '--app', app, '--port', '0', '--keys', '--data', data, '--clock', 'manual');
  const again = await ready(second);
  const status = await fetch(`${again}/runtime/webhooks/durabletask/instances/kept?code=${key}`);
  expect(await status.json()).toMatchObject({ instanceId: 'kept', runtimeStatus: 'Running' });
});

test('the port comes from local.settings.json unless it is given', async () => {
  const free = await new Promise<number>((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
  const run = command(
    'start',
    '--app',
    tempApp({ 'a.js': code, 'local.settings.json': { Host: { LocalHttpPort: free } } }),
  );
  expect(await ready(run)).toBe(`http://localhost:${free}`);
});

describe('exit code 2', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown option', ['start', '--nonsense'], /unknown option '--nonsense'/],
    ['an unknown command', ['begin'], /unknown command 'begin'/],
    ['a wrong clock', ['start', '--clock', 'fast'], /'fast' is invalid\. Allowed choices are real, auto, manual/],
    ['a wrong port', ['start', '--port', '70000'], /'70000' is invalid\. Expected is a whole number from 0 to 65535/],
    ['a wrong instant', ['start', '--start-at', 'soon'], /'soon' is invalid\. Expected is an instant/],
    ['a wrong rate', ['start', '--faults-crash', '7'], /'7' is invalid\. Expected is a number from 0 to 1/],
    ['a seed without faults', ['start', '--app', app, '--faults-seed', '7'], /--faults-seed is given without a rate/],
    ['no such folder', ['start', '--app', '/no/such/folder'], /The app folder .*folder does not exist/],
    [
      'an app that does not load',
      ['start', '--app', tempApp({ 'a.js': 'x.y;' }), '--port', '0'],
      /a\.js failed: ReferenceError: x is not defined/,
    ],
    [
      'a wrong setting',
      ['start', '--app', tempApp({ 'a.js': code, 'host.json': { functionTimeout: 1 } })],
      /host\.json has 1 at functionTimeout/,
    ],
  ])('%s', async (_, args, message) => {
    const run = command(...args);
    expect(await run.exit).toBe(2);
    expect(run.output()).toMatch(message);
    expect(run.output()).not.toMatch(/\n\s+at .*dist/);
  });

  test('a port in use', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    const run = command('start', '--app', app, '--port', String(port));
    expect(await run.exit).toBe(2);
    expect(run.output()).toContain(`Port ${port} is in use`);
    server.close();
  });
});

test('exit code 1: the app breaks the host while it runs', async () => {
  const run = command('start', '--app', app, '--port', '0');
  const url = await ready(run);
  await fetch(`${url}/api/dies`).catch(() => undefined);
  expect(await run.exit).toBe(1);
  expect(run.output()).toContain('unhandled rejection in the app: Error: nobody waits');
});
