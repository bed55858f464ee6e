/**
 * Reads a recording as formats.md describes it: campaign, roster with the problems each bad row must raise, preference
 * files with their soundness, inputs and what was known at the start. Rows about which formats.md does not decide are
 * kept apart as `unsure`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { isValidPhoneNumber as isPossiblyValid } from 'libphonenumber-js/min';
import { readCsv, type CsvRecord } from './csv';
import { readCampaign, type Campaign } from './policy';
import { isDate, isZone, parseInstant } from './time';

export interface Patient {
  patientId: string;
  firstName: string;
  lastName: string;
  phone: string;
  timeZone: string;
  category: string;
  birthDate: string;
}

export interface Roster {
  rows: number;
  patients: Map<string, Patient>;
  problems: Map<number, Set<string>>;
  unsureLines: Set<number>;
  unsurePatients: Set<string>;
  personal: Patient[];
}

export interface PreferenceRow {
  line: number;
  patientId: string;
  phone: string;
  action: string;
  effectiveAt: number;
  badFields: Set<string>;
}

export interface PreferenceFile {
  name: string;
  date: string;
  sound: boolean;
  rows: PreferenceRow[];
}

export interface Input {
  at: number;
  type: string;
  [field: string]: unknown;
}

export interface Recording {
  campaign: Campaign;
  roster: Roster;
  files: Map<string, PreferenceFile>;
  inputs: Input[];
  initial: { [field: string]: unknown; type: string }[];
  startedAt?: string;
  seed?: number;
}

const ID = /^[A-Za-z0-9-]{1,64}$/;
const COUNTS = ['chronicConditions', 'edVisits12m', 'admissions12m', 'missedAppointments12m', 'careGaps'];

export function readRecording(folder: string): Recording {
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const lines = (name: string): string[] =>
    existsSync(join(folder, name))
      ? text(name)
          .split(/\r?\n/)
          .filter((line) => line.trim() !== '')
      : [];
  const campaign = readCampaign(JSON.parse(text('campaign.json').replace(/^\uFEFF/, '')));
  const files = new Map<string, PreferenceFile>();
  const preferences = join(folder, 'preferences');
  for (const name of existsSync(preferences) ? readdirSync(preferences) : []) {
    files.set(name, readPreferenceFile(name, readFileSync(join(preferences, name), 'utf8')));
  }
  const meta = existsSync(join(folder, 'recording.json')) ? JSON.parse(text('recording.json')) : {};
  return {
    campaign,
    roster: readRoster(text('roster.csv'), campaign.startsOn),
    files,
    inputs: lines('inputs.jsonl').map((line) => {
      const input = JSON.parse(line);
      return { ...input, at: parseInstant(input.at) as number };
    }),
    initial: lines('initial.jsonl').map((line) => JSON.parse(line)),
    startedAt: meta.startedAt,
    seed: meta.seed,
  };
}

function readRoster(csv: string, startsOn: string): Roster {
  const [header, ...records] = readCsv(csv);
  const columns = (header as CsvRecord).fields;
  const roster: Roster = {
    rows: records.length,
    patients: new Map(),
    problems: new Map(),
    unsureLines: new Set(),
    unsurePatients: new Set(),
    personal: [],
  };
  for (const { line, fields } of records) {
    const row = Object.fromEntries(columns.map((column, i) => [column, fields[i] ?? ''])) as Record<string, string>;
    roster.personal.push(row as unknown as Patient);
    const { bad, unsure } = judgeRosterRow(row, startsOn);
    if (fields.length !== columns.length) {
      roster.problems.set(line, new Set(['*']));
      continue;
    }
    if (unsure) {
      roster.unsureLines.add(line);
      roster.unsurePatients.add(row['patientId'] as string);
    }
    if (bad.size > 0) roster.problems.set(line, bad);
    else roster.patients.set(row['patientId'] as string, row as unknown as Patient);
  }
  return roster;
}

function judgeRosterRow(row: Record<string, string>, startsOn: string): { bad: Set<string>; unsure: boolean } {
  const bad = new Set<string>();
  const cell = (name: string): string => row[name] ?? '';
  if (!ID.test(cell('patientId'))) bad.add('patientId');
  const isE164 = /^\+[1-9]\d{1,14}$/.test(cell('phone'));
  if (!isE164 || !isPossiblyValid(cell('phone'))) bad.add('phone');
  if (!['en', 'es'].includes(cell('language'))) bad.add('language');
  if (!isZone(cell('timeZone'))) bad.add('timeZone');
  if (!['SERIOUS', 'VIP'].includes(cell('category'))) bad.add('category');
  if (!isDate(cell('birthDate')) || cell('birthDate') > startsOn) bad.add('birthDate');
  const visit = cell('lastPcpVisit');
  if (visit !== '' && (!isDate(visit) || visit > startsOn)) bad.add('lastPcpVisit');
  for (const count of COUNTS) if (!/^\d+$/.test(cell(count))) bad.add(count);
  const unsure =
    (isE164 && !isValidPhoneNumber(cell('phone')) && isPossiblyValid(cell('phone'))) ||
    cell('firstName').trim() === '' ||
    cell('lastName').trim() === '' ||
    !/^[A-Z]{2}$/.test(cell('state')) ||
    !ID.test(cell('clinicId')) ||
    !ID.test(cell('pcpId')) ||
    COUNTS.some((count) => /^0\d/.test(cell(count)) || cell(count).length > 6);
  return { bad, unsure };
}

function readPreferenceFile(name: string, csv: string): PreferenceFile {
  const date = /^preferences-(\d{4}-\d\d-\d\d)(\.\d+)?\.csv$/.exec(name)?.[1] ?? '';
  let records: CsvRecord[];
  try {
    records = readCsv(csv);
  } catch {
    return { name, date, sound: false, rows: [] };
  }
  const header = records[0]?.fields ?? [];
  const trailer = records[records.length - 1];
  const data = records.slice(1, -1);
  const sound =
    records.length >= 2 &&
    ['patientId', 'phone', 'action', 'effectiveAt', 'source'].every((column) => header.includes(column)) &&
    trailer?.fields[0] === 'TRAILER' &&
    trailer.fields[1] === String(data.length) &&
    trailer.fields.slice(2).every((field) => field === '');
  return { name, date, sound, rows: sound ? data.map((record) => readPreferenceRow(record, header)) : [] };
}

function readPreferenceRow({ line, fields }: CsvRecord, header: string[]): PreferenceRow {
  const cell = (column: string): string => fields[header.indexOf(column)] ?? '';
  const [patientId, phone, action, effectiveAt] = ['patientId', 'phone', 'action', 'effectiveAt'].map(cell) as [
    string,
    string,
    string,
    string,
  ];
  const badFields = new Set<string>();
  if (fields.length !== header.length) badFields.add('*');
  else {
    if (!ID.test(patientId)) badFields.add('patientId');
    if (!['OPT_IN', 'OPT_OUT'].includes(action)) badFields.add('action');
    if (parseInstant(effectiveAt) === undefined) badFields.add('effectiveAt');
  }
  return { line, patientId, phone, action, effectiveAt: parseInstant(effectiveAt) ?? NaN, badFields };
}
