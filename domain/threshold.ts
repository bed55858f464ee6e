/**
 * The weekly admission threshold (formats.md, rule 1). Exact decimals: 3 × 0.2 × 200 is 120, which binary floats miss.
 */
import Big from 'big.js';

/**
 * Cumulative cap of a week: `ceil(min(1, Σ thresholds) × eligible)`, never below `previousCap`.
 * `thresholds`: the weeklyThreshold of each week up to this one, each in (0, 1].
 */
export function cumulativeCap(thresholds: readonly number[], eligible: number, previousCap: number): number {
  const sum = thresholds.reduce((total, threshold) => total.plus(threshold), new Big(0));
  const share = sum.gt(1) ? new Big(1) : sum;
  const cap = share.times(eligible).round(0, Big.roundUp).toNumber();
  return Math.max(cap, previousCap);
}

/**
 * Today's share of the wave left, in proportion to today's headroom (capacity − forecast, not below 0) among the send
 * days left of the week, today first. The last day takes all; with no headroom anywhere the days share alike.
 */
export function shareOfWave(waveLeft: number, headrooms: readonly number[]): number {
  if (headrooms.length <= 1) return waveLeft;
  const clipped = headrooms.map((h) => Math.max(0, h));
  const total = clipped.reduce((sum, h) => sum + h, 0);
  const part = total > 0 ? clipped[0]! / total : 1 / clipped.length;
  return Math.min(waveLeft, Math.round(waveLeft * part));
}
