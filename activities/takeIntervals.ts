/** Takes in call-centre intervals. Passes and the midnight after read them by the instant they were reported. */
import type { CallInterval } from '../domain/input';
import { EVERYWHERE, timeKey } from '../services/rows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';

export async function takeIntervals(services: Services, intervals: readonly CallInterval[]): Promise<void> {
  for (const value of intervals)
    await services.store.intervals.insert({
      pk: EVERYWHERE,
      rk: timeKey(Date.parse(value.at), services.sequence()),
      value,
    });
}

export interface KeyedInterval {
  readonly key: string;
  readonly interval: CallInterval;
}

/** Intervals reported in `[fromMs, toMs)` and after `cursor`, in order. */
export async function intervalsBetween(
  services: Services,
  fromMs: number,
  toMs: number,
  cursor = '',
): Promise<KeyedInterval[]> {
  const from = `${timeKey(fromMs, 0)}`;
  const range = { pk: EVERYWHERE, rkAfter: cursor > from ? cursor : from, rkBefore: timeKey(toMs, 0) };
  return (await allRows(services.store.intervals, range)).map(({ rk, value }) => ({ key: rk, interval: value }));
}
