/**
 * Takes in delivery receipts. They touch the ledger, not the entity. A number that takes no texts (landline, unknown,
 * blocked) is remembered for everyone on it. A receipt for an id that was not sent is an incident.
 */
import type { Receipt } from '../domain/input';
import { messagePk, type MessageRow } from '../services/rows';
import type { Services } from '../services/services';
import { getAll, upsertAll, type Row } from '../services/tables';
import { append, tellCampaigns, type PersonChange } from './feed';
import { reportUnknown } from './journal';
import { peopleOn } from './numberConsent';
import { changeNumber, changeReadPerson, getNumber } from './people';

const NO_MOBILE_CODES: ReadonlySet<string | undefined> = new Set(['LANDLINE', 'UNKNOWN_NUMBER', 'BLOCKED']);

interface Counted {
  DELIVERED: number;
  UNDELIVERED: number;
}

/** `receipts`: all of one request; those of one instant are written together. */
export async function takeReceipts(services: Services, receipts: readonly Receipt[]): Promise<void> {
  const changed = new Map<string, Row<MessageRow>>();
  const counts = new Map<string, Counted>();
  const dead: { numberKey: string; atMs: number }[] = [];
  const sent = await messagesOf(services, receipts);
  for (const receipt of receipts) {
    const { messageId, status, code } = receipt;
    const atMs = Date.parse(receipt.at);
    const key = { pk: messagePk(messageId), rk: messageId };
    const message = changed.get(messageId)?.value ?? sent.get(messageId);
    if (!message) {
      await reportUnknown(services, atMs, receipt.type, ['message', messageId, status, code ?? ''].join(' ').trim());
      continue;
    }
    const isText = message.phase !== 'REPLY';
    // A second receipt may only now say that the number takes no texts.
    if (isText && status === 'UNDELIVERED' && NO_MOBILE_CODES.has(code))
      dead.push({ numberKey: message.numberKey, atMs });
    // The queue keeps no order: a receipt that is older than the last changes no status.
    if (atMs < (message.receiptAtMs ?? -Infinity)) continue;
    const isSame = message.receipt === status;
    // Said again later it is still the last word.
    if (isSame && atMs <= (message.receiptAtMs ?? Infinity)) continue;
    changed.set(messageId, { ...key, value: { ...message, receipt: status, receiptAtMs: atMs } });
    if (isText && !isSame) count(counts, message, status);
  }
  await upsertAll(services.store.messages, changed.values());
  for (const { numberKey, atMs } of dead) await markDead(services, numberKey, atMs);
  const atMs = Math.max(...receipts.map((receipt) => Date.parse(receipt.at)));
  for (const [campaignId, change] of counts)
    await append(services, campaignId, {
      kind: 'receipts',
      atMs,
      delivered: change.DELIVERED,
      undelivered: change.UNDELIVERED,
    });
}

async function messagesOf(
  services: Services,
  receipts: readonly Receipt[],
): Promise<Map<string, MessageRow | undefined>> {
  const ids = [...new Set(receipts.map(({ messageId }) => messageId))];
  const rows = await getAll(
    services.store.messages,
    ids.map((rk) => ({ pk: messagePk(rk), rk })),
  );
  return new Map(ids.map((id, i) => [id, rows[i]]));
}

function count(counts: Map<string, Counted>, message: MessageRow, status: 'DELIVERED' | 'UNDELIVERED'): void {
  const counted = counts.get(message.campaignId) ?? { DELIVERED: 0, UNDELIVERED: 0 };
  counts.set(message.campaignId, counted);
  if (message.receipt) counted[message.receipt] -= 1;
  counted[status] += 1;
}

/** The number last: cut off before that, the same receipt again finds the same to do. */
async function markDead(services: Services, numberKey: string, atMs: number): Promise<void> {
  const number = await getNumber(services, numberKey);
  if (!number || number.noMobile) return;
  const changes: PersonChange[] = [];
  for (const one of await peopleOn(services, number, numberKey)) {
    const person = await changeReadPerson(services, one, (row) => ({ ...row, noMobile: true }));
    changes.push({ person, known: { noMobile: true } });
  }
  await tellCampaigns(services, atMs, changes);
  await changeNumber(services, numberKey, (row) => ({ ...row, noMobile: true }));
}
