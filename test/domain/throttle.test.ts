/**
 * The throttle's arithmetic by table, each figure worked out by hand from formats.md, rule 10: budget, judging of spells,
 * halving and giving back, the floor, and the call rate that days teach.
 */
import { parseCampaign, type CallCentre } from '../../domain/policy';
import {
  abandonment,
  afterInterval,
  afterReturn,
  afterTexts,
  budgetOf,
  callRateOf,
  floorLeft,
  forecastOf,
  isBad,
  learn,
  openThrottle,
  serviceLevel,
  UNTAUGHT,
  type DayThrottle,
} from '../../domain/throttle';

const centre: CallCentre = parseCampaign({ campaignId: 'c', startsOn: '2026-01-05' }).callCentre;
const counts = (offered: number, answeredWithin30s: number, abandoned = 0, abandonedWithin10s = 0) => ({
  offered,
  answeredWithin30s,
  abandoned,
  abandonedWithin10s,
});

describe('a prior that rounds to no call at all', () => {
  it('is reported and used as the least there is', () => {
    const callRate = callRateOf(UNTAUGHT, { ...centre, callsPerTextPrior: 0.00001 });
    expect([callRate, budgetOf(130, callRate, centre)]).toEqual([0.01, 1500]);
    expect(callRateOf(UNTAUGHT, { ...centre, callsPerTextPrior: 0.0002 })).toBe(0.0002);
  });
});

describe('the budget of a day', () => {
  it.each([
    ['Monday: floor(15 / 0.12)', 145, 130, 0.12, 5, 125],
    ['Tuesday: floor(40 / 0.12) = floor(333.3)', 145, 105, 0.12, 5, 333],
    ['exact: 4.35 / 0.01 is 435, although floats say 434.99', 104.35, 100, 0.01, 5, 435],
    ['just below a whole text', 145, 130, 0.1201, 5, 124],
    ['forecast at capacity leaves the floor', 130, 130, 0.12, 5, 5],
    ['forecast past capacity leaves the floor', 100, 130, 0.12, 5, 5],
    ['headroom of less than the floor leaves the floor', 131, 130, 0.25, 5, 5],
    ['headroom of one text more than the floor', 131.5, 130, 0.25, 5, 6],
    ['no floor, no headroom, no text', 130, 130, 0.12, 0, 0],
  ])('%s', (_, capacityPerDay, forecast, callRate, floorPerDay, budget) => {
    expect(budgetOf(forecast, callRate, { ...centre, capacityPerDay, floorPerDay })).toBe(budget);
  });

  it('takes the forecast of the weekday', () => {
    expect(['2026-01-05', '2026-01-06', '2026-01-09'].map((date) => forecastOf(date, centre))).toEqual([130, 105, 95]);
  });
});

describe('a spell of calls', () => {
  it.each([
    ['abandonment exactly at the limit is not bad', counts(20, 19, 1), false],
    ['abandonment above the limit is bad', counts(39, 37, 2), true],
    ['who gives up within 10 s is no abandonment', counts(20, 16, 4, 4), false],
    ['one of them after 10 s is at the limit', counts(20, 16, 4, 3), false],
    ['two of them after 10 s are past it', counts(20, 16, 4, 2), true],
    ['service level exactly at the minimum is not bad', counts(20, 16), false],
    ['service level below the minimum is bad', counts(20, 15), true],
    ['who gives up within 10 s is not in the denominator', counts(25, 16, 5, 5), false],
    ['a denominator of 0 is not bad', counts(20, 0, 20, 20), false],
    ['no calls are not bad', counts(0, 0), false],
  ])('%s', (_, spell, bad) => {
    expect(isBad(spell, centre)).toBe(bad);
  });

  it('is measured by our formulas', () => {
    const spell = counts(100, 72, 10, 4);
    expect(abandonment(spell)).toBeCloseTo(0.06, 10);
    expect(serviceLevel(spell)).toBe(0.75);
    expect([abandonment(counts(0, 0)), serviceLevel(counts(5, 0, 5, 5))]).toEqual([null, null]);
  });
});

