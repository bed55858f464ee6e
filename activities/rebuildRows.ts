/**
 * The ledger rows of one patient, worked out anew from what entity and events remember: texts from grants and counted
 * touches, refusals from touches and the feed, answers from the replies handled. Pure. Of a row nobody remembers which
 * reservation it was ordered with; grants and touches of the first release lack more, which `unknown` names.
 */
import { addDays, localDate } from '../domain/calendar';
import { messageIdOf } from '../domain/messages';
import { plannedForOf, type Outreach, type SentText } from '../domain/outreach';
import type { Grant, PatientState } from '../domain/patient';
import type { Campaign } from '../domain/policy';
import type { HeldText } from '../services/feedRows';
import { answerWave, type LedgerRow, type ReplyRow } from '../services/rows';
import { refusedRow, textRow, type TextKey } from './ledger';

/** A text that was granted or is counted as sent, under the key of its ledger row. */
export interface Claim {
  readonly phase: 'PILOT' | 'ADAPTIVE';
  readonly wave: string;
  readonly touch: number;
  readonly messageId: string;
  /** Absent: the entity does not remember it. */
  readonly grant?: Grant;
  /** Absent: `outreach` does not count it. */
  readonly text?: SentText;
}

export interface ProvenRow {
  /** Of a text: as SENT, without its reservation. */
  readonly row: LedgerRow;
  /** Fields of which nobody remembers what they said. */
  readonly unknown: readonly (keyof LedgerRow)[];
  /** Instants that are right too: of the grant, or of an answer that left late. */
  readonly isInstant: (atMs: number) => boolean;
}

export type Held = HeldText & { readonly atMs: number };
export type Answered = Pick<ReplyRow, 'atMs'> & {
  readonly replyId: string;
  readonly answer: NonNullable<ReplyRow['answer']>;
};

/** Texts of this campaign, by what entity and `outreach` say; whether each left is another question. */
export function claimsOf(campaign: Campaign, outreach: Outreach, patient: PatientState | null): Claim[] {
  const grants = new Map((patient?.grants ?? []).map((grant) => [grant.messageId, grant]));
  const texts = new Map(outreach.texts.map((text) => [text.date, text]));
  const claims: Claim[] = [];
  const claim = (phase: Claim['phase'], wave: string, touch: number, counted: SentText | undefined) => {
    const messageId = messageIdOf(campaign.campaignId, outreach.patientId, wave, touch);
    const grant = grants.get(messageId);
    // Spacing leaves at most one text to a date, so the date finds it.
    const text = counted ?? (phase === 'ADAPTIVE' && grant ? texts.get(grant.date) : undefined);
    if (grant || text) claims.push({ phase, wave, touch, messageId, ...(grant && { grant }), ...(text && { text }) });
    grants.delete(messageId);
  };
  outreach.touches.forEach((state, touch) => {
    const text = state.status === 'SENT' ? texts.get(state.date) : undefined;
    if (text) texts.delete(text.date);
    claim('PILOT', String(outreach.wave), touch, text);
  });
  // No adaptive text has a higher number than the patient had texts or grants before it.
  const touchMax = outreach.texts.length + grants.size;
  for (const { atMs } of [...grants.values()]) {
    const date = localDate(atMs, campaign.timeZone);
    for (const day of [date, addDays(date, -1), addDays(date, 1)])
      for (let touch = 0; touch <= touchMax; touch += 1) claim('ADAPTIVE', `A${day}`, touch, undefined);
  }
  return [...claims, ...forgotten(campaign, outreach, claims)];
}

/** Adaptive texts that `outreach` counts and the entity does not remember: the last ones, in their order. */
function forgotten(campaign: Campaign, outreach: Outreach, claims: readonly Claim[]): Claim[] {
  const adaptive = outreach.adaptiveSent > 0 ? outreach.texts.slice(-outreach.adaptiveSent) : [];
  const known = new Set(claims.map(({ text }) => text?.date));
  return adaptive.flatMap((text, touch): Claim[] => {
    if (known.has(text.date)) return [];
    const wave = `A${localDate(text.atMs, campaign.timeZone)}`;
    const messageId = messageIdOf(campaign.campaignId, outreach.patientId, wave, touch);
    return [{ phase: 'ADAPTIVE', wave, touch, messageId, text }];
  });
}

/** `fallback`: the consent where none is remembered. */
export function claimedRow(
  campaign: Campaign,
  outreach: Outreach,
  claim: Claim,
  patient: PatientState | null,
): ProvenRow {
  const { phase, wave, touch, grant, text } = claim;
  // It leaves a moment after it was granted; told to be late, the entity knows first.
  const atMs = Math.max(grant?.atMs ?? -Infinity, text?.atMs ?? -Infinity);
  const consent = grant?.preference ?? consentBy(patient, atMs);
  const plannedFor = phase === 'ADAPTIVE' ? (text ?? grant)!.date : plannedForOf(outreach, touch, campaign);
  const row = sentRow(campaign, outreach, { phase, wave, touch, plannedFor, consent }, atMs);
  const unknown = grant?.preference ? (['reservation'] as const) : (['reservation', 'consent'] as const);
  return { row, unknown, isInstant: (at) => at === grant?.atMs || at === text?.atMs };
}

