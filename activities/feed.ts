/**
 * The feed through which triggers tell campaigns what they took in. Rows are appended by triggers and read, in order of
 * time, by the campaign's activities, which alone write the campaign's own rows.
 */
import type { Known } from '../domain/outreach';
import { isBooked } from '../domain/patient';
import type { FeedChange, HeldText, KnownNews } from '../services/feedRows';
import { timeKey, type PersonRow } from '../services/rows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';

/** Patients in one row: keeps it well under the 64 KB of a table property. */
const PATIENTS_PER_ROW = 250;

export interface PersonChange {
  readonly person: PersonRow;
  readonly known: KnownNews;
}

/** Tells every campaign in which these people are enrolled. */
export async function tellCampaigns(services: Services, atMs: number, changes: readonly PersonChange[]): Promise<void> {
  const byCampaign = new Map<string, { patientId: string; bucket: string; known: KnownNews }[]>();
  for (const { person, known } of changes)
    for (const [campaignId, { bucket }] of Object.entries(person.campaigns)) {
      const patients = byCampaign.get(campaignId) ?? [];
      if (patients.length === 0) byCampaign.set(campaignId, patients);
      patients.push({ patientId: person.patientId, bucket, known });
    }
  for (const [campaignId, patients] of byCampaign)
    for (let at = 0; at < patients.length; at += PATIENTS_PER_ROW)
      await append(services, campaignId, { kind: 'known', atMs, patients: patients.slice(at, at + PATIENTS_PER_ROW) });
}

/** In order of arrival: what tells of an earlier instant but comes late must not fall behind what was read already. */
export async function append(services: Services, campaignId: string, change: FeedChange): Promise<void> {
  const arrivedAtMs = Math.max(change.atMs, services.clock.now());
  await services.store.feed.insert({ pk: campaignId, rk: timeKey(arrivedAtMs, services.sequence()), value: change });
}

/** As a campaign that starts at `startMs` sees the person. */
export function knownOf(person: PersonRow, startMs: number): Known {
  return {
    preference: person.preference,
    booked: isBooked(person, startMs),
    bookingAtMs: person.bookingAtMs,
    noMobile: person.noMobile,
  };
}

/** Texts ordered in `[fromMs, toMs)` that were held back, as far as is known. One that was told of twice comes twice. */
export async function heldBetween(
  services: Services,
  campaignId: string,
  fromMs: number,
  toMs: number,
): Promise<HeldText[]> {
  const range = { pk: campaignId, rkAfter: timeKey(fromMs, 0) };
  const isOf = ({ orderedAtMs }: HeldText) => orderedAtMs >= fromMs && orderedAtMs < toMs;
  const rows = await allRows(services.store.feed, range);
  return rows.flatMap(({ value }) => (value.kind === 'held' && isOf(value) ? [value] : []));
}