describe('an open day', () => {
  const GOOD = counts(20, 20);
  const BAD = counts(20, 10);
  const after = (day: DayThrottle, ...spells: ReturnType<typeof counts>[]) =>
    spells.reduce((state, spell) => afterInterval(state, spell, centre), day);
  const day = openThrottle(125);

  it('judges nothing until 20 calls were offered, then the sum at once', () => {
    const nineteen = after(day, counts(10, 0), counts(9, 0));
    expect([nineteen.left, nineteen.halvings, nineteen.spell.offered]).toEqual([125, 0, 19]);
    const judged = after(nineteen, counts(1, 1));
    expect([judged.left, judged.halvings, judged.spell.offered]).toEqual([62, 1, 0]);
  });

  it('halves what is left with each bad spell: 125, 62, 31, 15, 7, 3, 1, 0', () => {
    const lefts = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => after(day, ...Array<typeof BAD>(n).fill(BAD)).left);
    expect(lefts).toEqual([62, 31, 15, 7, 3, 1, 0, 0]);
    expect(after(day, BAD, BAD, GOOD, BAD).halvings).toBe(3);
  });

  it('gives back a tenth of the budget, rounded up, with each good spell', () => {
    expect(after(day, BAD, GOOD).left).toBe(75);
    expect(after(day, BAD, GOOD, GOOD).left).toBe(88);
    expect(after(openThrottle(121), BAD, GOOD).left).toBe(60 + 13);
    expect(after(openThrottle(120), BAD, GOOD).left).toBe(60 + 12);
  });

  it('gives back nothing past what the budget leaves', () => {
    expect(after(day, GOOD).left).toBe(125);
    expect(after(afterTexts(day, 25), GOOD).left).toBe(100);
    expect(after(afterTexts(day, 125), GOOD).left).toBe(0);
    expect(after(afterTexts(after(day, BAD), 60), GOOD, GOOD, GOOD, GOOD, GOOD, GOOD).left).toBe(65);
  });

  it('gives the room of a text that did not leave to another, unless the calls went badly since', () => {
    const sent = afterTexts(openThrottle(10), 10);
    const back = afterReturn(sent, 4);
    expect(back).toMatchObject({ sent: 6, left: 4, returned: 4 });
    const halved = after(afterTexts(openThrottle(10), 6), BAD);
    expect(halved).toMatchObject({ left: 2, halvings: 1 });
    expect(afterReturn(halved, 4)).toMatchObject({ sent: 2, left: 2, returned: 4 });
  });

  it('keeps a floor of five for tier 1 once nothing is left, inside the budget', () => {
    const dry = after(day, ...Array<typeof BAD>(7).fill(BAD));
    expect(dry.left).toBe(0);
    expect(floorLeft(dry, centre)).toBe(5);
    const three = afterTexts(dry, 3);
    expect([three.floorUsed, floorLeft(three, centre)]).toEqual([3, 2]);
    expect(floorLeft(afterTexts(three, 2), centre)).toBe(0);
  });

  it('has no floor where the budget itself is used up', () => {
    const used = afterTexts(openThrottle(5), 5);
    expect([used.sent, used.left, floorLeft(used, centre)]).toEqual([5, 0, 0]);
    expect(floorLeft(afterTexts(after(openThrottle(6), BAD), 3), centre)).toBe(3);
  });
});

describe('the call rate', () => {
  const MONDAY = '2026-01-05';
  const interval = (hours: number, offered: number, base?: number) => ({
    from: '2026-01-05T09:00:00-06:00',
    to: new Date(Date.parse('2026-01-05T09:00:00-06:00') + hours * 3_600_000).toISOString(),
    offered,
    ...(base === undefined ? {} : { base }),
  });
  const taught = (texts: number, ...intervals: ReturnType<typeof interval>[]) =>
    learn(UNTAUGHT, { date: MONDAY, texts, callCentre: centre, intervals }, 0.12);

  it('starts at the prior, rounded to 4 decimals', () => {
    expect(callRateOf(UNTAUGHT, centre)).toBe(0.12);
    expect(callRateOf(UNTAUGHT, { ...centre, callsPerTextPrior: 0.123456 })).toBe(0.1235);
  });

  it.each([
    ['a whole day: E = 150 - 130, (24 + 20) / 300', 100, [interval(10, 150)], 0.1467],
    ['exactly 6 h teach: expected 130 x 6 / 10 = 78, (24 + 12) / 300', 100, [interval(6, 90)], 0.12],
    ['6 h in parts', 100, [interval(3, 45), interval(3, 45)], 0.12],
    ['base in place of the forecast: E = 150 - 120, (24 + 30) / 300', 100, [interval(10, 150, 120)], 0.18],
    [
      'base of some: E = 150 - (60 + 130 x 5 / 10), (24 + 25) / 300',
      100,
      [interval(5, 75, 60), interval(5, 75)],
      0.1633,
    ],
    ['base of 0 counts as given: (24 + 100) / 300', 100, [interval(10, 100, 0)], 0.4133],
    ['no text that day: (24 + 20) / 200', 0, [interval(10, 150)], 0.22],
    ['never below 0.01', 100, [interval(10, 0)], 0.01],
  ])('%s', (_, texts, intervals, rate) => {
    expect(taught(texts, ...intervals).callRate).toBe(rate);
  });

  it('learns nothing from less than 6 h', () => {
    expect(taught(100, interval(5.99, 900))).toBe(UNTAUGHT);
  });

  it('fades: E = 0.8 x 20 + (110 - 105), T = 0.8 x 100 + 50, (24 + 21) / 330', () => {
    const first = taught(100, interval(10, 150));
    expect(first).toEqual({ excessCalls: 20, texts: 100, callRate: 0.1467 });
    const day = { date: '2026-01-06', texts: 50, callCentre: centre, intervals: [interval(10, 110)] };
    expect(learn(first, day, 0.12)).toEqual({ excessCalls: 21, texts: 130, callRate: 0.1364 });
  });
});
