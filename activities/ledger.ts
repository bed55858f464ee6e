/** Ledger rows: every text and every refusal, once (formats.md, rule 6), and the index by which a receipt finds its row. */
import { messageIdOf } from '../domain/messages';
import { plannedForOf, type Decision, type Outreach } from '../domain/outreach';
import type { Campaign } from '../domain/policy';
import { ledgerKey, outreachPk, type LedgerRow } from '../services/rows';
import type { Services } from '../services/services';
import type { Row } from '../services/tables';

/** Where `row` stands. */
export function keyed(row: LedgerRow, outreach: Pick<Outreach, 'bucket'>): Row<LedgerRow> {
  return {
    pk: outreachPk(row.campaignId, outreach.bucket),
    rk: ledgerKey(row.patientId, row.wave, row.touch),
    value: row,
  };
}

/** What every row of this patient says alike. `outreach`: as it was when the row was decided. */
export function baseRow(campaign: Campaign, outreach: Outreach, wave: string, touch: number) {
  return {
    messageId: messageIdOf(campaign.campaignId, outreach.patientId, wave, touch),
    campaignId: campaign.campaignId,
    patientId: outreach.patientId,
    tier: outreach.tier,
    category: outreach.category,
    wave,
    touch,
    timeZone: outreach.timeZone,
    consent: outreach.preference,
  };
}

/** A touch of the pilot that will not be sent. */
export function refusalRow(campaign: Campaign, outreach: Outreach, decision: Decision): Row<LedgerRow> {
  const { touch, reason, decidedAtMs } = decision;
  const row: LedgerRow = {
    ...baseRow(campaign, outreach, String(outreach.wave), touch),
    phase: 'PILOT',
    kind: touch === 0 ? 'INVITE' : 'FOLLOW_UP',
    plannedFor: plannedForOf(outreach, touch, campaign),
    decidedAtMs,
    sentAtMs: null,
    status: 'REFUSED',
    reason,
    segments: 0,
  };
  return keyed(row, outreach);
}

export async function indexMessage(
  services: Services,
  row: LedgerRow,
  outreach: Pick<Outreach, 'bucket' | 'numberKey'>,
): Promise<void> {
  const { messageId, campaignId, patientId, wave, touch } = row;
  const value = {
    campaignId,
    bucket: outreach.bucket,
    ledgerKey: ledgerKey(patientId, wave, touch),
    numberKey: outreach.numberKey,
  };
  await services.store.messages.upsert({ pk: messageId.slice(0, 2), rk: messageId, value });
}
