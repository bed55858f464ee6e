/**
 * The campaign is over: the open day is closed, what is still open is decided, and the outputs are written once more if
 * this runs twice. From now on no answer is sent and no control accepted.
 */
import { addDays, localDate, startOfDate } from '../domain/calendar';
import { closeOpenTouches, expireUntil } from '../domain/outreach';
import { endsAtMs, startsAtMs } from '../domain/schedule';
import { isSendDay } from '../domain/sendDays';
import { EVERYWHERE } from '../services/rows';
import type { Services } from '../services/services';
import { closeDay, keepBooks, teachYesterday } from './beginDay';
import { readContext, writeBooks, type CampaignContext } from './context';
import { Changes, forEveryone } from './docs';
import { audit } from './journal';
import { learnFeed } from './learnFeed';
import { lookAt } from './openDay';
import { writeOutputs } from './outputs';
import { settle } from './settle';
import { statusOf, type CampaignStatus } from './status';

export interface FinishInput {
  readonly campaignId: string;
  readonly nowMs: number;
}

export interface Finished {
  readonly summary: {
    readonly endState: 'COMPLETED' | 'CANCELLED';
    readonly endedAtMs: number;
    readonly outputs: string;
  };
  readonly status: CampaignStatus;
}

export async function finishCampaign(services: Services, input: FinishInput): Promise<Finished> {
  const { campaignId } = input;
  const read = await readContext(services, campaignId);
  const { campaign, control } = read;
  const endState = control.cancelledAtMs === null ? 'COMPLETED' : 'CANCELLED';
  const endedAtMs = control.cancelledAtMs ?? endsAtMs(campaign);
  const today = localDate(endedAtMs, campaign.timeZone);
  const context = endState === 'CANCELLED' ? await upToDate(services, read, today, endedAtMs) : read;
  const day = await services.store.days.get(campaignId, today);
  let { books } = context;
  if (day?.openedAtMs != null && endState === 'CANCELLED')
    ({ books } = await closeDay(services, context, day, endedAtMs + 1));
  const changes = new Changes(campaign);
  // What was held back at the end counts as of the end; inputs that came after it count no more.
  await settle(services, campaignId, endedAtMs, true);
  const arrivedByMs = Math.max(endedAtMs, services.clock.now());
  const learned = await learnFeed(services, campaign, books, arrivedByMs, changes, endedAtMs);
  const reason = endState === 'CANCELLED' ? 'CANCELLED' : 'EXPIRED';
  await forEveryone(services, campaignId, (stored) => {
    const outreach = changes.current(stored);
    const expired = expireUntil(outreach, endedAtMs, campaign);
    const closed = closeOpenTouches(expired.outreach, reason, endedAtMs, campaign);
    changes.decide(outreach, closed.outreach, [...expired.decisions, ...closed.decisions]);
  });
  await changes.write(services);
  const state = await services.store.states.get(EVERYWHERE, campaignId);
  if (state?.endedAtMs === null)
    await audit(services, campaignId, {
      atMs: endedAtMs,
      actor: 'system',
      action: 'campaign.ended',
      target: campaignId,
      detail: endState,
    });
  await services.store.states.upsert({
    pk: EVERYWHERE,
    rk: campaignId,
    value: { status: endState, listener: campaignId, endedAtMs },
  });
  await services.bus.publish([
    { type: 'campaign.ended', atMs: endedAtMs, campaignId, patientIds: [], detail: endState },
  ]);
  const { prefix: outputs, progress } = await writeOutputs(services, { ...context, endState, endedAtMs });
  await writeBooks(services, context, { ...learned.books, progress });
  const date = endedAtMs < startsAtMs(campaign) ? campaign.startsOn : today;
  const status: CampaignStatus = {
    ...statusOf({ ...context, books: { ...learned.books, progress }, date }),
    phase: 'ENDED',
  };
  return { summary: { endState, endedAtMs, outputs }, status };
}

/** A cancel may come before the last midnight was looked at; one at midnight, before what is due then. */
async function upToDate(
  services: Services,
  context: CampaignContext,
  today: string,
  endedAtMs: number,
): Promise<CampaignContext> {
  const { campaign } = context;
  if (endedAtMs === startOfDate(today, campaign.timeZone)) {
    const books = await teachYesterday(services, context, addDays(today, -1));
    if (books !== context.books) await writeBooks(services, context, books);
    return { ...context, books };
  }
  const books = await keepBooks(services, context, today, endedAtMs);
  if (today < campaign.startsOn || !isSendDay(today, campaign)) return { ...context, books };
  // A day that was due to open before the cancel was opened, though nobody looked.
  if (!(await services.store.days.get(campaign.campaignId, today)))
    await lookAt(services, { ...context, books }, today, endedAtMs - 1);
  return readContext(services, campaign.campaignId);
}
