/**
 * The hours in which the call centre is open, each with the base load to expect and the calls it can handle: the
 * campaign's forecast and capacity spread over the day by a profile with a morning peak. Staff follow the profile only
 * in part, so mornings are tight and afternoons have room. Bad spells (more calls, fewer people) fall on some Mondays.
 */
import { dayOfWeek, daysBetween, HOUR_MS, instantOf, MINUTE_MS } from '../domain/calendar';
import { WEEKDAYS, type Campaign } from '../domain/policy';
import { rates } from './assumptions';
import { bell, chance, type LuckKey } from './random';
import { campaignDays } from './schedule';

export interface OpenHour {
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether it is the first of its day. */
  readonly first: boolean;
  /** Calls to expect that no text caused. */
  readonly baseMean: number;
  /** Calls it can handle well. */
  readonly capacity: number;
}

/** As a call centre's hourly report has it. */
const INTERVAL_MS = HOUR_MS;
const OPENS_AT_MINUTES = 8 * 60;
/** The week, from 0, that has a bad spell whatever the luck, so that every run shows the throttle at work. */
const CERTAIN_SPELL_WEEK = 1;
/** Where in the day the peak lies and how wide it is, as shares of the opening hours. */
const PEAK = { at: 0.2, width: 0.18 };

/** Ascending; all of them end before the campaign does. `luck`: the call centre's. */
export function openHours(campaign: Campaign, luck: LuckKey): OpenHour[] {
  const { sendDays, endMs } = campaignDays(campaign);
  const spells = spellDays(campaign, sendDays, luck);
  return sendDays
    .flatMap((date, day) => openHoursOf(campaign, date, day, spells.has(date), luck))
    .filter(({ toMs }) => toMs < endMs);
}

function openHoursOf(campaign: Campaign, date: string, day: number, spell: boolean, luck: LuckKey): OpenHour[] {
  const { hoursPerDay, capacityPerDay, baseForecast } = campaign.callCentre;
  const lengthMs = Math.floor((hoursPerDay * HOUR_MS) / MINUTE_MS) * MINUTE_MS;
  const opensAt = Math.min(OPENS_AT_MINUTES, 24 * 60 - Math.ceil(lengthMs / MINUTE_MS));
  const openMs = instantOf(date, opensAt, campaign.timeZone);
  const count = Math.ceil(lengthMs / INTERVAL_MS);
  const weights = Array.from({ length: count }, (_, i) => 1 + rates.morningPeak * peak((i + 0.5) / count));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const calls = (baseForecast[WEEKDAYS[dayOfWeek(date)]!] ?? 0) * (1 + rates.dayNoise * bell(luck, 'day', day));
  const from = Math.floor(count * (0.05 + 0.5 * chance(luck, 'spell from', day)));
  const to = from + 2 + Math.floor(2 * chance(luck, 'spell length', day));
  return weights.map((weight, i) => {
    const bad = spell && i >= from && i < to;
    const staffed = rates.staffFollowsLoad * (weight / whole) + (1 - rates.staffFollowsLoad) / count;
    return {
      fromMs: openMs + i * INTERVAL_MS,
      toMs: Math.min(openMs + (i + 1) * INTERVAL_MS, openMs + lengthMs),
      first: i === 0,
      baseMean: Math.max(0, calls) * (weight / whole) * (bad ? rates.spellLoadTimes : 1),
      capacity: capacityPerDay * rates.staffSlack * staffed * (bad ? rates.spellStaffTimes : 1),
    };
  });
}

/** Mondays, or where Monday is no send day the first send day of the week in its place. */
function spellDays(campaign: Campaign, sendDays: readonly string[], luck: LuckKey): Set<string> {
  const weekday = WEEKDAYS.indexOf(campaign.sendDays.includes('mon') ? 'mon' : campaign.sendDays[0]!);
  const weekOf = (date: string) => Math.floor(daysBetween(campaign.startsOn, date) / 7);
  const bad = (week: number) => week === CERTAIN_SPELL_WEEK || chance(luck, 'spell', week) < rates.spellOnMonday;
  return new Set(sendDays.filter((date) => dayOfWeek(date) === weekday && bad(weekOf(date))));
}

function peak(x: number): number {
  const z = (x - PEAK.at) / PEAK.width;
  return Math.exp(-z * z);
}
