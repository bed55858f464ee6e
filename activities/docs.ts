/** Reading and writing outreach rows, and the ledger rows that a change of theirs brings. One writer: the campaign. */
import type { Decision, Outreach } from '../domain/outreach';
import type { Campaign } from '../domain/policy';
import type { RefusalReason } from '../domain/report';
import { ServiceError } from '../services/errors';
import { idRange, outreachPk, type LedgerRow, type Progress } from '../services/rows';
import type { Services } from '../services/services';
import { READS_AT_ONCE, sideBySide } from '../services/sideBySide';
import { allRows, changeAll, replaceAll, upsertAll, type Row, type RowKey } from '../services/tables';
import { refusalRow } from './ledger';

/** In a partition of about 100 rows, this many are read by one query, fewer by one read each. */
const POINT_READS_MAX = 1;

/** Everyone of a campaign. `visit` is called once for each, page by page: a promise a patient would cost more than the work. */
export async function forEveryone(
  services: Services,
  campaignId: string,
  visit: (outreach: Outreach) => void,
): Promise<void> {
  for await (const page of services.store.outreach.pages({ pkPrefix: `${campaignId}|` }))
    for (const { value } of page) visit(value);
}

/** Outreach rows by patientId; unknown ids are left out. */
export async function readOutreach(
  services: Services,
  campaignId: string,
  bucketById: ReadonlyMap<string, string>,
): Promise<Map<string, Outreach>> {
  const found = new Map<string, Outreach>();
  const byBucket = new Map<string, string[]>();
  for (const [patientId, bucket] of bucketById) byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), patientId]);
  const buckets = await sideBySide([...byBucket], READS_AT_ONCE, async ([bucket, ids]) => {
    const pk = outreachPk(campaignId, bucket);
    const inOrder = [...ids].sort();
    return ids.length > POINT_READS_MAX
      ? allRows(services.store.outreach, { pk, ...idRange(inOrder[0]!, inOrder.at(-1)!) })
      : [{ rk: ids[0]!, value: await services.store.outreach.get(pk, ids[0]!) }];
  });
  for (const { rk, value } of buckets.flat()) if (value && bucketById.has(rk)) found.set(rk, value);
  return found;
}

/**
 * Changes gathered during one activity and written together: the ledger first, so that a crash in between leaves a
 * decided touch open and it is decided again the same way. The host may run an activity twice at once: what a change was
 * built on (`basedOn`) must still stand when it is written.
 */
export class Changes {
  private readonly outreach = new Map<string, Outreach>();
  private readonly read = new Map<string, Outreach>();
  private readonly ledger: Row<LedgerRow>[] = [];
  readonly refused: Partial<Record<RefusalReason, number>> = {};

  constructor(private readonly campaign: Campaign) {}

  /** The patient as changed so far, or as given. */
  current(outreach: Outreach): Outreach {
    return this.outreach.get(outreach.patientId) ?? outreach;
  }

  /** Patients as they were read. Whoever is not among them is written whatever stands there. */
  basedOn(patients: ReadonlyMap<string, Outreach>): void {
    for (const [patientId, stored] of patients) if (!this.read.has(patientId)) this.read.set(patientId, stored);
  }

  put(outreach: Outreach): void {
    this.outreach.set(outreach.patientId, outreach);
  }

  /** `before`: the patient as known when the decisions were taken; `after`: with the touches refused. */
  decide(before: Outreach, after: Outreach, decisions: readonly Decision[]): void {
    if (decisions.length === 0) return;
    for (const decision of decisions) {
      this.ledger.push(refusalRow(this.campaign, before, decision));
      this.count([decision.reason]);
    }
    this.put(after);
  }

  /** Refusals, one a touch. */
  count(reasons: readonly RefusalReason[]): void {
    for (const reason of reasons) this.refused[reason] = (this.refused[reason] ?? 0) + 1;
  }

  add(row: Row<LedgerRow>): void {
    this.ledger.push(row);
  }

  /** Throws CONFLICT, with some of it written, when a patient is no longer as read: run again it finds who was faster. */
  async write(services: Services): Promise<void> {
    const { campaignId } = this.campaign;
    const { ledger, outreach } = services.store;
    // What left before it was refused stays as it is; what was only reserved does not leave any more.
    const refused = (stored: LedgerRow | undefined, row: LedgerRow) =>
      stored?.status === 'SENT' || stored?.status === 'UNKNOWN' ? stored : row;
    await changeAll(
      ledger,
      this.ledger.map(({ pk, rk, value }) => ({
        pk,
        rk,
        before: undefined,
        change: (stored) => refused(stored, value),
      })),
    );
    const rows = [...this.outreach.values()].map((value) => ({
      pk: outreachPk(campaignId, value.bucket),
      rk: value.patientId,
      value,
      before: this.read.get(value.patientId),
    }));
    const isRead = ({ rk }: RowKey) => this.read.has(rk);
    const replaced = await replaceAll(outreach, rows.filter(isRead));
    if (!replaced)
      throw new ServiceError('CONFLICT', `campaign ${campaignId}: somebody else wrote a patient's outreach`);
    await upsertAll(
      outreach,
      rows.filter((row) => !isRead(row)),
    );
  }
}

export function addRefused(progress: Progress, refused: Partial<Record<RefusalReason, number>>): Progress {
  const sum = { ...progress.refused };
  for (const [reason, n] of Object.entries(refused) as [RefusalReason, number][]) sum[reason] = (sum[reason] ?? 0) + n;
  return { ...progress, refused: sum };
}
