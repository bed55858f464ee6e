/**
 * The organisation's days in the simulated world: which are send days, when a campaign starts and ends, and how an
 * instant is moved into waking hours. Instants are epoch milliseconds, whole seconds. Source: formats.md.
 */
import { addDays, dayOfWeek, instantOf, localDate, localMinutes, MINUTE_MS, startOfDate } from '../domain/calendar';
import { WEEKDAYS, type Campaign } from '../domain/policy';

/** Awake from 07:00 to 22:00, local. An assumption that no rate depends on. */
const WAKES_AT = 7 * 60;
const SLEEPS_AT = 22 * 60;

export interface CampaignDays {
  readonly startMs: number;
  /** The first instant that is no longer part of the campaign. */
  readonly endMs: number;
  /** Every send day, ascending. */
  readonly sendDays: readonly string[];
}

export function campaignDays(campaign: Campaign): CampaignDays {
  const length = 7 * (campaign.weeks + campaign.postPilotWeeks);
  const dates = Array.from({ length }, (_, day) => addDays(campaign.startsOn, day));
  return {
    startMs: startOfDate(campaign.startsOn, campaign.timeZone),
    endMs: startOfDate(addDays(campaign.startsOn, length), campaign.timeZone),
    sendDays: dates.filter(
      (date) => campaign.sendDays.includes(WEEKDAYS[dayOfWeek(date)]!) && !campaign.skipDates.includes(date),
    ),
  };
}

/** `atMs` rounded up to a multiple of `gridMs`. */
export function onGrid(atMs: number, gridMs: number): number {
  return Math.ceil(atMs / gridMs) * gridMs;
}

/** `atMs`, or where it falls into the night, `spread` in [0, 1) of three hours after waking. */
export function awake(atMs: number, zone: string, spread: number): number {
  const minutes = localMinutes(atMs, zone);
  if (minutes >= WAKES_AT && minutes < SLEEPS_AT) return atMs;
  const today = localDate(atMs, zone);
  return (
    instantOf(minutes < WAKES_AT ? today : addDays(today, 1), WAKES_AT, zone) + Math.floor(spread * 180) * MINUTE_MS
  );
}
