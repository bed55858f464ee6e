/**
 * How the world around the app misbehaves in one run: rates drawn from the run's seed, and the luck by which each fault
 * strikes. Everything here is something that the real service does (Azure's documented behaviour: at-least-once delivery,
 * throttling, answers lost after the effect). Leaves out the durable host's own faults, which the emulator makes.
 */
import { chance, luckKey, pick, type LuckKey } from '../random';

export interface FaultRates {
  /** Of each call to a table or blob: refused before anything happened, after all retries of the SDK. */
  readonly storageBefore: number;
  /** Of each call that writes: carried out, and the answer lost. */
  readonly storageAfter: number;
  /** Of each call to the gateway: refused before, or carried out with the answer lost. */
  readonly gatewayBefore: number;
  readonly gatewayAfter: number;
  /** Of each call to the bus: refused before, or taken with the answer lost. */
  readonly busBefore: number;
  readonly busAfter: number;
  /** Of each message: handed over twice. */
  readonly busTwice: number;
  /** Of each order of a text: handed over later, up to this long, ms. */
  readonly busLate: number;
  readonly busLateMs: number;
  /** Of each group of orders: handed over one by one, in another order. */
  readonly busShuffled: number;
}

export interface FaultPlan {
  readonly seed: number;
  readonly rates: FaultRates;
}

const RATES = [0, 0, 0.002, 0.01, 0.03] as const;
/** No message outlives its time to live in the queue, an hour. */
const LATENESS_MS = [5_000, 60_000, 20 * 60_000, 50 * 60_000] as const;

/** A run has some kinds of faults and not others, some rare and some frequent, so that each kind is met alone too. */
export function drawPlan(seed: number): FaultPlan {
  const key = luckKey(seed, 'faults');
  const rate = (name: string, factor = 1) => pick(RATES, chance(key, name)) * factor;
  return {
    seed,
    rates: {
      storageBefore: rate('storageBefore', 0.03),
      storageAfter: rate('storageAfter', 0.03),
      gatewayBefore: rate('gatewayBefore', 5),
      gatewayAfter: rate('gatewayAfter', 5),
      busBefore: rate('busBefore', 3),
      busAfter: rate('busAfter', 3),
      busTwice: rate('busTwice', 10),
      busLate: rate('busLate', 10),
      busLateMs: pick(LATENESS_MS, chance(key, 'busLateMs')),
      busShuffled: rate('busShuffled', 10),
    },
  };
}

export interface MadeFault {
  readonly kind: keyof FaultRates;
  readonly atMs: number;
  readonly target: string;
}

/** Draws, and remembers what it made. Off until `fromMs`: what a run is set up with is no part of it. */
export class Faults {
  readonly made: MadeFault[] = [];
  fromMs = Infinity;
  private readonly key: LuckKey;
  private draws = 0;

  constructor(
    readonly plan: FaultPlan,
    private readonly nowMs: () => number,
  ) {
    this.key = luckKey(plan.seed, 'strikes');
  }

  strikes(kind: keyof FaultRates, target: string): boolean {
    const rate = this.plan.rates[kind];
    if (rate === 0 || this.nowMs() < this.fromMs || this.luck(kind) >= rate) return false;
    this.made.push({ kind, atMs: this.nowMs(), target });
    return true;
  }

  /** In [0, 1). */
  luck(occasion: string): number {
    return chance(this.key, occasion, (this.draws += 1));
  }
}
