/**
 * The campaign's own calendar, in the organisation's zone: weeks, phases, days, deadlines and the end (formats.md,
 * "Rules an outsider can check", 1 and 7). Instants are epoch ms.
 */
import { addDays, daysBetween, localDate, minutesOfDay, instantOf, startOfDate } from './calendar';
import type { Campaign } from './policy';

export function startsAtMs(campaign: Campaign): number {
  return startOfDate(campaign.startsOn, campaign.timeZone);
}

/** First date that is no longer of the pilot: adaptive texts start at its 00:00. */
export function pilotEndDate(campaign: Campaign): string {
  return addDays(campaign.startsOn, 7 * campaign.weeks);
}

/** The date at whose 00:00 the campaign ends. */
export function endDate(campaign: Campaign): string {
  return addDays(campaign.startsOn, 7 * (campaign.weeks + campaign.postPilotWeeks));
}

export function endsAtMs(campaign: Campaign): number {
  return startOfDate(endDate(campaign), campaign.timeZone);
}

/** Week of an organisation's date: 1 … weeks + postPilotWeeks, dates outside are clamped to them. */
export function weekOfDate(date: string, campaign: Campaign): number {
  const week = Math.floor(daysBetween(campaign.startsOn, date) / 7) + 1;
  return Math.min(Math.max(week, 1), campaign.weeks + campaign.postPilotWeeks);
}

export function weekOf(atMs: number, campaign: Campaign): number {
  return weekOfDate(localDate(atMs, campaign.timeZone), campaign);
}

export function weekStartDate(week: number, campaign: Campaign): string {
  return addDays(campaign.startsOn, 7 * (week - 1));
}

/** `preferencesDeadline` of `date` as an instant; a file at this very instant is in time. */
export function deadlineMs(date: string, deadline: string, campaign: Campaign): number {
  return instantOf(date, minutesOfDay(deadline), campaign.timeZone);
}
