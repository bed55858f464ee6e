/** Ledger rows: every text and every refusal, once (formats.md, rule 6), and the rows that wait for their receipts. */
import { messageIdOf } from '../domain/messages';
import { plannedForOf, type Decision, type Outreach } from '../domain/outreach';
import type { Campaign } from '../domain/policy';
import { ledgerKey, messagePk, outreachPk, type LedgerRow, type MessageRow } from '../services/rows';
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
    reservation: null,
    status: 'REFUSED',
    reason,
    segments: 0,
  };
  return keyed(row, outreach);
}

/** Before a text leaves: the row in which its receipts will be written. */
export function messageRow(row: LedgerRow, outreach: Pick<Outreach, 'numberKey'>): Row<MessageRow> {
  const { messageId, campaignId, phase } = row;
  return {
    pk: messagePk(messageId),
    rk: messageId,
    value: { campaignId, phase, numberKey: outreach.numberKey, receipt: null },
  };
}
