/**
 * Campaign settings as formats.md defaults them, the merge of a partial policy into one in force, and the calendar of
 * send days that follows from them.
 */
import { addDays, weekdayOf } from './time';

export interface CallCentre {
  capacityPerDay: number;
  hoursPerDay: number;
  abandonmentMax: number;
  serviceLevelMin: number;
  baseForecast: Record<string, number>;
  callsPerTextPrior: number;
  floorPerDay: number;
}

export interface Policy {
  weeklyThreshold: number;
  sendWindow: { from: string; to: string };
  caps: { perDay: number; perSevenDays: number };
  adaptive: { touchesMax: number; minDaysBetween: number };
  callCentre: CallCentre;
  requireFreshPreferences: boolean;
  preferencesDeadline: string;
}

export interface Campaign extends Policy {
  campaignId: string;
  startsOn: string;
  timeZone: string;
  seed: number;
  weeks: number;
  postPilotWeeks: number;
  sendDays: string[];
  skipDates: string[];
  touches: number[];
}

type Json = { [key: string]: unknown };

const DEFAULTS: Json = {
  timeZone: 'America/Chicago',
  seed: 1,
  weeks: 5,
  weeklyThreshold: 0.2,
  postPilotWeeks: 4,
  sendDays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  skipDates: [],
  sendWindow: { from: '09:00', to: '19:00' },
  touches: [0, 3, 7],
  caps: { perDay: 1, perSevenDays: 3 },
  requireFreshPreferences: true,
  preferencesDeadline: '12:00',
  callCentre: {
    capacityPerDay: 145,
    hoursPerDay: 10,
    abandonmentMax: 0.05,
    serviceLevelMin: 0.8,
    baseForecast: { mon: 130, tue: 105, wed: 100, thu: 100, fri: 95 },
    callsPerTextPrior: 0.12,
    floorPerDay: 5,
  },
  adaptive: { touchesMax: 2, minDaysBetween: 5 },
};

/** Members missing from a nested object keep the value they have; arrays and scalars are replaced. */
export function mergeDeep<T>(base: T, patch: unknown): T {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch as T;
  const merged: Json = { ...(base as Json) };
  for (const [key, value] of Object.entries(patch)) {
    merged[key] = key in merged ? mergeDeep(merged[key], value) : value;
  }
  return merged as T;
}

export function readCampaign(json: unknown): Campaign {
  return mergeDeep(DEFAULTS, json) as unknown as Campaign;
}

/** Far past any campaign of 104 weeks with every other day skipped. */
const SEARCH_DAYS_MAX = 1500;

export function isSendDay(campaign: Campaign, date: string): boolean {
  return campaign.sendDays.includes(weekdayOf(date)) && !campaign.skipDates.includes(date);
}

/** The n-th send day on or after a date (n = 1: the date itself when it is one); `9999-12-31` when there is none. */
export function nthSendDayFrom(campaign: Campaign, date: string, n: number): string {
  let found = 0;
  for (let i = 0; i < SEARCH_DAYS_MAX; i += 1) {
    const day = addDays(date, i);
    if (isSendDay(campaign, day)) found += 1;
    if (found === n) return day;
  }
  return '9999-12-31';
}
