/**
 * The two estimators of the evaluation. Wilson (1927) score interval of a proportion; Mantel-Haenszel risk difference
 * over strata with the variance of Greenland and Robins (Biometrics 1985; 41: 55-68). Both at 95 %. Results are
 * rounded to 6 decimals, so that JSON made from them is the same on every machine. Leaves out: what is counted
 * (evaluation.ts).
 */
import type { Estimate, Proportion } from './report';

/** The 97.5 % quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;
const DECIMALS = 1e6;

/** A 2 x 2 table: how many of the treated and of the controls had the event. */
export interface Stratum {
  readonly treated: number;
  readonly treatedEvents: number;
  readonly controls: number;
  readonly controlEvents: number;
}

/** `value` to 6 decimals; never -0. */
export function rounded(value: number): number {
  return Math.round(value * DECIMALS) / DECIMALS || 0;
}

/** `n` of `of` with its Wilson 95 % interval; 0 <= n <= of. */
export function proportion(n: number, of: number): Proportion {
  if (of === 0) return { n, of, rate: null, low: null, high: null };
  const rate = n / of;
  const z2 = Z_95 * Z_95;
  const centre = (rate + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Z_95 / (1 + z2 / of)) * Math.sqrt((rate * (1 - rate)) / of + z2 / (4 * of * of));
  // At 0 and at all the bound is exact; in floating point it misses by an ulp.
  const low = n === 0 ? 0 : Math.max(0, centre - half);
  const high = n === of ? 1 : Math.min(1, centre + half);
  return { n, of, rate: rounded(rate), low: rounded(low), high: rounded(high) };
}

/** A stratum tells of the difference only if it has both arms. */
export function isInformative(stratum: Stratum): boolean {
  return stratum.treated > 0 && stratum.controls > 0;
}

/**
 * Risk of the treated less risk of the controls, pooled over the strata with both arms. `value` is null where there is
 * none; `low` and `high` are null where nothing varies, for then the variance says nothing.
 */
export function mantelHaenszelRiskDifference(strata: Iterable<Stratum>): Estimate {
  let weight = 0;
  let difference = 0;
  let spread = 0;
  for (const stratum of strata) {
    if (!isInformative(stratum)) continue;
    const { treated: n1, treatedEvents: a, controls: n0, controlEvents: c } = stratum;
    const n = n1 + n0;
    weight += (n1 * n0) / n;
    difference += (a * n0 - c * n1) / n;
    spread += (a * (n1 - a) * n0 ** 3 + c * (n0 - c) * n1 ** 3) / (n1 * n0 * n ** 2);
  }
  if (weight === 0) return { value: null, low: null, high: null };
  const value = difference / weight;
  if (spread === 0) return { value: rounded(value), low: null, high: null };
  const half = (Z_95 * Math.sqrt(spread)) / weight;
  return { value: rounded(value), low: rounded(value - half), high: rounded(value + half) };
}
