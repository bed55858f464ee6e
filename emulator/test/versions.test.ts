/** Which versions run under host.json's settings, and what else of extensions.durableTask changes behaviour. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareVersions } from '../core/versions';
import { durableSettings } from '../realm/durableSettings';
import { APPS } from './conformance';
import { MANAGEMENT, begin, host, run, send, status, stopAll } from './support';

const folders: string[] = [];
afterAll(async () => {
  await stopAll();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A host over the conformance app with settings of its own under extensions.durableTask. */
async function under(durableTask: Record<string, unknown>, strict = true) {
  const app = mkdtempSync(path.join(tmpdir(), 'durable-settings-'));
  folders.push(app);
  writeFileSync(path.join(app, 'package.json'), '{"main":"app.js"}');
  writeFileSync(path.join(app, 'app.js'), `require(${JSON.stringify(path.join(APPS.plain, 'app.js'))});`);
  writeFileSync(path.join(app, 'host.json'), JSON.stringify({ version: '2.0', extensions: { durableTask } }));
  return host({ app, strict });
}

test.each([
  ['', '', 0],
  ['', '1.0', -1],
  ['1.0', '', 1],
  ['1.5', '2.0', -1],
  ['1.10', '1.9', 1],
  ['2.0', '2.0.0', -1],
  ['v2', 'V2', 0],
  ['beta', 'alpha', 1],
])('%j against %j: %d', (a, b, expected) => expect(compareVersions(a, b)).toBe(expected));

const startIn = (version: string, id: string) => `${MANAGEMENT}/orchestrators/chainInput/${id}?version=${version}`;

test.each([
  [{ defaultVersion: '2.0' }, { '1.0': 'Completed', '2.0': 'Completed', '3.0': 'Pending' }],
  [
    { defaultVersion: '2.0', versionMatchStrategy: 'Strict' },
    { '1.0': 'Pending', '2.0': 'Completed', '3.0': 'Pending' },
  ],
  [
    { defaultVersion: '2.0', versionMatchStrategy: 'None' },
    { '1.0': 'Completed', '3.0': 'Completed' },
  ],
  [
    { defaultVersion: '2.0', versionFailureStrategy: 'Fail' },
    { '2.0': 'Completed', '3.0': 'Failed' },
  ],
  [{}, { '1.0': 'Pending' }],
])('%j', async (settings, expected) => {
  const h = await under(settings);
  for (const [version, runtimeStatus] of Object.entries(expected)) {
    await send(h, 'POST', startIn(version, `v${version}`), 1);
    await h.runUntilIdle();
    expect([version, (await status(h, `v${version}`)).runtimeStatus]).toEqual([version, runtimeStatus]);
  }
});

test('an instance that waits for its version takes no events and no end', async () => {
  const h = await under({ defaultVersion: '1.0' });
  await send(h, 'POST', startIn('2.0', 'waits'), 1);
  expect((await send(h, 'POST', `${MANAGEMENT}/instances/waits/terminate`)).status).toBe(202);
  await h.runUntilIdle();
  expect(await status(h, 'waits')).toMatchObject({ runtimeStatus: 'Pending', version: '2.0' });
});

test('a child in a version that does not run: strict fails the parent, otherwise it hangs', async () => {
  const strict = await under({ defaultVersion: '2.0' });
  expect((await run(strict, 'versionEcho', '9.9')).output).toContain("[trap I (versions)] 'versionEcho'");
  const lax = await under({ defaultVersion: '2.0' }, false);
  expect((await run(lax, 'versionEcho', '9.9')).runtimeStatus).toBe('Running');
});

test('storeInputsInOrchestrationHistory writes inputs into the history', async () => {
  const h = await under({ storeInputsInOrchestrationHistory: true });
  await run(h, 'parent');
  const { historyEvents } = await status(h, 'parent', '?showHistory=true');
  expect((historyEvents as { Input: unknown }[])[1]?.Input).toBe('{"n":1}');
});

test('overridableExistingInstanceStates AnyState lets a start replace a running instance', async () => {
  const h = await under({ overridableExistingInstanceStates: 'AnyState' });
  await run(h, 'waitOne', undefined, 'one');
  await begin(h, 'noYield', undefined, 'one');
  await h.runUntilIdle();
  expect(await status(h, 'one')).toMatchObject({ name: 'noYield', runtimeStatus: 'Completed' });
});

test('maxEntityOperationBatchSize limits what one invocation of an entity gets', async () => {
  const h = await under({ maxEntityOperationBatchSize: 2 });
  await run(h, 'entFan', 'batch');
  // five calls of one instant
  expect((await h.stats()).entityTurns).toBe(3);
});

test.each([
  [{ versionMatchStrategy: 'Newest' }, 'versionMatchStrategy; expected is "CurrentOrOlder" or "Strict" or "None"'],
  [{ defaultVersion: 2 }, 'has 2 at extensions.durableTask.defaultVersion; expected is text'],
  [{ maxEntityOperationBatchSize: 0 }, 'maxEntityOperationBatchSize; expected is a whole number of at least 1'],
  [{ storeInputsInOrchestrationHistory: 'yes' }, 'expected is true or false'],
  [{ overridableExistingInstanceStates: 'All' }, 'expected is "NonRunningStates" or "AnyState"'],
])('%j is named as wrong', (settings, message) => expect(() => durableSettings(settings)).toThrow(message));

test('settings about storage, scale and speed are taken and change nothing', () => {
  const plain = durableSettings({});
  const settings = { maxConcurrentActivityFunctions: 1, extendedSessionsEnabled: true, useGracefulShutdown: true };
  expect(durableSettings({ ...settings, storageProvider: { partitionCount: 4 } })).toEqual(plain);
});
