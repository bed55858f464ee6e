/**
 * Adaptive texts (rule 7): when they start, to whom, how many for each patient and for each day, how far apart, and how
 * their rows are numbered.
 */
import type { Context } from '../context';
import { isSpaced } from '../judge';
import type { LedgerRow } from '../readOutput';
import { addDays, dateOf, startOfDate } from '../time';
import { isSendDay } from '../policy';
import type { Report } from '../violations';
import type { SendDay } from '../days';

export function adaptiveStart(context: Context): number {
  const { campaign, zone } = context.world;
  return startOfDate(zone, addDays(campaign.startsOn, 7 * campaign.weeks));
}

export function checkAdaptive(context: Context, report: Report): void {
  for (const [patientId, rows] of context.adaptiveRows) {
    const sent = rows
      .filter((row) => row.sentAt !== undefined)
      .sort((a, b) => (a.sentAt as number) - (b.sentAt as number));
    sent.forEach((row, i) => {
      checkRow(context, row, i, (rule, why) => report(rule, `adaptive text ${row.wave} of ${patientId}: ${why}`));
    });
  }
  for (const day of context.days) {
    if (day.openAt === undefined || day.openAt < adaptiveStart(context)) continue;
    const sent = adaptiveSentOn(context, day);
    const most = adaptiveMostOn(context, day);
    if (sent > most) report('7', `${day.date}: ${sent} adaptive texts, at most ${most}`);
  }
}

function checkRow(context: Context, row: LedgerRow, earlier: number, report: Report): void {
  const { world } = context;
  const sentAt = row.sentAt as number;
  const patient = world.patients.get(row.patientId);
  if (!patient) return;
  const { touchesMax, minDaysBetween } = world.policy.at(sentAt).adaptive;
  if (sentAt < adaptiveStart(context)) report('7', 'before the adaptive phase');
  if (row.wave !== `A${dateOf(world.zone, sentAt)}`) report('format', `wave, expected A${dateOf(world.zone, sentAt)}`);
  if (row.touch !== earlier) report('format', `touch ${row.touch}, expected ${earlier}`);
  if (earlier >= touchesMax) report('7', `${earlier} before it, at most ${touchesMax}`);
  const open = (context.pilotRows.get(row.patientId) ?? []).find((r) => (r.sentAt ?? r.decidedAt) > sentAt);
  if (open) report('7', `pilot touch ${open.touch} was open`);
  if (!isSpaced(context, patient, sentAt, minDaysBetween, { except: row, withInitial: false })) {
    report('7', `less than ${minDaysBetween} dates after a text`);
  }
}

export function adaptiveSentOn(context: Context, day: SendDay): number {
  return context.world.texts.filter(
    (r) => r.phase === 'ADAPTIVE' && dateOf(context.world.zone, r.sentAt as number) === day.date,
  ).length;
}

export function adaptiveSentBefore(context: Context, patientId: string, instant: number): LedgerRow[] {
  return (context.adaptiveRows.get(patientId) ?? []).filter((row) => row.sentAt !== undefined && row.sentAt < instant);
}

/** The most adaptive texts of a day, as of its opening. */
export function adaptiveMostOn(context: Context, day: SendDay): number {
  const { world } = context;
  const openAt = day.openAt as number;
  const { touchesMax } = world.policy.at(openAt).adaptive;
  let outstanding = 0;
  for (const patient of world.patients.values()) {
    const unbooked = !world.bookings(patient.patientId).stands.at(openAt);
    const optedIn = world.preferences(patient.patientId).at(openAt).status === 'OPT_IN';
    if (unbooked && optedIn)
      outstanding += Math.max(0, touchesMax - adaptiveSentBefore(context, patient.patientId, openAt).length);
  }
  let left = 0;
  for (let date = day.date; startOfDate(world.zone, date) < world.naturalEnd; date = addDays(date, 1)) {
    if (isSendDay(world.campaign, date)) left += 1;
  }
  return Math.ceil(outstanding / left);
}
