/**
 * Many timers and a long time: 10,000 timers each at its own instant, moved through and jumped through, and a year of daily
 * waits without drift. In memory, and on a data folder with a stop in the middle.
 */
import path from 'node:path';
import type { Host, StartHostOptions } from '../index';
import { START, begin, host, newFolder, send, status, stopAll } from './support';

jest.setTimeout(60_000);
afterEach(stopAll);

const DAY = 86_400_000;
const TIMERS = 10_000;
/** Fewer where each is stored. */
const STORED_TIMERS = 2000;
const outside = { module: path.join(__dirname, 'apps', 'outside.js'), options: { inputs: [] } };
const later = (ms: number): string => new Date(Date.parse(START) + ms).toISOString();

/** Timers of the storm end one second apart. */
const storm = (h: Host, count = TIMERS): Promise<unknown> => h.call('storm', { name: 'sleep', count, everyMs: 1000 });

async function checkStorm(h: Host, count = TIMERS): Promise<void> {
  for (const i of [0, 1, count / 2 - 1, count / 2, count - 1]) {
    const at = later((i + 1) * 1000);
    expect(await status(h, `sleep-${i}`)).toMatchObject({ runtimeStatus: 'Completed', output: { at, now: at } });
  }
}

test('advance runs a storm of 10,000 timers, each at its instant', async () => {
  const h = await host({ outside });
  await storm(h);
  await h.advanceBy(DAY);
  expect(await h.stats()).toMatchObject({ instances: TIMERS, replays: 2 * TIMERS });
  await checkStorm(h);
  expect(await h.now()).toEqual(new Date(later(DAY)));
});

test('auto jumps through a storm of 10,000 timers, and stands where the last one fired', async () => {
  const h = await host({ outside });
  await storm(h);
  await h.setClock('auto');
  await h.waitFor(`sleep-${TIMERS - 1}`);
  await checkStorm(h);
  expect(await h.now()).toEqual(new Date(later(TIMERS * 1000)));
});

test('a storm of timers survives a stop in its middle', async () => {
  const options: Partial<StartHostOptions> = { outside, data: newFolder() };
  const first = await host(options);
  await storm(first, STORED_TIMERS);
  await first.advanceBy((STORED_TIMERS / 2) * 1000);
  await first.stop();
  const second = await host(options);
  await second.advanceBy(DAY);
  await checkStorm(second, STORED_TIMERS);
});

test('a year of daily waits does not drift by a millisecond', async () => {
  const h = await host({ clock: 'auto' });
  await begin(h, 'daily', { days: 365 });
  const done = await h.waitFor('daily');
  expect(done.output).toEqual({ first: later(DAY), last: later(365 * DAY), drifted: 0 });
  expect((await send(h, 'GET', '/admin/clock')).json).toMatchObject({ now: later(365 * DAY) });
});
