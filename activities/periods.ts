/** `weeks` and `days` of report.json, counted from the ledger and what is known of people (formats.md, "Out"). */
import { addDays, isoInZone, localDate, startOfDate } from '../domain/calendar';
import type { DayReport, PreferencesState, RefusalReason, WeekReport } from '../domain/report';
import { weekStartDate } from '../domain/schedule';
import { sendDaysBetween } from '../domain/sendDays';
import { callRateOf, forecastOf } from '../domain/throttle';
import type { DayRow } from '../services/rows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';
import type { Gathered } from './outputs';
import { intervalsBetween } from './takeIntervals';
import { readWeeks, weekWithoutWave } from './wave';

/** Every pilot week; one that had not begun by a cancel stands as the week before. */
export async function weeksReport(services: Services, gathered: Gathered): Promise<WeekReport[]> {
  const { campaign, policy } = gathered;
  const weeks = await readWeeks(services, campaign.campaignId);
  for (let week = weeks.length + 1; week <= campaign.weeks; week += 1)
    weeks.push(weekWithoutWave(week, policy.weeklyThreshold, weeks));
  const firstText = firstPilotTexts(gathered);
  return weeks.map((row) => {
    const startMs = startOfDate(weekStartDate(row.week, campaign), campaign.timeZone);
    const endMs = startOfDate(weekStartDate(row.week + 1, campaign), campaign.timeZone);
    const within = (atMs: number) => atMs >= startMs && atMs < endMs && atMs <= gathered.endedAtMs;
    const people = gathered.outreach.map(({ patientId }) => gathered.people.get(patientId));
    return {
      week: row.week,
      startsAt: isoInZone(startMs, campaign.timeZone),
      eligible: row.eligible,
      capCumulative: row.cap,
      wave: row.wave,
      admittedCumulative: row.admitted,
      textedCumulative: firstText.filter((atMs) => atMs < endMs).length,
      booked: people.filter((person) => person?.bookings.some(({ atMs }) => within(atMs))).length,
      optedOut: people.filter((person) => person?.optOuts.some(within)).length,
      carriedOver: gathered.ledger.filter(
        (l) => l.phase === 'PILOT' && l.touch === 0 && Number(l.wave) <= row.week && l.decidedAtMs >= endMs,
      ).length,
    };
  });
}

/** One for each send day that began before the end. */
export async function daysReport(services: Services, gathered: Gathered): Promise<DayReport[]> {
  const { campaign, endedAtMs } = gathered;
  const rows = new Map(
    (await allRows(services.store.days, { pk: campaign.campaignId })).map(({ value }) => [value.date, value]),
  );
  const last = localDate(endedAtMs - 1, campaign.timeZone);
  const tally = tallyByDate(gathered);
  const days: DayReport[] = [];
  for (const date of sendDaysBetween(campaign.startsOn, addDays(last, 1), campaign)) {
    const row = rows.get(date);
    const startMs = startOfDate(date, campaign.timeZone);
    const endMs = Math.min(startOfDate(addDays(date, 1), campaign.timeZone), endedAtMs + 1);
    const intervals = (await intervalsBetween(services, startMs, endMs)).map(({ interval }) => interval);
    days.push({
      date,
      preferences: row?.preferences ?? (await unopened(services, gathered, date)),
      forecastCalls: row?.forecast ?? forecastOf(date, gathered.policy.callCentre),
      callRate: row?.callRate ?? callRateOf(gathered.books.callRate, gathered.policy.callCentre),
      budget: opened(row) ? row.throttle.budget : 0,
      sent: tally.get(date)?.sent ?? 0,
      refused: tally.get(date)?.refused ?? {},
      halvings: row?.throttle.halvings ?? 0,
      offered: intervals.reduce((sum, i) => sum + i.offered, 0),
      abandoned: intervals.reduce((sum, i) => sum + i.abandoned, 0),
    });
  }
  return days;
}

function opened(row: DayRow | undefined): row is DayRow {
  return row !== undefined && row.openedAtMs !== null;
}

/** The day of a cancel that had neither opened nor reached its deadline. */
async function unopened(services: Services, gathered: Gathered, date: string): Promise<PreferencesState> {
  if (!gathered.policy.requireFreshPreferences) return 'NOT_REQUIRED';
  const files = (await allRows(services.store.files, { pk: date })).filter(
    ({ value }) => value.receivedAtMs <= gathered.endedAtMs,
  );
  return files.length > 0 && files.every(({ value }) => !value.sound) ? 'REFUSED' : 'MISSING';
}

function firstPilotTexts(gathered: Gathered): number[] {
  const first = new Map<string, number>();
  for (const row of gathered.ledger)
    if (row.phase === 'PILOT' && row.sentAtMs !== null && !first.has(row.patientId))
      first.set(row.patientId, row.sentAtMs);
  return [...first.values()];
}

interface Tally {
  sent: number;
  readonly refused: Partial<Record<RefusalReason, number>>;
}

/** Pilot and adaptive rows by the organisation's date: of sending, or of the refusal. */
function tallyByDate(gathered: Gathered): Map<string, Tally> {
  const tally = new Map<string, Tally>();
  for (const row of gathered.ledger) {
    if (row.phase === 'REPLY') continue;
    const date = localDate(row.decidedAtMs, gathered.campaign.timeZone);
    const day = tally.get(date) ?? { sent: 0, refused: {} };
    tally.set(date, day);
    if (row.sentAtMs !== null) day.sent += 1;
    else if (row.reason) day.refused[row.reason] = (day.refused[row.reason] ?? 0) + 1;
  }
  return tally;
}
