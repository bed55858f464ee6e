/**
 * Everything the single rules look at, computed once: the world, the send days with their budgets and throttles as the
 * report states them, the waves, and the plan of touches of each admitted patient.
 */
import { sendDaysOf, type SendDay } from './days';
import type { LedgerRow, Output } from './readOutput';
import { intervalsByDate, runDay, type Interval, type ThrottleDay } from './throttle';
import { dateOf } from './time';
import { planTouches, type TouchPlan } from './touchPlan';
import { fixWaves, type Wave } from './waves';
import type { World } from './world';

export interface Context {
  world: World;
  output: Output;
  days: SendDay[];
  dayByDate: Map<string, SendDay>;
  intervals: Map<string, Interval[]>;
  /** By date, of the days that opened and whose budget the report states. */
  throttles: Map<string, ThrottleDay>;
  waves: Wave[];
  plans: TouchPlan[];
  pilotRows: Map<string, LedgerRow[]>;
  adaptiveRows: Map<string, LedgerRow[]>;
}

export function buildContext(world: World, output: Output): Context {
  const days = sendDaysOf(world);
  const intervals = intervalsByDate(world);
  const throttles = new Map<string, ThrottleDay>();
  for (const day of days) {
    if (day.openAt === undefined) continue;
    const stated = output.report.days.find((d) => d['date'] === day.date)?.['budget'];
    if (typeof stated !== 'number') continue;
    throttles.set(day.date, runDay(world, day, stated, intervals.get(day.date) ?? []));
  }
  const pilotRows = groupByPatient(output.ledger.filter((row) => row.phase === 'PILOT'));
  return {
    world,
    output,
    days,
    dayByDate: new Map(days.map((day) => [day.date, day])),
    intervals,
    throttles,
    waves: fixWaves(world, output, days),
    plans: planTouches(world, pilotRows),
    pilotRows,
    adaptiveRows: groupByPatient(output.ledger.filter((row) => row.phase === 'ADAPTIVE')),
  };
}

function groupByPatient(rows: LedgerRow[]): Map<string, LedgerRow[]> {
  const groups = new Map<string, LedgerRow[]>();
  for (const row of rows) {
    const group = groups.get(row.patientId);
    if (group) group.push(row);
    else groups.set(row.patientId, [row]);
  }
  for (const group of groups.values()) group.sort((a, b) => a.touch - b.touch);
  return groups;
}

/** Texts of a day by the organisation's date. */
export function textsByDate(world: World): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of world.texts) {
    const date = dateOf(world.zone, row.sentAt as number);
    counts.set(date, (counts.get(date) ?? 0) + 1);
  }
  return counts;
}
