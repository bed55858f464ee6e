/** The weekly threshold in exact decimals and the share of a wave for one day (formats.md, rule 1; design.md, "A week"). */
import { cumulativeCap, shareOfWave } from '../../domain/threshold';

describe('the cumulative cap', () => {
  it.each([
    ['3 x 0.2 x 200 is 120, although 0.2 + 0.2 + 0.2 is more in floats', [0.2, 0.2, 0.2], 200, 0, 120],
    ['a part of a patient is a whole one', [0.2], 201, 0, 41],
    ['an exact product is not rounded up', [0.2], 205, 0, 41],
    ['0.1 x 3 x 10 is 3', [0.1, 0.1, 0.1], 10, 0, 3],
    ['0.07 x 100 is 7, although it is more in floats', [0.07], 100, 0, 7],
    ['the smallest threshold admits somebody', [0.001], 1, 0, 1],
    ['nobody eligible, nobody admitted', [0.5], 0, 0, 0],
    ['the sum stops at 1', [0.6, 0.6], 50, 0, 50],
    ['a sum of exactly 1 is everyone', [0.2, 0.2, 0.2, 0.2, 0.2], 1000, 0, 1000],
    ['it never falls when fewer are eligible', [0.2, 0.2], 100, 60, 60],
    ['it rises past the cap before', [0.2, 0.2], 151, 60, 61],
  ])('%s', (_, thresholds, eligible, before, cap) => {
    expect(cumulativeCap(thresholds, eligible, before)).toBe(cap);
  });
});

describe("today's share of the wave left", () => {
  it.each([
    ['Monday, the peak of calls, carries less', 200, [15, 40, 45, 45, 50], 15],
    ['the last day takes all', 37, [50], 37],
    ['a day without headroom takes nobody', 40, [0, 40, 40], 0],
    ['headroom below nothing counts as none', 40, [-20, 40], 0],
    ['without any headroom the days share alike', 40, [0, 0, 0, 0], 10],
    ['never more than is left', 1, [10, 0.001], 1],
  ])('%s', (_, waveLeft, headrooms, share) => {
    expect(shareOfWave(waveLeft, headrooms)).toBe(share);
  });
});
