/**
 * Which send days opened, when and why (formats.md, preferences; rules 1 and 9): a day opens with its first sound file up
 * to the deadline, at 00:00 when that came earlier or fresh files are not required. Settings of the day may change until
 * it opens or is lost.
 */
import type { CallCentre, Policy } from './policy';
import { isSendDay } from './policy';
import { addDays, dateOf, instantOf, startOfDate } from './time';
import type { World } from './world';

export interface SendDay {
  date: string;
  startsAt: number;
  endsAt: number;
  openAt: number | undefined;
  /** When an unopened day was given up; undefined when the campaign ended first. */
  lostAt: number | undefined;
  preferences: 'TAKEN' | 'MISSING' | 'REFUSED' | 'NOT_REQUIRED' | undefined;
  callCentre: CallCentre;
  /** Set when the campaign was cancelled at the day's very beginning, so that it may be missing from the report. */
  optional: boolean;
}

export function sendDaysOf(world: World): SendDay[] {
  const days: SendDay[] = [];
  for (let date = world.campaign.startsOn; startOfDate(world.zone, date) <= world.end; date = addDays(date, 1)) {
    const startsAt = startOfDate(world.zone, date);
    if (startsAt >= world.naturalEnd || !isSendDay(world.campaign, date)) continue;
    days.push(settle(world, date, startsAt));
  }
  return days;
}

function settle(world: World, date: string, startsAt: number): SendDay {
  const endsAt = startOfDate(world.zone, addDays(date, 1));
  const ofTheDay = world.arrivals.filter((arrival) => arrival.file.date === date);
  const deadlineOf = (policy: Policy): number => instantOf(world.zone, date, policy.preferencesDeadline);
  const policyAt = (instant: number): Policy => world.policy.at(instant);
  const moments = new Set([startsAt]);
  for (const { at } of [...ofTheDay, ...world.policy.changes]) if (at > startsAt && at < endsAt) moments.add(at);
  for (const moment of [...moments]) moments.add(Math.max(startsAt, deadlineOf(policyAt(moment))));
  const day: SendDay = {
    date,
    startsAt,
    endsAt,
    openAt: undefined,
    lostAt: undefined,
    preferences: undefined,
    callCentre: policyAt(startsAt).callCentre,
    optional: startsAt >= world.end,
  };
  for (const moment of [...moments].sort((a, b) => a - b)) {
    if (moment >= world.end) break;
    const policy = policyAt(moment);
    day.callCentre = policy.callCentre;
    const deadline = deadlineOf(policy);
    const sound = ofTheDay.some(({ at, file }) => file.sound && at <= moment && at <= Math.max(deadline, startsAt));
    if (!policy.requireFreshPreferences || sound) {
      day.openAt = moment;
      day.preferences = policy.requireFreshPreferences ? 'TAKEN' : 'NOT_REQUIRED';
      return day;
    }
    if (moment >= deadline) {
      day.lostAt = moment;
      // A sound one that comes with a policy whose deadline is past by then is none that was refused.
      const refused = ofTheDay.some(({ at, file }) => !file.sound && at <= moment);
      day.preferences = refused ? 'REFUSED' : 'MISSING';
      return day;
    }
  }
  return day;
}

/** The opened send day in which an instant lies, by the organisation's calendar. */
export function openDayAt(world: World, days: Map<string, SendDay>, instant: number): SendDay | undefined {
  const day = days.get(dateOf(world.zone, instant));
  return day && day.openAt !== undefined && day.openAt <= instant ? day : undefined;
}
