/**
 * patients.csv, worklist.csv and the counts of the report that follow from them (rule 8): everybody once, the columns as
 * of the end, the first outcome that holds, and who a person must call or answer.
 */
import type { Context } from '../context';
import type { Row } from '../readOutput';
import { addDays, dateOf, isoOf, parseInstant, startOfDate } from '../time';
import type { Report } from '../violations';
import { adaptiveStart } from './adaptive';

export function checkPeople(context: Context, report: Report): void {
  const { world, output } = context;
  for (const id of world.patients.keys())
    if (!output.patients.has(id)) report('8', `${id} is missing from patients.csv`);
  for (const [id, row] of output.patients) {
    if (!world.patients.has(id)) report('8', `patients.csv holds ${id}, no accepted roster row`);
    else checkPatient(context, id, row, (rule, why) => report(rule, `patients.csv ${id}: ${why}`));
  }
  checkOutcomeCounts(context, report);
  checkWorklist(context, report);
}

function checkPatient(context: Context, id: string, row: Row, report: Report): void {
  const { world, output } = context;
  const texts = world.textsOf.get(id) ?? [];
  const booked = world.bookings(id).stands.at(world.end);
  const { attended } = world.bookings(id);
  const preference = world.preferences(id).at(world.end).status;
  const equal = (field: string, expected: string): void => {
    if (row[field] !== expected) report('8', `${field} ${row[field]}, expected ${expected}`);
  };
  equal('category', world.patients.get(id)?.category as string);
  equal('touchesSent', String(texts.length));
  equal('preference', preference);
  equal('booked', String(booked));
  equal('attended', String(attended));
  const handed = output.worklist.some(
    (entry) => entry['patientId'] === id && entry['reason'] === 'CRITICAL_NO_RESPONSE',
  );
  const missed = booked ? [false] : [...new Set(world.bookings(id).missedReadings())];
  const outcomes = missed.map((isMissed): string => {
    if (attended) return 'ATTENDED';
    if (isMissed) return 'MISSED';
    if (booked) return 'BOOKED';
    if (preference === 'OPT_OUT') return 'OPTED_OUT';
    if (preference === 'UNKNOWN') return 'NO_CONSENT';
    if (texts.length > 0 && texts.every((text) => text.status === 'UNDELIVERED')) return 'UNREACHABLE';
    if (handed) return 'HANDED_TO_CALL';
    return texts.length > 0 ? 'NO_RESPONSE' : 'NOT_REACHED';
  });
  if (!outcomes.includes(row['outcome'] as string))
    report('8', `outcome ${row['outcome']}, expected ${outcomes.join(' or ')}`);
}

function checkOutcomeCounts(context: Context, report: Report): void {
  const counts: Record<string, number> = {};
  for (const row of context.output.patients.values())
    counts[row['outcome'] as string] = (counts[row['outcome'] as string] ?? 0) + 1;
  const stated = (context.output.report['outcomes'] ?? {}) as Record<string, number>;
  for (const outcome of new Set([...Object.keys(counts), ...Object.keys(stated)])) {
    if ((stated[outcome] ?? 0) !== (counts[outcome] ?? 0)) {
      report('report', `outcomes ${outcome} ${stated[outcome] ?? 0}, patients.csv has ${counts[outcome] ?? 0}`);
    }
  }
}

