/**
 * Orders what the gate let through and writes down what it refused (design.md, "Exactly once"). Looks once more at pause,
 * cancel and the recipient's clock, since the real host may take its time. Run again it finds what it reserved,
 * orders anew what has not left and still may, and counts each text once, as of the instant at which it leaves.
 */
import { localDate } from '../domain/calendar';
import { adaptiveTextRefused, plannedForOf, refuseTouch, type Outreach } from '../domain/outreach';
import type { AgendaEntry } from '../domain/passes';
import type { Answer } from '../domain/patient';
import { hasCode, ServiceError } from '../services/errors';
import type { BatchOutcome, BatchRow, LedgerRow, WithdrawnGrant } from '../services/rows';
import type { Services } from '../services/services';
import { replaceRow } from '../services/tables';
import { readContext, type CampaignContext } from './context';
import { countText, takeRefusal } from './counted';
import { Changes, readOutreach } from './docs';
import { mayGoNow } from './lastLook';
import { keyed, refusedRow, textRow } from './ledger';
import { orderTexts, type Ordered } from './order';
import { waveOf, type BatchInput } from './readBatch';

export interface SendInput extends BatchInput {
  /** One for each ask of the batch, in order. */
  readonly answers: readonly Answer[];
}

export interface SendResult {
  readonly sent: number;
  readonly refused: number;
  /** Granted by the gate but not sent after all: the entity must forget them. */
  readonly withdrawn: readonly WithdrawnGrant[];
}

/** Each makes all orders anew, so more than two at once are a fault of something else. */
const RUNS_MAX = 5;

interface Sending extends Ordered {
  readonly entry: AgendaEntry;
  readonly outreach: Outreach;
}

/** The host may run it twice at once: who finds that another run wrote in between begins again from what that one left. */
export async function sendTexts(services: Services, input: SendInput): Promise<SendResult> {
  for (let run = 1; ; run += 1) {
    try {
      return await sendOnce(services, input);
    } catch (error) {
      if (!hasCode(error, 'CONFLICT') || run === RUNS_MAX) throw error;
    }
  }
}

/** Throws CONFLICT. */
async function sendOnce(services: Services, input: SendInput): Promise<SendResult> {
  const { campaignId, batch, answers } = input;
  const [context, day] = await Promise.all([
    readContext(services, campaignId),
    services.store.days.get(campaignId, input.date),
  ]);
  // After the day: what it holds no more has an outcome.
  const stored = await services.store.batches.get(campaignId, batch);
  if (!stored) throw new Error(`campaign ${campaignId}: batch ${batch} is missing`);
  if (stored.outcome) return resultOf(stored.outcome, stored.asks.length);
  // Counted meanwhile, so the gate's answers are out of date.
  if (!day?.batches.includes(batch))
    throw new ServiceError('CONFLICT', `campaign ${campaignId}: ${input.date} holds batch ${batch} no more`);
  const { asks } = stored;
  const changes = new Changes(context.campaign);
  const patients = await readOutreach(
    services,
    campaignId,
    new Map(asks.map((entry) => [entry.patientId, entry.bucket])),
  );
  changes.basedOn(patients);
  const nowMs = services.clock.now();
  const sendings: Sending[] = [];
  const waiting: string[] = [];
  const withdrawn: WithdrawnGrant[] = [];
  const texts = new Map<Sending, number>();
  for (const [i, entry] of asks.entries()) {
    const outreach = patients.get(entry.patientId);
    const answer = answers[i];
    const isOpen = mayGoNow(context, entry.timeZone, nowMs, input.date);
    if (!outreach || !answer || answer.verdict === 'WAIT') waiting.push(entry.patientId);
    else if (answer.verdict === 'REFUSED') {
      const before = refusedBefore(entry, outreach, input.date);
      if (before) changes.count(before);
      else if (isOpen) refuse(context, entry, outreach, answer, nowMs, input.date, changes);
      // Nobody is refused while nobody could be texted: a later pass judges.
      else waiting.push(entry.patientId);
    } else {
      const sending = prepare(context, entry, { ...outreach, preference: answer.preference }, nowMs, input.date);
      const before = isOpen ? undefined : await orderedBefore(services, sending);
      if (isOpen) sendings.push(sending);
      else if (before) texts.set(sending, countText(context.campaign, sending, before, changes));
      else withdrawn.push({ patientId: entry.patientId, messageId: sending.text.messageId });
    }
  }
  waiting.push(...withdrawn.map(({ patientId }) => patientId));
  const { ordered, refused } = await deliver(services, sendings, input.date, changes, context);
  for (const [sending, atMs] of ordered) texts.set(sending, atMs);
  try {
    await changes.write(services);
  } catch (error) {
    if (hasCode(error, 'CONFLICT')) await forgetOutcome(services, input, stored);
    throw error;
  }
  const sent = [...texts.keys()];
  for (const [{ entry, text }, refusedAtMs] of refused)
    withdrawn.push({ patientId: entry.patientId, messageId: text.messageId, refusedAtMs });
  const outcome: BatchOutcome = {
    sent: sent.length,
    adaptiveSent: sent.filter(({ entry }) => entry.phase === 'ADAPTIVE').length,
    ordered: Object.fromEntries([...texts].map(([{ entry }, atMs]) => [entry.patientId, atMs])),
    refused: changes.refused,
    waiting,
    withdrawn,
  };
  const row = { pk: campaignId, rk: batch, value: { asks, outcome }, before: stored };
  if (await replaceRow(services.store.batches, row)) return resultOf(outcome, asks.length);
  await forgetOutcome(services, input, stored);
  throw new ServiceError('CONFLICT', `campaign ${campaignId}: somebody else carried out batch ${batch}`);
}

