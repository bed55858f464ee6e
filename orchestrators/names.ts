/** Names by which functions, events and instances are called. */
import type { DayInput, DayBegun } from '../activities/beginDay';
import type { CampaignBegun } from '../activities/beginCampaign';
import type { FinishInput, Finished } from '../activities/finishCampaign';
import type { Opening } from '../activities/openDay';
import type { PassInput, PassPlan } from '../activities/planPass';
import type { PurgeInput } from '../activities/purgeHistories';
import type { BatchAsks, BatchInput } from '../activities/readBatch';
import type { SendInput, SendResult } from '../activities/sendTexts';

export const WAKE_EVENT = 'wake';
export const CAMPAIGN = 'campaign';
export const ADAPTIVE_PRIORITY = 'adaptivePriority';
export const SEND_BATCHES = 'sendBatches';
export const SEND_BATCH = 'sendBatch';
export const PATIENT = 'patient';

/** Input and output of every activity. */
export interface Activities {
  beginCampaign: [{ campaignId: string }, CampaignBegun];
  beginDay: [DayInput, DayBegun];
  openDay: [DayInput, Opening];
  planPass: [PassInput, PassPlan];
  readBatch: [BatchInput, BatchAsks];
  sendTexts: [SendInput, SendResult];
  purgeHistories: [PurgeInput, void];
  finishCampaign: [FinishInput, Finished];
}

/** The instance that lives the adaptive weeks of a campaign. */
export function adaptiveInstanceId(campaignId: string): string {
  return `${campaignId}:adaptive`;
}
