/**
 * A pilot whose process is killed at random moments (`kill -9`) and started again ends with the ledger of one that was
 * left alone: the durable host goes on from its data folder, the product from its tables. KILLS says
 * at how many moments (default 3).
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
  const plans = fc.sample(recordingPlan, { numRuns: 2_000, seed: SEED });
  const plan = plans.find(
    (one) =>
      one.people.length >= 12 && one.campaign.weeks === 2 && one.campaign.postPilotWeeks === 2 && one.cancel === null,
  )!;
  const path = join(folder, 'recording');
  writeRecording({ ...plan, spells: [], initial: [], pauses: [], policies: [] }, path);
  return path;
}

interface Life {
  /** New days to live before it is killed; 0: while it starts. null: it is left alone. */
  readonly days: number | null;
  /** And then so long, ms of real time, so that it dies in the midst of something. */
  readonly delayMs: number;
}

let lastDay = '';

/** Lives until it is killed or ends by itself. True: it has ended. */
async function live(args: object, { days, delayMs }: Life): Promise<boolean> {
  const child = fork(join(__dirname, 'pilotProcess.js'), [JSON.stringify(args)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let left = days;
  const dieSoon = () => setTimeout(() => child.kill('SIGKILL'), delayMs);
  if (left === 0) dieSoon();
  let done: string | null = null;
  child.on('message', (message: { day?: string; done?: string }) => {
    done = message.done ?? done;
    if (message.day === undefined || message.day <= lastDay) return;
    lastDay = message.day;
    if (left !== null && left > 0 && (left -= 1) === 0) dieSoon();
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('exit', (...result) => resolve(result)),
  );
  if (signal === 'SIGKILL') return false;
  expect([code, done]).toEqual([0, 'Completed']);
  return true;
}

built(
  `killed at ${KILLS} moments, it ends as one that was left alone`,
  async () => {
    const from = recording();
    const alone = replay(from);
    expect(alone.exitCode).toBe(0);
    const args = { data: join(folder, 'data'), recording: from, connection: azurite.connectionString };
    // Spread over the 28 days, the same for the same seed: the first while it starts, and each some days after the one before.
    const most = Math.max(1, Math.floor(24 / KILLS));
    const lives = fc.sample(fc.record({ days: fc.integer({ min: 1, max: most }), delayMs: fc.nat(40) }), {
      numRuns: KILLS,
      seed: SEED,
    });
    let kills = 0;
    let ended = false;
    for (const [i, life] of lives.entries()) {
      ended = await live(args, i === 0 ? { days: 0, delayMs: 400 + life.delayMs * 15 } : life);
      if (ended) break;
      kills += 1;
    }
    // Its last days may be over before the last moments come.
    expect(kills).toBeGreaterThanOrEqual(Math.ceil(KILLS * 0.75));
    if (!ended) expect(await live(args, { days: null, delayMs: 0 })).toBe(true);
    if (process.env['KILLS']) console.log(`killed ${kills} times`);
    const blobs = createAzureBlobs(storageSettings({ AZURE_STORAGE_CONNECTION: azurite.connectionString })!);
    for (const name of ['ledger.csv', 'patients.csv', 'worklist.csv', 'quarantine.csv'])
      expect(await blobs.get(`outputs/random/${name}`)).toBe(readFileSync(join(alone.out, name), 'utf8'));
  },
  300_000,
);
