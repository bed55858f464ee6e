/**
 * Refusals are made at the *first* pass that can judge a touch (rule 8). When passes happen is free, but each text sent
 * and each reasoned refusal shows that one took place: at none of them may a due touch with a reason against it stay
 * open. And liveness: what could be decided in the last LIVENESS_MINUTES of the patient's hours on an open day, with nothing
 * in the way, is decided on that day.
 */
import type { Context } from '../context';
import type { SendDay } from '../days';
import { ampleFrom, cappedBy, closedBecause, isSpaced } from '../judge';
import type { Patient } from '../readRecording';
import { forecastOf } from '../throttle';
import { addDays, dateOf, HOUR, instantOf, startOfDate } from '../time';
import type { Touch, TouchPlan } from '../touchPlan';
import type { Report } from '../violations';
import { adaptiveMostOn, adaptiveSentBefore, adaptiveSentOn, adaptiveStart } from './adaptive';
import { isDue } from './touches';

/** design.md promises "passes through the day", no rate; a product slower than this would lose touches to short windows. */
export const LIVENESS_MINUTES = 61;

export function checkPasses(context: Context, report: Report): void {
  const passes = passInstants(context);
  for (const plan of context.plans) {
    if (context.world.maybeNoMobile.has(plan.patient.phone)) continue;
    for (const touch of plan.touches) {
      if (touch.due === '') continue;
      const where = `${plan.patient.patientId} touch ${touch.n}`;
      const until = Math.min(touch.settledAt, touch.limit);
      const missed = passes.find(
        (pass) =>
          pass < until &&
          isDue(context, plan, touch, pass, true) &&
          !closedBecause(context, plan.patient, pass) &&
          context.world.reasonAgainst(plan.patient, pass) !== undefined,
      );
      if (missed !== undefined) {
        const reason = context.world.reasonAgainst(plan.patient, missed);
        report('8', `${where}: not refused ${reason} at the pass of ${new Date(missed).toISOString()}`);
      }
      checkLiveness(context, plan, touch, until, (rule, why) => report(rule, `${where}: ${why}`));
    }
  }
  checkShares(context, report);
  checkAdaptiveLiveness(context, report);
}

function passInstants(context: Context): number[] {
  const instants = new Set<number>();
  for (const row of context.output.ledger) {
    if (row.phase === 'REPLY') continue;
    if (row.sentAt !== undefined) instants.add(row.sentAt);
    else if (!['EXPIRED', 'CANCELLED'].includes(row.reason)) instants.add(row.decidedAt);
  }
  return [...instants].sort((a, b) => a - b);
}

/** Instants between two at which the answer to "may it go now?" can change for the patient. */
function breakpoints(context: Context, patient: Patient, from: number, to: number): number[] {
  const { world } = context;
  const found = new Set<number>([from, to]);
  const add = (instant: number): void => void (instant > from && instant < to && found.add(instant));
  const windows = new Set(
    [world.policy.at(-Infinity), ...world.policy.changes.map((c) => c.value)].map((p) => p.sendWindow),
  );
  for (
    let date = addDays(dateOf(world.zone, from), -1);
    date <= addDays(dateOf(world.zone, to), 1);
    date = addDays(date, 1)
  ) {
    add(startOfDate(world.zone, date));
    add(startOfDate(patient.timeZone, date));
    for (const window of windows) {
      add(instantOf(patient.timeZone, date, window.from));
      add(instantOf(patient.timeZone, date, window.to));
    }
    const day = context.dayByDate.get(date);
    if (day?.openAt !== undefined) add(day.openAt);
    add(ampleFrom(context, date));
  }
  for (const { at } of world.policy.changes) add(at);
  for (const { at } of world.paused.changes) add(at);
  for (const { at } of world.preferences(patient.patientId).timeline.changes) add(at);
  for (const { at } of world.bookings(patient.patientId).stands.changes) add(at);
  add(world.noMobileSince.get(patient.phone) ?? -1);
  for (const at of [...(world.initialTexts.get(patient.patientId) ?? []), ...sentTo(context, patient)])
    add(at + 168 * HOUR);
  return [...found].sort((a, b) => a - b);
}

function sentTo(context: Context, patient: Patient): number[] {
  return (context.world.textsOf.get(patient.patientId) ?? []).map((row) => row.sentAt as number);
}

/**
 * Where the last stretch begins, LIVENESS_MINUTES or longer, throughout which `holds`, up to the moment at which the
 * patient's hours or the day end. A product may spread a day's texts over the hours; the last of them is the last chance.
 */
function lastStretch(
  context: Context,
  patient: Patient,
  points: number[],
  holds: (instant: number) => boolean,
): number | undefined {
  let since: number | undefined;
  for (let i = 0; i < points.length; i += 1) {
    const point = points[i] as number;
    if (i < points.length - 1 && holds(point)) {
      since ??= point;
      continue;
    }
    const ends = i === points.length - 1 || ['4', '9'].includes(closedBecause(context, patient, point)?.rule ?? '');
    if (since !== undefined && ends && point - since >= LIVENESS_MINUTES * 60_000) return since;
    since = undefined;
  }
  return undefined;
}

