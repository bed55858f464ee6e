/**
 * Rows that a vendor's file should not have: an action or instant that is none, one from the future, a patient nobody
 * knows, a phone that is not the patient's. The product quarantines or counts them and changes nothing (formats.md).
 */
import { DAY_MS } from '../domain/calendar';
import { rates } from './assumptions';
import type { Person } from './people';
import { chance, pick, type LuckKey } from './random';

const ROWS_MAX = 3;

/** 0 to 3 rows for the file number `index`; `iso` writes an instant, `extractMs` is when the vendor closed its books. */
export function oddRows(
  luck: LuckKey,
  index: number,
  people: readonly Person[],
  iso: (atMs: number) => string,
  extractMs: number,
): string[][] {
  if (people.length === 0 || chance(luck, 'odd rows', index) >= rates.oddRowsInFile) return [];
  const count = 1 + Math.floor(chance(luck, 'how many odd rows', index) * ROWS_MAX);
  return Array.from({ length: count }, (_, n) => {
    const draw = (what: string) => chance(luck, `${what} ${index}`, n);
    const person = pick(people, draw('odd person'));
    const before = iso(extractMs - 3_600_000);
    const kinds: readonly string[][] = [
      [person.id, person.line.phone, 'MAYBE', before, 'vendor-portal'],
      [person.id, person.line.phone, 'OPT_OUT', 'last week', 'vendor-portal'],
      [person.id, person.line.phone, 'OPT_OUT', iso(extractMs + 3 * DAY_MS), 'vendor-portal'],
      [`X${String(Math.floor(draw('stranger') * 1e6)).padStart(6, '0')}`, '+13125550199', 'OPT_IN', before, 'web-form'],
      [person.id, otherPhone(person.line.phone), 'OPT_OUT', before, 'web-form'],
    ];
    return pick(kinds, draw('odd kind'));
  });
}

/** The last digit changed: a number, but not this patient's. */
function otherPhone(phone: string): string {
  return phone.slice(0, -1) + String((Number(phone.slice(-1)) + 1) % 10);
}
