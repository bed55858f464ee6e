/** The synthetic roster: exact size, valid rows, real number plan, and names that no log says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { parseRosterRow, type RosterRecord } from '../../domain/roster';
import { firstName, lastName } from '../../simulator/names';
import { luckKey } from '../../simulator/random';
import { createRosterCsv } from '../../simulator/roster';
import { rowsOf, STARTS_ON } from './fakeCampaign';

const HEADER =
  'patientId,firstName,lastName,phone,language,timeZone,state,category,birthDate,chronicConditions,edVisits12m,admissions12m,missedAppointments12m,lastPcpVisit,careGaps,clinicId,pcpId';
const create = (patients: number, seed = 1) => createRosterCsv({ patients, seed, startsOn: STARTS_ON });
const accepted = (csv: string) =>
  rowsOf(csv).filter((row) => 'patient' in parseRosterRow(row as unknown as RosterRecord, STARTS_ON));

test('the header is that of formats.md, to the letter', () => {
  expect(create(1).split('\n')[0]).toBe(HEADER);
});

test('the same seed gives the same bytes and another seed others', () => {
  expect(create(200, 4)).toBe(create(200, 4));
  expect(create(200, 5)).not.toBe(create(200, 4));
});

test.each([
  [1, 5],
  [1000, 5],
  [3000, 15],
])('of %i patients all are accepted and %i rows more are not', (patients, bad) => {
  for (const seed of [1, 2, 3]) {
    const csv = create(patients, seed);
    expect(accepted(csv)).toHaveLength(patients);
    expect(rowsOf(csv)).toHaveLength(patients + bad);
  }
});

test('no patient id comes twice, and only one row has none', () => {
  const ids = rowsOf(create(3000)).map((row) => row.patientId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => id === '')).toHaveLength(1);
});

test('a longer roster of the same seed has the same patients and more', () => {
  const longer = new Map(accepted(create(900)).map((row) => [row.patientId, row]));
  const shorter = accepted(create(300));
  expect(shorter.map((row) => longer.get(row.patientId))).toEqual(shorter);
});

test('every accepted phone is valid by the full number plan and few are shared, by a household of two', () => {
  const rows = accepted(create(5000));
  const perPhone = new Map<string, typeof rows>();
  for (const row of rows) perPhone.set(row.phone, [...(perPhone.get(row.phone) ?? []), row]);
  expect([...perPhone.keys()].filter((phone) => !isValidPhoneNumber(phone))).toEqual([]);
  const shared = [...perPhone.values()].filter((household) => household.length > 1);
  expect(shared.length).toBeGreaterThan(30);
  expect(shared.length).toBeLessThan(150);
  for (const household of shared) {
    expect(household).toHaveLength(2);
    expect(new Set(household.map((row) => `${row.timeZone} ${row.state} ${row.lastName}`)).size).toBe(1);
  }
});

test('phones lie in the exchange that serves nobody, outside the numbers of fiction, which examples use', () => {
  for (const row of accepted(create(2000))) expect(row.phone).toMatch(/^\+1\d{3}555(?!01|00|1212)\d{4}$/);
});

test('zones, languages, categories and histories are as assumed', () => {
  const rows = accepted(create(5000));
  const share = (is: (row: (typeof rows)[number]) => boolean) => rows.filter(is).length / rows.length;
  expect(Math.abs(share((row) => row.language === 'es') - 0.18)).toBeLessThan(0.02);
  expect(Math.abs(share((row) => row.category === 'VIP') - 0.15)).toBeLessThan(0.02);
  expect(share((row) => row.timeZone === 'America/Chicago')).toBeGreaterThan(0.6);
  for (const zone of ['America/Phoenix', 'Pacific/Honolulu', 'America/Anchorage', 'America/Indiana/Indianapolis'])
    expect(share((row) => row.timeZone === zone)).toBeGreaterThan(0);
  expect(new Set(rows.filter((row) => row.state === 'IN').map((row) => row.timeZone))).toEqual(
    new Set(['America/Chicago', 'America/Indiana/Indianapolis']),
  );
  expect(Math.abs(share((row) => row.lastPcpVisit === '') - 0.08)).toBeLessThan(0.02);
  const missedTwice = share((row) => Number(row.missedAppointments12m) >= 2);
  expect(missedTwice).toBeGreaterThan(0.15);
  expect(missedTwice).toBeLessThan(0.3);
});

test('sicker patients go to hospital more: the counts go together', () => {
  const rows = accepted(create(5000));
  const visits = (is: (conditions: number) => boolean) => {
    const some = rows.filter((row) => is(Number(row.chronicConditions)));
    return some.reduce((sum, row) => sum + Number(row.edVisits12m), 0) / some.length;
  };
  expect(visits((n) => n >= 5)).toBeGreaterThan(1.5 * visits((n) => n <= 2));
});

describe('names', () => {
  const keys = Array.from({ length: 30_000 }, (_, i) => luckKey(i, 'name'));
  const names = new Set(keys.flatMap((key) => [firstName(key), lastName(key)]));

  test('are letters of GSM-7, capitalised, first names of at most 12', () => {
    expect([...names].filter((name) => !/^[A-Z][a-z]{4,13}$/.test(name))).toEqual([]);
    expect(keys.filter((key) => firstName(key).length > 12)).toEqual([]);
    expect(names.size).toBeGreaterThan(15_000);
  });

  test('are no word of our code, of library code and its comments, nor of a time zone', () => {
    const words = corpus();
    expect(words.size).toBeGreaterThan(10_000);
    expect(words.has('outreach')).toBe(true);
    expect([...names].filter((name) => words.has(name.toLowerCase()))).toEqual([]);
  });
});

/** Every word that a log could plausibly say: our sources, typings with their English comments, zones. */
function corpus(): Set<string> {
  const root = join(__dirname, '../..');
  const files = [
    ...[
      'domain',
      'simulator',
      'orchestrators',
      'entities',
      'activities',
      'triggers',
      'services',
      'cli',
      'emulator',
      'node_modules/@types/node',
      'node_modules/durable-functions/types',
      'node_modules/typescript/lib',
    ].flatMap((folder) =>
      readdirSync(join(root, folder), { withFileTypes: true })
        .filter((file) => file.isFile() && /\.(ts|json)$/.test(file.name))
        .map((file) => join(root, folder, file.name)),
    ),
  ];
  const text =
    files.map((file) => readFileSync(file, 'utf8')).join('\n') + Intl.supportedValuesOf('timeZone').join(' ');
  return new Set(
    text
      .split(/[^A-Za-z]+/)
      .flatMap((word) => [word.toLowerCase(), ...word.split(/(?=[A-Z])/).map((part) => part.toLowerCase())]),
  );
}
