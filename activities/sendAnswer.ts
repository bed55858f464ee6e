/**
 * Sends the one answer to a reply (formats.md, rule 5): outside caps, window and pause, not after the campaign's end.
 * Reserved in the ledger first; a second run finds the reservation, and the carrier refuses the second text.
 */
import { localDate } from '../domain/calendar';
import type { KnownPreference } from '../domain/consent';
import type { MessageKind } from '../domain/messages';
import type { Outreach } from '../domain/outreach';
import { endsAtMs } from '../domain/schedule';
import { answerWave, EVERYWHERE, ONLY, type ReplyRow } from '../services/rows';
import type { Services } from '../services/services';
import { campaignOf } from './context';
import { getPerson } from './people';
import { keyed, textRow } from './ledger';
import { orderTexts } from './order';

export interface AnswerRequest {
  readonly kind: MessageKind;
  readonly replyId: string;
  readonly atMs: number;
  readonly campaignId: string;
  readonly outreach: Outreach;
  /** The consent that the answer was decided on, where the reply says nothing of it. */
  readonly decidedOn: KnownPreference;
}

/** The campaign was started and has neither ended nor been cancelled by `atMs`. */
export async function isAnswering(services: Services, campaignId: string, atMs: number): Promise<boolean> {
  const state = await services.store.states.get(EVERYWHERE, campaignId);
  if (!state || state.endedAtMs !== null) return false;
  const control = await services.store.controls.get(campaignId, ONLY);
  const campaign = await campaignOf(services, campaignId, state);
  // An input of the end's very instant comes before it (formats.md).
  return campaign !== undefined && atMs < (control?.cancelledAtMs ?? Infinity) && atMs <= endsAtMs(campaign);
}

/** Returns what the ledger has; undefined: the campaign answers no more. */
export async function sendAnswer(services: Services, request: AnswerRequest): Promise<ReplyRow['answer']> {
  const { kind, replyId, atMs, campaignId, outreach } = request;
  const campaign = await services.store.definitions.get(campaignId, ONLY);
  if (!campaign || !(await isAnswering(services, campaignId, atMs))) return undefined;
  const { patientId, phone: to, timeZone } = outreach;
  const said = SAID[kind];
  const consent = said
    ? consentThen((await getPerson(services, patientId))?.preference ?? null, said, atMs)
    : request.decidedOn;
  const key = { kind, wave: answerWave(replyId), plannedFor: localDate(atMs, timeZone), consent };
  const { row, body } = textRow(campaign, outreach, { phase: 'REPLY', touch: 0, ...key }, atMs);
  const { messageId } = row;
  const text = { messageId, patientId, kind, to, body, sentAtMs: atMs };
  const [held] = await orderTexts(services, campaignId, [{ row: keyed(row, outreach), text, outreach }], null);
  return { campaignId, patientId, messageId, kind: held!.kind, consent: held!.consent };
}

/** What a reply says of consent, by its answer. */
const SAID: Partial<Record<MessageKind, 'OPT_IN' | 'OPT_OUT'>> = { STOP_CONFIRM: 'OPT_OUT', OPT_IN_CONFIRM: 'OPT_IN' };

/** As the reply left it; a reply that was cut off and comes again may find that there is a later word. */
function consentThen(known: KnownPreference, said: 'OPT_IN' | 'OPT_OUT', atMs: number): KnownPreference {
  if (known === null || known.effectiveAtMs <= atMs) return known;
  return { status: said, source: 'REPLY', effectiveAtMs: atMs };
}
