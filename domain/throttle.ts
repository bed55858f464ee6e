/**
 * How many texts the call centre can bear today (formats.md, rule 10). Budget fixed at opening; each judged spell of
 * calls halves or gives back; the observed call rate is an EWMA over days. Formulas of service level and abandonment:
 * domain-rules.md, "Call centre".
 */
import Big from 'big.js';
import type { CallInterval } from './input';
import type { CallCentre } from './policy';
import { weekdayOf } from './sendDays';

/** A spell is judged once this many calls were offered (formats.md). */
export const SPELL_CALLS_MIN = 20;
/** Weight of the prior call rate, in texts. */
export const PRIOR_TEXTS = 200;
export const DECAY = 0.8;
export const CALL_RATE_MIN = 0.01;
/** A day teaches the call rate only when its intervals cover this many hours. */
export const LEARN_HOURS_MIN = 6;

type Counts = Pick<CallInterval, 'offered' | 'answeredWithin30s' | 'abandoned' | 'abandonedWithin10s'>;

/** What is left of an open day. All counts of texts. */
export interface DayThrottle {
  readonly budget: number;
  readonly left: number;
  /** Texts of tier 1 that went although nothing was left. */
  readonly floorUsed: number;
  readonly sent: number;
  /** Texts that were counted as sent and did not leave after all; absent: none. */
  readonly returned?: number;
  readonly halvings: number;
  /** The spell not yet judged. */
  readonly spell: Counts;
}

/** What the days so far have taught. */
export interface CallRateState {
  readonly excessCalls: number;
  readonly texts: number;
  /** Null until a day has taught it: the prior is used. */
  readonly callRate: number | null;
}

export const NO_CALLS: Counts = { offered: 0, answeredWithin30s: 0, abandoned: 0, abandonedWithin10s: 0 };
export const UNTAUGHT: CallRateState = { excessCalls: 0, texts: 0, callRate: null };

/** Calls expected on `date` without any text. 0 where the policy has no forecast for the weekday. */
export function forecastOf(date: string, callCentre: CallCentre): number {
  return callCentre.baseForecast[weekdayOf(date)] ?? 0;
}

/** Calls per text in force, rounded to 4 decimals; a prior that rounds to nothing counts as the least there is. */
export function callRateOf(state: CallRateState, callCentre: CallCentre): number {
  return round4(state.callRate ?? callCentre.callsPerTextPrior) || CALL_RATE_MIN;
}

export function budgetOf(forecast: number, callRate: number, callCentre: CallCentre): number {
  const headroom = new Big(callCentre.capacityPerDay).minus(forecast);
  const texts = headroom.div(callRate).round(0, Big.roundDown).toNumber();
  return Math.max(callCentre.floorPerDay, headroom.lt(0) ? callCentre.floorPerDay : texts);
}

export function openThrottle(budget: number): DayThrottle {
  return { budget, left: budget, floorUsed: 0, sent: 0, halvings: 0, spell: NO_CALLS };
}

/** One interval of an open day, in the order of `at`. */
export function afterInterval(day: DayThrottle, interval: Counts, callCentre: CallCentre): DayThrottle {
  const spell = addCounts(day.spell, interval);
  if (spell.offered < SPELL_CALLS_MIN) return { ...day, spell };
  if (isBad(spell, callCentre))
    return { ...day, left: Math.floor(day.left / 2), halvings: day.halvings + 1, spell: NO_CALLS };
  const left = Math.min(day.left + Math.ceil(day.budget / 10), Math.max(0, day.budget - day.sent));
  return { ...day, left: Math.max(left, 0), spell: NO_CALLS };
}

/** `texts`: how many were just sent. */
export function afterTexts(day: DayThrottle, texts: number): DayThrottle {
  const beyond = Math.max(0, texts - day.left);
  return { ...day, sent: day.sent + texts, left: Math.max(0, day.left - texts), floorUsed: day.floorUsed + beyond };
}

/** `texts` of those counted did not leave: others may go instead, unless the calls have gone badly since. */
export function afterReturn(day: DayThrottle, texts: number): DayThrottle {
  const sent = day.sent - texts;
  const left = day.halvings === 0 ? Math.min(day.left + texts, Math.max(0, day.budget - sent)) : day.left;
  return { ...day, sent, left, returned: (day.returned ?? 0) + texts };
}

/** Texts of tier 1 that may still go once nothing is left. */
export function floorLeft(day: DayThrottle, callCentre: CallCentre): number {
  return Math.max(0, Math.min(callCentre.floorPerDay - day.floorUsed, day.budget - day.sent - day.left));
}

export function abandonment(counts: Counts): number | null {
  return counts.offered === 0 ? null : (counts.abandoned - counts.abandonedWithin10s) / counts.offered;
}

export function serviceLevel(counts: Counts): number | null {
  const of = counts.offered - counts.abandonedWithin10s;
  return of <= 0 ? null : counts.answeredWithin30s / of;
}

/** A denominator of 0 is not bad. */
export function isBad(counts: Counts, callCentre: CallCentre): boolean {
  const abandoned = abandonment(counts);
  const level = serviceLevel(counts);
  return (
    (abandoned !== null && abandoned > callCentre.abandonmentMax) ||
    (level !== null && level < callCentre.serviceLevelMin)
  );
}

export interface TaughtDay {
  readonly date: string;
  readonly texts: number;
  readonly callCentre: CallCentre;
  readonly intervals: readonly Pick<CallInterval, 'from' | 'to' | 'offered' | 'base'>[];
}

/** The midnight after a day that opened. `prior`: `callsPerTextPrior` in force now. Unchanged when coverage is too thin. */
export function learn(state: CallRateState, day: TaughtDay, prior: number): CallRateState {
  const hoursOf = (i: { from: string; to: string }) => (Date.parse(i.to) - Date.parse(i.from)) / 3_600_000;
  const hours = day.intervals.reduce((sum, i) => sum + hoursOf(i), 0);
  if (hours < LEARN_HOURS_MIN) return state;
  const offered = day.intervals.reduce((sum, i) => sum + i.offered, 0);
  const perHour = forecastOf(day.date, day.callCentre) / day.callCentre.hoursPerDay;
  const known = day.intervals.reduce((sum, i) => sum + (i.base ?? 0), 0);
  const unknownHours = day.intervals.reduce((sum, i) => sum + (i.base === undefined ? hoursOf(i) : 0), 0);
  const excessCalls = DECAY * state.excessCalls + (offered - (known + perHour * unknownHours));
  const texts = DECAY * state.texts + day.texts;
  const rate = (PRIOR_TEXTS * prior + excessCalls) / (PRIOR_TEXTS + texts);
  return { excessCalls, texts, callRate: round4(Math.max(CALL_RATE_MIN, rate)) };
}

function addCounts(a: Counts, b: Counts): Counts {
  return {
    offered: a.offered + b.offered,
    answeredWithin30s: a.answeredWithin30s + b.answeredWithin30s,
    abandoned: a.abandoned + b.abandoned,
    abandonedWithin10s: a.abandonedWithin10s + b.abandonedWithin10s,
  };
}

function round4(x: number): number {
  return Math.round(x * 10_000) / 10_000;
}