function mayGo(context: Context, patient: Patient, instant: number, dates: number): boolean {
  return (
    instant >= ampleFrom(context, dateOf(context.world.zone, instant)) &&
    !cappedBy(context, patient, instant) &&
    isSpaced(context, patient, instant, dates, { withInitial: true })
  );
}

/** What could be decided up to the end of an open day is decided on that day. */
function checkLiveness(context: Context, plan: TouchPlan, touch: Touch, until: number, report: Report): void {
  const { world } = context;
  const { patient } = plan;
  const before = plan.touches[touch.n - 1];
  for (const day of context.days) {
    if (day.openAt === undefined || day.endsAt > world.end) continue;
    const to = Math.min(day.endsAt, touch.limit);
    if (until < to || day.openAt >= to || day.startsAt > until) continue;
    const since = lastStretch(context, patient, breakpoints(context, patient, day.openAt, to), (instant) => {
      if (before && before.settledAt > instant) return false;
      if (!isDue(context, plan, touch, instant, true) || closedBecause(context, patient, instant)) return false;
      return world.reasonAgainst(patient, instant) !== undefined || mayGo(context, patient, instant, 2);
    });
    if (since === undefined) continue;
    const reason = world.reasonAgainst(patient, since);
    const what = reason ? `could be refused ${reason}` : 'could be sent';
    report('8', `due ${touch.due}, ${what} from ${new Date(since).toISOString()} to the end of ${day.date}, left open`);
    return;
  }
}

/** On the last send day of a pilot week the day's share is all of the wave left, as far as the budget goes. */
function checkShares(context: Context, report: Report): void {
  for (const wave of context.waves) {
    const days = context.days.filter((day) => day.startsAt >= wave.startsAt && day.startsAt < wave.endsAt);
    const last = days[days.length - 1];
    if (last?.openAt === undefined || wave.endsAt > context.world.end) continue;
    const opened = last.openAt;
    const stated = Number(context.output.report.days.find((d) => d['date'] === last.date)?.['budget']);
    const open = context.plans
      .flatMap((plan) => plan.touches)
      .filter((touch) => isOpenAt(touch, opened, wave.week, last));
    // Without headroom a share in proportion to it is nobody's to claim.
    if (open.length > stated || last.callCentre.capacityPerDay <= forecastOf(last.callCentre, last.date)) continue;
    for (const { row, n } of open) {
      if (n === 0 && (row.plannedFor === '' || row.plannedFor > last.date)) {
        report(
          '8',
          `${row.patientId} touch 0 of wave ${row.wave} fell into no share up to ${last.date}, the last send day of week ${wave.week}`,
        );
      }
    }
  }
}

function isOpenAt(touch: Touch, instant: number, week: number, day: SendDay): boolean {
  if (touch.settledAt < instant || Number(touch.row.wave) > week) return false;
  return touch.n === 0 || (touch.due !== '' && touch.due <= addDays(day.date, 1));
}

/** An adaptive text that could go all day, on a day with budget and ceiling to spare, goes. */
function checkAdaptiveLiveness(context: Context, report: Report): void {
  const { world } = context;
  for (const day of context.days) {
    if (day.openAt === undefined || day.openAt < adaptiveStart(context)) continue;
    const openAt = day.openAt;
    let spare = adaptiveMostOn(context, day) - adaptiveSentOn(context, day);
    if (spare <= 0) continue;
    const endsAt = Math.min(day.endsAt, world.end);
    const waiting: { id: string; since: number }[] = [];
    for (const patient of world.patients.values()) {
      const { patientId } = patient;
      const { touchesMax, minDaysBetween } = world.policy.at(openAt).adaptive;
      const pilotOpen = (context.pilotRows.get(patientId) ?? []).some((row) => (row.sentAt ?? row.decidedAt) > openAt);
      const texts = sentTo(context, patient);
      const textedToday = texts.some((at) => dateOf(world.zone, at) === day.date);
      const spaced = isSpaced(context, patient, endsAt - 1, Math.max(2, minDaysBetween), { withInitial: true });
      if (world.reasonAgainst(patient, openAt) || pilotOpen || textedToday || !spaced) continue;
      if (adaptiveSentBefore(context, patientId, openAt).length >= touchesMax) continue;
      const since = lastStretch(context, patient, breakpoints(context, patient, openAt, endsAt), (instant) => {
        const { adaptive } = world.policy.at(instant);
        const dates = Math.max(2, adaptive.minDaysBetween);
        if (adaptiveSentBefore(context, patientId, instant).length >= adaptive.touchesMax) return false;
        if (world.reasonAgainst(patient, instant) || closedBecause(context, patient, instant)) return false;
        if (dateOf(patient.timeZone, instant) < day.date) return false;
        return mayGo(context, patient, instant, dates);
      });
      if (since === undefined) spare -= 1;
      else waiting.push({ id: patientId, since });
    }
    if (spare > 0 && waiting[0]) {
      const { id, since } = waiting[0];
      report(
        '7',
        `${day.date}: adaptive text to ${id} could go from ${new Date(since).toISOString()} on (${waiting.length} such, ${spare} to spare)`,
      );
    }
  }
}
