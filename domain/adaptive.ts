/**
 * After the pilot: whom to text first among everyone still unbooked (design.md, "After the last week"), how many a day,
 * and whom to hand to a person. Weights are ours and published in docs/tiers.md; odds of a no-show from PMC11149957.
 */
import { daysBetween } from './calendar';
import { lastTextDate, reasonAgainst, SPACING_DAYS, type Outreach } from './outreach';
import type { Adaptive } from './policy';

/** Points of the adaptive priority; the risk score itself counts 1 a point (0–100). */
export const ADAPTIVE_WEIGHTS = {
  /** × probability that a booked visit is missed (0–1): those patients gain most from being reached again. */
  noShow: 30,
  /** a day since the last text, or since the start of the campaign for the never texted. */
  dayWaiting: 1,
  dayWaitingMax: 30,
  /** off for each text that got no answer: the next one is less likely to. */
  unansweredText: 6,
  /** off for each patient of the same clinic already ahead today: clinics fill evenly. */
  sameClinicAhead: 0.5,
} as const;
/** Mean no-show rate (Dantas et al. 2018) and odds ratio of an earlier no-show (PMC11149957). */
const NO_SHOW_BASE = 0.23;
const NO_SHOW_ODDS_RATIO = 4.42;

export function noShowProbability(missedAppointments12m: number): number {
  const base = NO_SHOW_BASE / (1 - NO_SHOW_BASE);
  // The base rate is of a population in which some missed before; the odds ratio applies to those who did.
  const odds = missedAppointments12m > 0 ? base * NO_SHOW_ODDS_RATIO * 0.6 : base * 0.6;
  return odds / (1 + odds);
}

/** Higher goes first. `today`: organisation's date. */
export function adaptivePriority(outreach: Outreach, today: string, startsOn: string): number {
  const w = ADAPTIVE_WEIGHTS;
  const waiting = Math.min(w.dayWaitingMax, Math.max(0, daysBetween(lastTextDate(outreach) ?? startsOn, today)));
  return (
    outreach.score +
    w.noShow * noShowProbability(outreach.missedAppointments12m) +
    w.dayWaiting * waiting -
    w.unansweredText * outreach.texts.length
  );
}

/** May get an adaptive text on `today` (its patient's local date) as far as days go. */
export function isAdaptiveCandidate(outreach: Outreach, today: string, adaptive: Adaptive): boolean {
  if (reasonAgainst(outreach) !== null || outreach.open !== null || outreach.adaptiveSent >= adaptive.touchesMax)
    return false;
  const last = lastTextDate(outreach);
  return last === null || daysBetween(last, today) >= Math.max(SPACING_DAYS, adaptive.minDaysBetween);
}

/** Candidates in order, clinics interleaved: each further patient of a clinic loses `sameClinicAhead`. */
export function rankAdaptive(
  candidates: readonly Outreach[],
  today: string,
  startsOn: string,
): { outreach: Outreach; priority: number }[] {
  const byPriority = (a: { outreach: Outreach; priority: number }, b: { outreach: Outreach; priority: number }) =>
    b.priority - a.priority || a.outreach.rank - b.outreach.rank;
  const scored = candidates
    .map((outreach) => ({ outreach, priority: adaptivePriority(outreach, today, startsOn) }))
    .sort(byPriority);
  const ahead = new Map<string, number>();
  return scored
    .map(({ outreach, priority }) => {
      const before = ahead.get(outreach.clinicId) ?? 0;
      ahead.set(outreach.clinicId, before + 1);
      return { outreach, priority: Math.round((priority - ADAPTIVE_WEIGHTS.sameClinicAhead * before) * 1000) / 1000 };
    })
    .sort(byPriority);
}

/** Adaptive texts of a day (formats.md, rule 7): `ceil(Σ (touchesMax − adaptive texts sent) ÷ send days left)`. */
export function adaptiveLimit(textsLeft: number, sendDaysLeft: number): number {
  return sendDaysLeft <= 0 ? 0 : Math.ceil(textsLeft / sendDaysLeft);
}

/** What this patient adds to the Σ of `adaptiveLimit`. */
export function adaptiveTextsLeft(outreach: Outreach, adaptive: Adaptive): number {
  const optedIn = outreach.preference?.status === 'OPT_IN';
  return !outreach.booked && optedIn ? Math.max(0, adaptive.touchesMax - outreach.adaptiveSent) : 0;
}

/** Tier 1 without a response: a person must call (formats.md, `CRITICAL_NO_RESPONSE`). `today`: organisation's date at its 00:00. */
export function mustBeHandedOver(outreach: Outreach, today: string, adaptive: Adaptive): boolean {
  if (outreach.tier !== 1 || outreach.booked || outreach.preference?.status !== 'OPT_IN' || outreach.open !== null)
    return false;
  const last = lastTextDate(outreach);
  if (last === null || outreach.adaptiveSent < adaptive.touchesMax) return false;
  return daysBetween(last, today) >= adaptive.minDaysBetween;
}
