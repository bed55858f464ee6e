/**
 * Takes in one vendor file (formats.md, "In: preferences"): refused whole without its trailer; bad rows quarantined; the
 * rest merged by `effectiveAt`. A sound file may open its day, so every campaign is told to look.
 */
import { isInstant } from '../domain/calendar';
import type { Preference } from '../domain/consent';
import { isId } from '../domain/roster';
import { readCsv, type CsvRecord } from '../services/csv';
import type { Messenger } from '../services/messenger';
import { EVERYWHERE, numberKeyOf, spreadKey, timeKey, type PersonRow, type QuarantineRow } from '../services/rows';
import type { Services } from '../services/services';
import { changeAll } from '../services/tables';
import { tellCampaigns, type PersonChange } from './feed';
import { audit, quarantine, reportIncident } from './journal';
import { endSilence, getNumber, getPeople, isEnrolled, newPerson, personPrefers } from './people';
import { wakeCampaigns } from './control';

const COLUMNS = ['patientId', 'phone', 'action', 'effectiveAt', 'source'] as const;
export interface PreferencesFile {
  readonly date: string;
  /** `preferences-YYYY-MM-DD[.n].csv`: the source named in quarantine.csv. */
  readonly name: string;
  readonly content: string;
  readonly atMs: number;
}

export type FileResult =
  | { readonly sound: true; readonly accepted: number; readonly quarantined: number; readonly unknown: number }
  | { readonly sound: false; readonly why: string };

interface Trailed {
  readonly records: readonly CsvRecord[];
  /** Of each of COLUMNS. */
  readonly at: readonly number[];
  /** Fields of a row. */
  readonly width: number;
}

interface VendorRow {
  readonly line: number;
  readonly patientId: string;
  readonly phone: string;
  /** Null: the row has other problems; only its phone is still looked at, since every problem is listed. */
  readonly news: Preference | null;
}

export async function takePreferences(
  services: Services,
  messenger: Messenger,
  file: PreferencesFile,
): Promise<FileResult> {
  const parsed = readTrailed(file.content);
  const sound = !('error' in parsed);
  const row = { pk: file.date, rk: timeKey(file.atMs, services.sequence()) };
  const value = { receivedAtMs: file.atMs, sound };
  await services.blobs.put(`preferences/${file.name}`, file.content);
  if (!sound) {
    await services.store.files.insert({ ...row, value });
    await reportIncident(services, EVERYWHERE, file.atMs, 'PREFERENCES_FILE_REFUSED', `${file.name}: ${parsed.error}`);
    await wakeCampaigns(services, messenger);
    return { sound: false, why: parsed.error };
  }
  await services.store.files.insert({ ...row, value: { ...value, underWay: true } });
  const result = await merge(services, file, parsed);
  await services.store.files.upsert({ ...row, value });
  const detail = `accepted ${result.accepted}, quarantined ${result.quarantined}, unknown ${result.unknown}`;
  await audit(services, EVERYWHERE, {
    atMs: file.atMs,
    actor: 'vendor',
    action: 'preferences.taken',
    target: file.name,
    detail,
  });
  await wakeCampaigns(services, messenger);
  return { sound: true, ...result };
}

/** Data records and where the columns stand, or why the file is refused whole. Further columns are passed over. */
function readTrailed(content: string): Trailed | { error: string } {
  const csv = readCsv(content);
  if ('error' in csv) return csv;
  if (COLUMNS.some((column) => csv.header.filter((name) => name === column).length !== 1))
    return { error: `expected the header ${COLUMNS.join(',')}` };
  const trailer = csv.records.at(-1);
  if (trailer?.fields[0] !== 'TRAILER') return { error: 'expected a last line TRAILER,<number of data rows>' };
  const records = csv.records.slice(0, -1);
  const [, said, ...rest] = trailer.fields;
  if (said !== String(records.length) || rest.some((field) => field !== ''))
    return { error: `expected TRAILER,${records.length} as the last line` };
  const at = COLUMNS.map((column) => csv.header.indexOf(column));
  return { records, at, width: csv.header.length };
}

