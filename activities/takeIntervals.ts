/**
 * Takes in call-centre intervals. They are kept in the order in which they arrived, under an id given at the door, so that
 * a message that comes twice counts once; passes and the midnight after read them by the instant they were reported.
 */
import { MINUTE_MS } from '../domain/calendar';
import type { CallInterval } from '../domain/input';
import type { ArrivedInterval } from '../services/messaging';
import { EVERYWHERE, timeKey } from '../services/rows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';

/** `at` may lie this far from the arrival (triggers/http.ts), with a margin for the queue. */
export const APART_MAX_MS = 65 * MINUTE_MS;

export async function takeIntervals(services: Services, intervals: readonly ArrivedInterval[]): Promise<void> {
  for (const { arrival, ...value } of intervals)
    await services.store.intervals.upsert({ pk: EVERYWHERE, rk: arrival, value });
}

/** `arrival` for each, in order; one told of ahead of its time arrives at its time, when passes may look at it. */
export function arriving(services: Services, intervals: readonly CallInterval[]): ArrivedInterval[] {
  const nowMs = services.clock.now();
  return intervals.map((interval) => ({
    ...interval,
    arrival: timeKey(Math.max(nowMs, Date.parse(interval.at)), services.sequence()),
  }));
}

export interface KeyedInterval {
  readonly key: string;
  readonly interval: CallInterval;
}

/** Intervals reported in `[fromMs, toMs)`, in the order of their arrival. */
export async function intervalsBetween(services: Services, fromMs: number, toMs: number): Promise<KeyedInterval[]> {
  const range = {
    pk: EVERYWHERE,
    rkAfter: timeKey(Math.max(0, fromMs - APART_MAX_MS), 0),
    rkBefore: timeKey(toMs + APART_MAX_MS, 0),
  };
  return (await allRows(services.store.intervals, range)).flatMap(({ rk, value }) => {
    const atMs = Date.parse(value.at);
    return atMs >= fromMs && atMs < toMs ? [{ key: rk, interval: value }] : [];
  });
}
