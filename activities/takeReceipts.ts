/**
 * Takes in delivery receipts. They touch the ledger, not the entity. A number that takes no texts (landline, unknown,
 * blocked) is remembered for everyone on it. A receipt for an id that was not sent is an incident.
 */
import type { Receipt } from '../domain/input';
import { outreachPk, type LedgerRow, type MessageRow } from '../services/rows';
import type { Services } from '../services/services';
import { upsertAll, type Row } from '../services/tables';
import { append, tellCampaigns, type PersonChange } from './feed';
import { reportUnknown } from './journal';
import { changeNumber, changePerson, getNumber } from './people';

const NO_MOBILE_CODES: ReadonlySet<string | undefined> = new Set(['LANDLINE', 'UNKNOWN_NUMBER', 'BLOCKED']);

interface Counted {
  delivered: number;
  undelivered: number;
}

/** `receipts`: all of one request; those of one instant are written together. */
export async function takeReceipts(services: Services, receipts: readonly Receipt[]): Promise<void> {
  const rows = new Map<string, Row<LedgerRow>>();
  const counts = new Map<string, Counted>();
  const dead: { message: MessageRow; atMs: number }[] = [];
  for (const receipt of receipts) {
    const atMs = Date.parse(receipt.at);
    const message = await services.store.messages.get(receipt.messageId.slice(0, 2), receipt.messageId);
    const row = message && (rows.get(receipt.messageId) ?? (await rowOf(services, message)));
    if (!message || !row || row.value.sentAtMs === null) {
      await reportUnknown(services, atMs, receipt.type, `message ${receipt.messageId}`);
      continue;
    }
    // A second receipt may only now say that the number takes no texts.
    const isDead = receipt.status === 'UNDELIVERED' && NO_MOBILE_CODES.has(receipt.code) && row.value.phase !== 'REPLY';
    if (isDead) dead.push({ message, atMs });
    if (row.value.status === receipt.status) continue;
    rows.set(receipt.messageId, { ...row, value: { ...row.value, status: receipt.status } });
    if (row.value.phase !== 'REPLY') count(counts, row.value, receipt);
  }
  await upsertAll(services.store.ledger, rows.values());
  for (const { message, atMs } of dead) await markDead(services, message.numberKey, atMs);
  const atMs = Math.max(...receipts.map((receipt) => Date.parse(receipt.at)));
  for (const [campaignId, change] of counts) await append(services, campaignId, { kind: 'receipts', atMs, ...change });
}

async function rowOf(services: Services, message: MessageRow): Promise<Row<LedgerRow> | undefined> {
  const key = { pk: outreachPk(message.campaignId, message.bucket), rk: message.ledgerKey };
  const value = await services.store.ledger.get(key.pk, key.rk);
  return value && { ...key, value };
}

function count(counts: Map<string, Counted>, row: LedgerRow, receipt: Receipt): void {
  const counted = counts.get(row.campaignId) ?? { delivered: 0, undelivered: 0 };
  counts.set(row.campaignId, counted);
  const before = row.status === 'DELIVERED' ? 'delivered' : row.status === 'UNDELIVERED' ? 'undelivered' : null;
  if (before) counted[before] -= 1;
  counted[receipt.status === 'DELIVERED' ? 'delivered' : 'undelivered'] += 1;
}

async function markDead(services: Services, numberKey: string, atMs: number): Promise<void> {
  if ((await getNumber(services, numberKey))?.noMobile) return;
  const number = await changeNumber(services, numberKey, (row) => ({ ...row, noMobile: true }));
  const changes: PersonChange[] = [];
  for (const patientId of number.patients) {
    const person = await changePerson(services, patientId, (row) => ({ ...row, noMobile: true }));
    changes.push({ person, known: { noMobile: true } });
  }
  await tellCampaigns(services, atMs, changes);
}
