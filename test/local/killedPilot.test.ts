/**
 * A pilot whose process is killed at random moments (`kill -9`) and started again ends with the ledger of one that was
 * left alone: the durable host goes on from its data folder, the product from its tables. KILLS says how often (default 3).
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { startAzurite, type Azurite } from '../../cli/azurite';
import { createAzureBlobs } from '../../services/azure/blobs';
import { storageSettings } from '../../services/azure/settings';
import { recordingPlan } from '../arbitraries/recording';
import { writeRecording } from '../arbitraries/write';
import { productIsBuilt, replay } from '../oracle/product';
import { readFileSync } from 'node:fs';

const KILLS = Number(process.env['KILLS'] ?? 3);
const SEED = Number(process.env['SEED'] ?? 11);
const built = productIsBuilt ? it : it.skip;
const folder = mkdtempSync(join(tmpdir(), 'vip-killed-'));
let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
}, 60_000);
afterAll(async () => {
  await azurite.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A random recording of some weeks without call intervals: those have no id, so one posted twice counts twice. */
function recording(): string {
  const plans = fc.sample(recordingPlan, { numRuns: 200, seed: SEED });
  const plan = plans.find((one) => one.people.length >= 12 && one.campaign.weeks === 2 && one.cancel === null)!;
  const path = join(folder, 'recording');
  writeRecording({ ...plan, spells: [], initial: [], pauses: [], policies: [] }, path);
  return path;
}

/** Runs until it ends by itself or `killAfterMs` of real time have passed. True: it has ended. */
async function live(args: object, killAfterMs: number | null): Promise<boolean> {
  const child = fork(join(__dirname, 'pilotProcess.js'), [JSON.stringify(args)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const timer = killAfterMs === null ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  let done: string | null = null;
  child.on('message', (message: { done?: string }) => (done = message.done ?? done));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('exit', (...result) => resolve(result)),
  );
  if (timer) clearTimeout(timer);
  if (signal === 'SIGKILL') return false;
  expect([code, done]).toEqual([0, 'Completed']);
  return true;
}

built(
  `killed ${KILLS} times, it ends as one that was left alone`,
  async () => {
    const from = recording();
    const alone = replay(from);
    expect(alone.exitCode).toBe(0);
    const args = { data: join(folder, 'data'), recording: from, connection: azurite.connectionString };
    // Moments spread over starting, running and ending, the same for the same seed.
    const moments = fc.sample(fc.integer({ min: 300, max: KILLS > 5 ? 2_000 : 4_000 }), { numRuns: KILLS, seed: SEED });
    let kills = 0;
    let ended = false;
    for (const moment of moments) {
      ended = await live(args, moment);
      if (ended) break;
      kills += 1;
    }
    if (!ended) await live(args, null);
    expect(kills).toBeGreaterThan(0);
    const blobs = createAzureBlobs(storageSettings({ AZURE_STORAGE_CONNECTION: azurite.connectionString })!);
    for (const name of ['ledger.csv', 'patients.csv', 'worklist.csv', 'quarantine.csv'])
      expect(await blobs.get(`outputs/random/${name}`)).toBe(readFileSync(join(alone.out, name), 'utf8'));
  },
  300_000,
);
