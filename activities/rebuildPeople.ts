/**
 * The projections beside the entities, of one bucket: `people` and `numbers` where they are lost or older than what the
 * entity or the feed knows, `outreach` where it does not count a text that left. What only triggers knew (which visits a
 * booking stands for, through what it was made, the very STOP of a number) is told, and made up for on the side of silence.
 */
import { newerPreference, type KnownPreference } from '../domain/consent';
import type { Outreach } from '../domain/outreach';
import { isBooked } from '../domain/patient';
import type { Campaign } from '../domain/policy';
import { startsAtMs } from '../domain/schedule';
import { bucketOf, numberKeyOf, outreachPk, spreadKey, type NumberRow, type PersonRow } from '../services/rows';
import type { Services } from '../services/services';
import { allRows, replaceRow, type Row, type Table } from '../services/tables';
import { optOutsIn, type Events } from './rebuildEvents';
import type { Findings } from './rebuildFindings';
import { canonical, type RepairedCase } from './rebuildLedger';
import { getNumbers, getPeople, newNumber, newPerson, personPrefers } from './people';

type News = NonNullable<ReturnType<Events['news']['get']>>;

export async function rebuildPeople(
  services: Services,
  campaign: Campaign,
  events: Events,
  findings: Findings,
  cases: readonly RepairedCase[],
): Promise<void> {
  const people = await getPeople(services, new Set(cases.map(({ outreach }) => outreach.patientId)));
  for (const one of cases) {
    const { outreach, after } = one;
    const { patientId } = outreach;
    const news = events.news.get(patientId) ?? [];
    const stored = people.get(patientId);
    const person = stored
      ? renewed(stored, one, campaign, news, findings)
      : await lost(services, one, campaign, news, findings);
    const at = { pk: spreadKey(patientId), rk: patientId };
    await write(services.store.people, 'people', { ...at, value: person }, stored, findings);
    const place = { pk: outreachPk(campaign.campaignId, outreach.bucket), rk: patientId };
    await write(services.store.outreach, 'outreach', { ...place, value: after }, outreach, findings);
  }
}

/** As stored, with what is newer elsewhere. */
function renewed(
  stored: PersonRow,
  { outreach, patient }: RepairedCase,
  campaign: Campaign,
  news: News,
  findings: Findings,
): PersonRow {
  const { campaignId } = campaign;
  const place = { bucket: outreach.bucket, numberKey: outreach.numberKey };
  const campaigns =
    canonical(stored.campaigns[campaignId]) === canonical(place)
      ? stored.campaigns
      : { ...stored.campaigns, [campaignId]: place };
  const newest = newestOf([patient?.preference ?? null, outreach.preference, ...told(news)]);
  const person = { ...stored, campaigns, noMobile: stored.noMobile || outreach.noMobile };
  const known = newest === null ? person : personPrefers(person, newest, newest.effectiveAtMs);
  const booking = patient?.booking ?? null;
  const isNews = booking !== null && booking.standing && booking.atMs > (stored.bookingAtMs ?? -Infinity);
  return isNews && !isBooked(known, startsAtMs(campaign)) ? booked(known, booking.atMs, findings) : known;
}

/** The row is gone: from the entity, the campaign's own row and what the feed told. */
async function lost(
  services: Services,
  { outreach, patient }: RepairedCase,
  campaign: Campaign,
  news: News,
  findings: Findings,
): Promise<PersonRow> {
  const { patientId } = outreach;
  const newest = newestOf([patient?.preference ?? null, outreach.preference, ...told(news)]);
  const bookings = news.filter(({ known }) => known.booked !== undefined);
  const last = bookings.at(-1)?.known;
  const startMs = startsAtMs(campaign);
  const bookingAtMs = last?.bookingAtMs ?? outreach.bookingAtMs;
  const person: PersonRow = {
    ...newPerson(patientId),
    campaigns: await placesOf(services, outreach, campaign.campaignId),
    preference: newest,
    attendedAtMs: last?.attendedAtMs ?? null,
    ...(bookingAtMs !== undefined && { bookingAtMs }),
    optOuts: optOutsIn(news),
    noMobile: outreach.noMobile || news.some(({ known }) => known.noMobile === true),
    pastTexts: outreach.texts.filter(({ atMs }) => atMs < startMs).map(({ atMs }) => ({ atMs })),
  };
  const booking = patient?.booking;
  const newer = booking && booking.atMs > (bookingAtMs ?? -Infinity) ? booking : null;
  const stands = newer ? newer.standing : (last?.booked ?? outreach.booked);
  if (bookings.length > 0) findings.note('people: rows are made again without their appointments and bookings');
  return stands && !isBooked(person, startMs) ? booked(person, newer?.atMs ?? bookingAtMs, findings) : person;
}

