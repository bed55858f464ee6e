/**
 * What came in badly: quarantine.csv for the roster and the preference files (file, physical line, field), the roster
 * counts, the incidents that must be there and no others of their types, and how the run ended.
 */
import type { Context } from '../context';
import type { Row } from '../readOutput';
import { isoOf, parseInstant } from '../time';
import type { Report } from '../violations';

export function checkIntake(context: Context, report: Report): void {
  checkRosterQuarantine(context, report);
  checkPreferenceQuarantine(context, report);
  checkIncidents(context, report);
  checkEnd(context, report);
}

function rowsOf(context: Context, source: string): Row[] {
  return context.output.quarantine.filter((row) => row['source'] === source);
}

function checkRosterQuarantine(context: Context, report: Report): void {
  const { world, output } = context;
  const { problems, unsureLines, rows } = world.recording.roster;
  const found = rowsOf(context, 'roster.csv');
  for (const [line, fields] of problems) {
    for (const field of fields) {
      const hits = found.filter((row) => row['line'] === String(line) && (field === '*' || row['field'] === field));
      if (hits.length === 0) report('quarantine', `roster.csv line ${line}: ${field} is bad, no row says so`);
      if (hits.length > 1 && field !== '*')
        report('quarantine', `roster.csv line ${line} ${field}: ${hits.length} rows`);
    }
  }
  for (const row of found) {
    const line = Number(row['line']);
    const fields = problems.get(line);
    const excused = unsureLines.has(line) || fields?.has('*') || fields?.has(row['field'] as string);
    if (!excused) report('quarantine', `roster.csv line ${line} ${row['field']}: nothing is wrong there`);
  }
  const accepted = output.patients.size;
  const wanted = { rows, accepted, quarantined: rows - accepted };
  const stated = output.report['roster'] as typeof wanted | undefined;
  for (const key of ['rows', 'accepted', 'quarantined'] as const) {
    if (stated?.[key] !== wanted[key]) report('report', `roster.${key} ${stated?.[key]}, expected ${wanted[key]}`);
  }
}

function checkPreferenceQuarantine(context: Context, report: Report): void {
  const { world, output } = context;
  const known = new Set(['roster.csv']);
  for (const { file } of world.arrivals) known.add(file.name);
  for (const row of output.quarantine) {
    if (!known.has(row['source'] as string)) report('quarantine', `source ${row['source']}: no such file came`);
  }
  for (const name of new Set(world.arrivals.map((arrival) => arrival.file.name))) {
    const deliveries = world.arrivals.filter((arrival) => arrival.file.name === name);
    const file = deliveries[0]!.file;
    const found = rowsOf(context, name);
    const excused = new Set<string>();
    for (const row of file.rows) {
      const patient = world.patients.get(row.patientId);
      const wanted = new Set(row.badFields);
      const early = deliveries.filter(({ at }) => row.effectiveAt > at).length;
      if (early > 0) wanted.add('effectiveAt');
      if (patient && patient.phone !== row.phone) wanted.add('phone');
      for (const field of wanted) excused.add(`${row.line} ${field}`);
      if (!patient)
        for (const field of ['patientId', 'phone', 'action', 'effectiveAt', 'source'])
          excused.add(`${row.line} ${field}`);
      else if (wanted.size > 0) {
        const hits = found.filter((entry) => entry['line'] === String(row.line));
        const lacking = [...wanted].filter((field) => field !== '*' && !hits.some((hit) => hit['field'] === field));
        if (hits.length === 0) report('quarantine', `${name} line ${row.line}: no row for ${[...wanted].join()}`);
        else if (lacking.length > 0) report('quarantine', `${name} line ${row.line}: no row for ${lacking.join()}`);
      }
      if (wanted.has('*'))
        for (const entry of found) if (entry['line'] === String(row.line)) excused.add(`${row.line} ${entry['field']}`);
    }
    const counts = new Map<string, number>();
    for (const entry of found) {
      const key = `${entry['line']} ${entry['field']}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (!excused.has(key)) report('quarantine', `${name} line ${key}: nothing is wrong there`);
    }
    for (const [key, count] of counts)
      if (count > deliveries.length) report('quarantine', `${name} line ${key}: ${count} rows`);
  }
}

function checkIncidents(context: Context, report: Report): void {
  const { world, output, days } = context;
  const expected = [...world.incidents];
  for (const day of days) {
    if (day.lostAt === undefined) continue;
    expected.push({ at: day.lostAt, type: 'PREFERENCES_FILE_MISSING', why: day.date });
  }
  const open = output.report.incidents.map((incident) => ({
    ...incident,
    ms: parseInstant(incident.at) ?? NaN,
    used: false,
  }));
  const slack = (type: string): number => (type === 'PREFERENCES_FILE_MISSING' ? 60_000 : 1000);
  for (const { at, type, optional, why } of expected.sort(
    (a, b) => Number(a.optional ?? false) - Number(b.optional ?? false),
  )) {
    const whole = Math.floor(at / 1000) * 1000;
    const hit = open.find((o) => !o.used && o.type === type && o.ms >= whole && o.ms <= whole + slack(type));
    if (hit) hit.used = true;
    else if (!optional) report('incident', `no ${type} at ${isoOf(world.zone, at)} (${why})`);
  }
  const types = ['PREFERENCES_FILE_MISSING', 'PREFERENCES_FILE_REFUSED', 'UNKNOWN_EVENT'];
  for (const incident of open) {
    if (!incident.used && types.includes(incident.type))
      report('incident', `${incident.type} at ${incident.at}: nothing calls for it`);
  }
}

function checkEnd(context: Context, report: Report): void {
  const { world } = context;
  const { campaign, recording } = world;
  const stated = context.output.report;
  const equal = (field: string, ...allowed: unknown[]): void => {
    if (!allowed.includes(stated[field]))
      report('report', `${field} ${String(stated[field])}, expected ${allowed.join(' or ')}`);
  };
  equal('campaignId', campaign.campaignId);
  equal('seed', campaign.seed, ...(recording.seed === undefined ? [] : [recording.seed]));
  equal('endState', world.cancelled ? 'CANCELLED' : 'COMPLETED');
  equal('endedAt', isoOf(world.zone, world.end));
  const startedAt = parseInstant(recording.startedAt ?? '');
  equal(
    'startedAt',
    isoOf(world.zone, world.start),
    ...(startedAt === undefined ? [] : [isoOf(world.zone, startedAt)]),
  );
  for (const field of ['policy', 'evaluation', 'runtime'])
    if (typeof stated[field] !== 'object') report('report', `${field} is missing`);
}
