/**
 * A synthetic roster as CSV (formats.md, "In: roster.csv"): `patients` rows that are accepted and a few bad ones
 * between them, one of each kind in turn, which are quarantined. Frailty drives the counts, so that they go together.
 * Every row's luck is its own: a longer roster of the same seed begins like a shorter one, bad rows aside.
 * Leaves out: consent (vendor.ts) and which numbers are landlines (people.ts): the roster does not know.
 */
import { stringify } from 'csv-stringify/sync';
import { addDays } from '../domain/calendar';
import { ROSTER_COLUMNS, type RosterColumn } from '../domain/roster';
import { rates } from './assumptions';
import { firstName, lastName } from './names';
import { phoneOf, placeOf, type Place } from './places';
import { chance, exponential, luckKey, poisson, type LuckKey } from './random';

type Row = Record<RosterColumn, string>;

const BAD_ROWS_MIN = 5;
const CLINICS = 12;
const PCPS_PER_CLINIC = 6;

/** One defect each, every one of which puts the row into quarantine, whatever the seed. */
const DEFECTS: readonly ((row: Row, startsOn: string) => Row)[] = [
  (row) => ({ ...row, phone: row.phone.slice(0, -2) }),
  (row) => ({ ...row, category: 'GOLD' }),
  (row, startsOn) => ({ ...row, birthDate: addDays(startsOn, 30) }),
  (row) => ({ ...row, timeZone: 'America/Springfield' }),
  (row) => ({ ...row, patientId: `${row.patientId} (old)` }),
  (row) => ({ ...row, language: 'xx' }),
  (row) => ({ ...row, edVisits12m: '-1' }),
  (row) => ({ ...row, chronicConditions: 'many' }),
  (row, startsOn) => ({ ...row, lastPcpVisit: addDays(startsOn, 1) }),
  (row) => ({ ...row, phone: row.phone.slice(2) }),
];

/** `patients` >= 1 accepted rows plus about 0.5 % bad ones, at least 5; `startsOn` `YYYY-MM-DD`, after every date in it. */
export function createRosterCsv(options: { patients: number; seed: number; startsOn: string }): string {
  const { patients, seed, startsOn } = options;
  const bad = Math.max(BAD_ROWS_MIN, Math.round(patients * rates.badRows));
  const rows: Row[] = [];
  const phones = new Set<string>();
  let previous: Row | undefined;
  let badMade = 0;
  for (let i = 0; i < patients; i += 1) {
    const row = goodRow(luckKey(seed, `row ${i}`), i + 1, startsOn, phones, previous);
    previous = previous?.phone === row.phone ? undefined : row;
    rows.push(row);
    for (; badMade < bad && (badMade + 0.5) * patients <= (i + 1) * bad; badMade += 1)
      rows.push(badRow(seed, patients, badMade, startsOn, phones));
  }
  for (; badMade < bad; badMade += 1) rows.push(badRow(seed, patients, badMade, startsOn, phones));
  return stringify(rows, { header: true, columns: [...ROSTER_COLUMNS] });
}

/** Only one row has no id at all: two would be duplicates of each other. */
function badRow(seed: number, patients: number, n: number, startsOn: string, phones: Set<string>): Row {
  const row = goodRow(luckKey(seed, `bad row ${n}`), patients + n + 1, startsOn, phones, undefined);
  return n === BAD_ROWS_MIN - 1 ? { ...row, patientId: '' } : DEFECTS[n % DEFECTS.length]!(row, startsOn);
}

function goodRow(key: LuckKey, number: number, startsOn: string, phones: Set<string>, previous: Row | undefined): Row {
  const together = previous !== undefined && chance(key, 'shares a phone') < rates.sharedPhone;
  const place = placeOf(key);
  const clinic = 1 + Math.floor(chance(key, 'clinic') * CLINICS);
  return {
    patientId: `P${String(number).padStart(6, '0')}`,
    firstName: firstName(key),
    lastName: together ? previous.lastName : lastName(key),
    phone: together ? previous.phone : freePhone(key, place, phones),
    language: together ? previous.language : chance(key, 'language') < rates.spanish ? 'es' : 'en',
    timeZone: together ? previous.timeZone : place.zone,
    state: together ? previous.state : place.state,
    category: chance(key, 'category') < rates.vip ? 'VIP' : 'SERIOUS',
    ...health(key, startsOn),
    clinicId: `C-${String(clinic).padStart(2, '0')}`,
    pcpId: `PCP-${String(clinic).padStart(2, '0')}-${1 + Math.floor(chance(key, 'pcp') * PCPS_PER_CLINIC)}`,
  };
}

/** Frailty in (0, ~4), mean 1, skewed: a few patients carry most of the visits, as in any high-risk panel. */
function health(key: LuckKey, startsOn: string) {
  const frailty = 0.25 + exponential(chance(key, 'frailty'), 0.75);
  const age = Math.floor(38 + 22 * chance(key, 'age') + 22 * chance(key, 'age', 1) + 3 * Math.min(frailty, 4));
  const admissions = poisson(key, 'admissions', 0.5 * frailty);
  const missed = poisson(key, 'missed', rates.missedPerYearMean * (0.4 + 0.6 * frailty));
  const daysSincePcp = Math.ceil(exponential(chance(key, 'last pcp visit'), 150 + 40 * missed));
  return {
    birthDate: addDays(startsOn, -Math.floor(age * 365.25 + chance(key, 'birthday') * 365)),
    chronicConditions: String(1 + poisson(key, 'conditions', 1.6 * frailty)),
    edVisits12m: String(admissions + poisson(key, 'ed visits', 0.8 * frailty)),
    admissions12m: String(admissions),
    missedAppointments12m: String(missed),
    lastPcpVisit:
      chance(key, 'never seen') < rates.neverSeenByPcp ? '' : addDays(startsOn, -Math.min(daysSincePcp, 1500)),
    careGaps: String(poisson(key, 'care gaps', 0.6 + 0.7 * frailty)),
  };
}

/** Tries at a number nobody has: more than this means the area codes are too few for the roster. */
const PHONE_ATTEMPTS_MAX = 200;

function freePhone(key: LuckKey, place: Place, taken: Set<string>): string {
  for (let attempt = 0; attempt < PHONE_ATTEMPTS_MAX; attempt += 1) {
    const phone = phoneOf(key, place, attempt);
    if (taken.has(phone)) continue;
    taken.add(phone);
    return phone;
  }
  throw new RangeError(`roster: no free number in ${place.zone}; ask for fewer patients`);
}
