/**
 * Ordering texts: reserve in the ledger (insert only), then put the orders on the queue (design.md, "Exactly once").
 * Confirming them is the receiver's part (deliverTexts.ts); what a crash leaves behind is settled later (settle.ts).
 */
import type { Outreach } from '../domain/outreach';
import type { TextOrder } from '../services/messaging';
import { ServiceError } from '../services/errors';
import { timeKey, type LedgerRow } from '../services/rows';
import type { Services } from '../services/services';
import type { OutboundText } from '../services/sms';
import { insertMissing, replaceAll, type Replacement, type Row } from '../services/tables';
import { messageRow } from './ledger';
import { confirmed, fateOf } from './reserved';

/** A text with its ledger row, as RESERVED; the reservation is written into it here. */
export interface Ordered {
  readonly row: Row<LedgerRow>;
  readonly text: OutboundText;
  readonly outreach: Pick<Outreach, 'bucket' | 'numberKey'>;
}

/**
 * Reserves and orders texts of one campaign. `date`: of the orders. Returns the ledger rows that hold now, in order: of a
 * text that an earlier run ordered, that run's row. Run again it sends nothing that the gateway may have had. Throws CONFLICT
 * when somebody else settles such a text meanwhile: the next run finds what they made of it.
 */
export async function orderTexts(
  services: Services,
  campaignId: string,
  ordered: readonly Ordered[],
  date: string | null,
): Promise<LedgerRow[]> {
  if (ordered.length === 0) return [];
  const nowMs = ordered[0]!.text.sentAtMs;
  const reservation = timeKey(nowMs, services.sequence());
  const reserved = (one: Ordered) => ({
    pk: one.row.pk,
    rk: one.row.rk,
    messageId: one.text.messageId,
    bucket: one.outreach.bucket,
  });
  await services.store.reservations.upsert({
    pk: campaignId,
    rk: reservation,
    value: { atMs: nowMs, texts: ordered.map(reserved) },
  });
  const rows = ordered.map(({ row }) => ({ ...row, value: { ...row.value, reservation } }));
  const existing = new Set(await insertMissing(services.store.ledger, rows));
  const known = await knownRows(services, rows, existing);
  const standing = rows.map(({ value }) => known.get(value.messageId) ?? value);
  // After the ledger: who takes a text back, or settles it, starts from its row there. A refused one awaits no receipt.
  await insertMissing(
    services.store.messages,
    ordered
      .filter((_, i) => standing[i]!.status !== 'REFUSED')
      .map(({ row, outreach }) => messageRow(row.value, outreach)),
  );
  const orders = ordered.flatMap(({ text, outreach }, i): TextOrder[] => {
    const row = rows[i]!;
    if (standing[i] !== row.value) return [];
    return [{ text, row, bucket: outreach.bucket, date, reservation, of: ordered.length }];
  });
  if (orders.length > 0) await services.bus.send('outbound-texts', orders);
  return standing;
}

/**
 * What an earlier run left of these rows, by message id. A reservation that the gateway never saw is made anew, with the
 * row given here, since the text will leave only now; one that the gateway cannot speak of is not sent blind.
 */
async function knownRows(
  services: Services,
  rows: readonly Row<LedgerRow>[],
  existing: ReadonlySet<Row<LedgerRow>>,
): Promise<Map<string, LedgerRow>> {
  const known = new Map<string, LedgerRow>();
  const left: { row: Row<LedgerRow>; before: LedgerRow }[] = [];
  const settled: Replacement<LedgerRow>[] = [];
  for (const row of rows) {
    if (!existing.has(row)) continue;
    const before = await services.store.ledger.get(row.pk, row.rk);
    // Taken back since it was met.
    if (!before) settled.push({ ...row, before });
    else if (before.status !== 'RESERVED') known.set(row.value.messageId, before);
    else left.push({ row, before });
  }
  const fates = left.length === 0 ? [] : await services.sms.lookup(left.map(({ before }) => before.messageId));
  for (const [i, { row, before }] of left.entries()) {
    const fate = fateOf(before, fates[i]!);
    settled.push({ ...row, before, value: fate === 'NEVER_SEEN' ? row.value : confirmed(before, fate) });
  }
  if (!(await replaceAll(services.store.ledger, settled)))
    throw new ServiceError('CONFLICT', 'ledger: a text that was ordered before is being settled by somebody else');
  for (const { value } of settled) known.set(value.messageId, value);
  return known;
}