/** The preference held now, if it is an opt-in that held then. */
function consentBy(patient: PatientState | null, atMs: number): LedgerRow['consent'] {
  const preference = patient?.preference ?? null;
  return preference?.status === 'OPT_IN' && preference.effectiveAtMs <= atMs ? preference : null;
}

/** Refusals that `outreach` and the feed remember. `sent`: keys (`wave|touch`) of texts that left. */
export function refusalRows(
  campaign: Campaign,
  outreach: Outreach,
  patient: PatientState | null,
  held: readonly Held[],
  sent: ReadonlySet<string>,
): ProvenRow[] {
  const wave = String(outreach.wave);
  const found = new Map<string, ProvenRow>();
  const put = (one: ProvenRow) => {
    const key = `${one.row.wave}|${one.row.touch}`;
    const before = found.get(key);
    if (!sent.has(key) && (!before || before.row.decidedAtMs <= one.row.decidedAtMs)) found.set(key, one);
  };
  for (const one of held) {
    if (one.reason === null || (one.phase === 'PILOT' && outreach.touches[one.touch]?.status === 'REFUSED')) continue;
    const heldWave = one.phase === 'PILOT' ? wave : `A${localDate(one.orderedAtMs, campaign.timeZone)}`;
    const id = messageIdOf(campaign.campaignId, outreach.patientId, heldWave, one.touch);
    const granted = patient?.grants.find(({ messageId }) => messageId === id)?.preference ?? null;
    const consent = one.consent === undefined ? granted : one.consent;
    const plannedAtMs = one.orderedAtMs;
    const known = { phase: one.phase, reason: one.reason, decidedAtMs: one.atMs, consent, plannedAtMs };
    const unknown = one.consent === undefined && granted === null ? (['consent'] as const) : [];
    put(refused(campaign, outreach, heldWave, one.touch, known, unknown));
  }
  outreach.touches.forEach((state, touch) => {
    if (state.status !== 'REFUSED') return;
    const { reason, decidedAtMs, preference: consent = null } = state;
    const unknown = decidedAtMs === undefined ? (['decidedAtMs', 'consent'] as const) : [];
    const known = { phase: 'PILOT' as const, reason, decidedAtMs: decidedAtMs ?? 0, consent, plannedAtMs: 0 };
    put(refused(campaign, outreach, wave, touch, known, unknown));
  });
  for (const { wave: day, touch, reason, decidedAtMs, preference: consent } of outreach.adaptiveRefused ?? []) {
    const known = { phase: 'ADAPTIVE' as const, reason, decidedAtMs, consent, plannedAtMs: decidedAtMs };
    put(refused(campaign, outreach, day, touch, known, []));
  }
  return [...found.values()];
}

function refused(
  campaign: Campaign,
  outreach: Outreach,
  wave: string,
  touch: number,
  known: Pick<LedgerRow, 'reason' | 'decidedAtMs' | 'consent'> & {
    readonly phase: Claim['phase'];
    /** Of an adaptive text: its planned date is the patient's at this instant. */
    readonly plannedAtMs: number;
  },
  unknown: readonly (keyof LedgerRow)[],
): ProvenRow {
  const { phase, plannedAtMs, consent, ...decided } = known;
  const plannedFor =
    phase === 'ADAPTIVE' ? localDate(plannedAtMs, outreach.timeZone) : plannedForOf(outreach, touch, campaign);
  const row = refusedRow(campaign, outreach, { phase, wave, touch, plannedFor, consent }, decided);
  return { row, unknown: ['reservation', ...unknown], isInstant: () => false };
}

/** `lateAtMs`: when it left, where it was held up. */
export function answerRow(
  campaign: Campaign,
  outreach: Outreach,
  { atMs, replyId, answer }: Answered,
  lateAtMs = atMs,
): ProvenRow {
  const plannedFor = localDate(atMs, outreach.timeZone);
  const { kind, consent } = answer;
  const key = { phase: 'REPLY', kind, wave: answerWave(replyId), touch: 0, plannedFor, consent } as const;
  const row = sentRow(campaign, outreach, key, lateAtMs);
  // Of one that was held up before the feed told so, only its own row says when it left.
  return { row, unknown: ['reservation'], isInstant: (at) => at >= atMs && at - atMs < LATE_MAX_MS };
}

/** No order lies in the queue longer than an hour; with its redeliveries never this long. */
const LATE_MAX_MS = 2 * 3_600_000;

/** As it was reserved, and has left. */
function sentRow(campaign: Campaign, outreach: Outreach, key: TextKey, atMs: number): LedgerRow {
  return { ...textRow(campaign, outreach, key, atMs).row, status: 'SENT' };
}
