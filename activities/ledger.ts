/** Ledger rows: every text and every refusal, once (formats.md, rule 6), and the rows that wait for their receipts. */
import { composeText, messageIdOf, segmentsOf, type MessageKind } from '../domain/messages';
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

/** Which text, and under whose consent. */
export interface TextKey {
  readonly phase: LedgerRow['phase'];
  /** Of an answer: what it says; else it follows from phase and touch. */
  readonly kind?: MessageKind;
  readonly wave: string;
  readonly touch: number;
  readonly plannedFor: string | null;
  readonly consent: LedgerRow['consent'];
}

/** What every row says of its patient and its text. */
function baseRow(campaign: Campaign, outreach: Outreach, key: TextKey) {
  const { patientId, tier, category, timeZone } = outreach;
  const { campaignId } = campaign;
  const { phase, wave, touch, plannedFor, consent } = key;
  const kind = key.kind ?? (phase === 'ADAPTIVE' ? 'ADAPTIVE' : touch === 0 ? 'INVITE' : 'FOLLOW_UP');
  const messageId = messageIdOf(campaignId, patientId, wave, touch);
  return {
    ...{ messageId, campaignId, patientId, tier, category, timeZone },
    ...{ phase, kind, wave, touch, plannedFor, consent, reservation: null },
  };
}

/** The row of a text that leaves at `atMs`, as RESERVED, and what it says. */
export function textRow(
  campaign: Campaign,
  outreach: Outreach,
  key: TextKey,
  atMs: number,
): { readonly row: LedgerRow; readonly body: string } {
  const base = baseRow(campaign, outreach, key);
  const { kind, messageId } = base;
  const { language, firstName } = outreach;
  const body = composeText({ kind, language, firstName, practice: campaign.practice, messageId });
  const decided = { decidedAtMs: atMs, sentAtMs: atMs, status: 'RESERVED', reason: null } as const;
  return { row: { ...base, ...decided, segments: segmentsOf(body) }, body };
}

/** The row of a text that will not be sent. */
export function refusedRow(
  campaign: Campaign,
  outreach: Outreach,
  key: TextKey,
  decided: Pick<LedgerRow, 'reason' | 'decidedAtMs'>,
): LedgerRow {
  return { ...baseRow(campaign, outreach, key), ...decided, sentAtMs: null, status: 'REFUSED', segments: 0 };
}

/** A touch of the pilot that will not be sent. `outreach`: as it was when that was decided. */
export function refusalRow(campaign: Campaign, outreach: Outreach, decision: Decision): Row<LedgerRow> {
  const { touch, reason, decidedAtMs } = decision;
  const plannedFor = plannedForOf(outreach, touch, campaign);
  const key = { phase: 'PILOT', wave: String(outreach.wave), touch, plannedFor, consent: outreach.preference } as const;
  return keyed(refusedRow(campaign, outreach, key, { reason, decidedAtMs }), outreach);
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
