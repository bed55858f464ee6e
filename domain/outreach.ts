/**
 * One patient in one campaign: the touches planned at admission and what became of them (formats.md, rules 7 and 8).
 * Pure transitions; each returns the new state and the decisions it took. The state caches when its open touch is due
 * and expires, because send days never change while a campaign runs and most days nothing happens to most patients.
 * Leaves out: caps and hours (gate.ts), who is chosen when (passes.ts).
 */
import { addDays, startOfDate } from './calendar';
import { newerPreference, type KnownPreference } from './consent';
import type { Campaign } from './policy';
import type { RefusalReason } from './report';
import { pilotEndDate } from './schedule';
import { sendDayAfter, sendDayFrom } from './sendDays';
import type { Tier } from './tiers';

/** A touch may wait this many send days after it is due (formats.md, rule 7). */
export const TOUCH_WAITS_SEND_DAYS = 5;
/** Local dates between a patient's texts, and between the due dates of two touches (formats.md, rule 7). */
export const SPACING_DAYS = 2;

export type TouchState =
  | { readonly status: 'OPEN' }
  | { readonly status: 'SENT'; readonly date: string }
  | ({ readonly status: 'REFUSED'; readonly reason: RefusalReason } & Partial<Refused>);

/** When a touch was refused, and the preference then known: what its ledger row is made of again. */
export interface Refused {
  readonly decidedAtMs: number;
  readonly preference: KnownPreference;
}

/** An adaptive text that the gate refused. `wave` and `touch`: of the ledger. */
export interface RefusedText extends Refused {
  readonly wave: string;
  readonly touch: number;
  readonly reason: RefusalReason;
}

/** A text that counts in caps and spacing: `date` is the recipient's local date. */
export interface SentText {
  readonly atMs: number;
  readonly date: string;
  /** When it was ordered, where it left later than that. */
  readonly orderedAtMs?: number;
}

/** What is known of the person behind the patient; written only by `withKnown`. */
export interface Known {
  readonly preference: KnownPreference;
  /** A booking stands, or a visit was attended. */
  readonly booked: boolean;
  /** When `booked` last changed, as far as is known here; absent: never. */
  readonly bookingAtMs?: number;
  readonly noMobile: boolean;
}

export interface Outreach extends Known {
  readonly patientId: string;
  readonly bucket: string;
  readonly rank: number;
  readonly tier: Tier;
  readonly category: 'SERIOUS' | 'VIP';
  readonly score: number;
  readonly band: number;
  readonly missedAppointments12m: number;
  readonly clinicId: string;
  readonly timeZone: string;
  readonly language: 'en' | 'es';
  readonly firstName: string;
  readonly phone: string;
  /** Opaque key of the phone number (services/numbers). */
  readonly numberKey: string;
  /** Week of admission, null while not admitted. */
  readonly wave: number | null;
  readonly touches: readonly TouchState[];
  /** The day on whose opening touch 0 fell into the share of the wave. */
  readonly plannedFor: string | null;
  /** The one touch that can go next. `due` null: touch 0 not yet planned. */
  readonly open: OpenTouch | null;
  readonly texts: readonly SentText[];
  readonly adaptiveSent: number;
  /** Absent: none. */
  readonly adaptiveRefused?: readonly RefusedText[];
  /** Since when a person must call: `YYYY-MM-DD`, organisation's. */
  readonly handedSince: string | null;
}

export interface OpenTouch {
  readonly touch: number;
  readonly due: string | null;
  readonly expiresAtMs: number;
}

export interface Decision {
  readonly touch: number;
  readonly reason: RefusalReason;
  readonly decidedAtMs: number;
}

export function admit(outreach: Outreach, wave: number, campaign: Campaign): Outreach {
  return withOpen({ ...outreach, wave, touches: campaign.touches.map(() => ({ status: 'OPEN' as const })) }, campaign);
}

export function planFirstTouch(outreach: Outreach, date: string, campaign: Campaign): Outreach {
  return withOpen({ ...outreach, plannedFor: date }, campaign);
}

/** News may come twice and out of order: the newer preference and the newer booking hold, whichever came last. */
export function withKnown(outreach: Outreach, known: Partial<Known>): Outreach {
  const preference = known.preference ? newerPreference(outreach.preference, known.preference) : outreach.preference;
  const isNews = known.booked !== undefined && (known.bookingAtMs ?? 0) >= (outreach.bookingAtMs ?? 0);
  const booking = isNews ? { booked: known.booked!, bookingAtMs: known.bookingAtMs } : {};
  return { ...outreach, ...booking, preference, noMobile: outreach.noMobile || (known.noMobile ?? false) };
}

/** The first that holds of formats.md, rule 8; null: nothing stands against a text. */
export function reasonAgainst(known: Known): RefusalReason | null {
  if (known.booked) return 'BOOKED';
  if (known.preference === null) return 'NO_CONSENT';
  if (known.preference.status === 'OPT_OUT') return 'OPTED_OUT';
  return known.noMobile ? 'NO_MOBILE' : null;
}

/** A pilot touch was texted. */
export function touchSent(outreach: Outreach, touch: number, text: SentText, campaign: Campaign): Outreach {
  const touches = outreach.touches.map((state, n) =>
    n === touch ? { status: 'SENT' as const, date: text.date } : state,
  );
  return withOpen({ ...outreach, touches, texts: [...outreach.texts, text] }, campaign);
}

export function adaptiveTextSent(outreach: Outreach, text: SentText): Outreach {
  return { ...outreach, adaptiveSent: outreach.adaptiveSent + 1, texts: [...outreach.texts, text] };
}

