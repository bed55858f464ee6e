/**
 * The sweeper: finds texts that were reserved and never confirmed (a crash between two steps, an outage of the bus or the
 * gateway) and settles them by asking the gateway, never by sending blind. Taken: confirmed. Never seen: the text is free
 * to be chosen again. The gateway cannot say: UNKNOWN, for a person. Runs with every day and pass, and at the end.
 */
import { MINUTE_MS } from '../domain/calendar';
import type { LedgerRow, Reservation, ReservedText } from '../services/rows';
import type { OrderedText } from '../services/feedRows';
import type { Services } from '../services/services';
import { allRows, changeAll, type Row, type RowChange } from '../services/tables';
import { confirmed, fateOf, isHeldBy, takeBack } from './reserved';

/** Confirmation takes moments; before this it may simply be under way. */
const UNDER_WAY_MS = 10 * MINUTE_MS;
/** No order lies in the queue longer (DefaultMessageTimeToLive, infra/servicebus.config.json), with a margin. */
const QUEUED_MAX_MS = 65 * MINUTE_MS;

/** `final`: the campaign is over, nothing may leave any more. */
export async function settle(services: Services, campaignId: string, nowMs: number, final = false): Promise<void> {
  for (const row of await allRows(services.store.reservations, { pk: campaignId }))
    if (final || nowMs - row.value.atMs >= UNDER_WAY_MS) await settleOne(services, campaignId, row, nowMs, final);
}

async function settleOne(
  services: Services,
  campaignId: string,
  { rk, value }: Row<Reservation>,
  nowMs: number,
  final: boolean,
): Promise<void> {
  const open = await openTexts(services, rk, value.texts);
  const changes: RowChange<LedgerRow>[] = [];
  let left = 0;
  for (const { text, row, fate } of open) {
    const { pk } = text;
    const mayYetLeave = !final && !row.recalled && nowMs - value.atMs < QUEUED_MAX_MS;
    if (fate === 'NEVER_SEEN' && mayYetLeave) left += 1;
    else if (fate === 'NEVER_SEEN') {
      const back = { bucket: text.bucket, reservation: rk, orderedAtMs: value.atMs, refusal: null, atMs: nowMs };
      left += Number(!(await takeBack(services, { pk, rk: text.rk, value: row }, back)));
    } else changes.push({ pk, rk: text.rk, before: row, change: (now) => confirmed(now ?? row, fate) });
  }
  await changeAll(services.store.ledger, changes);
  if (left === 0) await services.store.reservations.delete(campaignId, rk);
}

/**
 * Texts ordered in `[fromMs, toMs)` that have not left. Those of a day that is over will not leave as ordered: their hours
 * or their day are past (lastLook.ts).
 */
export async function stillQueued(
  services: Services,
  campaignId: string,
  fromMs: number,
  toMs: number,
): Promise<OrderedText[]> {
  const queued: OrderedText[] = [];
  for (const { rk, value } of await allRows(services.store.reservations, { pk: campaignId })) {
    if (value.atMs < fromMs || value.atMs >= toMs) continue;
    for (const { row, fate } of await openTexts(services, rk, value.texts))
      if (fate === 'NEVER_SEEN' && row.phase !== 'REPLY')
        queued.push({ patientId: row.patientId, orderedAtMs: value.atMs });
  }
  return queued;
}

/** Those that this reservation still holds, with what the gateway says of them. */
async function openTexts(services: Services, reservation: string, texts: readonly ReservedText[]) {
  const open: { text: ReservedText; row: LedgerRow }[] = [];
  for (const text of texts) {
    const row = await services.store.ledger.get(text.pk, text.rk);
    if (isHeldBy(reservation, row)) open.push({ text, row });
  }
  const fates = open.length === 0 ? [] : await services.sms.lookup(open.map(({ text }) => text.messageId));
  return open.map((one, i) => ({ ...one, fate: fateOf(one.row, fates[i]!) }));
}
