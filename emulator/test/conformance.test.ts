/**
 * The recorded scenarios of a real host, request by request, against the emulator as that host (strict: false). Every status,
 * header, output, history and management answer is compared; what may differ is listed in conformanceKnown.ts.
 */
import type { Host } from '../index';
import {
  APPS,
  FAULT_PROOF,
  REAL_TIME,
  SCENARIOS,
  appOf,
  playScenario,
  runConformance,
  type ConformanceHost,
} from './conformance';
import { manualDriver, realDriver, testServer, type TestServer } from './conformanceDriver';
import { host, stopAll } from './support';

jest.setTimeout(60_000);
let server: TestServer;
const drivers = new Map<string, ConformanceHost>();

beforeAll(async () => void (server = await testServer()));
afterAll(async () => {
  await stopAll();
  await server.close();
});

const lax = (app: string, clock: 'manual' | 'real', startAt: string): Promise<Host> =>
  host({ app, clock, startAt, strict: false });

describe('on a clock that is moved', () => {
  test.each(SCENARIOS.filter((s) => !REAL_TIME.has(s.scenario)).map((s) => [s.scenario, s] as const))(
    '%s',
    async (_, s) => {
      const app = appOf(s.scenario);
      let driver = drivers.get(app);
      if (!driver) {
        driver = await manualDriver(await lax(APPS[app], 'manual', s.startAt), server);
        drivers.set(app, driver);
      }
      expect((await playScenario(driver, s)).differences).toEqual([]);
    },
  );
});

describe('on a real clock', () => {
  const real = SCENARIOS.filter((s) => REAL_TIME.has(s.scenario));
  const played = new Map<string, Promise<string[]>>();

  // all at once on one host: each takes the seconds it took
  beforeAll(async () => {
    const h = await lax(APPS.plain, 'real', real[0]?.startAt ?? '');
    for (const s of real) {
      const driver = await realDriver(h, server);
      played.set(
        s.scenario,
        playScenario(driver, s).then((p) => p.differences),
      );
    }
    await Promise.all(played.values());
  });

  test.each(real.map((s) => s.scenario))('%s', async (scenario) => {
    expect(await played.get(scenario)).toEqual([]);
  });
});

test('strict mode differs only where a trap of the real host is', async () => {
  const strict = new Map<string, ConformanceHost>();
  const played = await runConformance(
    async (app, s) => {
      const driver =
        strict.get(app) ?? (await manualDriver(await host({ app: APPS[app], startAt: s.startAt }), server));
      strict.set(app, driver);
      return driver;
    },
    { finalsOnly: true, only: (s) => FAULT_PROOF.has(s) },
  );
  expect(played.reduce((n, p) => n + p.requests, 0)).toBeGreaterThan(100);
  const differing = played.flatMap((p) => p.differences).map((d) => /instances\/([\w.-]+)/.exec(d)?.[1]);
  expect([...new Set(differing)]).toEqual([
    'entity-orchestrator-unreg',
    'sub-orchestration-unreg',
    'sub-orchestration-self',
    'versioning-newer-child',
  ]);
});
