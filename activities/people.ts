/** Person and number rows: the projection that triggers keep of what is known of each person, beside the entity. */
import { newerPreference, type Preference } from '../domain/consent';
import { spreadKey, type NumberRow, type PersonRow } from '../services/rows';
import type { Services } from '../services/services';
import { getAll, replaceRow, type Table } from '../services/tables';

export function newPerson(patientId: string): PersonRow {
  return {
    patientId,
    campaigns: {},
    preference: null,
    appointments: {},
    attendedAtMs: null,
    bookings: [],
    optOuts: [],
    noMobile: false,
    pastTexts: [],
  };
}

/** On no roster (any more): events for this person are unknown. */
export function isEnrolled(person: PersonRow): boolean {
  return Object.keys(person.campaigns).length > 0;
}

export function newNumber(): NumberRow {
  return { patients: [], stop: null, noMobile: false };
}

export async function getPerson(services: Services, patientId: string): Promise<PersonRow | undefined> {
  return services.store.people.get(spreadKey(patientId), patientId);
}

/** More people than this are looked up by scanning everybody once, fewer by one read each. */
const POINT_READS_MAX = 200;

export async function getPeople(services: Services, ids: ReadonlySet<string>): Promise<Map<string, PersonRow>> {
  return lookUp(services.store.people, ids);
}

export async function getNumbers(services: Services, keys: ReadonlySet<string>): Promise<Map<string, NumberRow>> {
  return lookUp(services.store.numbers, keys);
}

/** Without a scan, however many: for what must be as fresh as can be, and comes in batches. */
export async function getEachPerson(services: Services, ids: ReadonlySet<string>): Promise<Map<string, PersonRow>> {
  return readEach(services.store.people, ids);
}

async function lookUp<T>(table: Table<T>, keys: ReadonlySet<string>): Promise<Map<string, T>> {
  if (keys.size <= POINT_READS_MAX) return readEach(table, keys);
  const found = new Map<string, T>();
  for await (const page of table.pages({})) for (const { rk, value } of page) if (keys.has(rk)) found.set(rk, value);
  return found;
}

async function readEach<T>(table: Table<T>, keys: ReadonlySet<string>): Promise<Map<string, T>> {
  const ids = [...keys];
  const values = await getAll(
    table,
    ids.map((rk) => ({ pk: spreadKey(rk), rk })),
  );
  return new Map(ids.flatMap((id, i) => (values[i] === undefined ? [] : [[id, values[i]]])));
}

export async function changePerson(
  services: Services,
  patientId: string,
  change: (person: PersonRow) => PersonRow,
): Promise<PersonRow> {
  return services.store.people.update(spreadKey(patientId), patientId, (person) =>
    change(person ?? newPerson(patientId)),
  );
}

/** As `changePerson`, without a second read unless somebody else wrote since `person` was read. */
export async function changeReadPerson(
  services: Services,
  person: PersonRow,
  change: (person: PersonRow) => PersonRow,
): Promise<PersonRow> {
  const { patientId } = person;
  const [pk, value] = [spreadKey(patientId), change(person)];
  const isChanged = await replaceRow(services.store.people, { pk, rk: patientId, value, before: person });
  return isChanged ? value : changePerson(services, patientId, change);
}

export async function getNumber(services: Services, numberKey: string): Promise<NumberRow | undefined> {
  return services.store.numbers.get(spreadKey(numberKey), numberKey);
}

export async function changeNumber(
  services: Services,
  numberKey: string,
  change: (number: NumberRow) => NumberRow,
): Promise<NumberRow> {
  return services.store.numbers.update(spreadKey(numberKey), numberKey, (number) => change(number ?? newNumber()));
}

/**
 * Somebody on the number opted in `atMs`: after a STOP from before that it may be answered again (formats.md, rule 5). One
 * that came since the caller looked stands. `replyId`: of the START that said so.
 */
export async function endSilence(services: Services, numberKey: string, atMs: number, replyId?: string): Promise<void> {
  await changeNumber(services, numberKey, (row) => {
    const stop = row.stop && row.stop.atMs < atMs ? { ...row.stop, closed: true } : row.stop;
    const isLater = replyId !== undefined && atMs > (row.lastStart?.atMs ?? -Infinity);
    return { ...row, stop, ...(isLater ? { lastStart: { atMs, replyId } } : {}) };
  });
}

/** The person with `news` merged; `atMs`: when it became known. Returns the same object when nothing changed. */
export function personPrefers(person: PersonRow, news: Preference, atMs: number): PersonRow {
  const preference = newerPreference(person.preference, news);
  if (preference === person.preference) return person;
  const turned = preference.status === 'OPT_OUT' && person.preference?.status !== 'OPT_OUT';
  return { ...person, preference, optOuts: turned ? [...person.optOuts, atMs] : person.optOuts };
}
