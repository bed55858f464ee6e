/**
 * One roster row: what makes it usable (formats.md, "In: roster.csv"). Reasons never quote a name, phone or birth date.
 * Leaves out CSV itself (services/csv.ts) and the date rule against `startsOn`, which is asked again when the campaign
 * starts, since a roster comes before its campaign.
 */
import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { isDate, isZone } from './calendar';

export const ROSTER_COLUMNS = [
  'patientId',
  'firstName',
  'lastName',
  'phone',
  'language',
  'timeZone',
  'state',
  'category',
  'birthDate',
  'chronicConditions',
  'edVisits12m',
  'admissions12m',
  'missedAppointments12m',
  'lastPcpVisit',
  'careGaps',
  'clinicId',
  'pcpId',
] as const;
export type RosterColumn = (typeof ROSTER_COLUMNS)[number];
export type RosterRecord = Readonly<Record<RosterColumn, string>>;

export interface RosterPatient {
  readonly patientId: string;
  readonly firstName: string;
  readonly phone: string;
  readonly language: 'en' | 'es';
  readonly timeZone: string;
  readonly category: 'SERIOUS' | 'VIP';
  readonly birthDate: string;
  readonly chronicConditions: number;
  readonly edVisits12m: number;
  readonly admissions12m: number;
  readonly missedAppointments12m: number;
  /** Empty: never. */
  readonly lastPcpVisit: string;
  readonly careGaps: number;
  readonly clinicId: string;
}

export interface RowProblem {
  readonly field: string;
  readonly reason: string;
}

const COUNTS = ['chronicConditions', 'edVisits12m', 'admissions12m', 'missedAppointments12m', 'careGaps'] as const;
const ID = /^[A-Za-z0-9-]{1,64}$/;
const zones = new Map<string, boolean>();

export function isId(text: string): boolean {
  return ID.test(text);
}

/** `latestDate`: no date of the row may lie after it. */
export function parseRosterRow(
  record: RosterRecord,
  latestDate: string,
): { patient: RosterPatient } | { problems: RowProblem[] } {
  const problems: RowProblem[] = [];
  const demand = (sound: boolean, field: RosterColumn, expected: string) => {
    if (!sound) problems.push({ field, reason: `expected ${expected}` });
  };
  for (const field of ['patientId', 'clinicId', 'pcpId'] as const)
    demand(isId(record[field]), field, 'an id of 1 to 64 letters, digits and hyphens');
  for (const field of ['firstName', 'lastName', 'state'] as const)
    demand(record[field].trim() !== '', field, 'a value');
  demand(isPhone(record.phone), 'phone', 'a phone number in E.164, valid by its number plan');
  demand(record.language === 'en' || record.language === 'es', 'language', 'en or es');
  demand(isKnownZone(record.timeZone), 'timeZone', 'an IANA time zone');
  demand(record.category === 'SERIOUS' || record.category === 'VIP', 'category', 'SERIOUS or VIP');
  for (const field of COUNTS) demand(/^\d{1,9}$/.test(record[field]), field, 'an integer of at least 0');
  demand(isDate(record.birthDate), 'birthDate', 'a date YYYY-MM-DD');
  demand(record.lastPcpVisit === '' || isDate(record.lastPcpVisit), 'lastPcpVisit', 'a date YYYY-MM-DD or nothing');
  problems.push(...lateDates(record, latestDate).filter((late) => !problems.some((p) => p.field === late.field)));
  if (problems.length > 0) return { problems };
  const counts = Object.fromEntries(COUNTS.map((field) => [field, Number(record[field])])) as Record<
    (typeof COUNTS)[number],
    number
  >;
  const { patientId, firstName, phone, timeZone, birthDate, lastPcpVisit, clinicId } = record;
  const { language, category } = record as unknown as Pick<RosterPatient, 'language' | 'category'>;
  return {
    patient: {
      patientId,
      firstName,
      phone,
      language,
      timeZone,
      category,
      birthDate,
      lastPcpVisit,
      clinicId,
      ...counts,
    },
  };
}

/** Dates after `latestDate` (formats.md: "no date lies after `startsOn`"). */
export function lateDates(row: Pick<RosterPatient, 'birthDate' | 'lastPcpVisit'>, latestDate: string): RowProblem[] {
  return (['birthDate', 'lastPcpVisit'] as const)
    .filter((field) => row[field] > latestDate)
    .map((field) => ({ field, reason: 'expected a date not after the start of the campaign' }));
}

/** Numbers found valid: a roster is read more than once, and the number plan is slow to ask. */
const validPhones = new Set<string>();
const PHONES_KEPT_MAX = 200_000;

export function isPhone(text: string): boolean {
  if (validPhones.has(text)) return true;
  const valid = /^\+[1-9]\d{6,14}$/.test(text) && isValidPhoneNumber(text);
  if (valid && validPhones.size < PHONES_KEPT_MAX) validPhones.add(text);
  return valid;
}

function isKnownZone(text: string): boolean {
  let known = zones.get(text);
  if (known === undefined) zones.set(text, (known = isZone(text)));
  return known;
}
