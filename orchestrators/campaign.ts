/**
 * A campaign, from its first day to its report. Start reading here: the pilot's weeks are lived one wake-up at a time
 * (day.ts), each in a generation of its own; then the adaptive weeks; then the outputs. What is true stands in tables and
 * entities; events only wake. One patient's way through all of it: docs/architecture.md.
 */
import type { OrchestrationHandler } from 'durable-functions';
import type { CampaignStatus } from '../activities/status';
import { call } from './call';
import { liveOneTurn, type Place } from './day';
import { ADAPTIVE_PRIORITY, adaptiveInstanceId } from './names';
import { nowMs, sleepUntil } from './sleep';

export interface CampaignInput {
  readonly campaignId: string;
  /** Absent while the campaign waits for its first day. */
  readonly place?: Place;
  /** Of a campaign that waits: a host shows no status until one is set. */
  readonly status?: CampaignStatus;
}

export const campaign: OrchestrationHandler = function* (context) {
  const { campaignId, place, status } = context.df.getInput<CampaignInput>()!;

  // 1. Wait for 00:00 of startsOn, or for a cancel before it.
  if (!place) {
    if (status) context.df.setCustomStatus(status);
    const begun = yield* call(context, 'beginCampaign', { campaignId });
    context.df.setCustomStatus(begun.status);
    const early = nowMs(context) < begun.startsAtMs;
    if (early && !begun.cancelled && (yield* sleepUntil(context, begun.startsAtMs)))
      return context.df.continueAsNew({ campaignId, status: begun.status });
    if (!begun.cancelled) return context.df.continueAsNew({ campaignId, place: begun.place });
  }

  // 2. Live the pilot, a turn at a time.
  const next = place ? yield* liveOneTurn(context, place) : null;
  if (next) return context.df.continueAsNew({ campaignId, place: next });

  // 3. Whoever is still unbooked: adaptive priority, until its weeks are over. Nothing happens in it after a cancel.
  if (place)
    yield context.df.callSubOrchestrator(
      ADAPTIVE_PRIORITY,
      { ...place, phase: 'ADAPTIVE' },
      adaptiveInstanceId(campaignId),
    );

  // 4. Close the books and write the outputs.
  const finished = yield* call(context, 'finishCampaign', { campaignId, nowMs: nowMs(context) });
  context.df.setCustomStatus(finished.status);
  return finished.summary;
};
