/**
 * The recorded scenarios on a data folder, and under seeded faults: what a real host answered at their ends it answers here
 * too, whatever was lost, doubled or reordered on the way.
 */
import type { FaultOptions, StartHostOptions } from '../index';
import { APPS, REAL_TIME, SCENARIOS, appOf, playScenario } from './conformance';
import { manualDriver, testServer, type TestServer } from './conformanceDriver';
import { host, newFolder, stopAll } from './support';

/** Each plays every scenario, with a plan of its own. */
const SEEDS = process.env.RUNS ? 20 : 2;
const RATES: Omit<FaultOptions, 'seed'> = { crash: 0.1, duplicate: 0.2, delay: 0.2, reorder: 0.3, slowStorage: 0.01 };
const PLAYED = SCENARIOS.filter((s) => appOf(s.scenario) === 'plain' && !REAL_TIME.has(s.scenario));

jest.setTimeout(60_000 * SEEDS);
let server: TestServer;
beforeAll(async () => void (server = await testServer()));
afterAll(() => server.close());
afterEach(stopAll);

/** An activity that counts its own runs counts those that a fault made, too. */
const COUNTED = /expected "ok at \d", got "ok at \d+"$/;

/** All scenarios one after the other on one host; the differences at their ends. `seed`: of the first one's faults. */
async function play(options: Partial<StartHostOptions>, seed?: number): Promise<string[]> {
  const h = await host({ app: APPS.plain, strict: false, startAt: PLAYED[0]?.startAt ?? '', ...options });
  const driver = await manualDriver(h, server);
  const found: string[] = [];
  for (const [i, s] of PLAYED.entries()) {
    if (seed !== undefined) await h.setFaults({ seed: seed + i, ...RATES });
    const { differences } = await playScenario(driver, s, { finalsOnly: true });
    found.push(
      ...differences.filter((d) => !COUNTED.test(d)).map((d) => `${s.scenario} (seed ${(seed ?? 0) + i}): ${d}`),
    );
  }
  return found;
}

test('on a data folder the scenarios end as recorded', async () => {
  expect(await play({ data: newFolder() })).toEqual([]);
});

test.each(Array.from({ length: SEEDS }, (_, i) => 1000 * (i + 1)))(
  'under the faults of the seeds from %d on too',
  async (seed) => {
    expect(await play({ faults: { seed } }, seed)).toEqual([]);
  },
);
