/**
 * Facts worked out by hand (`expect.json` of a recording) against an output folder: days, weeks, ledger rows, patients,
 * worklist, quarantine, incidents. A ledger row is found by the keys given, its other cells must be as stated;
 * `sentDate` is the recipient's local date.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCsv } from './csv';
import type { Row } from './readOutput';
import { dateOf, parseInstant } from './time';

type Facts = Record<string, unknown>;

export interface Expectation {
  about: string;
  exitCode?: number;
  stderr?: string[];
  days?: Record<string, Facts>;
  dayCount?: number;
  weeks?: Record<string, Facts>;
  rows?: Facts[];
  absent?: Facts[];
  patients?: Record<string, Facts>;
  worklist?: Facts[];
  notOnWorklist?: Facts[];
  quarantine?: Facts[];
  quarantineCount?: number;
  incidents?: Facts[];
  incidentCount?: number;
  report?: Facts;
}

const KEYS = ['patientId', 'phase', 'wave', 'touch'];
const INCIDENT_TYPES = ['PREFERENCES_FILE_MISSING', 'PREFERENCES_FILE_REFUSED', 'UNKNOWN_EVENT'];

export function readExpectation(recording: string): Expectation {
  return JSON.parse(readFileSync(join(recording, 'expect.json'), 'utf8')) as Expectation;
}

export function contradictions(expectation: Expectation, out: string): string[] {
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Record<string, Facts[]> & Facts;
  const found: string[] = [];
  const ledger = table(out, 'ledger.csv').map(withSentDate);
  const compare = (where: string, facts: Facts, actual: Facts | undefined): void => {
    if (!actual) return void found.push(`${where}: not there`);
    for (const [field, value] of Object.entries(facts)) {
      if (!same(value, actual[field])) found.push(`${where} ${field}: ${show(actual[field])}, expected ${show(value)}`);
    }
  };
  for (const [date, facts] of Object.entries(expectation.days ?? {})) {
    compare(
      `day ${date}`,
      facts,
      report['days']?.find((day) => day['date'] === date),
    );
  }
  for (const [week, facts] of Object.entries(expectation.weeks ?? {})) {
    compare(
      `week ${week}`,
      facts,
      report['weeks']?.find((entry) => String(entry['week']) === week),
    );
  }
  for (const facts of expectation.rows ?? []) {
    const keys = Object.fromEntries(Object.entries(facts).filter(([field]) => KEYS.includes(field)));
    compare(
      `ledger ${show(keys)}`,
      facts,
      ledger.find((row) => matches(keys, row)),
    );
  }
  for (const facts of expectation.absent ?? []) {
    if (ledger.some((row) => matches(facts, row))) found.push(`ledger has ${show(facts)}`);
  }
  const patients = table(out, 'patients.csv');
  for (const [id, facts] of Object.entries(expectation.patients ?? {})) {
    compare(
      `patient ${id}`,
      facts,
      patients.find((row) => row['patientId'] === id),
    );
  }
  const lists: [string, Facts[], Facts[]][] = [
    ['worklist', expectation.worklist ?? [], table(out, 'worklist.csv')],
    ['quarantine', expectation.quarantine ?? [], table(out, 'quarantine.csv')],
    ['incidents', expectation.incidents ?? [], report['incidents'] ?? []],
  ];
  for (const [name, wanted, rows] of lists) {
    for (const facts of wanted)
      if (!rows.some((row) => matches(facts, row))) found.push(`${name} lacks ${show(facts)}`);
  }
  for (const facts of expectation.notOnWorklist ?? []) {
    if (table(out, 'worklist.csv').some((row) => matches(facts, row))) found.push(`worklist has ${show(facts)}`);
  }
  compare('report', expectation.report ?? {}, report);
  const count = (name: string, wanted: number | undefined, actual: number): void => {
    if (wanted !== undefined && wanted !== actual) found.push(`${actual} ${name}, expected ${wanted}`);
  };
  count('days', expectation.dayCount, report['days']?.length ?? 0);
  count('quarantine rows', expectation.quarantineCount, table(out, 'quarantine.csv').length);
  const incidents = (report['incidents'] ?? []).filter((incident) => INCIDENT_TYPES.includes(String(incident['type'])));
  count('incidents', expectation.incidentCount, incidents.length);
  return found;
}

function table(out: string, name: string): Row[] {
  const [header, ...records] = readCsv(readFileSync(join(out, name), 'utf8'));
  return records.map(({ fields }) =>
    Object.fromEntries((header?.fields ?? []).map((column, i) => [column, fields[i] ?? ''])),
  );
}

function withSentDate(row: Row): Row {
  const sentAt = parseInstant(row['sentAt'] ?? '');
  return sentAt === undefined ? row : { ...row, sentDate: dateOf(row['timeZone'] as string, sentAt) };
}

function matches(facts: Facts, row: Facts): boolean {
  return Object.entries(facts).every(([field, value]) => same(value, row[field]));
}

/** CSV cells are text; counts by reason may leave zeroes out, so only the stated ones are compared. */
function same(expected: unknown, actual: unknown): boolean {
  if (typeof expected === 'object' && expected !== null) {
    return Object.entries(expected).every(([key, value]) => same(value, (actual as Facts | undefined)?.[key]));
  }
  return typeof actual === 'string' ? String(expected) === actual : expected === actual;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
