/**
 * 00:00 of a date, organisation's zone: yesterday's calls teach the call rate, a week without a wave is recorded, the
 * critical without a response are handed to a person. Says whether today is a send day. May run twice.
 */
import { addDays, daysBetween, endOfSecond, startOfDate } from '../domain/calendar';
import { mustBeHandedOver } from '../domain/adaptive';
import { endsAtMs, pilotEndDate, weekOfDate, weekStartDate } from '../domain/schedule';
import { isSendDay } from '../domain/sendDays';
import { learn } from '../domain/throttle';
import type { Books, DayRow } from '../services/rows';
import type { Services } from '../services/services';
import { dropAgenda } from './agenda';
import { readContext, listen, writeBooks, type CampaignContext } from './context';
import { Changes, addRefused, forEveryone } from './docs';
import { heldBetween } from './feed';
import { afterIntervals, foldPass, unsentOf } from './fold';
import { learnFeed } from './learnFeed';
import { policyAt } from './opening';
import { settle, stillQueued } from './settle';
import { statusOf, type CampaignStatus } from './status';
import { intervalsBetween, type KeyedInterval } from './takeIntervals';
import { readWeeks, weekWithoutWave, writeWeek } from './wave';

export interface DayInput {
  readonly campaignId: string;
  readonly date: string;
  readonly nowMs: number;
  readonly listener: string;
}

export interface DayBegun {
  readonly ended: boolean;
  readonly sendDay: boolean;
  readonly phase: 'PILOT' | 'ADAPTIVE';
  /** A week is over: the histories of its batches can go. */
  readonly weekBegins: boolean;
  readonly tomorrow: string;
  /** When the next date begins. */
  readonly tomorrowMs: number;
  readonly status: CampaignStatus;
}

export async function beginDay(services: Services, input: DayInput): Promise<DayBegun> {
  const { campaignId, date, nowMs, listener } = input;
  await listen(services, campaignId, listener);
  const context = await readContext(services, campaignId);
  const { campaign, control } = context;
  const tomorrowMs = startOfDate(addDays(date, 1), campaign.timeZone);
  let books = context.books;
  const ended = control.cancelledAtMs !== null || nowMs >= endsAtMs(campaign);
  // Cancelled since midnight, which nobody had looked at yet: what was due then stands.
  if ((control.cancelledAtMs ?? Infinity) > startOfDate(date, campaign.timeZone))
    books = await keepBooks(services, context, date, nowMs);
  const sendDay = isSendDay(date, campaign);
  const weekBegins = date !== campaign.startsOn && daysBetween(campaign.startsOn, date) % 7 === 0;
  const phase = date < pilotEndDate(campaign) ? 'PILOT' : 'ADAPTIVE';
  return {
    ended,
    sendDay,
    phase,
    weekBegins,
    tomorrow: addDays(date, 1),
    tomorrowMs,
    status: statusOf({ campaign, control, books, date, nextWakeUpMs: tomorrowMs }),
  };
}

/** What is due at 00:00 of `date`, written down. May run twice. */
export async function keepBooks(
  services: Services,
  context: CampaignContext,
  date: string,
  nowMs: number,
): Promise<Books> {
  const { campaign } = context;
  await settle(services, campaign.campaignId, nowMs);
  let books = await teachYesterday(services, context, addDays(date, -1));
  await recordPastWeek(services, context, date);
  if (date >= pilotEndDate(campaign) && books.handedThrough < date) {
    const changes = new Changes(campaign);
    const startMs = startOfDate(date, campaign.timeZone);
    const { adaptive } = policyAt(context.control, startMs);
    const learned = await learnFeed(services, campaign, books, nowMs, changes, endOfSecond(startMs));
    await forEveryone(services, campaign.campaignId, (stored) => {
      const outreach = changes.current(stored);
      if (outreach.handedSince === null && mustBeHandedOver(outreach, date, adaptive))
        changes.put({ ...outreach, handedSince: date });
    });
    await changes.write(services);
    books = { ...learned.books, handedThrough: date, progress: addRefused(learned.books.progress, changes.refused) };
  }
  if (books !== context.books) await writeBooks(services, context, books);
  return books;
}

/** The day is over at `untilMs`: its last texts and calls are counted. */
export async function closeDay(
  services: Services,
  { campaign, books }: CampaignContext,
  day: DayRow,
  untilMs: number,
): Promise<{ day: DayRow; books: Books; told: readonly KeyedInterval[] }> {
  const { campaignId, timeZone } = campaign;
  const folded = await foldPass(services, campaign, day, books, untilMs);
  const told = await intervalsBetween(services, startOfDate(day.date, timeZone), untilMs);
  const closed = afterIntervals(folded.day, told);
  await services.store.days.upsert({ pk: campaignId, rk: day.date, value: closed });
  await dropAgenda(services, campaignId, day.date);
  return { day: closed, books: folded.books, told };
}

/** Yesterday is closed and teaches the call rate, if that is still to be done. Returns the books as they are then. */
export async function teachYesterday(services: Services, context: CampaignContext, yesterday: string): Promise<Books> {
  const { campaign, books } = context;
  const day = await services.store.days.get(campaign.campaignId, yesterday);
  return day?.openedAtMs != null && books.taughtThrough < yesterday ? teach(services, context, day) : books;
}

/** Closes a day that is wholly over; its calls teach the call rate. */
async function teach(services: Services, context: CampaignContext, before: DayRow): Promise<Books> {
  const { campaign, policy } = context;
  const { campaignId, timeZone } = campaign;
  const startMs = startOfDate(before.date, timeZone);
  const endMs = startOfDate(addDays(before.date, 1), timeZone);
  const { day, books, told } = await closeDay(services, context, before, endMs);
  const intervals = told.map(({ interval }) => interval);
  // In this order: what leaves the queue meanwhile has been told of.
  const queued = await stillQueued(services, campaignId, startMs, endMs);
  const unsent = [...queued, ...(await heldBetween(services, campaignId, startMs, endMs))];
  const { sent, returned = 0 } = day.throttle;
  const texts = sent + returned - (await unsentOf(services, campaignId, day.date, unsent)).length;
  const taught = { date: day.date, texts, callCentre: day.callCentre, intervals };
  const callRate = learn(context.books.callRate, taught, policy.callCentre.callsPerTextPrior);
  return { ...books, callRate, taughtThrough: day.date };
}

async function recordPastWeek(services: Services, context: CampaignContext, date: string): Promise<void> {
  const { campaign } = context;
  const week = weekOfDate(date, campaign);
  const past = date >= pilotEndDate(campaign) ? campaign.weeks : week - 1;
  if (past < 1 || (week <= campaign.weeks && date !== weekStartDate(week, campaign)) || date > pilotEndDate(campaign))
    return;
  const weeks = await readWeeks(services, campaign.campaignId);
  const { weeklyThreshold } = policyAt(context.control, startOfDate(date, campaign.timeZone));
  if (weeks.every((row) => row.week < past))
    await writeWeek(services, campaign.campaignId, weekWithoutWave(past, weeklyThreshold, weeks));
}
