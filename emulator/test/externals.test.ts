/** What holds a virtual clock from outside of the host: asked before time moves, told where it stands, never run past. */
import { type External, type Host } from '../index';
import { START, begin, host, stopAll } from './support';

afterEach(stopAll);

const HOUR_MS = 3_600_000;
const later = (ms: number): string => new Date(Date.parse(START) + ms).toISOString();

/** Something with inputs at instants, each of which keeps it busy for some asks. */
function partner(instants: number[]) {
  const log: string[] = [];
  let busy = 0;
  const external: External = {
    isIdle: () => busy-- <= 0,
    nextDueMs: () => instants[0],
    moveTo(atMs) {
      for (; instants[0] !== undefined && instants[0] <= atMs; instants.shift()) {
        busy = 5;
        log.push(new Date(atMs).toISOString().slice(11, 16));
      }
    },
  };
  return { external, log };
}

const at = (hours: number): number => Date.parse(START) + hours * HOUR_MS;

test('an auto clock goes to what is due there, and no further while it is busy', async () => {
  const { external, log } = partner([at(1), at(2), at(9)]);
  const h = await host({ externals: { partner: external } });
  await begin(h, 'sleep', { ms: 3 * HOUR_MS });
  await h.setClock('auto');
  expect((await h.waitFor('sleep')).output).toMatchObject({ now: later(3 * HOUR_MS) });
  await h.idle();
  // nothing else is left, and the last input still comes
  expect([log, (await h.now()).toISOString()]).toEqual([['10:00', '11:00', '18:00'], later(9 * HOUR_MS)]);
});

test('a manual clock tells it every instant on the way, and ends where it was sent', async () => {
  const moved: number[] = [];
  const h = await host({ externals: { watch: { isIdle: () => true, moveTo: (ms) => void moved.push(ms) } } });
  await begin(h, 'sleep', { ms: HOUR_MS });
  await h.advance('2h');
  expect(moved.slice(-2)).toEqual([at(1), at(2)]);
});

test('time stands while one is busy, and goes on when it is not', async () => {
  let idle = false;
  const h = await host({ externals: { busy: { isIdle: () => idle } } });
  let done = false;
  const advanced = h.advance('1h').then(() => (done = true));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([done, (await h.now()).toISOString()]).toEqual([false, START]);
  idle = true;
  await advanced;
  expect((await h.now()).toISOString()).toBe(later(HOUR_MS));
});

test('one that waits for time itself does not stop it for ever', async () => {
  let lockedUntil: number | null = at(1);
  const external: External = {
    isIdle: () => lockedUntil === null,
    nextDueMs: () => lockedUntil,
    moveTo: (ms) => void (lockedUntil = lockedUntil !== null && ms >= lockedUntil ? null : lockedUntil),
  };
  const h: Host = await host({ externals: { locked: external } });
  await h.advance('3h');
  expect([lockedUntil, (await h.now()).toISOString()]).toEqual([null, later(3 * HOUR_MS)]);
});

test('one that fails is told', async () => {
  const failing: External = {
    isIdle: () => {
      throw new Error('no answer');
    },
  };
  const failure = new Promise<Error>((resolve) => void host({ externals: { failing }, onFailure: resolve }));
  expect((await failure).message).toContain('no answer');
});