/** Which visit it is nobody remembers: an appointment of our own stands for it, so that no text leaves. */
function booked(person: PersonRow, atMs: number | undefined, findings: Findings): PersonRow {
  findings.note('people: a booking stands of which the appointment is not known: no text until a person looks');
  const appointments = { ...person.appointments, [REBUILT]: { status: 'BOOKED' as const, startsAt: '' } };
  return { ...person, appointments, ...(atMs !== undefined && { bookingAtMs: atMs }) };
}

const REBUILT = 'rebuilt';

/** Where the patient is enrolled: in this campaign, and in every other whose rows have the id. */
async function placesOf(services: Services, outreach: Outreach, campaignId: string): Promise<PersonRow['campaigns']> {
  const { patientId, bucket, numberKey } = outreach;
  const places: Record<string, { bucket: string; numberKey: string }> = { [campaignId]: { bucket, numberKey } };
  for (const { pk: other, value } of await allRows(services.store.rosters, {})) {
    if (other === campaignId || value.buckets === 0) continue;
    const pk = outreachPk(other, bucketOf(patientId, value.buckets));
    const row = await services.store.outreach.get(pk, patientId);
    const listed = row ?? (await services.store.roster.get(pk, patientId));
    if (!listed) continue;
    const key = row?.numberKey ?? numberKeyOf(listed.phone, services.settings.phonePepper);
    places[other] = { bucket: bucketOf(patientId, value.buckets), numberKey: key };
  }
  return places;
}

const told = (news: News) => news.map(({ known }) => known.preference ?? null);

function newestOf(preferences: readonly KnownPreference[]): KnownPreference {
  return preferences.reduce((newest, one) => (one === null ? newest : newerPreference(newest, one)), null);
}

/** Numbers of these patients: rows that are lost, or that do not know everyone on them. */
export async function rebuildNumbers(
  services: Services,
  findings: Findings,
  cases: readonly RepairedCase[],
): Promise<void> {
  const byNumber = new Map<string, string[]>();
  for (const { outreach } of cases)
    byNumber.set(outreach.numberKey, [...(byNumber.get(outreach.numberKey) ?? []), outreach.patientId]);
  const numbers = await getNumbers(services, new Set(byNumber.keys()));
  const lostKeys = [...byNumber.keys()].filter((key) => !numbers.has(key));
  // Whoever else is on a lost number is found only by looking at everybody.
  const everybody = lostKeys.length === 0 ? [] : (await allRows(services.store.people, {})).map(({ value }) => value);
  for (const [key, ids] of byNumber) {
    const stored = numbers.get(key);
    const on = stored ? [] : everybody.filter((person) => isOn(person, key));
    const missing = [...ids, ...on.map(({ patientId }) => patientId)];
    const patients = [...new Set([...(stored?.patients ?? []), ...missing])];
    const row: NumberRow = { ...(stored ?? madeAgain(on, findings)), patients };
    await write(services.store.numbers, 'numbers', { pk: spreadKey(key), rk: key, value: row }, stored, findings);
  }
}

function isOn(person: PersonRow, numberKey: string): boolean {
  return Object.values(person.campaigns).some((place) => place.numberKey === numberKey);
}

/** An opt-out by reply is a STOP that stands; that it was one, and of which reply, nobody remembers. */
function madeAgain(on: readonly PersonRow[], findings: Findings): NumberRow {
  findings.note('numbers: rows are made again; a STOP is taken from the preferences of those on the number');
  const stops = on.flatMap(({ preference }) =>
    preference?.status === 'OPT_OUT' && preference.source === 'REPLY' ? [preference.effectiveAtMs] : [],
  );
  const stop = stops.length === 0 ? null : { atMs: Math.max(...stops), closed: false };
  return { ...newNumber(), stop, noMobile: on.some(({ noMobile }) => noMobile) };
}

/** Writes `row` where it says something else than `stored`, and what stands there still is that. */
async function write<T extends object>(
  table: Table<T>,
  name: string,
  row: Row<T>,
  stored: T | undefined,
  findings: Findings,
): Promise<void> {
  findings.checkedRows(1);
  const fields = Object.keys({ ...stored, ...row.value }).filter(
    (field) =>
      canonical((stored as Record<string, unknown> | undefined)?.[field]) !==
      canonical((row.value as Record<string, unknown>)[field]),
  );
  if (stored && fields.length === 0) return;
  if (!findings.dryRun && !(await replaceRow(table, { ...row, before: stored })))
    return findings.note('a row changed while it was looked at and was left alone: run the command again');
  if (stored) findings.replacedRow(name, row.rk, fields);
  else findings.insertedRows(1);
}
