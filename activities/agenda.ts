/** The agenda of one open day: who may be texted today, in pages that each pass reads and writes back without the done. */
import type { AgendaEntry } from '../domain/passes';
import { SEVEN_DAYS_MS } from '../domain/patient';
import { reasonAgainst, type Outreach } from '../domain/outreach';
import type { Services } from '../services/services';
import { allRows, upsertAll } from '../services/tables';

/** Entries of a page: about 200 bytes each, so a page fits one row with room. */
const PAGE_ENTRIES = 250;
/** No touch is open that could expire. A number that JSON knows: infinity would come back from the table as null. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

function agendaPk(campaignId: string, date: string): string {
  return `${campaignId}|${date}`;
}

export async function readAgenda(services: Services, campaignId: string, date: string): Promise<AgendaEntry[]> {
  return (await allRows(services.store.agenda, { pk: agendaPk(campaignId, date) })).flatMap(
    ({ value }) => value.entries,
  );
}

/** Replaces the agenda; `pagesBefore` pages stood until now. Returns the pages that stand now. */
export async function writeAgenda(
  services: Services,
  campaignId: string,
  date: string,
  entries: readonly AgendaEntry[],
  pagesBefore: number,
): Promise<number> {
  const pk = agendaPk(campaignId, date);
  const pages = Math.ceil(entries.length / PAGE_ENTRIES);
  const rows = Array.from({ length: Math.max(pages, pagesBefore) }, (_, page) => ({
    pk,
    rk: String(page).padStart(6, '0'),
    value: { entries: entries.slice(page * PAGE_ENTRIES, (page + 1) * PAGE_ENTRIES) },
  }));
  await upsertAll(services.store.agenda, rows);
  return rows.length;
}

export async function dropAgenda(services: Services, campaignId: string, date: string): Promise<void> {
  await services.store.agenda.deletePartition(agendaPk(campaignId, date));
}

/** The open touch of the pilot, or an adaptive text where `priority` is given. */
export function entryOf(
  outreach: Outreach,
  nowMs: number,
  adaptive?: { priority: number; due: string },
): AgendaEntry | null {
  const { patientId, bucket, rank, tier, timeZone, open, preference, wave, bookingAtMs } = outreach;
  const texts = outreach.texts.filter(
    (text, i) => nowMs - text.atMs < SEVEN_DAYS_MS || i === outreach.texts.length - 1,
  );
  const base = {
    patientId,
    bucket,
    rank,
    tier,
    timeZone,
    preference,
    bookingAtMs,
    wave,
    texts,
    reason: reasonAgainst(outreach),
  };
  if (adaptive)
    return {
      ...base,
      phase: 'ADAPTIVE',
      touch: outreach.adaptiveSent,
      due: adaptive.due,
      expiresAtMs: NEVER_MS,
      priority: adaptive.priority,
    };
  if (open === null || open.due === null) return null;
  return { ...base, phase: 'PILOT', touch: open.touch, due: open.due, expiresAtMs: open.expiresAtMs, priority: 0 };
}
