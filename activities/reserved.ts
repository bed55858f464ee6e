/**
 * What can become of a reserved text, whoever finds out: the receiver of its order (deliverTexts.ts), the next run of the
 * batch that ordered it (order.ts), or the sweeper (settle.ts).
 */
import { messagePk, type LedgerRow, type Recall } from '../services/rows';
import type { Services } from '../services/services';
import type { SmsFate, SmsOutcome } from '../services/sms';
import { insertMissing, replaceRow, type Row } from '../services/tables';
import { append } from './feed';

/** The row once the gateway has taken the text, or cannot say. A row that is settled already stays as it is. */
export function confirmed(row: LedgerRow, outcome: SmsOutcome | Exclude<SmsFate, 'NEVER_SEEN'>): LedgerRow {
  if (row.status !== 'RESERVED') return row;
  return { ...row, status: outcome === 'UNKNOWN' ? 'UNKNOWN' : 'SENT', recalled: undefined };
}

/**
 * The row of a text that the gateway has settled under the reservation of `ordered`, its row as it was ordered. Whoever took it
 * back while its sender was slow asked the gateway too early: what left is in the ledger.
 */
export function sentUnder(ordered: LedgerRow, row: LedgerRow, outcome: SmsOutcome): LedgerRow {
  const hasLeft = outcome === 'ACCEPTED' || outcome === 'DUPLICATE';
  const isDenied = row.status === 'REFUSED' && row.reservation === ordered.reservation;
  return confirmed(isDenied && hasLeft ? ordered : row, outcome);
}

/** Of a text that was recalled before it left it is known that it did not leave, unless the gateway has it. */
export function fateOf(row: LedgerRow, said: SmsFate): SmsFate {
  return row.recalled && said === 'UNKNOWN' ? 'NEVER_SEEN' : said;
}

/** Whether `reservation` still holds the text: it may be settled, or reserved anew by a later run. */
export function isHeldBy(reservation: string, row: LedgerRow | undefined): row is LedgerRow {
  return row?.status === 'RESERVED' && row.reservation === reservation;
}

export interface TakenBack extends Recall {
  /** Partition of the patient's outreach. */
  readonly bucket: string;
  readonly reservation: string;
  readonly orderedAtMs: number;
}

/**
 * The text never left, and will not under this reservation. That is written down first, so that whoever comes after a crash
 * finishes this and does not decide anew; then the campaign is told, perhaps twice, which changes nothing; then the row
 * goes. An answer is not made up for: its moment has passed. False: somebody else has it in hand, and may be cut off.
 */
export async function takeBack(services: Services, row: Row<LedgerRow>, back: TakenBack): Promise<boolean> {
  const { pk, rk, value: before } = row;
  const { bucket, reservation, orderedAtMs } = back;
  const recalled = await recall(services, row, back);
  if (!recalled) return false;
  const { atMs, refusal } = recalled;
  const { campaignId, patientId, phase, touch, messageId } = before;
  if (phase !== 'REPLY')
    await append(services, campaignId, {
      kind: 'held',
      atMs,
      ...{ patientId, phase, touch, bucket, orderedAtMs, messageId },
      // The entity may have been told of a later instant than the row says; a grant made anew is later still.
      sentAtMs: Math.max(atMs, before.sentAtMs ?? orderedAtMs),
      ...(refusal ?? { reason: null }),
    });
  const { ledger, messages } = services.store;
  const stored = await ledger.get(pk, rk);
  if (!isHeldBy(reservation, stored)) return true;
  const message = { pk: messagePk(messageId), rk: messageId };
  const awaited = await messages.get(message.pk, message.rk);
  await messages.delete(message.pk, message.rk);
  const refused = { decidedAtMs: atMs, sentAtMs: null, status: 'REFUSED', segments: 0, ...refusal } as const;
  const isOurs =
    refusal === null
      ? await ledger.deleteUnchanged({ pk, rk, before: stored })
      : await replaceRow(ledger, { pk, rk, before: stored, value: { ...stored, ...refused, recalled: undefined } });
  // Ordered anew within these moments: its receipt is awaited again.
  if (!isOurs && awaited) await insertMissing(messages, [{ ...message, value: awaited }]);
  return isOurs;
}

/** Null: somebody else was faster and sent it, or ordered it anew. */
async function recall(services: Services, row: Row<LedgerRow>, back: TakenBack): Promise<Recall | null> {
  const { pk, rk, value: before } = row;
  const { ledger } = services.store;
  if (before.recalled) return before.recalled;
  const recalled = { atMs: back.atMs, refusal: back.refusal };
  if (await replaceRow(ledger, { pk, rk, before, value: { ...before, recalled } })) return recalled;
  const stored = await ledger.get(pk, rk);
  // Somebody else recalls it too, and may be cut off.
  return (isHeldBy(back.reservation, stored) && stored.recalled) || null;
}
