/**
 * Rules 9 and 10 and the days of the report: which days opened, their call rate and budget, texts inside them, what was
 * left as calls came in, halvings, offered and abandoned calls, refusals by reason.
 */
import { textsByDate, type Context } from '../context';
import type { SendDay } from '../days';
import { budgetOf, callRates, forecastOf } from '../throttle';
import { dateOf } from '../time';
import type { Report } from '../violations';

type Day = { [field: string]: unknown };

export function checkDays(context: Context, report: Report): void {
  const stated = context.output.report.days;
  const dates = stated.map((day) => String(day['date']));
  const wanted = context.days.filter((day) => !day.optional || dates.includes(day.date)).map((day) => day.date);
  if (dates.join() !== wanted.join()) report('report', `days ${difference(dates, wanted)}`);
  const texts = textsByDate(context.world);
  const rates = callRates(context.world, context.days, texts);
  for (const day of context.days) {
    const entry = stated.find((d) => d['date'] === day.date);
    if (!entry) continue;
    const say: Report = (rule, why) => report(rule, `days ${day.date}: ${why}`);
    checkOpening(day, entry, say);
    checkBudget(day, entry, [...(rates.get(day.date) ?? [])], say);
    checkCounts(context, day, entry, texts.get(day.date) ?? 0, say);
  }
}

function difference(dates: string[], wanted: string[]): string {
  const extra = dates.filter((date) => !wanted.includes(date));
  const missing = wanted.filter((date) => !dates.includes(date));
  return extra.length + missing.length > 0 ? `extra ${extra.join()}, missing ${missing.join()}` : 'out of order';
}

function checkOpening(day: SendDay, entry: Day, report: Report): void {
  if (day.preferences !== undefined && entry['preferences'] !== day.preferences) {
    report('9', `preferences ${String(entry['preferences'])}, expected ${day.preferences}`);
  }
  if (day.preferences === undefined && entry['preferences'] === 'TAKEN') report('9', 'TAKEN, yet the day never opened');
}

function checkBudget(day: SendDay, entry: Day, rates: number[], report: Report): void {
  const forecast = forecastOf(day.callCentre, day.date);
  const settled = day.openAt !== undefined || day.lostAt !== undefined;
  if (settled && entry['forecastCalls'] !== forecast && day.openAt !== undefined) {
    report('10', `forecastCalls ${String(entry['forecastCalls'])}, expected ${forecast}`);
  }
  const callRate = Number(entry['callRate']);
  if (!rates.includes(callRate)) report('10', `callRate ${callRate}, expected ${rates.join(' or ')}`);
  const budget = day.openAt === undefined ? 0 : budgetOf(day.callCentre, day.date, callRate);
  if (entry['budget'] !== budget) report('10', `budget ${String(entry['budget'])}, expected ${budget}`);
}

function checkCounts(context: Context, day: SendDay, entry: Day, sent: number, report: Report): void {
  const intervals = context.intervals.get(day.date) ?? [];
  const total = (field: 'offered' | 'abandoned'): number =>
    intervals.reduce((sum, interval) => sum + interval[field], 0);
  const throttle = context.throttles.get(day.date);
  const equal = (field: string, expected: number): void => {
    if (entry[field] !== expected) report('10', `${field} ${String(entry[field])}, expected ${expected}`);
  };
  equal('sent', sent);
  equal('offered', total('offered'));
  equal('abandoned', total('abandoned'));
  equal('halvings', throttle?.halvings ?? 0);
  for (const problem of throttle?.problems ?? []) report('10', problem);
  const refused: Record<string, number> = {};
  for (const row of context.output.ledger) {
    if (row.status !== 'REFUSED' || dateOf(context.world.zone, row.decidedAt) !== day.date) continue;
    refused[row.reason] = (refused[row.reason] ?? 0) + 1;
  }
  const stated = (entry['refused'] ?? {}) as Record<string, number>;
  for (const reason of new Set([...Object.keys(refused), ...Object.keys(stated)])) {
    if ((stated[reason] ?? 0) !== (refused[reason] ?? 0)) {
      report('report', `refused ${reason} ${stated[reason] ?? 0}, the ledger has ${refused[reason] ?? 0}`);
    }
  }
}
