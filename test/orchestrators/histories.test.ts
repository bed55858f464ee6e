/**
 * Histories stay short (issue 3, "Histories stay short"): a pilot of 300 patients in the emulator, looked into on the way
 * and at its end. Orchestrations carry references; a pass of more than 100 patients is cut into sub-orchestrations.
 */
import path from 'node:path';
import { parseCampaign } from '../../domain/policy';
import { endsAtMs, startsAtMs } from '../../domain/schedule';
import { startHost, type Host } from 'durable-emulator';
import { createRosterCsv } from '../../simulator/roster';
import { optedIn, ROOT, runRecording, textsOf, type Dump } from '../app/harness';

const DAY_MS = 86_400_000;
const EVENTS_MAX = 300;

interface Look {
  readonly at: string;
  readonly dump: Dump;
}

describe('a pilot of 300 patients', () => {
  const looks: Look[] = [];
  let events = 0;
  let instances = 0;

  beforeAll(async () => {
    const campaign = parseCampaign({
      campaignId: 'histories',
      startsOn: '2026-01-05',
      weeks: 3,
      postPilotWeeks: 2,
      weeklyThreshold: 0.4,
      callCentre: { capacityPerDay: 1000 },
    });
    const rosterCsv = createRosterCsv({ patients: 300, seed: 4, startsOn: '2026-01-05' });
    const host = await startHost({
      app: ROOT,
      clock: 'manual',
      startAt: new Date(startsAtMs(campaign) - 60_000),
      port: 0,
      outside: { module: path.join(ROOT, 'dist', 'simulator', 'outside.js'), options: { mode: 'simulate', campaign } },
    });
    try {
      await live(host, campaign, rosterCsv);
    } finally {
      await host.stop();
    }
  });

  async function live(host: Host, campaign: ReturnType<typeof parseCampaign>, rosterCsv: string): Promise<void> {
    const url = `${host.url}/api/campaigns/histories`;
    await fetch(`${url}/roster`, { method: 'PUT', body: rosterCsv });
    await host.call('begin', rosterCsv);
    await fetch(`${url}/start`, { method: 'POST', body: JSON.stringify(campaign) });
    // In the middle of days all over the campaign, and after its end.
    for (const day of [0, 1, 4, 7, 15, 21, 24, 30]) {
      const at = new Date(startsAtMs(campaign) + day * DAY_MS + DAY_MS / 2);
      await host.advanceTo(at);
      looks.push({ at: at.toISOString(), dump: (await host.dump()) as Dump });
    }
    await host.advanceTo(new Date(endsAtMs(campaign) + 60_000));
    looks.push({ at: 'end', dump: (await host.dump()) as Dump });
    const stats = await host.stats();
    [events, instances] = [stats.historyEvents, stats.instances];
  }

  it('never has a generation of more than 300 events', () => {
    const long = looks.flatMap(({ at, dump }) =>
      dump.instances
        .filter(({ history }) => history.length > EVENTS_MAX)
        .map((one) => [at, one.instanceId, one.history.length]),
    );
    expect(long).toEqual([]);
    expect(looks.at(-1)!.dump.instances.length).toBeGreaterThan(0);
  });

  it('wrote thousands of events all the same: its loops continued as new', () => {
    expect(events).toBeGreaterThan(10 * EVENTS_MAX);
    const last = looks.at(-1)!.dump.instances;
    const kept = last.reduce((sum, { history }) => sum + history.length, 0);
    expect(kept).toBeLessThan(events / 20);
  });

  it('carries references, never patients, in the inputs of its loops', () => {
    for (const { dump } of looks)
      for (const one of dump.instances.filter(({ name }) => name === 'campaign' || name === 'adaptivePriority'))
        expect(JSON.stringify((one as unknown as { input: unknown }).input).length).toBeLessThan(1_000);
  });

  it('keeps its custom status under 16 KB', () => {
    for (const { dump } of looks)
      for (const one of dump.instances)
        expect(JSON.stringify((one as unknown as { customStatus: unknown }).customStatus ?? null).length).toBeLessThan(
          16_384,
        );
  });

  it('leaves the campaign and its adaptive weeks, and no batch of a week that is over', () => {
    const names = looks.at(-1)!.dump.instances.map(({ name }) => name);
    expect(names.filter((name) => name === 'campaign' || name === 'adaptivePriority').sort()).toEqual([
      'adaptivePriority',
      'campaign',
    ]);
    const early = looks.at(-1)!.dump.instances.filter(({ instanceId }) => /:2026-01-/.test(instanceId));
    expect(early).toEqual([]);
    expect(instances).toBeGreaterThanOrEqual(2);
  });
});

describe('a pass of more than 100 patients', () => {
  const patients = Array.from({ length: 230 }, () => ({ timeZone: 'America/Chicago' }));
  const started = (dump: Dump) => dump.instances.filter(({ name }) => name === 'sendBatch');

  it('is cut into sub-orchestrations of at most 100, under the campaign', async () => {
    // Paused until the day's last pass, which then takes all 230.
    const run = await runRecording({
      patients,
      initial: optedIn(...patients.map((_, i) => `P${i + 1}`)),
      inputs: [
        { at: '2026-01-05T08:00:00-06:00', type: 'control.pause', by: 'lead' },
        { at: '2026-01-05T18:59:00-06:00', type: 'control.resume', by: 'lead' },
      ],
      host: { env: { VIP_PURGE_HISTORIES: 'false' } },
    });
    expect(textsOf(run)).toHaveLength(230);
    expect(new Set(textsOf(run).map((row) => row['sentAt'])).size).toBe(1);
    expect(started(run.dump)).toHaveLength(3);
    const asks = started(run.dump).map(({ history }) => history.filter((event) => isAsk(event)).length);
    expect(asks.sort((a, b) => a - b)).toEqual([30, 100, 100]);
  });

  it('leaves nothing behind once its week is over, with purging on', async () => {
    const run = await runRecording({
      campaign: { postPilotWeeks: 1, adaptive: { touchesMax: 0 } },
      patients,
      initial: optedIn(...patients.map((_, i) => `P${i + 1}`)),
      inputs: [
        { at: '2026-01-05T08:00:00-06:00', type: 'control.pause', by: 'lead' },
        { at: '2026-01-05T18:59:00-06:00', type: 'control.resume', by: 'lead' },
      ],
    });
    expect(textsOf(run)).toHaveLength(230);
    expect(started(run.dump)).toEqual([]);
  });
});

/** An entity call in a history: an event sent to a patient's entity. */
function isAsk(event: { EventType: number | string; InstanceId?: string }): boolean {
  return typeof event.InstanceId === 'string' && event.InstanceId.startsWith('@patient@');
}
