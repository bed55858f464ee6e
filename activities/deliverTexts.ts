/**
 * Receives orders from the queue: looks one last time whether the text may leave, hands it to the gateway under its own
 * id, and confirms it in the ledger. An order may come twice, late, or out of turn: one that is no longer reserved as it
 * was ordered is dropped. Throws when the gateway did not take some of them; the queue then brings those again, under the
 * same ids.
 */
import { localDate } from '../domain/calendar';
import type { TextOrder } from '../services/messaging';
import type { LedgerRow } from '../services/rows';
import { currentMessenger } from '../services/messenger';
import type { Services } from '../services/services';
import { rejectionOf, SendInterrupted, type Rejection, type SmsFate, type SmsOutcome } from '../services/sms';
import { changeAll, getAll, replaceRow } from '../services/tables';
import { append } from './feed';
import { mayLeave, readEvidence } from './lastLook';
import { getPerson } from './people';
import { fateOf, isHeldBy, sentUnder, takeBack, type TakenBack } from './reserved';
import { takeReceipts } from './takeReceipts';
import { stopNumber } from './numberConsent';

/** An order that is older was held up: its text leaves later than the ledger says. */
const FRESH_MS = 60_000;

/** `again`: message ids of orders that were brought before, and may have left then; no others can have. */
export async function deliverTexts(
  services: Services,
  orders: readonly TextOrder[],
  again: ReadonlySet<string> = new Set(),
): Promise<void> {
  const delivery = { services, again, nowMs: services.clock.now(), contested: new Set<string>() };
  const standing = await current(delivery, orders);
  const { ready, held } = await judged(delivery, standing);
  // At once, while what was looked at is fresh.
  try {
    await send(delivery, ready);
  } finally {
    await holdAll(delivery, held);
  }
  await forgetReservations(delivery, orders);
}

/** One batch of orders in hand. */
interface Delivery {
  readonly services: Services;
  readonly again: ReadonlySet<string>;
  readonly nowMs: number;
  /** Reservations of which somebody else has a text in hand, who may be cut off: the sweeper must find them. */
  readonly contested: Set<string>;
}

/**
 * Orders as they stand now. Those that somebody else has settled are left out. So are, of those that were held up, the ones
 * that the gateway took the first time, or cannot speak of: they are confirmed as they were ordered; and the ones that may
 * not leave now: cut off after that, an order must not come again as one of an instant at which nothing might leave.
 */
async function current(delivery: Delivery, orders: readonly TextOrder[]): Promise<TextOrder[]> {
  const { services, nowMs } = delivery;
  const standing = await stillReserved(services, orders);
  const fresh = standing.filter(({ row }) => nowMs - row.value.sentAtMs! <= FRESH_MS);
  const late = standing.filter((order) => !fresh.includes(order));
  const fates = await fatesOf(delivery, late);
  await confirmBefore(delivery, late, fates);
  const unsent = late.filter((_, i) => fates[i] === 'NEVER_SEEN');
  const { ready, held } = await judged(delivery, unsent);
  for (const one of held) await holdBack(delivery, one);
  const renewed: TextOrder[] = [];
  for (const order of ready) renewed.push(...(await renew(delivery, order)));
  return [...fresh, ...renewed];
}

/** With their ledger rows as they are stored. */
async function stillReserved(services: Services, orders: readonly TextOrder[]): Promise<TextOrder[]> {
  const rows = await getAll(
    services.store.ledger,
    orders.map(({ row }) => row),
  );
  return orders.flatMap((order, i) => {
    const value = rows[i];
    return isHeldBy(order.reservation, value) ? [{ ...order, row: { ...order.row, value } }] : [];
  });
}

/** What the gateway says of those that were brought before. */
async function fatesOf({ services, again }: Delivery, orders: readonly TextOrder[]) {
  const ids = orders.map(({ text }) => text.messageId);
  const asked = ids.filter((id) => again.has(id));
  const said = asked.length === 0 ? [] : await services.sms.lookup(asked);
  const fates = new Map(asked.map((id, i) => [id, said[i]!]));
  return orders.map(({ row, text }) => fateOf(row.value, fates.get(text.messageId) ?? 'NEVER_SEEN'));
}

/** The text leaves now, not when it was ordered. None: somebody else was faster. */
async function renew({ services, nowMs, contested }: Delivery, order: TextOrder): Promise<TextOrder[]> {
  const { pk, rk, value: before } = order.row;
  const known = await getPerson(services, before.patientId);
  const consent = known && before.phase !== 'REPLY' ? known.preference : before.consent;
  // Caps and spacing count from when it leaves: told first, so that a crash in between errs on the side of waiting.
  await tellLate(services, order, consent, nowMs);
  const plannedFor = before.phase === 'PILOT' ? before.plannedFor : localDate(nowMs, before.timeZone);
  const value: LedgerRow = { ...before, plannedFor, consent, decidedAtMs: nowMs, sentAtMs: nowMs };
  const isOurs = await replaceRow(services.store.ledger, { pk, rk, value, before });
  if (isOurs) return [{ ...order, row: { pk, rk, value } }];
  contested.add(order.reservation);
  return [];
}

async function tellLate(services: Services, order: TextOrder, consent: LedgerRow['consent'], nowMs: number) {
  const { patientId, campaignId, phase, messageId } = order.row.value;
  const late = { patientId, bucket: order.bucket, orderedAtMs: order.text.sentAtMs };
  const answer = phase === 'REPLY' ? { messageId } : {};
  await append(services, campaignId, { kind: 'late', atMs: nowMs, ...late, ...answer });
  if (phase === 'REPLY') return;
  const preference = consent?.status === 'OPT_IN' ? { preference: consent } : {};
  await currentMessenger()?.signalPatient(patientId, 'sentLate', { messageId, atMs: nowMs, ...preference });
}

