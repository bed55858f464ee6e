/**
 * When each pilot touch of an admitted patient is due and when it expires (rules 7 and 8), from the instant touch 0 was
 * sent, or from its planned date while it is unsent.
 */
import { nthSendDayFrom } from './policy';
import type { LedgerRow } from './readOutput';
import type { Patient } from './readRecording';
import { addDays, dateOf, startOfDate } from './time';
import type { World } from './world';

export interface Touch {
  n: number;
  row: LedgerRow;
  /** Local date; for touch 0 the organisation's date on which it was planned, '' when it never was. */
  due: string;
  /** First instant at which it may no longer be sent; at most the end of the campaign. */
  limit: number;
  /** The instant at which its outcome was known. */
  settledAt: number;
}

export interface TouchPlan {
  patient: Patient;
  touches: Touch[];
}

export function planTouches(world: World, pilotRows: Map<string, LedgerRow[]>): TouchPlan[] {
  const plans: TouchPlan[] = [];
  for (const [patientId, rows] of pilotRows) {
    const patient = world.patients.get(patientId);
    const complete = rows.every((row, i) => row.touch === i) && rows.length === world.campaign.touches.length;
    if (patient && complete) plans.push(planOf(world, patient, rows));
  }
  return plans;
}

function planOf(world: World, patient: Patient, rows: LedgerRow[]): TouchPlan {
  const first = rows[0] as LedgerRow;
  const zone = patient.timeZone;
  const base = first.sentAt === undefined ? first.plannedFor : dateOf(zone, first.sentAt);
  const readings = base === '' ? [] : [base, first.plannedFor || base].map((due0) => duesOf(world, base, due0));
  const stated = (dues: string[]): boolean => rows.every((row, n) => n === 0 || row.plannedFor === dues[n]);
  const dues = readings.find(stated) ?? readings[0] ?? rows.map(() => '');
  const touches = rows.map((row, n) => ({
    n,
    row,
    due: n === 0 ? first.plannedFor : (dues[n] as string),
    limit: Math.min(world.end, limitOf(world, zone, dues, n)),
    settledAt: row.sentAt ?? row.decidedAt,
  }));
  return { patient, touches };
}

/** Local due dates counted from the date of touch 0; `due0` is the date on which touch 0 itself counts as due. */
function duesOf(world: World, base: string, due0: string): string[] {
  const dues = [due0];
  for (const gap of world.campaign.touches.slice(1)) {
    const byGap = addDays(base, gap);
    const byOrder = addDays(dues[dues.length - 1] as string, 2);
    dues.push(nthSendDayFrom(world.campaign, byGap > byOrder ? byGap : byOrder, 1));
  }
  return dues;
}

function limitOf(world: World, zone: string, dues: string[], n: number): number {
  if (n === 0) return touch0Limit(world, zone);
  if (!dues[n]) return Infinity;
  const after = (date: string): number => (date.startsWith('9999') ? Infinity : startOfDate(zone, date));
  const fifth = nthSendDayFrom(world.campaign, addDays(dues[n], 1), 5);
  const next = dues[n + 1];
  const byNext = next === undefined ? Infinity : after(next);
  return Math.min(fifth.startsWith('9999') ? Infinity : after(addDays(fifth, 1)), byNext);
}

/** Touch 0 is in time up to the fifth send day after the last pilot week. */
export function touch0Limit(world: World, zone: string): number {
  const fifth = nthSendDayFrom(world.campaign, addDays(world.campaign.startsOn, 7 * world.campaign.weeks), 5);
  return fifth.startsWith('9999') ? Infinity : startOfDate(zone, addDays(fifth, 1));
}
