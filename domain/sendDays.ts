/**
 * Which dates are send days (formats.md: weekday in `sendDays`, not in `skipDates`) and how to step over them.
 * A date here belongs to no zone: the organisation's and the patient's calendars share these rules.
 */
import { addDays, dayOfWeek } from './calendar';
import { WEEKDAYS, type Weekday } from './policy';

export interface SendDayRule {
  readonly sendDays: readonly Weekday[];
  readonly skipDates: readonly string[];
}

/** Skip dates are listed by hand; ten years of them in a row means a mistake, not a calendar. */
const SEARCH_DAYS_MAX = 3660;

export function weekdayOf(date: string): Weekday {
  return WEEKDAYS[dayOfWeek(date)]!;
}

export function isSendDay(date: string, rule: SendDayRule): boolean {
  return rule.sendDays.includes(weekdayOf(date)) && !rule.skipDates.includes(date);
}

/** `date` itself when it is a send day, else the first one after it. */
export function sendDayFrom(date: string, rule: SendDayRule): string {
  let day = date;
  for (let step = 0; step < SEARCH_DAYS_MAX; step += 1, day = addDays(day, 1)) if (isSendDay(day, rule)) return day;
  throw new RangeError(`no send day within ${SEARCH_DAYS_MAX} days of ${date}`);
}

/** The `count`-th send day strictly after `date`; `count` ≥ 1. */
export function sendDayAfter(date: string, count: number, rule: SendDayRule): string {
  let day = date;
  for (let left = count; left > 0; left -= 1) day = sendDayFrom(addDays(day, 1), rule);
  return day;
}

/** Send days in `[from, to)`. */
export function sendDaysBetween(from: string, to: string, rule: SendDayRule): string[] {
  const days: string[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) if (isSendDay(day, rule)) days.push(day);
  return days;
}
