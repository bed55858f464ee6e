/**
 * Luck without state: a number in [0, 1) that depends only on who (seed and subject), on what occasion and for which
 * time. No stream is consumed, so one subject's luck never shifts another's, and the same patient under another policy
 * meets the same luck (design.md, section 6: common random numbers). Leaves out: any probability (assumptions.ts).
 * The mixer is the 32-bit finaliser of MurmurHash3 over FNV-1a. Not for secrets.
 */
const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5;
const GOLDEN = 0x9e3779b1;

/** Who draws: a 32-bit number made once from seed and subject. */
export type LuckKey = number;

/** `seed`: any safe integer of at least 0; `who`: any text, e.g. a patient id. */
export function luckKey(seed: number, who: string): LuckKey {
  const high = Math.floor(seed / 0x100000000);
  return mix(hashText(who, mix(FNV_BASIS ^ (seed >>> 0)) ^ Math.imul(high, GOLDEN)));
}

/** The luck of `key` the `n`-th time of `occasion`: uniform in [0, 1), in steps of 2^-32. */
export function chance(key: LuckKey, occasion: string, n = 0): number {
  return mix(mix(hashText(occasion, key)) ^ Math.imul(n + 1, GOLDEN)) / 0x100000000;
}

/** Exponential with `mean` (any unit), from one draw `u` in [0, 1). */
export function exponential(u: number, mean: number): number {
  return -mean * Math.log(1 - u);
}

/** Roughly standard normal within ±3: three draws added, so that no trigonometry can differ between machines. */
export function bell(key: LuckKey, occasion: string, n = 0): number {
  const draw = (k: number) => chance(key, occasion, n * 3 + k);
  return 2 * (draw(0) + draw(1) + draw(2) - 1.5);
}

/** Above this mean a Poisson count is drawn from its normal approximation. */
const POISSON_EXACT_MAX = 25;

/** A Poisson count with `mean` >= 0. */
export function poisson(key: LuckKey, occasion: string, mean: number, n = 0): number {
  if (mean > POISSON_EXACT_MAX) return Math.max(0, Math.round(mean + Math.sqrt(mean) * bell(key, occasion, n)));
  let left = chance(key, occasion, n);
  let probability = Math.exp(-mean);
  let count = 0;
  while (left >= probability && count < 10 * POISSON_EXACT_MAX) {
    left -= probability;
    count += 1;
    probability *= mean / count;
  }
  return count;
}

/** The element of `items` on which `u` in [0, 1) falls, all alike. Throws on an empty list. */
export function pick<T>(items: readonly T[], u: number): T {
  if (items.length === 0) throw new RangeError('nothing to pick from');
  return items[Math.min(items.length - 1, Math.floor(u * items.length))]!;
}

/** The element on which `u` in [0, 1) falls when each has a weight > 0; weights need not add up to 1. */
export function pickWeighted<T extends { readonly weight: number }>(items: readonly T[], u: number): T {
  let left = u * items.reduce((sum, item) => sum + item.weight, 0);
  for (const item of items) {
    left -= item.weight;
    if (left < 0) return item;
  }
  return items[items.length - 1]!;
}

function hashText(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash;
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