/** Refused again under the same key, the later holds, as in the ledger. */
export function adaptiveTextRefused(outreach: Outreach, refused: RefusedText): Outreach {
  const others = (outreach.adaptiveRefused ?? []).filter(
    ({ wave, touch }) => wave !== refused.wave || touch !== refused.touch,
  );
  return { ...outreach, adaptiveRefused: [...others, refused] };
}

/** A text that was ordered did not leave after all: as before it was granted. */
export function textHeld(
  outreach: Outreach,
  text: { readonly phase: 'PILOT' | 'ADAPTIVE'; readonly touch: number; readonly atMs: number },
  campaign: Campaign,
): Outreach {
  const texts = outreach.texts.filter((one) => orderOf(one) !== text.atMs);
  if (texts.length === outreach.texts.length) return outreach;
  if (text.phase === 'ADAPTIVE') return { ...outreach, texts, adaptiveSent: outreach.adaptiveSent - 1 };
  const touches = outreach.touches.map((state, n) => (n === text.touch ? { status: 'OPEN' as const } : state));
  return withOpen({ ...outreach, texts, touches }, campaign);
}

/** A text left later than it was ordered: caps and spacing count from when it left. */
export function textLate(outreach: Outreach, orderedAtMs: number, atMs: number): Outreach {
  const texts = outreach.texts.map((one) => (orderOf(one) === orderedAtMs ? { ...one, atMs, orderedAtMs } : one));
  return { ...outreach, texts };
}

const orderOf = (text: SentText) => text.orderedAtMs ?? text.atMs;

/** Refuses `touch`; a refused touch 0 refuses the others with the same reason. */
export function refuseTouch(
  outreach: Outreach,
  decision: Decision,
  campaign: Campaign,
): { outreach: Outreach; decisions: Decision[] } {
  const hit = (n: number) => n === decision.touch || (decision.touch === 0 && outreach.touches[n]?.status === 'OPEN');
  const { reason, decidedAtMs } = decision;
  const refused = { status: 'REFUSED' as const, reason, decidedAtMs, preference: outreach.preference };
  const touches = outreach.touches.map((state, n) => (hit(n) ? refused : state));
  const decisions = touches.flatMap((_, n) => (hit(n) ? [{ ...decision, touch: n }] : []));
  return { outreach: withOpen({ ...outreach, touches }, campaign), decisions };
}

/** Every open touch whose limit passed at or before `untilMs`, each decided at the instant its limit passed. */
export function expireUntil(
  outreach: Outreach,
  untilMs: number,
  campaign: Campaign,
): { outreach: Outreach; decisions: Decision[] } {
  let state = outreach;
  const decisions: Decision[] = [];
  while (state.open !== null && state.open.expiresAtMs <= untilMs) {
    const { touch, expiresAtMs } = state.open;
    const step = refuseTouch(state, { touch, reason: 'EXPIRED', decidedAtMs: expiresAtMs }, campaign);
    state = step.outreach;
    decisions.push(...step.decisions);
  }
  return { outreach: state, decisions };
}

/** Every touch still open, at the campaign's end. */
export function closeOpenTouches(outreach: Outreach, reason: RefusalReason, atMs: number, campaign: Campaign) {
  let state = outreach;
  const decisions: Decision[] = [];
  while (state.open !== null) {
    const step = refuseTouch(state, { touch: state.open.touch, reason, decidedAtMs: atMs }, campaign);
    state = step.outreach;
    decisions.push(...step.decisions);
  }
  return { outreach: state, decisions };
}

/** `plannedFor` of the ledger: counted from touch 0's sending, or its planned date while it is unsent. */
export function plannedForOf(outreach: Outreach, touch: number, campaign: Campaign): string | null {
  if (touch === 0) return outreach.plannedFor;
  const first = outreach.touches[0];
  const from = first?.status === 'SENT' ? first.date : outreach.plannedFor;
  return from === null ? null : dueDates(from, campaign)[touch]!;
}

export function lastTextDate(outreach: Outreach): string | null {
  return outreach.texts.at(-1)?.date ?? null;
}

/** Due dates of all touches when touch 0 went (or is planned) on `first`, a local date. */
export function dueDates(first: string, campaign: Campaign): string[] {
  const dates = [first];
  for (let n = 1; n < campaign.touches.length; n += 1) {
    const byPlan = addDays(first, campaign.touches[n]!);
    const bySpacing = addDays(dates[n - 1]!, SPACING_DAYS);
    dates.push(sendDayFrom(byPlan > bySpacing ? byPlan : bySpacing, campaign));
  }
  return dates;
}

function withOpen(outreach: Outreach, campaign: Campaign): Outreach {
  const touch = outreach.touches.findIndex((state) => state.status === 'OPEN');
  return { ...outreach, open: touch < 0 ? null : openTouch(outreach, touch, campaign) };
}

function openTouch(outreach: Outreach, touch: number, campaign: Campaign): OpenTouch {
  const endOf = (date: string) => startOfDate(addDays(date, 1), outreach.timeZone);
  const first = outreach.touches[0]!;
  if (touch === 0 || first.status !== 'SENT') {
    const last = sendDayAfter(addDays(pilotEndDate(campaign), -1), TOUCH_WAITS_SEND_DAYS, campaign);
    return { touch, due: outreach.plannedFor, expiresAtMs: endOf(last) };
  }
  const dates = dueDates(first.date, campaign);
  const due = dates[touch]!;
  const next = dates[touch + 1];
  const limit = endOf(sendDayAfter(due, TOUCH_WAITS_SEND_DAYS, campaign));
  const overtaken = next === undefined ? Infinity : startOfDate(next, outreach.timeZone);
  return { touch, due, expiresAtMs: Math.min(limit, overtaken) };
}
