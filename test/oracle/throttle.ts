/**
 * The throttle of rule 10, recomputed in exact decimals: call rate from day to day, budget at opening, and what is left
 * through the day as texts go out and intervals are judged. Where formats.md leaves a choice every allowed value is kept.
 */
import Big from 'big.js';
import type { SendDay } from './days';
import { mergeDeep, type CallCentre } from './policy';
import type { Input } from './readRecording';
import { addDays, dateOf, HOUR, startOfDate, weekdayOf } from './time';
import type { World } from './world';

export interface Interval {
  at: number;
  from: number;
  to: number;
  offered: number;
  answeredWithin30s: number;
  abandoned: number;
  abandonedWithin10s: number;
  base: number | undefined;
}

export function intervalsByDate(world: World): Map<string, Interval[]> {
  const byDate = new Map<string, Interval[]>();
  for (const input of world.inputs) {
    if (input.type !== 'call.interval') continue;
    const date = dateOf(world.zone, input.at);
    byDate.set(date, [...(byDate.get(date) ?? []), toInterval(input)]);
  }
  return byDate;
}

function toInterval(input: Input): Interval {
  const interval = mergeDeep({}, input) as unknown as Interval;
  return { ...interval, from: Date.parse(String(input['from'])), to: Date.parse(String(input['to'])) };
}

export function forecastOf(callCentre: CallCentre, date: string): number {
  return callCentre.baseForecast[weekdayOf(date)] ?? 0;
}

export function budgetOf(callCentre: CallCentre, date: string, callRate: number): number {
  const room = new Big(callCentre.capacityPerDay).minus(forecastOf(callCentre, date)).div(callRate);
  return Math.max(callCentre.floorPerDay, Math.floor(Number(room.round(0, Big.roundDown).toString())));
}

/** Hours covered by the intervals: as a union, and as a sum. */
export function coveredHours(intervals: Interval[]): number[] {
  let union = 0;
  let until = -Infinity;
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    union += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  const sum = intervals.reduce((total, { from, to }) => total + to - from, 0);
  return [...new Set([union / HOUR, sum / HOUR])];
}

interface RateState {
  E: Big;
  T: Big;
  rate: number;
}

/** Every value `callRate` may have on each send day. `textsOn` counts the day's texts by the ledger. */
export function callRates(world: World, days: SendDay[], textsOn: Map<string, number>): Map<string, Set<number>> {
  const intervals = intervalsByDate(world);
  const rates = new Map<string, Set<number>>();
  const startPrior = world.policy.at(-Infinity).callCentre.callsPerTextPrior;
  let states: RateState[] = [{ E: new Big(0), T: new Big(0), rate: startPrior }];
  let recomputed = false;
  for (const [i, day] of days.entries()) {
    const values = new Set(states.map((state) => state.rate));
    if (!recomputed) values.add(day.callCentre.callsPerTextPrior);
    rates.set(day.date, values);
    if (day.openAt === undefined) continue;
    const nextPrior = (days[i + 1] ?? day).callCentre.callsPerTextPrior;
    const ofDay = intervals.get(day.date) ?? [];
    const next: RateState[] = [];
    for (const hours of coveredHours(ofDay)) {
      if (hours < 6) next.push(...states);
      else {
        recomputed = true;
        const texts = textsOn.get(day.date) ?? 0;
        for (const prior of new Set([day.callCentre.callsPerTextPrior, nextPrior])) {
          for (const state of states) next.push(...recompute(state, day, ofDay, hours, texts, prior));
        }
      }
    }
    states = distinct(next);
  }
  return rates;
}

function recompute(
  state: RateState,
  day: SendDay,
  intervals: Interval[],
  hours: number,
  texts: number,
  prior: number,
): RateState[] {
  const offered = intervals.reduce((sum, interval) => sum + interval.offered, 0);
  const { hoursPerDay } = day.callCentre;
  const perHour = new Big(forecastOf(day.callCentre, day.date)).div(hoursPerDay);
  const expected = intervals.every((interval) => interval.base !== undefined)
    ? [new Big(intervals.reduce((sum, interval) => sum + (interval.base as number), 0))]
    : intervals.some((interval) => interval.base !== undefined)
      ? [mixedExpected(intervals, perHour), perHour.times(hours)]
      : [perHour.times(hours)];
  return expected.flatMap((calls) => {
    const E = state.E.times(0.8).plus(new Big(offered).minus(calls));
    const T = state.T.times(0.8).plus(texts);
    const exact = new Big(200).times(prior).plus(E).div(new Big(200).plus(T));
    return [-1e-9, 1e-9].map((nudge) => ({
      E,
      T,
      rate: Math.max(0.01, Number(exact.plus(nudge).round(4).toString())),
    }));
  });
}