function checkWorklist(context: Context, report: Report): void {
  const { world, output } = context;
  const rowsOf = (reason: string): Row[] => output.worklist.filter((row) => row['reason'] === reason);
  for (const row of output.worklist) {
    const tier = output.patients.get(row['patientId'] as string)?.['tier'];
    if (tier !== row['tier'])
      report('worklist', `${row['patientId']}: tier ${row['tier']}, expected ${tier ?? 'no such patient'}`);
  }
  checkInbox(context, rowsOf('INBOX'), report);
  const unknown = output.ledger.filter((row) => row.status === 'UNKNOWN').map((row) => row.patientId);
  for (const id of new Set(unknown)) {
    if (!rowsOf('SEND_UNKNOWN').some((row) => row['patientId'] === id)) report('worklist', `${id} lacks SEND_UNKNOWN`);
  }
  for (const row of rowsOf('SEND_UNKNOWN')) {
    if (!unknown.includes(row['patientId'] as string))
      report('worklist', `${row['patientId']}: SEND_UNKNOWN without such a row`);
  }
  const critical = rowsOf('CRITICAL_NO_RESPONSE');
  for (const id of world.patients.keys()) {
    const rows = critical.filter((row) => row['patientId'] === id);
    const since = criticalSince(context, id);
    if (rows.length > 1) report('worklist', `${id} has ${rows.length} CRITICAL_NO_RESPONSE rows`);
    if (rows.length === 0 && since.length > 0 && since.every((at) => at !== undefined && at < world.end)) {
      report('worklist', `${id} lacks CRITICAL_NO_RESPONSE since ${isoOf(world.zone, since[0] as number)}`);
    }
    const stated = rows[0] && parseInstant(rows[0]['since'] as string);
    if (stated !== undefined && !since.includes(stated)) {
      const expected = since.map((at) => (at === undefined ? 'none' : isoOf(world.zone, at))).join(' or ');
      report('worklist', `${id}: CRITICAL_NO_RESPONSE since ${rows[0]?.['since']}, expected ${expected}`);
    }
  }
}

function checkInbox(context: Context, rows: Row[], report: Report): void {
  const { inbox } = context.world;
  for (const row of rows) {
    const fits = inbox.some(
      ({ at, patientIds }) =>
        patientIds.includes(row['patientId'] as string) &&
        Math.floor(at / 1000) * 1000 === parseInstant(row['since'] as string),
    );
    if (!fits) report('13', `INBOX row of ${row['patientId']} since ${row['since']}: no such reply`);
  }
  for (const { at, patientIds, optional } of inbox) {
    if (!optional && !rows.some((row) => patientIds.includes(row['patientId'] as string))) {
      report('13', `the reply of ${patientIds.join(' or ')} at ${isoOf(context.world.zone, at)} is not in the inbox`);
    }
  }
}

/** First 00:00 at which all of CRITICAL_NO_RESPONSE held, by each way of counting dates; undefined where it never did. */
function criticalSince(context: Context, id: string): (number | undefined)[] {
  const { world, output } = context;
  if (output.patients.get(id)?.['tier'] !== '1') return [];
  const zone = world.patients.get(id)?.timeZone as string;
  const readings: ((sentAt: number, midnight: number) => [string, string])[] = [
    (sentAt, midnight) => [dateOf(world.zone, sentAt), dateOf(world.zone, midnight)],
    (sentAt, midnight) => [dateOf(zone, sentAt), dateOf(zone, midnight)],
    (sentAt, midnight) => [dateOf(zone, sentAt), dateOf(world.zone, midnight)],
  ];
  const found = readings.flatMap((reading) =>
    [true, false].map((anyText) => firstMidnight(context, id, reading, anyText)),
  );
  return [...new Set(found)].filter((at, _, all) => at !== undefined || all.length > 1);
}

function firstMidnight(
  context: Context,
  id: string,
  reading: (sentAt: number, midnight: number) => [string, string],
  anyText: boolean,
): number | undefined {
  const { world } = context;
  const pilot = context.pilotRows.get(id) ?? [];
  for (let date = dateOf(world.zone, adaptiveStart(context)); ; date = addDays(date, 1)) {
    const midnight = startOfDate(world.zone, date);
    if (midnight > world.end) return undefined;
    const texts = (world.textsOf.get(id) ?? []).filter((row) => (row.sentAt as number) <= midnight);
    const sent = texts.filter((row) => row.phase === 'ADAPTIVE');
    const { touchesMax, minDaysBetween } = world.policy.at(midnight).adaptive;
    const last = touchesMax === 0 && anyText ? texts[texts.length - 1] : sent[sent.length - 1];
    if (!last || sent.length < touchesMax) continue;
    if (world.bookings(id).stands.at(midnight) || world.preferences(id).at(midnight).status !== 'OPT_IN') continue;
    if (pilot.some((row) => (row.sentAt ?? row.decidedAt) > midnight)) continue;
    const [textDate, today] = reading(last.sentAt as number, midnight);
    if (addDays(textDate, minDaysBetween) <= today) return midnight;
  }
}
