/**
 * kill -9: a host whose process is killed at any instant, several times in one story, and started anew on its data folder
 * ends the story as a host that lives. KILLS=100 tells it that often.
 */
import { outcomeOf, tellStory, type Teller } from './faultStory';
import { KilledHost } from './killedHost';
import { host, newFolder, send, stopAll } from './support';

const STORIES = Number(process.env.KILLS ?? 5);
const KILLS_EACH = 3;

jest.setTimeout(60_000 + STORIES * 10_000);
afterAll(stopAll);

/** An event that was sent again because its answer was lost may stand twice in a history; nothing else may. */
function withoutRepeats(outcome: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(outcome)) {
    const { events, ...rest } = (typeof value === 'object' ? value : { value }) as { events?: string[] };
    const seen = new Set<string>();
    const once = events?.filter(
      (e) => !/^(EventRaised|GenericEvent|Execution(Suspended|Resumed))/.test(e) || (!seen.has(e) && seen.add(e)),
    );
    out[id] = { ...rest, events: once };
  }
  return out;
}

test(`${STORIES} stories of a host that is killed up to ${KILLS_EACH} times end as the one of a host that lives`, async () => {
  const alive = await host();
  const teller: Teller = {
    send: (method, target, body) => send(alive, method, target, body),
    settle: () => alive.runUntilIdle(),
    pass: (ms) => alive.advanceBy(ms),
  };
  await tellStory(teller, 'x');
  const { '@count': signals, ...expected } = withoutRepeats(await outcomeOf(teller, 'x'));
  expect(signals).toMatchObject({ value: 10 });
  for (let seed = 1; seed <= STORIES; seed++) {
    const killed = new KilledHost(seed, newFolder(), KILLS_EACH);
    await tellStory(killed, 'x');
    const { '@count': count, ...got } = withoutRepeats(await outcomeOf(killed, 'x'));
    await killed.end();
    expect({ seed, got }).toEqual({ seed, got: expected });
    expect((count as { value: number }).value).toBeGreaterThanOrEqual(10);
    expect(killed.kills).toBeGreaterThan(0);
  }
});
