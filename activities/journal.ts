/** Audit, incidents and quarantine: what happened, by ids only; told twice (a message that came again) it stands once. */
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

/** `campaignId` EVERYWHERE: concerns every campaign. */
export async function audit(services: Services, campaignId: string, entry: Audited): Promise<void> {
  const value = { detail: '', ...entry };
  const { actor, action, target, detail } = value;
  const rk = timeKey(entry.atMs, 0, [actor, action, target, detail].join('|'));
  await services.store.audit.upsert({ pk: campaignId, rk, value });
}

export async function reportIncident(
  services: Services,
  campaignId: string,
  atMs: number,
  type: string,
  detail: string,
): Promise<void> {
  await services.store.incidents.upsert({
    pk: campaignId,
    rk: timeKey(atMs, 0, `${type}|${detail}`),
    value: { atMs, type, detail },
  });
}

/**
 * `UNKNOWN_EVENT` of formats.md: for an unknown patient or appointment, or a receipt for an id that was not sent. `detail`
 * tells two events of one instant apart: the same one twice is one incident.
 */
export async function reportUnknown(services: Services, atMs: number, type: string, detail: string): Promise<void> {
  await reportIncident(services, EVERYWHERE, atMs, 'UNKNOWN_EVENT', `${type}: ${detail}`);
}

/** The same file again replaces its own rows. */
export async function quarantine(services: Services, pk: string, rows: readonly QuarantineRow[]): Promise<void> {
  await upsertAll(
    services.store.quarantine,
    rows.map((value, n) => ({
      pk,
      rk: `${value.source}|${String(value.line).padStart(9, '0')}|${String(n).padStart(6, '0')}|${value.field}`,
      value,
    })),
  );
}
