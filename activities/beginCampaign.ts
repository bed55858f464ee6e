/** Where the campaign's first day stands, before anything has happened. */
import { addDays, isoInZone, startOfDate } from '../domain/calendar';
import { startsAtMs } from '../domain/schedule';
import type { Place } from '../orchestrators/day';
import type { Services } from '../services/services';
import { readContext, type CampaignContext } from './context';
import { statusOf, type CampaignStatus } from './status';

export interface CampaignBegun {
  readonly startsAtMs: number;
  readonly cancelled: boolean;
  readonly place: Place;
  readonly status: CampaignStatus;
}

export async function beginCampaign(services: Services, input: { campaignId: string }): Promise<CampaignBegun> {
  const { campaignId } = input;
  const context = await readContext(services, campaignId);
  const { campaign, control } = context;
  const status = waitingStatus(context);
  const date = campaign.startsOn;
  const tomorrow = addDays(date, 1);
  const place: Place = {
    campaignId,
    phase: 'PILOT',
    date,
    step: 'BEGIN',
    passes: 0,
    tomorrow,
    tomorrowMs: startOfDate(tomorrow, campaign.timeZone),
    tomorrowAt: null,
    status,
  };
  return { startsAtMs: startsAtMs(campaign), cancelled: control.cancelledAtMs !== null, place, status };
}

/** Of a campaign that was started and has not begun. */
export function waitingStatus(context: CampaignContext): CampaignStatus {
  const { campaign } = context;
  return {
    ...statusOf({ ...context, date: campaign.startsOn }),
    phase: 'WAITING',
    nextWakeUp: isoInZone(startsAtMs(campaign), campaign.timeZone),
  };
}
