/**
 * What can become of a reserved text, whoever finds out: the receiver of its order (deliverTexts.ts), the next run of the
 * batch that ordered it (order.ts), or the sweeper (settle.ts).
 */
import type { RefusalReason } from '../domain/report';
import { messagePk, type LedgerRow } from '../services/rows';
import type { Services } from '../services/services';
import type { SmsFate, SmsOutcome } from '../services/sms';
import type { Row } from '../services/tables';
import { append } from './feed';

/** The row once the gateway has taken the text, or cannot say. A row that is settled already stays as it is. */
export function confirmed(row: LedgerRow, outcome: SmsOutcome | Exclude<SmsFate, 'NEVER_SEEN'>): LedgerRow {
  if (row.status !== 'RESERVED') return row;
  return { ...row, status: outcome === 'UNKNOWN' ? 'UNKNOWN' : 'SENT' };
}

/** Whether `reservation` still holds the text: it may be settled, or reserved anew by a later run. */
export function isHeldBy(reservation: string, row: LedgerRow | undefined): row is LedgerRow {
  return row?.status === 'RESERVED' && row.reservation === reservation;
}

export interface TakenBack {
  /** Partition of the patient's outreach. */
  readonly bucket: string;
  readonly reservation: string;
  readonly orderedAtMs: number;
  /** Refused for good, under the consent that is known now; null: free to be chosen again. */
  readonly refusal: { readonly reason: RefusalReason; readonly consent: LedgerRow['consent'] } | null;
  readonly nowMs: number;
}

/**
 * The text never left. The campaign is told first: cut off in between, whoever found out finds the same again, and the
 * campaign hears it twice, which changes nothing. An answer is not made up for: its moment has passed.
 */
export async function takeBack(services: Services, row: Row<LedgerRow>, back: TakenBack): Promise<void> {
  const { pk, rk, value } = row;
  const { bucket, reservation, orderedAtMs, refusal, nowMs } = back;
  const { campaignId, patientId, phase, touch, messageId } = value;
  if (phase !== 'REPLY')
    await append(services, campaignId, {
      kind: 'held',
      atMs: nowMs,
      ...{ patientId, phase, touch, bucket, orderedAtMs, messageId, sentAtMs: value.sentAtMs ?? orderedAtMs },
      ...(refusal ?? { reason: null }),
    });
  const stored = await services.store.ledger.get(pk, rk);
  if (stored?.reservation !== reservation) return;
  await services.store.messages.delete(messagePk(messageId), messageId);
  if (refusal === null) return services.store.ledger.delete(pk, rk);
  const refused = { decidedAtMs: nowMs, sentAtMs: null, status: 'REFUSED', segments: 0 } as const;
  await services.store.ledger.upsert({ pk, rk, value: { ...value, ...refused, ...refusal } });
}