/**
 * Of texts that were ordered anew here the other run knows nothing: what it wrote of the batch does not hold, unless the
 * day has counted it since. Then the gate's answers are out of date, and nothing may be ordered by them any more.
 */
async function forgetOutcome(services: Services, { campaignId, date, batch }: SendInput, { asks }: BatchRow) {
  const day = await services.store.days.get(campaignId, date);
  if (!day?.batches.includes(batch)) return;
  await services.store.batches.upsert({ pk: campaignId, rk: batch, value: { asks, outcome: null } });
}

/**
 * By an earlier run that was cut off after it: the text may have left, and what holds it up now cannot call it back. It is
 * not ordered anew, as of an instant at which nothing may leave: its receiver or the sweeper tells what became of it.
 */
async function orderedBefore(services: Services, { row, text }: Sending): Promise<LedgerRow | undefined> {
  const before = await services.store.ledger.get(row.pk, row.rk);
  return before?.messageId === text.messageId && before.status !== 'REFUSED' ? before : undefined;
}

function resultOf({ sent, waiting, withdrawn = [] }: BatchOutcome, asked: number): SendResult {
  return { sent, refused: asked - sent - waiting.length, withdrawn };
}

function prepare(
  context: CampaignContext,
  entry: AgendaEntry,
  outreach: Outreach,
  nowMs: number,
  date: string,
): Sending {
  const { campaign } = context;
  const { phone: to, patientId, preference: consent } = outreach;
  const { phase, touch, timeZone } = entry;
  const plannedFor = phase === 'ADAPTIVE' ? localDate(nowMs, timeZone) : plannedForOf(outreach, touch, campaign);
  const key = { phase, wave: waveOf(entry, date), touch, plannedFor, consent };
  const { row, body } = textRow(campaign, outreach, key, nowMs);
  const text = { messageId: row.messageId, patientId, kind: row.kind, to, body, sentAtMs: nowMs };
  return { entry, outreach, row: keyed(row, outreach), text };
}

/**
 * Returns those that are texts now, with the instant at which each was ordered, and those that were refused, with the
 * instant of that: one that an earlier run ordered may have been refused at the last moment since.
 */
async function deliver(
  services: Services,
  sendings: readonly Sending[],
  date: string,
  changes: Changes,
  { campaign }: CampaignContext,
): Promise<{ ordered: Map<Sending, number>; refused: Map<Sending, number> }> {
  const rows = await orderTexts(services, campaign.campaignId, sendings, date);
  const ordered = new Map<Sending, number>();
  const refused = new Map<Sending, number>();
  for (const [i, sending] of sendings.entries()) {
    const row = rows[i]!;
    if (row.status !== 'REFUSED') ordered.set(sending, countText(campaign, sending, row, changes));
    else {
      takeRefusal(campaign, sending, row, changes);
      refused.set(sending, row.decidedAtMs);
    }
  }
  return { ordered, refused };
}

function refuse(
  context: CampaignContext,
  entry: AgendaEntry,
  stored: Outreach,
  { reason, preference }: Extract<Answer, { verdict: 'REFUSED' }>,
  nowMs: number,
  date: string,
  changes: Changes,
): void {
  const { campaign } = context;
  const outreach = { ...stored, preference };
  // Another run's text left before this answer came.
  if (stored.touches[entry.touch]?.status === 'SENT' && entry.phase === 'PILOT') return;
  if (entry.phase === 'PILOT') {
    const refused = refuseTouch(outreach, { touch: entry.touch, reason, decidedAtMs: nowMs }, campaign);
    return changes.decide(outreach, refused.outreach, refused.decisions);
  }
  const { phase, touch, timeZone } = entry;
  const wave = waveOf(entry, date);
  const key = { phase, wave, touch, plannedFor: localDate(nowMs, timeZone), consent: preference };
  changes.put(adaptiveTextRefused(stored, { wave, touch, reason, decidedAtMs: nowMs, preference }));
  changes.add(keyed(refusedRow(campaign, outreach, key, { reason, decidedAtMs: nowMs }), outreach));
  changes.count([reason]);
}

/** The reasons, one a touch, for which an earlier run of the batch refused them before it was cut off; null: it did not. */
function refusedBefore(entry: AgendaEntry, { touches, adaptiveRefused = [] }: Outreach, date: string) {
  if (entry.phase === 'ADAPTIVE') {
    const wave = waveOf(entry, date);
    const refused = adaptiveRefused.filter((one) => one.wave === wave && one.touch === entry.touch);
    return refused.length === 0 ? null : refused.map(({ reason }) => reason);
  }
  const state = touches[entry.touch];
  if (state?.status !== 'REFUSED') return null;
  const together = entry.touch === 0 ? touches : [state];
  return together.flatMap((one) =>
    one.status === 'REFUSED' && one.decidedAtMs === state.decidedAtMs ? [one.reason] : [],
  );
}
