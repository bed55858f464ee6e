/** When the passes of an open day happen, with the policy in force now. */
import { addDays, instantOf, minutesOfDay, startOfDate } from '../domain/calendar';
import { passInstants, zoneSpans, type OpenDay, type PassView } from '../domain/passes';
import type { CampaignContext } from './context';

export interface PassTimes {
  /** When each zone of the roster may be texted. */
  readonly spans: PassView['spans'];
  /** Ascending. */
  readonly instants: readonly number[];
}

export function passTimes(context: CampaignContext, date: string, openedAtMs: number): PassTimes {
  const { campaign, control, policy, roster } = context;
  const open: OpenDay = {
    openedAtMs,
    endMs: startOfDate(addDays(date, 1), campaign.timeZone),
    extra: control.nudges,
    gridMs: instantOf(date, minutesOfDay(policy.sendWindow.from), campaign.timeZone),
  };
  const spans = new Map(roster.zones.map((zone) => [zone, zoneSpans(zone, open, policy, campaign)]));
  return { spans, instants: passInstants(spans.values(), open) };
}
