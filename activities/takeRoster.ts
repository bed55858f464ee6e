/**
 * Takes in the roster of a campaign that has not started: bad rows to quarantine, everyone else enrolled under their
 * person and phone number, so that preferences and replies find them from now on (formats.md, "In: roster.csv").
 */
import { addDays, localDate } from '../domain/calendar';
import type { RosterPatient } from '../domain/roster';
import { parseRoster } from '../services/rosterFile';
import {
  bucketOf,
  BUCKET_PATIENTS,
  EVERYWHERE,
  numberKeyOf,
  ONLY,
  outreachPk,
  spreadKey,
  type NumberRow,
  type PersonRow,
  type QuarantineRow,
  type RosterInfo,
} from '../services/rows';
import type { Services } from '../services/services';
import { allRows, changeAll, upsertAll } from '../services/tables';
import { audit, quarantine } from './journal';
import { getNumbers, getPeople, newNumber, newPerson, personPrefers } from './people';

/** A date further ahead than any campaign plans is wrong whatever `startsOn` will be. */
const AHEAD_DAYS = 366;

export type RosterResult = {
  readonly accepted: number;
  readonly quarantined: readonly Omit<QuarantineRow, 'source' | 'patientId'>[];
};

/** Throws `BadInput`; nothing has changed then. Returns null when the campaign has started. */
export async function takeRoster(
  services: Services,
  campaignId: string,
  csv: string,
  nowMs: number,
): Promise<RosterResult | null> {
  if (await services.store.states.get(EVERYWHERE, campaignId)) return null;
  const datesUpTo = addDays(localDate(nowMs, 'UTC'), AHEAD_DAYS);
  const { patients, bad, rows, latestOfBad } = parseRoster(csv, datesUpTo);
  await withdrawRoster(services, campaignId);
  const buckets = Math.ceil(patients.length / BUCKET_PATIENTS);
  await services.blobs.put(`rosters/${campaignId}.csv`, csv);
  await quarantine(services, campaignId, bad);
  await upsertAll(
    services.store.roster,
    patients.map((value) => ({
      pk: outreachPk(campaignId, bucketOf(value.patientId, buckets)),
      rk: value.patientId,
      value,
    })),
  );
  await enrol(services, campaignId, patients, buckets);
  const zones = [...new Set(patients.map((patient) => patient.timeZone))].sort();
  const accepted = patients.length;
  const quarantined = rows - accepted;
  const info: RosterInfo = { rows, accepted, quarantined, buckets, zones, datesUpTo, latestOfBad };
  await services.store.rosters.upsert({ pk: campaignId, rk: ONLY, value: info });
  const detail = `accepted ${info.accepted}, quarantined ${info.quarantined}`;
  await audit(services, campaignId, {
    atMs: nowMs,
    actor: 'system',
    action: 'roster.taken',
    target: campaignId,
    detail,
  });
  return { accepted, quarantined: bad.map(({ line, field, reason }) => ({ line, field, reason })) };
}

async function enrol(
  services: Services,
  campaignId: string,
  patients: readonly RosterPatient[],
  buckets: number,
): Promise<void> {
  const keyOf = (patient: RosterPatient) => numberKeyOf(patient.phone, services.settings.phonePepper);
  const people = await getPeople(services, new Set(patients.map((patient) => patient.patientId)));
  const numberKeys = new Set(patients.map(keyOf));
  const numbers = await getNumbers(services, numberKeys);
  const byNumber = new Map<string, string[]>();
  for (const patient of patients)
    byNumber.set(keyOf(patient), [...(byNumber.get(keyOf(patient)) ?? []), patient.patientId]);
  await changeAll(
    services.store.numbers,
    [...byNumber].map(([key, ids]) => ({
      pk: spreadKey(key),
      rk: key,
      before: numbers.get(key),
      change: (row = newNumber()) => ({ ...row, patients: [...new Set([...row.patients, ...ids])] }),
    })),
  );
  const enrolAll = (
    some: readonly RosterPatient[],
    known: ReadonlyMap<string, NumberRow>,
    before: ReadonlyMap<string, PersonRow>,
  ) =>
    changeAll(
      services.store.people,
      some.map((patient) => {
        const { patientId } = patient;
        const place = { bucket: bucketOf(patientId, buckets), numberKey: keyOf(patient) };
        const number = known.get(place.numberKey) ?? newNumber();
        return {
          pk: spreadKey(patientId),
          rk: patientId,
          before: before.get(patientId),
          change: (row = newPerson(patientId)) => enrolled(row, campaignId, place, number),
        };
      }),
    );
  await enrolAll(patients, numbers, people);
  // A STOP that came in between reached only whoever was on the number before.
  const since = await getNumbers(services, numberKeys);
  const missed = patients.filter((patient) => isNews(numbers.get(keyOf(patient)), since.get(keyOf(patient))));
  await enrolAll(missed, since, await getPeople(services, new Set(missed.map(({ patientId }) => patientId))));
}

function isNews(before = newNumber(), after = newNumber()): boolean {
  return before.stop?.atMs !== after.stop?.atMs || before.noMobile !== after.noMobile;
}

/** A STOP belongs to the phone number, as does its refusing texts: both reach everyone enrolled on it, in every campaign. */
function enrolled(person: PersonRow, campaignId: string, place: Place, number: NumberRow): PersonRow {
  const campaigns = { ...person.campaigns, [campaignId]: place };
  const here: PersonRow = { ...person, campaigns, noMobile: person.noMobile || number.noMobile };
  if (!number.stop) return here;
  const stop = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: number.stop.atMs } as const;
  return personPrefers(here, stop, stop.effectiveAtMs);
}

type Place = PersonRow['campaigns'][string];

/** Takes these people off a campaign's roster; whoever is on no roster any more is unknown from now on. */
export async function withdraw(services: Services, campaignId: string, ids: ReadonlySet<string>): Promise<void> {
  const people = await getPeople(services, ids);
  await changeAll(
    services.store.people,
    [...people.values()].map((person) => ({
      pk: spreadKey(person.patientId),
      rk: person.patientId,
      before: person,
      change: (row = person) => ({
        ...row,
        campaigns: Object.fromEntries(Object.entries(row.campaigns).filter(([id]) => id !== campaignId)),
      }),
    })),
  );
}

/** A roster put before is replaced whole. */
async function withdrawRoster(services: Services, campaignId: string): Promise<void> {
  if (!(await services.store.rosters.get(campaignId, ONLY))) return;
  const old = await allRows(services.store.roster, { pkPrefix: `${campaignId}|` });
  await withdraw(services, campaignId, new Set(old.map(({ rk }) => rk)));
  for (const pk of new Set(old.map((row) => row.pk))) await services.store.roster.deletePartition(pk);
  await services.store.quarantine.deletePartition(campaignId);
}
