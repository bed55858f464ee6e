/**
 * Sends the one answer to a reply (formats.md, rule 5): outside caps, window and pause, not after the campaign's end.
 * Reserved in the ledger first; a second run finds the reservation, and the carrier refuses the second text.
 */
import { localDate } from '../domain/calendar';
import { composeText, messageIdOf, segmentsOf, type MessageKind } from '../domain/messages';
import type { Outreach } from '../domain/outreach';
import { EVERYWHERE, ONLY, type LedgerRow, type ReplyRow } from '../services/rows';
import type { Services } from '../services/services';
import { getPerson } from './people';
import { keyed } from './ledger';
import { orderTexts } from './order';

export interface AnswerRequest {
  readonly kind: MessageKind;
  readonly replyId: string;
  readonly atMs: number;
  readonly campaignId: string;
  readonly outreach: Outreach;
}

/** The campaign was started and has neither ended nor been cancelled by `atMs`. */
export async function isAnswering(services: Services, campaignId: string, atMs: number): Promise<boolean> {
  const state = await services.store.states.get(EVERYWHERE, campaignId);
  const control = await services.store.controls.get(campaignId, ONLY);
  const isOver = state?.status === 'COMPLETED' || state?.status === 'CANCELLED';
  return state !== undefined && !isOver && (control?.cancelledAtMs ?? Infinity) > atMs;
}

/** Returns what the ledger has; undefined: the campaign answers no more. */
export async function sendAnswer(services: Services, request: AnswerRequest): Promise<ReplyRow['answer']> {
  const { kind, replyId, atMs, campaignId, outreach } = request;
  const campaign = await services.store.definitions.get(campaignId, ONLY);
  if (!campaign || !(await isAnswering(services, campaignId, atMs))) return undefined;
  const wave = `R${replyId}`;
  const messageId = messageIdOf(campaignId, outreach.patientId, wave, 0);
  const body = composeText({
    kind,
    language: outreach.language,
    firstName: outreach.firstName,
    practice: campaign.practice,
    messageId,
  });
  const person = await getPerson(services, outreach.patientId);
  const row: LedgerRow = {
    messageId,
    campaignId,
    patientId: outreach.patientId,
    tier: outreach.tier,
    category: outreach.category,
    phase: 'REPLY',
    kind,
    wave,
    touch: 0,
    plannedFor: localDate(atMs, outreach.timeZone),
    decidedAtMs: atMs,
    sentAtMs: atMs,
    reservation: null,
    timeZone: outreach.timeZone,
    consent: person?.preference ?? null,
    status: 'RESERVED',
    reason: null,
    segments: segmentsOf(body),
  };
  const text = { messageId, patientId: outreach.patientId, kind, to: outreach.phone, body, sentAtMs: atMs };
  const [held] = await orderTexts(services, campaignId, [{ row: keyed(row, outreach), text, outreach }], null);
  return { campaignId, patientId: row.patientId, messageId, kind: held!.kind, consent: held!.consent };
}
