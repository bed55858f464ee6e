/**
 * Opens a send day when its consent is fresh (formats.md, "In: preferences", rules 1, 9, 10): fixes the wave if the week
 * has none, gives first touches their date, sets the budget, writes the agenda. Answers WAIT until the deadline while no
 * sound file of today has come, MISSED past it. May run twice: an opened day stays as it was opened.
 */
import { addDays, endOfSecond, isoInZone, localDate, SECOND_MS, startOfDate } from '../domain/calendar';
import { adaptiveLimit, adaptiveTextsLeft, isAdaptiveCandidate, rankAdaptive } from '../domain/adaptive';
import { expireUntil, type Outreach } from '../domain/outreach';
import type { AgendaEntry } from '../domain/passes';
import { deadlineMs, endDate, pilotEndDate, weekOfDate } from '../domain/schedule';
import { sendDaysBetween } from '../domain/sendDays';
import { budgetOf, callRateOf, forecastOf, openThrottle } from '../domain/throttle';
import type { PreferencesState } from '../domain/report';
import type { DayRow, FileRow, WeekRow } from '../services/rows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';
import { dropAgenda, entryOf, writeAgenda } from './agenda';
import type { DayInput } from './beginDay';
import { listen, readContext, writeBooks, type CampaignContext } from './context';
import { addRefused, Changes, forEveryone } from './docs';
import { audit, reportIncident } from './journal';
import { learnFeed } from './learnFeed';
import { fateOf, isInTime } from './opening';
import { passTimes } from './passTimes';
import { statusOf, type CampaignStatus } from './status';
import { fixWave, planShare, readWeeks, writeWeek } from './wave';

export type Opening =
  | { readonly state: 'MISSED' | 'ENDED'; readonly status: CampaignStatus }
  /** `untilMs`: the first pass; null: none, every window of today is over. */
  | { readonly state: 'OPEN'; readonly untilMs: number | null; readonly status: CampaignStatus }
  /** `untilMs`: the deadline of the preferences file, or a little after it. */
  | { readonly state: 'WAIT'; readonly untilMs: number; readonly status: CampaignStatus };

/** A file that came in time and is not taken in by then was cut off. */
const TAKEN_IN_WITHIN_MS = 30 * SECOND_MS;

/** Adaptive entries beyond today's limit, so that some may book or opt out during the day. */
const ADAPTIVE_SPARE = 2;

export async function openDay(services: Services, input: DayInput): Promise<Opening> {
  const { campaignId, date, nowMs, listener } = input;
  await listen(services, campaignId, listener);
  const context = await readContext(services, campaignId);
  const status = (nextWakeUpMs: number | null, day: DayRow | null = null) =>
    statusOf({ ...context, date, day, nextWakeUpMs });
  const { cancelledAtMs } = context.control;
  const known = await services.store.days.get(campaignId, date);
  if (cancelledAtMs !== null) {
    // What came of the day before the cancel stands, though nobody had looked at it then or an opening was cut off.
    if (!known) await lookAt(services, context, date, Math.min(nowMs, cancelledAtMs - 1));
    return { state: 'ENDED', status: status(null) };
  }
  if (known)
    return known.openedAtMs === null ? { state: 'MISSED', status: status(null, known) } : opened(context, known);
  const { day, waitMs } = await lookAt(services, context, date, nowMs);
  if (!day) return { state: 'WAIT', untilMs: waitMs, status: status(waitMs) };
  return day.openedAtMs === null ? { state: 'MISSED', status: status(null, day) } : opened(context, day);
}

/** Opens the day, or writes down that it was lost, as far as that can be told at `nowMs`. `day` null: wait until `waitMs`. */
export async function lookAt(
  services: Services,
  context: CampaignContext,
  date: string,
  nowMs: number,
): Promise<{ readonly day: DayRow | null; readonly waitMs: number }> {
  const came = (await allRows(services.store.files, { pk: date })).map(({ value }) => value);
  const files = came.filter(({ underWay = false }) => !underWay);
  const { state, atMs, policy } = fateOf(files, context, date, nowMs);
  const then = { ...context, policy };
  if (state === 'OPEN') return { day: await open(services, then, date, atMs, nowMs), waitMs: atMs };
  // In time, and its rows are still being read and written.
  const isComing = came.some(({ underWay = false, receivedAtMs }) => underWay && isInTime(receivedAtMs, atMs));
  const waitMs = isComing ? atMs + TAKEN_IN_WITHIN_MS : atMs;
  return { day: nowMs < waitMs ? null : await missDay(services, then, date, files, atMs), waitMs };
}

function opened(context: CampaignContext, day: DayRow): Opening {
  const untilMs = passTimes(context, day.date, day.openedAtMs!).instants.find((at) => at > day.lastPassAtMs) ?? null;
  return { state: 'OPEN', untilMs, status: statusOf({ ...context, date: day.date, day, nextWakeUpMs: untilMs }) };
}

function dayRow(context: CampaignContext, date: string, preferences: PreferencesState): DayRow {
  const { policy, books } = context;
  const forecast = forecastOf(date, policy.callCentre);
  const callRate = callRateOf(books.callRate, policy.callCentre);
  return {
    date,
    preferences,
    openedAtMs: null,
    callCentre: policy.callCentre,
    forecast,
    callRate,
    throttle: openThrottle(0),
    adaptiveLeft: 0,
    passes: 0,
    lastPassAtMs: 0,
    nextPassMs: null,
    batches: [],
    agendaPages: 0,
    intervalCursor: '',
  };
}

