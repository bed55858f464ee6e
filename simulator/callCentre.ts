/**
 * The call centre: how many calls each hour is offered and how it copes. Offered = the base load (the campaign's
 * forecast, spread over the day with a morning peak, with noise and a few bad spells) plus the calls that texts caused.
 * Coping is a share of capacity: within it nearly all are answered in 30 s, beyond it waits grow and callers give up.
 * No queue is simulated call by call. Source of every figure: assumptions.ts; capacity and forecast: the campaign.
 */
import { isoInZone } from '../domain/calendar';
import type { CallInterval } from '../domain/input';
import type { Campaign } from '../domain/policy';
import { rates } from './assumptions';
import { openHours, type OpenHour } from './openHours';
import type { Person } from './people';
import { chance, luckKey, poisson, type LuckKey } from './random';

/** A call that a text caused. `books`: the caller wants an appointment and is one try further on each time. */
export interface Call {
  readonly person: Person;
  readonly books?: { readonly n: number; readonly tries: number };
}

export interface Closed {
  readonly input: CallInterval;
  readonly calls: readonly Call[];
  /** Share of the interval's callers who gave up, in [0, 1]. */
  readonly gaveUp: number;
}

/** Load is remembered from one hour to the next by this share: callers who wait, and staff who catch up. */
const CARRIED = 0.25;
/** Callers begin to give up when load passes capacity by this factor. */
const GIVE_UP_FROM = 1.1;
const GIVE_UP_MAX = 0.5;

export class CallCentre {
  readonly intervals: readonly OpenHour[];
  private readonly luck: LuckKey;
  private readonly calls = new Map<number, Call[]>();
  private load = 0;

  constructor(
    private readonly campaign: Campaign,
    seed: number,
  ) {
    this.luck = luckKey(seed, 'call centre');
    this.intervals = openHours(campaign, this.luck);
  }

  /**
   * Puts a call into the first interval that ends after `atMs`; one that comes while the centre is closed waits for
   * `spread` (ms >= 0) after it opens. False when the centre never opens again.
   */
  call(atMs: number, spread: number, call: Call): boolean {
    let index = this.firstEndingAfter(atMs);
    const interval = this.intervals[index];
    if (interval && interval.fromMs > atMs) index = this.firstEndingAfter(interval.fromMs + spread);
    if (index >= this.intervals.length) return false;
    const calls = this.calls.get(index);
    if (calls) calls.push(call);
    else this.calls.set(index, [call]);
    return true;
  }

  /** The figures of interval `index`. To be called once for each, ascending: load carries over. */
  close(index: number): Closed {
    const interval = this.intervals[index]!;
    const calls = this.calls.get(index) ?? [];
    this.calls.delete(index);
    const base = poisson(this.luck, 'base', interval.baseMean, index);
    const offered = base + calls.length;
    const load = interval.capacity > 0 ? offered / interval.capacity : offered > 0 ? 2 : 0;
    this.load = interval.first ? load : CARRIED * this.load + (1 - CARRIED) * load;
    const gaveUp = Math.min(
      GIVE_UP_MAX,
      rates.abandonsAnyway + rates.abandonsPerOverload * Math.max(0, this.load - GIVE_UP_FROM),
    );
    const fast = Math.max(0, rates.answeredFast - rates.slowsPerOverload * Math.max(0, this.load - 1));
    const count = (exact: number, what: string) => Math.floor(exact + chance(this.luck, what, index));
    const abandoned = Math.min(offered, count(offered * gaveUp, 'abandoned'));
    const answered = offered - abandoned;
    const { timeZone } = this.campaign;
    const input: CallInterval = {
      at: isoInZone(interval.toMs, timeZone),
      type: 'call.interval',
      from: isoInZone(interval.fromMs, timeZone),
      to: isoInZone(interval.toMs, timeZone),
      offered,
      answered,
      answeredWithin30s: Math.min(answered, count(answered * fast, 'fast')),
      abandoned,
      abandonedWithin10s: Math.min(abandoned, count(abandoned * rates.abandonsWithin10s, 'abandoned at once')),
      base,
    };
    return { input, calls, gaveUp };
  }

  private firstEndingAfter(atMs: number): number {
    let low = 0;
    let high = this.intervals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.intervals[middle]!.toMs > atMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
