/**
 * Whether a text may go to a patient at an instant, question by question, so that the same answers serve the checks of
 * what was sent, of what was refused and of what waited without need.
 */
import type { Context } from './context';
import { openDayAt } from './days';
import { isSendDay } from './policy';
import type { LedgerRow } from './readOutput';
import type { Patient } from './readRecording';
import { addDays, dateOf, HOUR, localOf, minutesOf } from './time';

/** Why no pass can judge a text to the patient now: closed day, other calendar, out of hours, paused. */
export function closedBecause(
  context: Context,
  patient: Patient,
  instant: number,
): { rule: string; why: string } | undefined {
  const { world, dayByDate } = context;
  if (instant < world.start || instant > world.end) return { rule: '7', why: 'outside the campaign' };
  if (!openDayAt(world, dayByDate, instant)) {
    const day = dayByDate.get(dateOf(world.zone, instant));
    if (!day) return { rule: '4', why: "no send day by the organisation's calendar" };
    return { rule: '9', why: day.openAt === undefined ? 'the day never opened' : 'before the day opened' };
  }
  const local = localOf(patient.timeZone, instant);
  if (!isSendDay(world.campaign, local.date))
    return { rule: '4', why: `no send day by the patient's calendar (${local.date})` };
  const { from, to } = world.policy.at(instant).sendWindow;
  if (local.minutes < minutesOf(from) || local.minutes >= minutesOf(to)) {
    return { rule: '4', why: `${local.time} outside ${from}-${to}` };
  }
  return world.paused.at(instant) ? { rule: '7', why: 'while paused' } : undefined;
}

/** Earlier texts of the patient, initial ones first, as instants; `before` itself is left out. */
export function textsBefore(context: Context, patientId: string, before: number, except?: LedgerRow): number[] {
  const rows = context.world.textsOf.get(patientId) ?? [];
  const sent = rows
    .filter((row) => row !== except && (row.sentAt as number) <= before)
    .map((row) => row.sentAt as number);
  return [...(context.world.initialTexts.get(patientId) ?? []), ...sent];
}

/** The cap that one more text at the instant would break. */
export function cappedBy(context: Context, patient: Patient, instant: number, except?: LedgerRow): string | undefined {
  const earlier = textsBefore(context, patient.patientId, instant, except);
  const { perDay, perSevenDays } = context.world.policy.at(instant).caps;
  const date = dateOf(patient.timeZone, instant);
  const today = earlier.filter((at) => dateOf(patient.timeZone, at) === date).length;
  if (today >= perDay) return `${today} texts before on ${date}, at most ${perDay} a day`;
  const recent = earlier.filter((at) => at > instant - 168 * HOUR).length;
  return recent >= perSevenDays ? `${recent} texts in the 168 h before, at most ${perSevenDays}` : undefined;
}

/** Whether the patient's newest text lies at least `dates` local dates back. */
export function isSpaced(
  context: Context,
  patient: Patient,
  instant: number,
  dates: number,
  options: { except?: LedgerRow; withInitial: boolean },
): boolean {
  const initial = new Set(context.world.initialTexts.get(patient.patientId) ?? []);
  const earlier = textsBefore(context, patient.patientId, instant, options.except).filter(
    (at) => options.withInitial || !initial.has(at),
  );
  const today = dateOf(patient.timeZone, instant);
  return earlier.every((at) => addDays(dateOf(patient.timeZone, at), dates) <= today);
}

/** From when on the day's budget is never used up again: a text that waits then does not wait for the throttle. */
export function ampleFrom(context: Context, date: string): number {
  const steps = context.throttles.get(date)?.steps ?? [];
  let from = Infinity;
  for (let i = steps.length - 1; i >= 0 && (steps[i] as { left: number }).left >= 1; i -= 1) {
    from = (steps[i] as { at: number }).at;
  }
  return from;
}
