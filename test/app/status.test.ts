/**
 * The custom status, which GET /api/campaigns/{id} shows: true after each pass, and there from the first moment of every
 * generation, since a host forgets it when an instance continues as new.
 */
import type { OrchestrationContext } from 'durable-functions';
import { startHost, type Host } from 'durable-emulator';
import type { CampaignStatus } from '../../activities/status';
import { adaptivePriority } from '../../orchestrators/adaptivePriority';
import { campaign } from '../../orchestrators/campaign';
import type { Place } from '../../orchestrators/day';
import { january, phoneOf, ROOT, rosterOf, SMALL, vendorFile } from './harness';

describe('the status of a running campaign', () => {
  let host: Host;
  const url = () => `${host.url}/api/campaigns/status-1`;
  const status = async () => (await (await fetch(url())).json()) as CampaignStatus;

  beforeAll(async () => {
    host = await startHost({ app: ROOT, clock: 'manual', startAt: january(4, '12:00'), port: 0 });
    await fetch(`${url()}/roster`, { method: 'PUT', body: rosterOf([{}, {}, {}]) });
    const rows = [0, 1, 2].map((n) => `P${n + 1},${phoneOf(n)},OPT_IN,${january(2, '09:00')}`);
    await fetch(`${host.url}/api/preferences/2026-01-04`, { method: 'PUT', body: vendorFile(...rows) });
    const body = JSON.stringify({
      ...SMALL,
      campaignId: 'status-1',
      callCentre: { capacityPerDay: 1, floorPerDay: 2 },
    });
    await fetch(`${url()}/start`, { method: 'POST', body });
  });
  afterAll(() => host.stop());

  it('waits for its first day from the start', async () => {
    expect(await status()).toMatchObject({ phase: 'WAITING', nextWakeUp: january(5, '00:00') });
  });

  it('after a pass counts its texts in the throttle too', async () => {
    await host.advanceTo(new Date(january(5, '09:10')));
    expect(await status()).toMatchObject({ sent: 1, waiting: 0, throttle: { budget: 2, sent: 1, left: 1 } });
  });

  it('names the next midnight once everybody of today is done', async () => {
    expect((await status()).nextWakeUp).toBe(january(6, '00:00'));
    await host.advanceTo(new Date(january(6, '09:10')));
    expect(await status()).toMatchObject({ sent: 2, waiting: 0, nextWakeUp: january(7, '00:00') });
  });
});

describe('a new generation', () => {
  const shown = { phase: 'PILOT', sent: 7 } as CampaignStatus;
  const place = { campaignId: 'c', step: 'BEGIN', status: shown } as Place;

  it.each([
    ['of the campaign while it waits', campaign, { campaignId: 'c', status: shown }],
    ['of the campaign', campaign, { campaignId: 'c', place }],
    ['of the adaptive weeks', adaptivePriority, place],
  ])('%s shows the status of the one before, ahead of its first wait', (_, orchestrator, input) => {
    const statuses: unknown[] = [];
    const df = {
      getInput: () => input,
      setCustomStatus: (one: unknown) => statuses.push(one),
      callActivityWithRetry: () => ({}),
      currentUtcDateTime: new Date(0),
      instanceId: 'c',
    };
    orchestrator({ df } as unknown as OrchestrationContext).next();
    expect(statuses).toEqual([shown]);
  });
});
