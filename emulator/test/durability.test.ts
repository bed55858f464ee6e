/**
 * A data folder: a host that starts on it goes on where the last one stopped, to the byte; it belongs to one host, and a
 * folder that cannot be used is refused with what to do.
 */
import { mkdirSync, readFileSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Host, StartHostOptions } from '../index';
import { MANAGEMENT, begin, host, newFolder, raise, run, send, status, stopAll } from './support';

afterEach(stopAll);

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Steps of a story: after each the host may be stopped and another one started. */
const STORY: ((h: Host) => Promise<unknown>)[] = [
  (h) => begin(h, 'chain'),
  (h) => begin(h, 'waitSeq'),
  // buffered before it is waited for
  (h) => raise(h, 'waitSeq', 'E', 1),
  (h) => run(h, 'sleep', { ms: 70 * DAY }),
  (h) => run(h, 'race', { ms: MINUTE }, 'race-timer'),
  (h) => run(h, 'race', { ms: 10 * MINUTE }, 'race-event'),
  (h) => run(h, 'fanOut', 20),
  (h) => run(h, 'parentOfWaiting', undefined, 'family'),
  (h) => run(h, 'locked', { key: 'L', hold: MINUTE }, 'holder'),
  (h) => run(h, 'locked', { key: 'L' }, 'second'),
  (h) => send(h, 'POST', `${MANAGEMENT}/entities/counter/L?op=add`, 100),
  (h) => run(h, 'eternalEvents', { seen: [] }),
  (h) => raise(h, 'eternalEvents', 'Item', 1),
  (h) => run(h, 'statusThenWait'),
  (h) => send(h, 'POST', `${MANAGEMENT}/instances/waitSeq/suspend?reason=pause`),
  (h) => h.runUntilIdle(),
  (h) => raise(h, 'waitSeq', 'E', 2),
  (h) => run(h, 'retrySub'),
  (h) => h.advanceBy(500),
  (h) => raise(h, 'race-event', 'Approval', { yes: 1 }),
  (h) => run(h, 'signalers', 'many'),
  (h) => send(h, 'POST', `${MANAGEMENT}/entities/counter/from?op=forward`, '"to"'),
  (h) => send(h, 'POST', `${MANAGEMENT}/instances/waitSeq/resume`),
  (h) => raise(h, 'waitSeq', 'E', 3),
  (h) => h.advanceBy(30 * MINUTE),
  (h) => begin(h, 'chainInput', { text: 'x'.repeat(10_000) }, 'large'),
  (h) => raise(h, 'eternalEvents', 'Item', 2),
  (h) => raise(h, 'eternalEvents', 'Item', 3),
  (h) => send(h, 'DELETE', `${MANAGEMENT}/instances/chain`),
  (h) => run(h, 'chain', undefined, 'fanOut'),
  (h) => raise(h, 'family-child', 'Go', 'now'),
  (h) => h.advanceBy(40 * DAY),
  (h) => h.advanceBy(40 * DAY),
];

/** A host starts in half a second: here every third step ends one, with RUNS set every step. */
const STOP_EVERY = process.env.RUNS ? 1 : 3;

async function tell(options: Partial<StartHostOptions>, stopAfter: (step: number) => boolean): Promise<string> {
  let h = await host(options);
  for (const [i, step] of STORY.entries()) {
    await step(h);
    if (!stopAfter(i)) continue;
    await h.stop();
    h = await host(options);
  }
  await h.runUntilIdle();
  return JSON.stringify(await h.dump(), null, 1);
}

test('a story with a host stopped and started again on the way is the story of one host, to the byte', async () => {
  const [whole, broken] = await Promise.all([
    tell({}, () => false),
    tell({ data: newFolder() }, (step) => step % STOP_EVERY === 0),
  ]);
  expect(whole).toContain('"runtimeStatus": "Completed"');
  expect(firstDifference(broken, whole)).toBe('');
});

test('the clock goes on at the stored instant, not at startAt', async () => {
  const data = newFolder();
  const first = await host({ data, clock: 'auto' });
  await begin(first, 'sleep', { ms: 3 * DAY });
  await first.waitFor('sleep');
  await first.stop();
  const again = await host({ data });
  expect(await again.now()).toEqual(new Date('2026-01-08T09:00:00.000Z'));
  expect(await status(again, 'sleep')).toMatchObject({
    runtimeStatus: 'Completed',
    createdTime: '2026-01-05T09:00:00Z',
  });
});

test('ids are never given again', async () => {
  const data = newFolder();
  const seen = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const h = await host({ data });
    for (let n = 0; n < 20; n++) {
      const { id } = (await send(h, 'POST', `${MANAGEMENT}/orchestrators/chain`)).json as { id: string };
      expect(seen).not.toContain(id);
      seen.add(id);
    }
    await h.stop();
  }
});

