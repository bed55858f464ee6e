/** Audit, incidents and quarantine: what happened, by ids only. */
import { EVERYWHERE, timeKey, type QuarantineRow } from '../services/rows';
import type { Services } from '../services/services';
import { upsertAll } from '../services/tables';

export interface Audited {
  readonly atMs: number;
  /** Who: an id, or `system`. */
  readonly actor: string;
  readonly action: string;
  /** What it was done to: an id. */
  readonly target: string;
  readonly detail?: string;
}

/** `campaignId` `all`: concerns every campaign. */
export async function audit(services: Services, campaignId: string, entry: Audited): Promise<void> {
  const value = { detail: '', ...entry };
  await services.store.audit.insert({ pk: campaignId, rk: timeKey(entry.atMs, services.sequence()), value });
}

export async function reportIncident(
  services: Services,
  campaignId: string,
  atMs: number,
  type: string,
  detail: string,
): Promise<void> {
  await services.store.incidents.insert({
    pk: campaignId,
    rk: timeKey(atMs, services.sequence()),
    value: { atMs, type, detail },
  });
}

/** `UNKNOWN_EVENT` of formats.md: for an unknown patient or appointment, or a receipt for an id that was not sent. */
export async function reportUnknown(services: Services, atMs: number, type: string, detail: string): Promise<void> {
  await reportIncident(services, EVERYWHERE, atMs, 'UNKNOWN_EVENT', `${type}: ${detail}`);
}

/** The same file again replaces its own rows. */
export async function quarantine(services: Services, pk: string, rows: readonly QuarantineRow[]): Promise<void> {
  await upsertAll(
    services.store.quarantine,
    rows.map((value, n) => ({
      pk,
      rk: `${value.source}|${String(value.line).padStart(9, '0')}|${String(n).padStart(6, '0')}`,
      value,
    })),
  );
}
