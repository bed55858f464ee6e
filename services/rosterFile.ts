/**
 * `roster.csv` as a file (formats.md, "In: roster.csv"): which rows can be used, which are bad and why, and what makes the
 * whole unusable, every problem at once. Rows by themselves: domain/roster.ts.
 */
import { isDate } from '../domain/calendar';
import { BadInput, type Problem } from '../domain/problem';
import { isId, parseRosterRow, ROSTER_COLUMNS, type RosterPatient, type RosterRecord } from '../domain/roster';
import { readCsv, type CsvFile } from './csv';
import type { QuarantineRow } from './rows';

export const ROSTER_FILE = 'roster.csv';

export interface ParsedRoster {
  readonly patients: readonly RosterPatient[];
  readonly bad: readonly QuarantineRow[];
  readonly rows: number;
  /** The latest date in a bad row that is a date; empty: none. It may still turn out to lie after `startsOn`. */
  readonly latestOfBad: string;
}

/** Usable patients and quarantined rows, or `BadInput`. `latestDate`: no date of a row may lie after it. */
export function parseRoster(csv: string, latestDate: string): ParsedRoster {
  const file = readCsv(csv);
  if ('error' in file)
    throw new BadInput('roster.csv cannot be used', [
      { field: 'file', value: file.error, expected: 'CSV with a header row' },
    ]);
  const missing = headerProblems(file);
  const problems = [...missing, ...duplicates(file)];
  if (missing.length > 0) throw new BadInput('roster.csv cannot be used', problems);
  const at = ROSTER_COLUMNS.map((column) => file.header.indexOf(column));
  const patients: RosterPatient[] = [];
  const bad: QuarantineRow[] = [];
  let latestOfBad = '';
  for (const { line, fields } of file.records) {
    const record = Object.fromEntries(
      ROSTER_COLUMNS.map((column, i) => [column, fields[at[i]!] ?? '']),
    ) as RosterRecord;
    const isWhole = fields.length === file.header.length;
    const parsed = isWhole ? parseRosterRow(record, latestDate) : { problems: [wrongWidth(file, fields)] };
    if ('patient' in parsed) {
      patients.push(parsed.patient);
      continue;
    }
    const patientId = isId(record.patientId) ? record.patientId : '';
    bad.push(...parsed.problems.map((problem) => ({ source: ROSTER_FILE, line, patientId, ...problem })));
    if (isWhole)
      for (const date of [record.birthDate, record.lastPcpVisit])
        if (date > latestOfBad && isDate(date)) latestOfBad = date;
  }
  if (patients.length === 0)
    problems.push({
      field: 'rows',
      value: `${file.records.length} rows, none usable`,
      expected: 'at least one usable row',
    });
  if (problems.length > 0) throw new BadInput('roster.csv cannot be used', [...problems, ...bad.map(asProblem)]);
  return { patients, bad, rows: file.records.length, latestOfBad };
}

/** Found also where other columns are missing: every problem is listed at once. */
function duplicates(file: CsvFile): Problem[] {
  const at = file.header.indexOf('patientId');
  if (at < 0 || file.header.lastIndexOf('patientId') !== at) return [];
  const firstLine = new Map<string, number>();
  return file.records.flatMap(({ line, fields }): Problem[] => {
    const patientId = fields[at] ?? '';
    const first = firstLine.get(patientId);
    if (first === undefined) firstLine.set(patientId, line);
    if (first === undefined || !isId(patientId)) return [];
    const expected = `no second row of a patient, the first is on line ${first}`;
    return [{ field: `line ${line}: patientId`, value: patientId, expected }];
  });
}

function headerProblems(file: CsvFile): Problem[] {
  return ROSTER_COLUMNS.flatMap((column): Problem[] => {
    const times = file.header.filter((name) => name === column).length;
    return times === 1
      ? []
      : [{ field: `line 1: ${column}`, value: `${times} columns`, expected: 'one column of this name' }];
  });
}

function wrongWidth(file: CsvFile, fields: readonly string[]) {
  return { field: 'row', reason: `expected ${file.header.length} fields, got ${fields.length}` };
}

function asProblem(row: QuarantineRow): Problem {
  return { field: `line ${row.line}: ${row.field}`, expected: row.reason.replace(/^expected /, '') };
}