test('an orchestrator that was changed between two starts fails as non-deterministic, others go on', async () => {
  const app = (activity: string): string => {
    const folder = newFolder();
    symlinkSync(path.join(__dirname, '..', '..', 'node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ main: 'app.js' }));
    writeFileSync(
      path.join(folder, 'app.js'),
      `const df = require('durable-functions');
       df.app.activity('a', { handler: () => 'a' }); df.app.activity('b', { handler: () => 'b' });
       df.app.orchestration('changes', function* (c) {
         const r = yield c.df.callActivity('${activity}');
         return r + (yield c.df.waitForExternalEvent('Go'));
       });
       df.app.orchestration('stays', function* (c) { return yield c.df.waitForExternalEvent('Go'); });`,
    );
    return folder;
  };
  const data = newFolder();
  const before = await host({ data, app: app('a') });
  for (const name of ['changes', 'stays']) await run(before, name);
  await before.stop();
  const after = await host({ data, app: app('b') });
  for (const name of ['changes', 'stays']) await raise(after, name, 'Go', 1);
  await after.runUntilIdle();
  const failed = await status(after, 'changes');
  expect(failed).toMatchObject({ runtimeStatus: 'Failed' });
  expect(failed.output).toMatch(/Non-Deterministic workflow detected[^]*'a'[^]*'b'/);
  expect(await status(after, 'stays')).toMatchObject({ runtimeStatus: 'Completed', output: 1 });
});

test('a folder belongs to one host at a time, and is free again when that one stops', async () => {
  const data = newFolder();
  const first = await host({ data });
  await expect(host({ data })).rejects.toThrow(`${data} is in use by another host`);
  await first.stop();
  await run(await host({ data }), 'chain');
});

describe('refuses', () => {
  /** A folder with a few instances in it. */
  async function used(): Promise<string> {
    const data = newFolder();
    const h = await host({ data });
    for (let i = 0; i < 20; i++) await run(h, 'chain', undefined, `chain-${i}`);
    await h.stop();
    return data;
  }
  const file = (folder: string, name = 'data.mdb'): string => path.join(folder, name);

  test.each<[string, (folder: string) => void, RegExp]>([
    [
      'a file cut short',
      (f) => truncateSync(file(f), 40_960),
      /damaged: data\.mdb has 40960 bytes where \d+ are expected/,
    ],
    ['a file cut to its first page', (f) => truncateSync(file(f), 4096), /damaged: data\.mdb does not begin as/],
    ['a file that is no LMDB file', (f) => writeFileSync(file(f), 'nonsense'.repeat(9999)), /damaged: .*delete it/],
    [
      'another version',
      (f) => writeFileSync(file(f, 'format.json'), '{"format":"durable-emulator-data","version":99}'),
      /format version 99; this durable-emulator reads version 1\. Use the version/,
    ],
    ['another format', (f) => writeFileSync(file(f, 'format.json'), '{"format":"x"}'), /damaged: its format\.json/],
  ])('%s', async (_, harm, message) => {
    const data = await used();
    harm(data);
    await expect(host({ data })).rejects.toThrow(message);
  });

  test('a folder of something else, and touches nothing in it', async () => {
    const data = newFolder();
    writeFileSync(file(data, 'letter.txt'), 'dear');
    await expect(host({ data })).rejects.toThrow(/letter\.txt.*not made by durable-emulator/);
    expect(readdirSync(data)).toEqual(['letter.txt']);
  });

  test('a file in the place of the folder', async () => {
    const data = path.join(newFolder(), 'file');
    writeFileSync(data, '');
    await expect(host({ data })).rejects.toThrow('is a file. Give the path of a folder');
  });

  test('but makes a folder that does not exist', async () => {
    const data = path.join(newFolder(), 'a', 'b');
    await run(await host({ data }), 'chain');
    expect(JSON.parse(readFileSync(file(data, 'format.json'), 'utf8'))).toEqual({
      format: 'durable-emulator-data',
      version: 1,
    });
  });

  test('not one of whose files only the lock of a killed host is left', async () => {
    const data = await used();
    mkdirSync(path.join(data, 'notes'));
    expect(await status(await host({ data }), 'chain-19')).toMatchObject({ runtimeStatus: 'Completed' });
  });
});

/** The surroundings of the first difference; empty when there is none. */
function firstDifference(a: string, b: string): string {
  if (a === b) return '';
  let i = 0;
  while (a[i] === b[i]) i++;
  return `${a.slice(Math.max(0, i - 300), i + 100)} <> ${b.slice(i, i + 100)}`;
}
