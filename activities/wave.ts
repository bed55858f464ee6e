/** Fixing a wave and planning first touches, when a day opens (formats.md, rules 1 and 2; design.md, "A week"). */
import { addDays } from '../domain/calendar';
import { admit, planFirstTouch, type Outreach, TOUCH_WAITS_SEND_DAYS } from '../domain/outreach';
import type { Campaign, Policy } from '../domain/policy';
import { pilotEndDate, weekOfDate, weekStartDate } from '../domain/schedule';
import { sendDayAfter, sendDaysBetween } from '../domain/sendDays';
import { cumulativeCap, shareOfWave } from '../domain/threshold';
import { forecastOf } from '../domain/throttle';
import type { WeekRow } from '../services/rows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';
import type { Changes } from './docs';

export async function readWeeks(services: Services, campaignId: string): Promise<WeekRow[]> {
  return (await allRows(services.store.weeks, { pk: campaignId })).map(({ value }) => value);
}

export async function writeWeek(services: Services, campaignId: string, row: WeekRow): Promise<void> {
  await services.store.weeks.upsert({ pk: campaignId, rk: String(row.week).padStart(3, '0'), value: row });
}

/** A week that ended without an open day has no wave; its threshold counts on. */
export function weekWithoutWave(week: number, threshold: number, weeks: readonly WeekRow[]): WeekRow {
  const before = weeks.at(-1);
  return {
    week,
    wave: null,
    threshold,
    eligible: before?.eligible ?? 0,
    cap: before?.cap ?? 0,
    admitted: before?.admitted ?? 0,
  };
}

/**
 * Fixes wave `week` over everyone as known now. `weeks`: every week before. Run again after it was cut off, whoever was
 * admitted then stays so.
 */
export function fixWave(
  week: number,
  policy: Policy,
  weeks: readonly WeekRow[],
  everyone: readonly Outreach[],
  campaign: Campaign,
  changes: Changes,
): WeekRow {
  const before = weeks.at(-1);
  const admittedBefore = before?.admitted ?? 0;
  const isIn = (o: Outreach) => o.wave === week;
  const isEligible = (o: Outreach) => o.wave === null && !o.booked && o.preference?.status === 'OPT_IN';
  const eligible = everyone.filter((o) => isIn(o) || isEligible(o));
  const total = admittedBefore + eligible.length;
  const cap = cumulativeCap([...weeks.map((w) => w.threshold), policy.weeklyThreshold], total, before?.cap ?? 0);
  const admitted = eligible
    .sort((a, b) => Number(isIn(b)) - Number(isIn(a)) || a.rank - b.rank)
    .slice(0, Math.max(0, cap - admittedBefore));
  for (const outreach of admitted) if (!isIn(outreach)) changes.put(admit(outreach, week, campaign));
  return {
    week,
    wave: week,
    threshold: policy.weeklyThreshold,
    eligible: total,
    cap,
    admitted: admittedBefore + admitted.length,
  };
}

/**
 * Gives the first touches that fall to today their date: today's share of the wave left, in rank order. Run again after
 * it was cut off, those that got it then count.
 */
export function planShare(
  date: string,
  policy: Policy,
  everyone: readonly Outreach[],
  campaign: Campaign,
  changes: Changes,
): void {
  const unplanned = everyone
    .map((outreach) => changes.current(outreach))
    .filter((o) => o.wave !== null && (o.plannedFor === null || o.plannedFor === date) && o.open?.touch === 0)
    .sort((a, b) => Number(b.plannedFor === date) - Number(a.plannedFor === date) || a.rank - b.rank);
  if (unplanned.length === 0) return;
  const headrooms = sendDaysLeft(date, campaign).map(
    (day) => policy.callCentre.capacityPerDay - forecastOf(day, policy.callCentre),
  );
  const share = shareOfWave(unplanned.length, headrooms);
  for (const outreach of unplanned.slice(0, share))
    if (outreach.plannedFor === null) changes.put(planFirstTouch(outreach, date, campaign));
}

/** Send days that the wave may still use, today first: of this week, or after the pilot until first touches expire. */
function sendDaysLeft(date: string, campaign: Campaign): string[] {
  const week = weekOfDate(date, campaign);
  if (week <= campaign.weeks) return sendDaysBetween(date, weekStartDate(week + 1, campaign), campaign);
  const last = sendDayAfter(addDays(pilotEndDate(campaign), -1), TOUCH_WAITS_SEND_DAYS, campaign);
  return sendDaysBetween(date, addDays(last, 1), campaign);
}
