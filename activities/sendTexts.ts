/**
 * Orders what the gate let through and writes down what it refused (design.md, "Exactly once"). Looks once more at pause,
 * cancel and the recipient's clock, since the real host may take its time. Run again it finds its reservations, and the
 * bus and the carrier refuse the second text.
 */
import { localDate } from '../domain/calendar';
import {
  adaptiveTextRefused,
  adaptiveTextSent,
  plannedForOf,
  refuseTouch,
  touchSent,
  type Outreach,
} from '../domain/outreach';
import type { AgendaEntry } from '../domain/passes';
import type { Answer } from '../domain/patient';
import type { BatchOutcome, WithdrawnGrant } from '../services/rows';
import type { Services } from '../services/services';
import { readContext, type CampaignContext } from './context';
import { mayGoNow } from './deliverTexts';
import { Changes, readOutreach } from './docs';
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
  readonly waiting: number;
  /** Granted by the gate but not sent after all: the entity must forget them. */
  readonly withdrawn: readonly WithdrawnGrant[];
}

interface Sending extends Ordered {
  readonly entry: AgendaEntry;
  readonly outreach: Outreach;
}

export async function sendTexts(services: Services, input: SendInput): Promise<SendResult> {
  const { campaignId, batch, answers } = input;
  const context = await readContext(services, campaignId);
  const stored = await services.store.batches.get(campaignId, batch);
  if (!stored) throw new Error(`campaign ${campaignId}: batch ${batch} is missing`);
  if (stored.outcome) return resultOf(stored.outcome);
  const { asks } = stored;
  const changes = new Changes(context.campaign);
  const patients = await readOutreach(
    services,
    campaignId,
    new Map(asks.map((entry) => [entry.patientId, entry.bucket])),
  );
  const nowMs = services.clock.now();
  const sendings: Sending[] = [];
  const waiting: string[] = [];
  const withdrawn: WithdrawnGrant[] = [];
  for (const [i, entry] of asks.entries()) {
    const outreach = patients.get(entry.patientId);
    const answer = answers[i];
    if (!outreach || !answer || answer.verdict === 'WAIT') waiting.push(entry.patientId);
    else if (answer.verdict === 'REFUSED') refuse(context, entry, outreach, answer, nowMs, input.date, changes);
    else {
      const sending = prepare(context, entry, { ...outreach, preference: answer.preference }, nowMs, input.date);
      const goes = mayGoNow(context, entry.timeZone, nowMs, input.date) || (await isOrdered(services, sending));
      if (goes) sendings.push(sending);
      else withdrawn.push({ patientId: entry.patientId, messageId: sending.text.messageId });
    }
  }
  const texts = await deliver(services, sendings, input.date, changes, context);
  const sent = sendings.filter((sending) => texts.has(sending));
  for (const { entry, text } of sendings.filter((sending) => !texts.has(sending)))
    withdrawn.push({ patientId: entry.patientId, messageId: text.messageId });
  waiting.push(...withdrawn.map(({ patientId }) => patientId));
  const outcome: BatchOutcome = {
    sent: sent.length,
    adaptiveSent: sent.filter(({ entry }) => entry.phase === 'ADAPTIVE').length,
    ordered: Object.fromEntries([...texts].map(([{ entry }, atMs]) => [entry.patientId, atMs])),
    refused: changes.refused,
    waiting,
    withdrawn,
  };
  await services.store.batches.upsert({ pk: campaignId, rk: batch, value: { asks, outcome } });
  return resultOf(outcome);
}

/** By an earlier run that was cut off after it: the text may have left, and what holds it up now cannot call it back. */
async function isOrdered(services: Services, { row, text }: Sending): Promise<boolean> {
  const before = await services.store.ledger.get(row.pk, row.rk);
  return before !== undefined && before.messageId === text.messageId && before.status !== 'REFUSED';
}

function resultOf(outcome: BatchOutcome): SendResult {
  const refused = Object.values(outcome.refused).reduce((sum, n) => sum + n, 0);
  return { sent: outcome.sent, refused, waiting: outcome.waiting.length, withdrawn: outcome.withdrawn ?? [] };
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
 * Returns those that are texts now, with the instant of each. One that an earlier run ordered may have been refused at the
 * last moment since.
 */
async function deliver(
  services: Services,
  sendings: readonly Sending[],
  date: string,
  changes: Changes,
  context: CampaignContext,
): Promise<Map<Sending, number>> {
  const rows = await orderTexts(services, context.campaign.campaignId, sendings, date);
  const texts = new Map<Sending, number>();
  for (const [i, sending] of sendings.entries()) {
    const { sentAtMs, decidedAtMs, status } = rows[i]!;
    const { entry, outreach } = sending;
    const atMs = sentAtMs ?? decidedAtMs;
    if (status !== 'REFUSED') texts.set(sending, atMs);
    if (status === 'REFUSED' || isCounted(entry, outreach)) continue;
    const text = { atMs, date: localDate(atMs, outreach.timeZone) };
    changes.put(
      entry.phase === 'ADAPTIVE'
        ? adaptiveTextSent(outreach, text)
        : touchSent(outreach, entry.touch, text, context.campaign),
    );
  }
  await changes.write(services);
  return texts;
}

/** By an earlier run that was cut off after it. */
function isCounted(entry: AgendaEntry, outreach: Outreach): boolean {
  return entry.phase === 'ADAPTIVE'
    ? outreach.adaptiveSent > entry.touch
    : outreach.touches[entry.touch]?.status === 'SENT';
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
  if (entry.phase === 'PILOT') {
    const refused = refuseTouch(outreach, { touch: entry.touch, reason, decidedAtMs: nowMs }, campaign);
    return changes.decide(outreach, refused.outreach, refused.decisions);
  }
  const { phase, touch, timeZone } = entry;
  const wave = waveOf(entry, date);
  const key = { phase, wave, touch, plannedFor: localDate(nowMs, timeZone), consent: preference };
  changes.put(adaptiveTextRefused(stored, { wave, touch, reason, decidedAtMs: nowMs, preference }));
  changes.add(keyed(refusedRow(campaign, outreach, key, { reason, decidedAtMs: nowMs }), outreach));
  changes.refused[reason] = (changes.refused[reason] ?? 0) + 1;
}