/** `base` where given, the forecast's share for the other intervals. */
function mixedExpected(intervals: Interval[], perHour: Big): Big {
  return intervals.reduce(
    (sum, { base, from, to }) => sum.plus(base !== undefined ? base : perHour.times((to - from) / HOUR)),
    new Big(0),
  );
}

function distinct(states: RateState[]): RateState[] {
  return [...new Map(states.map((state) => [`${state.E} ${state.T} ${state.rate}`, state])).values()].slice(0, 64);
}

export interface ThrottleStep {
  at: number;
  left: number;
  sent: number;
}

export interface ThrottleDay {
  steps: ThrottleStep[];
  halvings: number;
  problems: string[];
}

/** Runs one open day: texts take from what is left, judged sums of intervals halve it or give a tenth back. */
export function runDay(world: World, day: SendDay, budget: number, intervals: Interval[]): ThrottleDay {
  const texts = world.texts.filter((row) => dateOf(world.zone, row.sentAt as number) === day.date);
  const openAt = day.openAt as number;
  const events = [
    ...intervals.filter(({ at }) => at >= openAt).map((interval) => ({ at: interval.at, interval, row: undefined })),
    ...texts.map((row) => ({ at: row.sentAt as number, interval: undefined, row })),
  ].sort((a, b) => a.at - b.at || Number(a.row !== undefined) - Number(b.row !== undefined));
  const result: ThrottleDay = { steps: [{ at: openAt, left: budget, sent: 0 }], halvings: 0, problems: [] };
  let left = budget;
  let sent = 0;
  let floorTexts = 0;
  let gathered: Interval[] = [];
  for (const { at, interval, row } of events) {
    if (interval) {
      gathered.push(interval);
      const verdict = judge(gathered, day.callCentre);
      if (verdict === undefined) continue;
      gathered = [];
      if (verdict === 'bad') result.halvings += 1;
      left = verdict === 'bad' ? Math.floor(left / 2) : Math.min(left + Math.ceil(budget / 10), budget - sent);
    } else if (row) {
      sent += 1;
      if (left > 0) left -= 1;
      else if (row.tier === '1') floorTexts += 1;
      else result.problems.push(`${row.messageId} of tier ${row.tier} sent at ${row.line} when nothing was left`);
    }
    result.steps.push({ at, left, sent });
  }
  if (sent > budget) result.problems.push(`${sent} texts, budget ${budget}`);
  const { floorPerDay } = day.callCentre;
  if (floorTexts > floorPerDay) result.problems.push(`${floorTexts} texts of tier 1 on the floor of ${floorPerDay}`);
  return result;
}

/** Judges the sum once at least 20 calls were offered; undefined while it is still gathering. */
function judge(intervals: Interval[], callCentre: CallCentre): 'bad' | 'good' | undefined {
  const total = (field: 'offered' | 'answeredWithin30s' | 'abandoned' | 'abandonedWithin10s'): number =>
    intervals.reduce((sum, interval) => sum + interval[field], 0);
  const offered = total('offered');
  if (offered < 20) return undefined;
  const late = new Big(total('abandoned') - total('abandonedWithin10s'));
  const abandons = late.gt(new Big(callCentre.abandonmentMax).times(offered));
  const served = offered - total('abandonedWithin10s');
  const slow = served > 0 && new Big(total('answeredWithin30s')).lt(new Big(callCentre.serviceLevelMin).times(served));
  return abandons || slow ? 'bad' : 'good';
}

/** Midnight after a date in the organisation's zone. */
export function midnightAfter(world: World, date: string): number {
  return startOfDate(world.zone, addDays(date, 1));
}
