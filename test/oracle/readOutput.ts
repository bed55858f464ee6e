/**
 * Reads an output folder and holds it to the formats: exact headers, RFC 4180 with `\n`, enums, ids, instants in the
 * organisation's offset with whole seconds, empty cells. What cannot be read at all is reported and left out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvCell, readCsv } from './csv';
import { isDate, isoOf, parseInstant } from './time';
import type { Report } from './violations';

export type Row = Record<string, string>;

export interface LedgerRow {
  line: number;
  messageId: string;
  campaignId: string;
  patientId: string;
  tier: string;
  category: string;
  phase: string;
  kind: string;
  week: string;
  wave: string;
  touch: number;
  plannedFor: string;
  decidedAt: number;
  sentAt: number | undefined;
  localTime: string;
  timeZone: string;
  consentStatus: string;
  consentSource: string;
  consentAt: number | undefined;
  status: string;
  reason: string;
  segments: string;
}

export interface ReportJson {
  [field: string]: unknown;
  weeks: { [field: string]: unknown }[];
  days: { [field: string]: unknown }[];
  incidents: { at: string; type: string; detail: unknown }[];
}

export interface Output {
  ledger: LedgerRow[];
  patients: Map<string, Row>;
  worklist: Row[];
  quarantine: Row[];
  report: ReportJson;
}

export const HEADERS = {
  'ledger.csv':
    'messageId,campaignId,patientId,tier,category,phase,kind,week,wave,touch,plannedFor,decidedAt,sentAt,localTime,timeZone,consentStatus,consentSource,consentAt,status,reason,segments',
  'patients.csv': 'patientId,tier,category,score,band,rank,wave,touchesSent,preference,booked,attended,outcome',
  'worklist.csv': 'patientId,tier,reason,since',
  'quarantine.csv': 'source,line,patientId,field,reason',
} as const;

type FileName = keyof typeof HEADERS;

const ENUMS: Record<string, RegExp> = {
  'ledger.csv messageId': /^[0-9a-f]{32}$/,
  'ledger.csv phase': /^(PILOT|ADAPTIVE|REPLY)$/,
  'ledger.csv kind': /^(INVITE|FOLLOW_UP|ADAPTIVE|STOP_CONFIRM|HELP|OPT_IN_CONFIRM|BOOKING_OFFER)$/,
  'ledger.csv tier': /^[123]$/,
  'ledger.csv category': /^(SERIOUS|VIP)$/,
  'ledger.csv week': /^[1-9]\d*$/,
  'ledger.csv touch': /^\d+$/,
  'ledger.csv consentStatus': /^(OPT_IN|OPT_OUT|UNKNOWN)$/,
  'ledger.csv consentSource': /^(VENDOR|REPLY|)$/,
  'ledger.csv status': /^(DELIVERED|SENT|UNDELIVERED|REFUSED|UNKNOWN)$/,
  'ledger.csv reason': /^(OPTED_OUT|NO_CONSENT|BOOKED|EXPIRED|CANCELLED|NO_MOBILE|)$/,
  'ledger.csv localTime': /^(([01]\d|2[0-3]):[0-5]\d|)$/,
  'ledger.csv segments': /^\d*$/,
  'patients.csv tier': /^[123]$/,
  'patients.csv category': /^(SERIOUS|VIP)$/,
  'patients.csv score': /^(\d|[1-9]\d|100)$/,
  'patients.csv band': /^(\d|10)$/,
  'patients.csv rank': /^[1-9]\d*$/,
  'patients.csv wave': /^([1-9]\d*|)$/,
  'patients.csv touchesSent': /^(0|[1-9]\d*)$/,
  'patients.csv preference': /^(OPT_IN|OPT_OUT|UNKNOWN)$/,
  'patients.csv booked': /^(true|false)$/,
  'patients.csv attended': /^(true|false)$/,
  'patients.csv outcome':
    /^(ATTENDED|MISSED|BOOKED|OPTED_OUT|NO_CONSENT|UNREACHABLE|HANDED_TO_CALL|NO_RESPONSE|NOT_REACHED)$/,
  'worklist.csv tier': /^[123]$/,
  'worklist.csv reason': /^(CRITICAL_NO_RESPONSE|INBOX|SEND_UNKNOWN)$/,
  'quarantine.csv line': /^[1-9]\d*$/,
};

const INSTANTS = new Set(['decidedAt', 'sentAt', 'consentAt', 'since']);
const MAY_BE_EMPTY = new Set(['sentAt', 'consentAt']);

/** Reads everything the checks need; undefined when a file is missing or unreadable (then reported). */
export function readOutput(folder: string, zone: string, report: Report): Output | undefined {
  const tables = new Map<FileName, { line: number; row: Row }[]>();
  for (const name of Object.keys(HEADERS) as FileName[]) {
    const rows = readTable(folder, name, zone, report);
    if (rows) tables.set(name, rows);
  }
  const json = readReport(folder, zone, report);
  if (tables.size < 4 || !json) return undefined;
  const rowsOf = (name: FileName): Row[] => (tables.get(name) ?? []).map(({ row }) => row);
  const patients = new Map<string, Row>();
  for (const row of rowsOf('patients.csv')) {
    if (patients.has(row['patientId'] as string)) report('8', `patients.csv has ${row['patientId']} twice`);
    patients.set(row['patientId'] as string, row);
  }
  checkAudit(folder, zone, report);
  return {
    ledger: (tables.get('ledger.csv') ?? []).map(({ line, row }) => toLedgerRow(line, row)),
    patients,
    worklist: rowsOf('worklist.csv'),
    quarantine: rowsOf('quarantine.csv'),
    report: json,
  };
}