/** Which of them may leave now. */
async function judged({ services, nowMs }: Delivery, orders: readonly TextOrder[]) {
  const ready: TextOrder[] = [];
  const held: Held[] = [];
  const evidence = await readEvidence(services, orders);
  for (const order of orders) {
    const verdict = mayLeave(evidence, order, nowMs);
    if (verdict === 'GO') ready.push(order);
    else held.push({ order, refusal: verdict === 'TOO_LATE' ? null : verdict });
  }
  return { ready, held };
}

interface Held {
  readonly order: TextOrder;
  /** Null: only too late, and free to be chosen again. */
  readonly refusal: TakenBack['refusal'];
}

async function holdBack({ services, nowMs, contested }: Delivery, { order, refusal }: Held): Promise<void> {
  const { row, text, bucket, reservation } = order;
  const back = { bucket, reservation, refusal, atMs: nowMs, orderedAtMs: text.sentAtMs };
  if (!(await takeBack(services, row, back))) contested.add(reservation);
}

/** They must not leave; one that left when it was brought before, with the answer lost, is confirmed instead. */
async function holdAll(delivery: Delivery, held: readonly Held[]): Promise<void> {
  const orders = held.map(({ order }) => order);
  const fates = await fatesOf(delivery, orders);
  for (const [i, one] of held.entries()) if (fates[i] === 'NEVER_SEEN') await holdBack(delivery, one);
  await confirmBefore(delivery, orders, fates);
}

async function send(delivery: Delivery, orders: readonly TextOrder[]): Promise<void> {
  if (orders.length === 0) return;
  const { services, nowMs } = delivery;
  let outcomes: readonly (SmsOutcome | null)[];
  try {
    outcomes = await services.sms.send(
      orders.map(({ text, row }) => ({ ...text, sentAtMs: nowMs, reservedAtMs: row.value.sentAtMs! })),
    );
  } catch (error) {
    if (error instanceof SendInterrupted) await confirm(delivery, orders, error.outcomes);
    throw error;
  }
  await confirm(delivery, orders, outcomes);
}

/** Those that the gateway had before, as it says now: nobody is told a second time that they were sent. */
function confirmBefore(delivery: Delivery, orders: readonly TextOrder[], fates: readonly SmsFate[]): Promise<void> {
  const outcomes = { ACCEPTED: 'DUPLICATE', UNKNOWN: 'UNKNOWN', NEVER_SEEN: null } as const;
  return confirm(
    delivery,
    orders,
    fates.map((fate) => outcomes[fate]),
  );
}

async function confirm(
  { services, nowMs }: Delivery,
  orders: readonly TextOrder[],
  outcomes: readonly (SmsOutcome | null)[],
): Promise<void> {
  const known = orders.flatMap((order, i) => {
    const outcome = outcomes[i];
    return outcome ? [{ order, outcome }] : [];
  });
  // Before the rows are settled: cut off in between, the order comes again, and what was told is told again.
  for (const { order, outcome } of known) {
    const rejection = rejectionOf(outcome);
    if (rejection) await takeRejection(services, order, rejection, nowMs);
  }
  await changeAll(
    services.store.ledger,
    known.map(({ order: { row }, outcome }) => ({
      pk: row.pk,
      rk: row.rk,
      before: row.value,
      change: (value) => sentUnder(row.value, value ?? row.value, outcome),
    })),
  );
  await publishSent(
    services,
    known.filter(({ outcome }) => outcome === 'ACCEPTED').map(({ order }) => order.row.value),
  );
}

/** For whoever comes later; one event a campaign and batch. */
async function publishSent(services: Services, rows: readonly LedgerRow[]): Promise<void> {
  const campaigns = new Set(rows.map(({ campaignId }) => campaignId));
  if (campaigns.size === 0) return;
  await services.bus.publish(
    [...campaigns].map((campaignId) => {
      const sent = rows.filter((row) => row.campaignId === campaignId);
      const patientIds = sent.map(({ patientId }) => patientId);
      return { type: 'texts.sent', atMs: sent[0]!.sentAtMs!, campaignId, patientIds };
    }),
  );
}

const CODES = { INVALID_NUMBER: 'UNKNOWN_NUMBER', OPTED_OUT: 'BLOCKED', OTHER: 'OTHER' } as const;

/** A text that the gateway will never send is one that did not arrive; its own list of opt-outs is heeded as a STOP. */
async function takeRejection(services: Services, order: TextOrder, rejection: Rejection, nowMs: number) {
  const { messageId, to } = order.text;
  if (rejection === 'OPTED_OUT') await stopNumber(services, to, nowMs);
  const at = new Date(nowMs).toISOString();
  await takeReceipts(services, [{ type: 'sms.receipt', at, messageId, status: 'UNDELIVERED', code: CODES[rejection] }]);
}

/** Whole reservations that came together are done; the others are looked at by `settle`. */
async function forgetReservations({ services, contested }: Delivery, orders: readonly TextOrder[]): Promise<void> {
  const counts = new Map<string, { pk: string; rk: string; left: number }>();
  for (const { reservation, of, row } of orders) {
    const count = counts.get(reservation) ?? { pk: row.value.campaignId, rk: reservation, left: of };
    counts.set(reservation, { ...count, left: count.left - 1 });
  }
  for (const { pk, rk, left } of counts.values())
    if (left === 0 && !contested.has(rk)) await services.store.reservations.delete(pk, rk);
}
