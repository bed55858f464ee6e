/**
 * Writes down the histories of a release: `node test/histories/run.js VERSION`. A campaign of enough patients for batches to
 * fan out runs in the emulator, which captures every orchestration payload; of each kind of history the smallest is kept.
 * The folder of a release is never written again: instances of it may be in flight for the nine weeks of a campaign.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startHost } from 'durable-emulator';
import { runCampaign } from '../../cli/runCampaign';
import { parseCampaign } from '../../domain/policy';
import { createRosterCsv } from '../../simulator/roster';

const ROOT = resolve(__dirname, '..', '..');
/** More in one pass than a parent has children (domain/fanOut.ts), so that the tree has two levels. */
const PATIENTS = 24_000;
const SEED = 1;
/** A history of a hundred entity calls says no more than one of five. */
const HISTORY_BYTES_MAX = 9_000;

interface Captured {
  readonly kind: string;
  readonly name: string;
  readonly inputs: readonly { readonly data: { readonly string: string } }[];
}

interface Payload {
  readonly instanceId: string;
  readonly history: readonly { readonly EventType: number; readonly Name?: string }[];
}

export async function record(version: string): Promise<number> {
  const folder = join(__dirname, version);
  if (existsSync(folder)) throw new Error(`release ${version} was recorded before, in ${folder}`);
  const scratch = mkdtempSync(join(tmpdir(), 'vip-histories-'));
  const captureTo = join(scratch, 'captured.jsonl');
  const startsOn = '2026-01-05';
  const campaign = parseCampaign({
    campaignId: 'release',
    startsOn,
    weeks: 1,
    postPilotWeeks: 1,
    weeklyThreshold: 1,
    touches: [0, 3],
    // Few passes, so that one takes thousands.
    sendDays: ['mon', 'thu'],
    sendWindow: { from: '12:15', to: '13:45' },
    callCentre: { capacityPerDay: 100_000 },
  });
  const host = startHost({
    app: ROOT,
    clock: 'manual',
    startAt: '1970-01-02T00:00:00Z',
    port: 0,
    outside: { module: join(ROOT, 'dist', 'simulator', 'outside.js') },
    captureTo,
  });
  await runCampaign({
    host,
    campaign,
    roster: async () => createRosterCsv({ patients: PATIENTS, seed: SEED, startsOn }),
    outside: { mode: 'simulate', campaign },
    stepDays: 7,
    onStep: () => undefined,
  });
  await (await host).stop();
  const kept = smallestOfEachKind(readFileSync(captureTo, 'utf8'));
  rmSync(scratch, { recursive: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'histories.jsonl'), kept.map((payload) => `${payload}\n`).join(''));
  return kept.length;
}

function smallestOfEachKind(captured: string): string[] {
  const smallest = new Map<string, string>();
  for (const line of captured.trimEnd().split('\n')) {
    if (!line.includes('"kind":"orchestration"')) continue;
    const { name, inputs } = JSON.parse(line) as Captured;
    const payload = inputs[0]!.data.string;
    if (payload.length > HISTORY_BYTES_MAX) continue;
    const { history } = JSON.parse(payload) as Payload;
    const kind = `${name} ${history.map(({ EventType, Name }) => `${EventType}${EventType === 4 ? Name : ''}`).join()}`;
    const known = smallest.get(kind);
    if (known === undefined || payload.length < known.length) smallest.set(kind, payload);
  }
  return [...smallest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, payload]) => payload);
}
