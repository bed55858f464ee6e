/**
 * The patients as the outside world knows them: who they are, the phone they can be reached on, and what they have
 * done so far. Read from the roster, leaving out rows that the product will quarantine, because nobody books, opts in or
 * answers for a row that was never accepted. What a number is in truth (landline, disconnected) is drawn here.
 */
import { parse } from 'csv-parse/sync';
import { parseRosterRow, ROSTER_COLUMNS, type RosterPatient, type RosterRecord } from '../domain/roster';
import { rates } from './assumptions';
import { chance, luckKey, type LuckKey } from './random';

/** One phone number, perhaps of several patients. A STOP belongs to it. */
export interface Line {
  readonly phone: string;
  /** Why no text ever arrives, if so. */
  readonly fault: 'LANDLINE' | 'UNKNOWN_NUMBER' | 'BLOCKED' | undefined;
  stopped: boolean;
  /** How often STOP was said on it: an intention from before a STOP does not outlive it, START or not. */
  stops: number;
}

export interface Person {
  readonly id: string;
  readonly line: Line;
  readonly language: 'en' | 'es';
  readonly zone: string;
  readonly vip: boolean;
  readonly luck: LuckKey;
  /** Has missed an appointment before: on the roster, or since. */
  missedBefore: boolean;
  /** Campaign texts sent to this patient, arrived or not; answers are counted apart. */
  texts: number;
  answers: number;
  /** A campaign text has arrived. */
  reminded: boolean;
  replies: number;
  bookings: number;
  /** The appointment that stands. */
  appointmentId: string | undefined;
  attended: boolean;
}

const BLANK = Object.fromEntries(ROSTER_COLUMNS.map((column) => [column, ''])) as RosterRecord;

/** The accepted rows of `rosterCsv` in their order. `seed` decides each patient's luck, with the patient's id. */
export function peopleOf(rosterCsv: string, seed: number, startsOn: string): Person[] {
  const rows = parse(rosterCsv, {
    columns: true,
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
  }) as Partial<RosterRecord>[];
  const lines = new Map<string, Line>();
  return rows.flatMap((row) => {
    const parsed = parseRosterRow({ ...BLANK, ...row }, startsOn);
    return 'patient' in parsed ? [personOf(parsed.patient, seed, lines)] : [];
  });
}

function personOf(row: RosterPatient, seed: number, lines: Map<string, Line>): Person {
  const { phone, patientId } = row;
  let line = lines.get(phone);
  if (!line) lines.set(phone, (line = { phone, fault: faultOf(luckKey(seed, phone)), stopped: false, stops: 0 }));
  return {
    id: patientId,
    line,
    language: row.language,
    zone: row.timeZone,
    vip: row.category === 'VIP',
    luck: luckKey(seed, patientId),
    missedBefore: row.missedAppointments12m > 0,
    texts: 0,
    answers: 0,
    reminded: false,
    replies: 0,
    bookings: 0,
    appointmentId: undefined,
    attended: false,
  };
}

function faultOf(luck: LuckKey): Line['fault'] {
  const u = chance(luck, 'line');
  if (u < rates.landline) return 'LANDLINE';
  if (u < rates.landline + rates.unknownNumber) return 'UNKNOWN_NUMBER';
  return u < rates.landline + rates.unknownNumber + rates.blocked ? 'BLOCKED' : undefined;
}
