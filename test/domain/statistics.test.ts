/** Literals: Newcombe (Statistics in Medicine 1998; 17: 857-872), table I, method 3; the rest by hand, worked beside. */
import { mantelHaenszelRiskDifference, proportion, rounded } from '../../domain/statistics';

describe('Wilson interval', () => {
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i is that of Newcombe', (n, of, low, high) => {
    const interval = proportion(n, of);
    expect(interval.rate).toBeCloseTo(n / of, 6);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('mirrors: 20 of 20 is 0 of 20 from the other end', () => {
    expect(proportion(20, 20)).toEqual({ n: 20, of: 20, rate: 1, low: rounded(1 - 0.161125), high: 1 });
    expect(proportion(0, 20)).toEqual({ n: 0, of: 20, rate: 0, low: 0, high: 0.161125 });
  });

  it('has no rate of nobody', () => {
    expect(proportion(0, 0)).toEqual({ n: 0, of: 0, rate: null, low: null, high: null });
  });
});

describe('Mantel-Haenszel risk difference', () => {
  // weights 50*50/100 = 25, 20*80/100 = 16; differences (10*50-5*50)/100 = 2.5, (6*80-8*20)/100 = 3.2; 5.7/41.
  // Greenland-Robins: (10*40*50^3 + 5*45*50^3)/(2500*100^2) = 3.125; (6*14*80^3 + 8*72*20^3)/(1600*100^2) = 2.976;
  // standard error sqrt(6.101)/41 = 0.060244.
  const first = { treated: 50, treatedEvents: 10, controls: 50, controlEvents: 5 };
  const second = { treated: 20, treatedEvents: 6, controls: 80, controlEvents: 8 };

  it('pools two strata as worked by hand', () => {
    expect(mantelHaenszelRiskDifference([first, second])).toEqual({ value: 0.139024, low: 0.020948, high: 0.257101 });
  });

  it('of one stratum is the plain difference with the plain interval', () => {
    // 0.2 - 0.1; sqrt(0.2*0.8/50 + 0.1*0.9/50) = 0.0707107; times 1.959964 = 0.138590.
    expect(mantelHaenszelRiskDifference([first])).toEqual({ value: 0.1, low: -0.03859, high: 0.23859 });
  });

  it('takes nothing from a stratum with one arm', () => {
    const lone = { treated: 30, treatedEvents: 30, controls: 0, controlEvents: 0 };
    expect(mantelHaenszelRiskDifference([first, lone])).toEqual(mantelHaenszelRiskDifference([first]));
    expect(mantelHaenszelRiskDifference([lone])).toEqual({ value: null, low: null, high: null });
  });

  it('gives no interval where nobody had the event', () => {
    const quiet = { treated: 30, treatedEvents: 0, controls: 30, controlEvents: 0 };
    expect(mantelHaenszelRiskDifference([quiet])).toEqual({ value: 0, low: null, high: null });
  });
});

it('rounds to 6 decimals and never to minus zero', () => {
  expect(rounded(0.12345649)).toBe(0.123456);
  expect(Object.is(rounded(-1e-9), 0)).toBe(true);
});