async function merge(services: Services, file: PreferencesFile, trailed: Trailed) {
  const bad: QuarantineRow[] = [];
  const rows = trailed.records.flatMap((record) => parseRow(record, trailed, file, bad));
  const people = await getPeople(services, new Set(rows.map((row) => row.patientId)));
  let unknown = 0;
  let accepted = 0;
  const changed = new Map<string, PersonRow>();
  for (const row of rows) {
    const person = changed.get(row.patientId) ?? people.get(row.patientId);
    if (!person || !isEnrolled(person)) {
      if (row.news) unknown += 1;
      continue;
    }
    const key = numberKeyOf(row.phone, services.settings.phonePepper);
    if (!Object.values(person.campaigns).some(({ numberKey }) => numberKey === key)) {
      bad.push(badRow(file, row.line, row.patientId, 'phone', "expected the roster's phone of this patient"));
      continue;
    }
    if (!row.news) continue;
    accepted += 1;
    const merged = personPrefers(person, row.news, file.atMs);
    if (merged !== person) changed.set(row.patientId, merged);
  }
  bad.sort((a, b) => a.line - b.line);
  await quarantine(services, EVERYWHERE, bad);
  await save(services, file.atMs, [...changed.values()], people);
  return { accepted, quarantined: new Set(bad.map((row) => row.line)).size, unknown };
}

function parseRow(record: CsvRecord, { at, width }: Trailed, file: PreferencesFile, bad: QuarantineRow[]): VendorRow[] {
  const [patientId = '', phone = '', action = '', effectiveAt = ''] = at.map((column) => record.fields[column]);
  const before = bad.length;
  const id = isId(patientId) ? patientId : '';
  const demand = (sound: boolean, field: string, expected: string) => {
    if (!sound) bad.push(badRow(file, record.line, id, field, `expected ${expected}`));
  };
  demand(record.fields.length === width, 'row', `${width} fields, got ${record.fields.length}`);
  demand(id !== '', 'patientId', 'an id of 1 to 64 letters, digits and hyphens');
  const isPhone = /^\+[1-9]\d{6,14}$/.test(phone);
  demand(isPhone, 'phone', 'a phone number in E.164');
  demand(action === 'OPT_IN' || action === 'OPT_OUT', 'action', 'OPT_IN or OPT_OUT');
  const effectiveAtMs = isInstant(effectiveAt) ? Date.parse(effectiveAt) : NaN;
  demand(
    effectiveAtMs <= file.atMs,
    'effectiveAt',
    Number.isNaN(effectiveAtMs) ? 'an ISO 8601 instant with an offset' : 'an instant not after the intake of the file',
  );
  const sound = bad.length === before;
  if (!sound && (!isPhone || id === '')) return [];
  const news = { status: action as 'OPT_IN' | 'OPT_OUT', source: 'VENDOR', effectiveAtMs } as const;
  return [{ line: record.line, patientId, phone, news: sound ? news : null }];
}

function badRow(file: PreferencesFile, line: number, patientId: string, field: string, reason: string): QuarantineRow {
  return { source: file.name, line, patientId, field, reason };
}

/** The people last: cut off before that, the same file again finds the same to do. */
async function save(
  services: Services,
  atMs: number,
  changed: readonly PersonRow[],
  before: ReadonlyMap<string, PersonRow>,
): Promise<void> {
  for (const person of changed)
    if (person.preference?.status === 'OPT_IN' && isOut(before.get(person.patientId)))
      await closeStops(services, person);
  const changes: PersonChange[] = changed.map((person) => ({ person, known: { preference: person.preference } }));
  await tellCampaigns(services, atMs, changes);
  const crossed: PersonRow[] = [];
  await changeAll(
    services.store.people,
    changed.map(({ patientId, preference }) => ({
      pk: spreadKey(patientId),
      rk: patientId,
      before: before.get(patientId),
      change: (row = newPerson(patientId)) => {
        const after = personPrefers(row, preference!, atMs);
        if (isOut(row) && !isOut(before.get(patientId)) && !isOut(after)) crossed.push(after);
        return after;
      },
    })),
  );
  // A STOP that came since they were read found nobody who had opted in since.
  for (const person of crossed) await closeStops(services, person);
}

function isOut(person: PersonRow | undefined): boolean {
  return person?.preference?.status === 'OPT_OUT';
}

/** A later opt-in ends the silence after a STOP from the number (formats.md, rule 5). */
async function closeStops(services: Services, person: PersonRow): Promise<void> {
  for (const key of new Set(Object.values(person.campaigns).map(({ numberKey }) => numberKey))) {
    const number = await getNumber(services, key);
    if (
      number?.stop &&
      !number.stop.closed &&
      person.preference !== null &&
      person.preference.effectiveAtMs > number.stop.atMs
    )
      await endSilence(services, key, person.preference.effectiveAtMs);
  }
}
