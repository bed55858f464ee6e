/** A thread that is kept for several hosts, one after the other: each app and its clock are new, libraries stay. */
import { keepThread, startHost, type HostThread } from '../index';
import { stopAll } from './support';
import { USES, tempApp } from './tempApp';

const threads: HostThread[] = [];

function kept(): HostThread {
  const thread = keepThread();
  threads.push(thread);
  return thread;
}

afterEach(async () => {
  await stopAll();
  await Promise.all(threads.splice(0).map((thread) => thread.close()));
});

const counting = (name: string) =>
  tempApp({
    'a.js':
      USES +
      `let calls = 0;
      df.app.orchestration('${name}', function* (c) {
        yield c.df.createTimer(new Date(c.df.currentUtcDateTime.getTime() + 3600000));
        return yield c.df.callActivity('count');
      });
      df.app.activity('count', { handler: () => ({ calls: ++calls, at: new Date().toISOString(), set: process.env.ONLY_HERE ?? null }) });`,
  });

const at = (startAt: string) => ({ clock: 'manual', startAt, port: 0 }) as const;

async function run(thread: HostThread, name: string, startAt: string, env: Record<string, string> = {}) {
  const host = await startHost({ app: counting(name), thread, env, ...at(startAt) });
  const functions = (await host.functions()).map((one) => one.name).sort();
  const id = await host.client.startNew(name);
  await host.advance('PT2H');
  const { output } = await host.client.getStatus(id);
  await host.stop();
  return { functions, output };
}

test('hosts one after the other: nothing of the one before is left in app, clock or environment', async () => {
  const thread = kept();
  const first = await run(thread, 'one', '2026-01-05T00:00:00Z', { ONLY_HERE: 'yes' });
  expect(first).toEqual({
    functions: ['count', 'one'],
    output: { calls: 1, at: '2026-01-05T01:00:00.000Z', set: 'yes' },
  });
  const second = await run(thread, 'two', '2024-02-03T00:00:00Z');
  expect(second).toEqual({
    functions: ['count', 'two'],
    output: { calls: 1, at: '2024-02-03T01:00:00.000Z', set: null },
  });
});

test('a real clock after a virtual one is real', async () => {
  const thread = kept();
  await run(thread, 'one', '2024-01-05T00:00:00Z');
  const host = await startHost({ app: counting('two'), thread, port: 0 });
  expect(Math.abs((await host.now()).getTime() - Date.now())).toBeLessThan(60_000);
});

test('takes one host at a time, and says so', async () => {
  const thread = kept();
  const host = await startHost({ app: counting('one'), thread, ...at('2026-01-05T00:00:00Z') });
  const second = startHost({ app: counting('two'), thread, ...at('2026-01-05T00:00:00Z') });
  await expect(second).rejects.toThrow('The thread has a host that runs.');
  await host.stop();
  await expect(run(thread, 'two', '2026-01-05T00:00:00Z')).resolves.toMatchObject({ output: { calls: 1 } });
});

test('a host that is stopped twice leaves the one after it alone', async () => {
  const thread = kept();
  const first = await startHost({ app: counting('one'), thread, ...at('2026-01-05T00:00:00Z') });
  await first.stop();
  const second = await startHost({ app: counting('two'), thread, ...at('2026-01-05T00:00:00Z') });
  await first.stop();
  expect((await second.functions()).map(({ name }) => name).sort()).toEqual(['count', 'two']);
});

test('goes on after options that cannot be sent to it', async () => {
  const thread = kept();
  const outside = { module: 'outside.js', options: () => undefined };
  const refused = startHost({ app: counting('one'), thread, outside, ...at('2026-01-05T00:00:00Z') });
  await expect(refused).rejects.toThrow('could not be cloned');
  await expect(run(thread, 'one', '2026-01-05T00:00:00Z')).resolves.toMatchObject({ output: { calls: 1 } });
});

test('goes on after an app that does not load', async () => {
  const thread = kept();
  const broken = tempApp({ 'a.js': "throw new Error('broken on purpose');" });
  await expect(startHost({ app: broken, thread, ...at('2026-01-05T00:00:00Z') })).rejects.toThrow('broken on purpose');
  await expect(run(thread, 'one', '2026-01-05T00:00:00Z')).resolves.toMatchObject({ output: { calls: 1 } });
});

test.each([
  ['console', { console: 'log', thread: keepThread() }, "console: 'log' needs a thread of the host's own"],
  ['thread', { thread: {} as HostThread }, 'thread is not one that keepThread() made.'],
] as const)('refuses options that cannot go together: %s', async (_, options, message) => {
  await expect(startHost({ app: counting('one'), ...options })).rejects.toThrow(message);
});