async function missDay(
  services: Services,
  context: CampaignContext,
  date: string,
  files: readonly FileRow[],
  atMs: number,
): Promise<DayRow> {
  const { campaign } = context;
  const deadline = deadlineMs(date, context.policy.preferencesDeadline, campaign);
  const refused = files.some((file) => !file.sound && file.receivedAtMs <= Math.max(deadline, atMs));
  const day = dayRow(context, date, refused ? 'REFUSED' : 'MISSING');
  const detail = `${date}: no sound preferences file of this date by ${isoInZone(deadline, campaign.timeZone)}`;
  await reportIncident(services, campaign.campaignId, atMs, 'PREFERENCES_FILE_MISSING', detail);
  await services.store.days.upsert({ pk: campaign.campaignId, rk: date, value: day });
  return day;
}

async function open(
  services: Services,
  context: CampaignContext,
  date: string,
  openedAtMs: number,
  nowMs: number,
): Promise<DayRow> {
  const { campaign, policy, books } = context;
  const { campaignId } = campaign;
  const changes = new Changes(campaign);
  // As known when it opened, however late that is seen to: what came since is for the first pass.
  const learned = await learnFeed(services, campaign, books, nowMs, changes, endOfSecond(openedAtMs));
  const people: Outreach[] = [];
  await forEveryone(services, campaignId, (stored) => {
    const outreach = changes.current(stored);
    // Most days nothing expires for most patients: asked first, since this runs for everyone.
    const expires = outreach.open !== null && outreach.open.expiresAtMs <= openedAtMs;
    if (!expires) return void people.push(outreach);
    const settled = expireUntil(outreach, openedAtMs, campaign);
    changes.decide(outreach, settled.outreach, settled.decisions);
    people.push(settled.outreach);
  });
  const weeks = await readWeeks(services, campaignId);
  const wave = fixWaveOnce(context, date, weeks, people, changes);
  planShare(date, policy, people, campaign, changes);
  const row = dayRow(context, date, policy.requireFreshPreferences ? 'TAKEN' : 'NOT_REQUIRED');
  const budget = budgetOf(row.forecast, row.callRate, policy.callCentre);
  const now = people.map((outreach) => changes.current(outreach));
  const { entries, adaptiveLeft } = agendaOf(now, context, date, openedAtMs);
  // An opening that was cut off may have listed more.
  await dropAgenda(services, campaignId, date);
  const agendaPages = await writeAgenda(services, campaignId, date, entries, 0);
  await changes.write(services);
  // The wave counts as fixed once everyone in it knows: cut off before, it is fixed again over the same people.
  if (wave) await writeWeek(services, campaignId, wave);
  const { admitted } = wave ?? weeks.at(-1) ?? learned.books.progress;
  const progress = addRefused({ ...learned.books.progress, admitted }, changes.refused);
  await writeBooks(services, context, { ...learned.books, progress });
  const day: DayRow = { ...row, openedAtMs, throttle: openThrottle(budget), adaptiveLeft, agendaPages };
  const detail = `budget ${budget}, agenda ${entries.length}`;
  await audit(services, campaignId, { atMs: openedAtMs, actor: 'system', action: 'day.opened', target: date, detail });
  await services.store.days.upsert({ pk: campaignId, rk: date, value: day });
  return day;
}

/** Null when this opening fixes no wave. */
function fixWaveOnce(
  context: CampaignContext,
  date: string,
  weeks: readonly WeekRow[],
  people: readonly Outreach[],
  changes: Changes,
): WeekRow | null {
  const { campaign, policy } = context;
  const week = weekOfDate(date, campaign);
  if (week > campaign.weeks || date >= pilotEndDate(campaign)) return null;
  if (weeks.some((row) => row.week === week)) return null;
  return fixWave(week, policy, weeks, people, campaign, changes);
}

function agendaOf(
  people: readonly Outreach[],
  context: CampaignContext,
  date: string,
  openedAtMs: number,
): { entries: AgendaEntry[]; adaptiveLeft: number } {
  const { campaign, policy } = context;
  const lastMs = startOfDate(addDays(date, 1), campaign.timeZone) - 1;
  const pilot: AgendaEntry[] = [];
  const lastDates = new Map(context.roster.zones.map((zone) => [zone, localDate(lastMs, zone)]));
  for (const outreach of people) {
    const due = outreach.open?.due;
    const isDue = due != null && due <= lastDates.get(outreach.timeZone)!;
    const entry = isDue ? entryOf(outreach, openedAtMs) : null;
    if (entry) pilot.push(entry);
  }
  if (date < pilotEndDate(campaign)) return { entries: pilot, adaptiveLeft: 0 };
  const textsLeft = people.reduce((sum, outreach) => sum + adaptiveTextsLeft(outreach, policy.adaptive), 0);
  const adaptiveLeft = adaptiveLimit(textsLeft, sendDaysBetween(date, endDate(campaign), campaign).length);
  // By the last local date that this day reaches; each pass asks again by the date of its own moment.
  const candidates = people.filter((one) => isAdaptiveCandidate(one, lastDates.get(one.timeZone)!, policy.adaptive));
  const listed = rankAdaptive(candidates, date, campaign.startsOn).slice(0, adaptiveLeft * ADAPTIVE_SPARE);
  const adaptive = listed.flatMap(
    ({ outreach, priority }) => entryOf(outreach, openedAtMs, { priority, due: pilotEndDate(campaign) }) ?? [],
  );
  return { entries: [...pilot, ...adaptive], adaptiveLeft };
}
