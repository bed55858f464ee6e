/** Log lines as the real host writes them, and which of them host.json lets through. */
import type { LogLine } from '../index';
import { host, send, stopAll } from './support';
import { USES, tempApp } from './tempApp';

afterEach(stopAll);

const code =
  USES +
  `app.http('h', { handler: (request, context) => { context.trace('t'); context.debug('d'); context.log('i'); context.warn('w'); context.error('e'); return {}; } });
  app.http('bad', { handler: () => { throw new TypeError('what failed'); } });
  app.timer('t', { schedule: '0 0 10 * * *', handler: () => {} });
  df.app.orchestration('o', function* (c) { return yield c.df.callActivity('act', 'secret input'); });
  df.app.activity('act', { handler: () => 1 });`;

async function logged(
  hostJson: object,
  work: (url: string) => Promise<unknown>,
  options: object = {},
): Promise<LogLine[]> {
  const log: LogLine[] = [];
  const h = await host({
    app: tempApp({ 'a.js': code, 'host.json': { version: '2.0', ...hostJson } }),
    log: (l) => log.push(l),
    ...options,
  });
  await work(h.url);
  await h.stop();
  return log;
}

const call = (name: string) => (url: string) => fetch(`${url}/api/${name}`);
const users = (log: LogLine[]): string[] => log.filter((l) => l.category === 'user').map((l) => l.message);

test('an invocation is told with function, reason, id, outcome and duration, on the clock of the host', async () => {
  const log = await logged({}, call('h'));
  const [first] = log;
  const id = first?.invocationId as string;
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(first).toMatchObject({ level: 'information', functionName: 'h', at: '2026-01-05T09:00:00.000Z' });
  expect(first?.message).toBe(
    `Executing 'Functions.h' (Reason='This function was programmatically called via the host APIs.', Id=${id})`,
  );
  expect(log.at(-1)?.message).toMatch(
    new RegExp(`^Executed 'Functions.h' \\(Succeeded, Id=${id}, Duration=\\d+ms\\)$`),
  );
  expect(new Set(log.map((l) => l.invocationId))).toEqual(new Set([id]));
});

test('a failure is told with its stack', async () => {
  const log = (await logged({}, call('bad'))).filter((l) => l.level === 'error').map((l) => l.message);
  expect(log[0]).toMatch(/^Executed 'Functions.bad' \(Failed, Id=[0-9a-f-]+, Duration=\d+ms\)$/);
  expect(log[1]).toMatch(
    /^Exception while executing function: Functions.bad. Result: Failure\nException: what failed\nStack: TypeError: what failed\n {4}at .*a\.js/,
  );
});

test('timers give their instant as the reason, durable functions none, and inputs are not logged', async () => {
  const log: LogLine[] = [];
  const h = await host({ app: tempApp({ 'a.js': code }), log: (l) => log.push(l) });
  await h.client.startNew('o', { input: 'secret' });
  await h.advance('2h');
  await h.stop();
  const texts = log.map((l) => l.message);
  expect(texts.find((t) => t.startsWith("Executing 'Functions.t'"))).toContain(
    "(Reason='Timer fired at 2026-01-05T10:00:00.000Z'",
  );
  expect(texts.filter((t) => t.startsWith("Executing 'Functions.o'"))).toHaveLength(2);
  expect(texts.find((t) => t.startsWith("Executing 'Functions.act'"))).toContain("(Reason='(null)'");
  expect(texts.join()).not.toContain('secret');
});

test.each<[string, object, string[]]>([
  ['nothing set', {}, ['i', 'w', 'e']],
  ['default Warning', { default: 'Warning' }, ['w', 'e']],
  ['Function.h.User Trace', { default: 'Error', 'Function.h.User': 'Trace' }, ['t', 'd', 'i', 'w', 'e']],
  ['Function Error', { default: 'Trace', Function: 'Error' }, ['e']],
  ['Function.h None', { Function: 'Trace', 'Function.h': 'None' }, []],
  ['Function.other', { default: 'Warning', 'Function.other': 'Trace' }, ['w', 'e']],
])('host.json logging.logLevel: %s', async (_, logLevel, expected) => {
  expect(users(await logged({ logging: { logLevel } }, call('h')))).toEqual(expected);
});

test('logLevel of the library is a floor', async () => {
  const log = await logged({ logging: { logLevel: { default: 'Trace' } } }, call('h'), { logLevel: 'error' });
  expect(log.map((l) => l.message)).toEqual(['e']);
});

test('an HTTP result that is none is told', async () => {
  const log: LogLine[] = [];
  const app = tempApp({ 'a.js': `${USES}app.http('h', { handler: () => 'text' });` });
  const h = await host({ app, log: (l) => log.push(l) });
  expect((await send(h, 'GET', '/api/h')).status).toBe(500);
  await h.stop();
  expect(log.at(-1)?.message).toContain("The result of function 'h' is no HTTP response");
});