function readTable(
  folder: string,
  name: FileName,
  zone: string,
  report: Report,
): { line: number; row: Row }[] | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) {
    report('format', `${name} is missing`);
    return undefined;
  }
  const text = readFileSync(path, 'utf8');
  if (text.includes('\r')) report('format', `${name} holds a carriage return`);
  if (!text.endsWith('\n')) report('format', `${name} does not end with a line end`);
  const [header, ...records] = readCsv(text);
  const columns = HEADERS[name].split(',');
  if (header?.fields.join(',') !== HEADERS[name]) {
    report('format', `${name}: header is ${header?.fields.join(',')}, expected ${HEADERS[name]}`);
    return undefined;
  }
  return records.flatMap(({ line, fields }) => {
    if (fields.length !== columns.length) {
      report('format', `${name} line ${line}: ${fields.length} cells, expected ${columns.length}`);
      return [];
    }
    const row = Object.fromEntries(columns.map((column, i) => [column, fields[i] as string]));
    checkCells(name, line, row, zone, report);
    return [{ line, row }];
  });
}

function checkCells(name: FileName, line: number, row: Row, zone: string, report: Report): void {
  for (const [column, value] of Object.entries(row)) {
    const pattern = ENUMS[`${name} ${column}`];
    const where = `${name} line ${line} ${column}: ${JSON.stringify(value)}`;
    if (pattern && !pattern.test(value)) report('format', `${where} is not ${pattern.source}`);
    if (INSTANTS.has(column)) checkInstant(where, value, zone, MAY_BE_EMPTY.has(column), report);
    if (column === 'plannedFor' && value !== '' && !isDate(value)) report('format', `${where} is not a date`);
    if (csvCell(value) !== value && column !== 'reason' && column !== 'patientId' && column !== 'source') {
      report('format', `${where} needs quotes`);
    }
  }
}

/** Instants out end in the organisation's offset, whole seconds. `Z` stands for +00:00. */
export function checkInstant(where: string, text: unknown, zone: string, mayBeEmpty: boolean, report: Report): void {
  if (text === '' && mayBeEmpty) return;
  const instant = typeof text === 'string' ? parseInstant(text) : undefined;
  if (instant === undefined || typeof text !== 'string') {
    report('format', `${where} is not an instant`);
    return;
  }
  const expected = isoOf(zone, instant);
  if (text.replace(/Z$/, '+00:00') !== expected) report('format', `${where} should be written ${expected}`);
}

function readReport(folder: string, zone: string, report: Report): ReportJson | undefined {
  try {
    const json = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as ReportJson;
    for (const list of ['weeks', 'days', 'incidents']) {
      if (!Array.isArray(json[list])) throw new Error(`${list} is no array`);
    }
    for (const field of ['startedAt', 'endedAt']) {
      checkInstant(`report.json ${field}: ${String(json[field])}`, json[field], zone, false, report);
    }
    for (const [i, incident] of json.incidents.entries()) {
      checkInstant(`report.json incidents[${i}].at: ${String(incident.at)}`, incident.at, zone, false, report);
    }
    return json;
  } catch (error) {
    report('format', `report.json: ${String(error)}`);
    return undefined;
  }
}

function checkAudit(folder: string, zone: string, report: Report): void {
  const path = join(folder, 'audit.jsonl');
  if (!existsSync(path)) {
    report('format', 'audit.jsonl is missing');
    return;
  }
  for (const [i, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line === '') continue;
    try {
      const entry = JSON.parse(line) as Row;
      const fields = Object.keys(entry).sort().join();
      if (!['action,actor,at,detail,target', 'action,actor,at,target'].includes(fields)) {
        report('format', `audit.jsonl line ${i + 1}: fields ${fields}`);
      }
      checkInstant(`audit.jsonl line ${i + 1} at: ${entry['at']}`, entry['at'], zone, false, report);
    } catch {
      report('format', `audit.jsonl line ${i + 1} is not JSON`);
    }
  }
}

function toLedgerRow(line: number, row: Row): LedgerRow {
  const cell = (name: string): string => row[name] as string;
  return {
    ...(row as unknown as LedgerRow),
    line,
    touch: Number(cell('touch')),
    decidedAt: parseInstant(cell('decidedAt')) ?? NaN,
    sentAt: cell('sentAt') === '' ? undefined : parseInstant(cell('sentAt')),
    consentAt: cell('consentAt') === '' ? undefined : parseInstant(cell('consentAt')),
  };
}
