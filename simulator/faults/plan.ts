/**
 * How the world around the app misbehaves in one run: rates drawn from the run's seed, and the luck by which each fault
 * strikes. Everything here is something that the real service does (Azure's documented behaviour: at-least-once delivery,
 * throttling, answers lost after the effect). Leaves out the durable host's own faults, which the emulator makes.
 */
import { chance, luckKey, pick, type LuckKey } from '../random';

export interface FaultRates {
  /** Of each call to a table or blob: refused, or lost on the way, after all retries of the SDK. */
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
  /** Of each group of orders: handed over later, up to this long, ms. */
  readonly busLate: number;
  readonly busLateMs: number;
  /** Of each group of orders: handed over one by one, in another order. */
  readonly busShuffled: number;
  /** Of each group of orders that is late, and each fault of storage: what comes meanwhile forbids a text (ambush.ts). */
  readonly ambush: number;
}

export type FaultKind = Exclude<keyof FaultRates, 'busLateMs'>;

/** What is left of a run's faults while a failing one is made smaller. */
export interface FaultLimits {
  /** Kinds that do not strike. */
  readonly off?: readonly string[];
  /** None strikes before or from then on, epoch ms. */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

export interface FaultPlan {
  readonly seed: number;
  readonly rates: FaultRates;
  readonly limits: FaultLimits;
}

const RATES = [0, 0, 0.002, 0.01, 0.03] as const;
/** No message outlives its time to live in the queue, an hour. */
const LATENESS_MS = [5_000, 60_000, 20 * 60_000, 50 * 60_000] as const;
const AMBUSHES = [0, 0.3, 1] as const;
/** Calls to storage that go well after a fault, at most: what is tried again then comes further, and is cut elsewhere. */
const QUIET_MAX = 2_000;
/** Mostly there are fewer. */
const QUIET_POWER = 2;

/** A run has some kinds of faults and not others, some rare and some frequent, so that each kind is met alone too. */
export function drawPlan(seed: number, limits: FaultLimits = {}): FaultPlan {
  const key = luckKey(seed, 'faults');
  const rate = (name: FaultKind, factor = 1) => pick(RATES, chance(key, name)) * factor;
  return {
    seed,
    limits,
    rates: {
      storageBefore: rate('storageBefore'),
      storageAfter: rate('storageAfter'),
      gatewayBefore: rate('gatewayBefore', 5),
      gatewayAfter: rate('gatewayAfter', 5),
      busBefore: rate('busBefore', 3),
      busAfter: rate('busAfter', 3),
      busTwice: rate('busTwice', 10),
      busLate: rate('busLate', 10),
      busLateMs: pick(LATENESS_MS, chance(key, 'busLateMs')),
      busShuffled: rate('busShuffled', 10),
      ambush: pick(AMBUSHES, chance(key, 'ambush')),
    },
  };
}

/** Every kind that a plan can leave out. */
export const FAULT_KINDS: ReadonlySet<string> = new Set(
  Object.keys(drawPlan(0).rates).filter((name) => name !== 'busLateMs'),
);

export interface MadeFault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly target: string;
}

/** Draws, and remembers what it made. Off until `begin`: what a run is set up with is no part of it. */
export class Faults {
  readonly made: MadeFault[] = [];
  private fromMs = Infinity;
  private readonly key: LuckKey;
  /** One sequence a kind, so that leaving one out does not change what another does. */
  private readonly draws = new Map<string, number>();
  private quietLeft = 0;

  constructor(
    readonly plan: FaultPlan,
    private readonly nowMs: () => number,
  ) {
    this.key = luckKey(plan.seed, 'strikes');
  }

  begin(atMs: number): void {
    this.fromMs = Math.max(atMs, this.plan.limits.fromMs ?? -Infinity);
  }

  end(): void {
    this.fromMs = Infinity;
  }

  strikes(kind: FaultKind, target: string): boolean {
    const { rates, limits } = this.plan;
    const nowMs = this.nowMs();
    if (rates[kind] === 0 || nowMs < this.fromMs || this.luck(kind) >= rates[kind]) return false;
    if (nowMs >= (limits.untilMs ?? Infinity) || limits.off?.includes(kind)) return false;
    this.made.push({ kind, atMs: nowMs, target });
    return true;
  }

  /** A fault of storage; after one, the next calls go well. */
  strikesStorage(kind: 'storageBefore' | 'storageAfter', target: string): boolean {
    if (this.quietLeft > 0) {
      this.quietLeft -= 1;
      return false;
    }
    if (!this.strikes(kind, target)) return false;
    this.quietLeft = Math.floor(this.luck('quiet') ** QUIET_POWER * QUIET_MAX);
    return true;
  }

  /** In [0, 1). */
  luck(occasion: string): number {
    const n = (this.draws.get(occasion) ?? 0) + 1;
    this.draws.set(occasion, n);
    return chance(this.key, occasion, n);
  }
}
