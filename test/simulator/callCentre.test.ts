/** The call centre: figures that add up, follow the campaign's forecast and get worse under load. */
import { localTime, MINUTE_MS } from '../../domain/calendar';
import { CallCentre, type Closed } from '../../simulator/callCentre';
import type { Person } from '../../simulator/people';
import { campaignDays } from '../../simulator/schedule';
import { campaignOf } from './fakeCampaign';

const person = (n: number) => ({ id: `P${n}`, luck: n }) as Person;
const closeAll = (centre: CallCentre): Closed[] => centre.intervals.map((_, i) => centre.close(i));
const sum = (closed: readonly Closed[], of: (input: Closed['input']) => number) =>
  closed.reduce((total, { input }) => total + of(input), 0);

test('it reports every hour from 08:00 for its hours on send days only', () => {
  const campaign = campaignOf({ skipDates: ['2026-01-19'] });
  const { intervals } = new CallCentre(campaign, 1);
  expect(intervals).toHaveLength(10 * campaignDays(campaign).sendDays.length);
  expect(new Set(intervals.map(({ fromMs, toMs }) => toMs - fromMs))).toEqual(new Set([60 * MINUTE_MS]));
  expect(localTime(intervals[0]!.fromMs, campaign.timeZone)).toBe('08:00');
  expect(localTime(intervals[9]!.toMs, campaign.timeZone)).toBe('18:00');
  expect(localTime(intervals.at(-1)!.toMs, campaign.timeZone)).toBe('18:00');
});

test.each([0.25, 9.75, 20, 24])('%d hours a day fit between midnight and midnight', (hoursPerDay) => {
  const campaign = campaignOf({ callCentre: { hoursPerDay } });
  const { intervals } = new CallCentre(campaign, 1);
  const days = campaignDays(campaign).sendDays.length;
  const open = intervals.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);
  expect(open / days / (60 * MINUTE_MS)).toBeCloseTo(hoursPerDay, hoursPerDay === 24 ? 0 : 5);
  intervals.slice(1).forEach(({ fromMs }, i) => expect(fromMs).toBeGreaterThanOrEqual(intervals[i]!.toMs));
});

test('the figures of every interval are whole and add up', () => {
  for (const load of [1, 3]) {
    const centre = new CallCentre(campaignOf({ callCentre: { capacityPerDay: 145 / load } }), 2);
    for (const { input } of closeAll(centre)) {
      const { offered, answered, answeredWithin30s, abandoned, abandonedWithin10s, base } = input;
      for (const n of [offered, answered, answeredWithin30s, abandoned, abandonedWithin10s, base!])
        expect(Number.isInteger(n) && n >= 0).toBe(true);
      expect(answered + abandoned).toBeLessThanOrEqual(offered);
      expect(answeredWithin30s).toBeLessThanOrEqual(answered);
      expect(abandonedWithin10s).toBeLessThanOrEqual(abandoned);
      expect(base).toBe(offered);
      expect(input.at).toBe(input.to);
      expect(input.cause).toBeUndefined();
    }
  }
});

test('the base load is the forecast, give or take 10 %, at any size, with a peak in the morning', () => {
  for (const times of [1, 100]) {
    const baseForecast = { mon: 130 * times, tue: 105 * times, wed: 100 * times, thu: 100 * times, fri: 95 * times };
    const closed = closeAll(
      new CallCentre(campaignOf({ callCentre: { capacityPerDay: 145 * times, baseForecast } }), 1),
    );
    const forecast = 9 * 530 * times;
    expect(Math.abs(sum(closed, (i) => i.base!) / forecast - 1)).toBeLessThan(0.1);
    const morning = closed.filter(({ input }) => /T(09|10):/.test(input.from));
    const evening = closed.filter(({ input }) => /T1[67]:/.test(input.from));
    expect(sum(morning, (i) => i.base!)).toBeGreaterThan(1.2 * sum(evening, (i) => i.base!));
  }
});

test('some Mondays have a bad spell, the second always; other days are calm within their capacity', () => {
  const baseForecast = { mon: 13000, tue: 10500, wed: 10000, thu: 10000, fri: 9500 };
  const closed = closeAll(new CallCentre(campaignOf({ callCentre: { capacityPerDay: 14500, baseForecast } }), 4));
  const bad = closed.filter(
    ({ input: i }) =>
      (i.abandoned - i.abandonedWithin10s) / i.offered > 0.05 ||
      i.answeredWithin30s / (i.offered - i.abandonedWithin10s) < 0.8,
  );
  const days = new Set(bad.map(({ input }) => input.at.slice(0, 10)));
  expect(days).toContain('2026-01-12');
  expect(days.size).toBeLessThan(9);
  for (const day of days) expect(new Date(`${day}T00:00:00Z`).getUTCDay()).toBe(1);
});

test('calls beyond capacity are answered later and given up more', () => {
  const hour = 12; // Tuesday, third hour: no bad spell.
  const calm = new CallCentre(campaignOf(), 1);
  const flooded = new CallCentre(campaignOf(), 1);
  for (let n = 0; n < 80; n += 1) flooded.call(flooded.intervals[hour]!.fromMs, 0, { person: person(n) });
  const [quiet, loud] = [calm, flooded].map((centre) => Array.from({ length: hour + 1 }, (_, i) => centre.close(i)));
  expect(loud![hour]!.input.offered).toBe(quiet![hour]!.input.offered + 80);
  expect(loud![hour]!.input.base).toBe(quiet![hour]!.input.base);
  expect(loud![hour]!.gaveUp).toBeGreaterThan(0.3);
  expect(quiet![hour]!.gaveUp).toBeLessThan(0.1);
  expect(loud![hour]!.input.answeredWithin30s / loud![hour]!.input.offered).toBeLessThan(0.5);
});

test('a call at night waits for the morning, one on Friday evening for Monday, one after the last day for nobody', () => {
  const centre = new CallCentre(campaignOf(), 1);
  const at = (iso: string) => Date.parse(iso);
  expect(centre.call(at('2026-01-06T03:00:00-06:00'), 10 * MINUTE_MS, { person: person(1) })).toBe(true);
  expect(centre.call(at('2026-01-09T20:00:00-06:00'), 40 * MINUTE_MS, { person: person(2) })).toBe(true);
  expect(centre.call(at('2026-03-06T20:00:00-06:00'), 0, { person: person(3) })).toBe(false);
  const calls = closeAll(centre).filter((closed) => closed.calls.length > 0);
  expect(calls.map(({ input, calls: [call] }) => [call!.person.id, input.from])).toEqual([
    ['P1', '2026-01-06T08:00:00-06:00'],
    ['P2', '2026-01-12T08:00:00-06:00'],
  ]);
});
