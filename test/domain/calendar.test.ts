/**
 * Dates and instants against literals worked out from the zone database by hand: both clock changes of 2026 in Chicago,
 * zones without daylight saving, half-hour zones, and two zones whose midnight is skipped.
 */
import {
  addDays,
  dayOfWeek,
  daysBetween,
  instantOf,
  isDate,
  isInstant,
  isoInZone,
  isTimeOfDay,
  isZone,
  localDate,
  localMinutes,
  localTime,
  minutesOfDay,
  offsetMs,
  startOfDate,
} from '../../domain/calendar';

const utc = (atMs: number) => new Date(atMs).toISOString();
const ms = (text: string) => Date.parse(text);
const CHICAGO = 'America/Chicago';

describe('an instant of a local time', () => {
  it.each([
    ['an ordinary winter morning', '2026-01-05', '09:00', CHICAGO, '2026-01-05T15:00:00.000Z'],
    ['the morning before the clocks go forward', '2026-03-07', '09:00', CHICAGO, '2026-03-07T15:00:00.000Z'],
    ['the last minute before the gap', '2026-03-08', '01:59', CHICAGO, '2026-03-08T07:59:00.000Z'],
    ['a time in the gap is the first instant after it', '2026-03-08', '02:30', CHICAGO, '2026-03-08T08:00:00.000Z'],
    ['the first minute after the gap', '2026-03-08', '03:00', CHICAGO, '2026-03-08T08:00:00.000Z'],
    ['the morning of the day of the gap', '2026-03-08', '09:00', CHICAGO, '2026-03-08T14:00:00.000Z'],
    ['a time that occurs twice is the earlier one', '2026-11-01', '01:30', CHICAGO, '2026-11-01T06:30:00.000Z'],
    ['the first time after the repeat', '2026-11-01', '02:00', CHICAGO, '2026-11-01T08:00:00.000Z'],
    ['the morning of the day of the repeat', '2026-11-01', '09:00', CHICAGO, '2026-11-01T15:00:00.000Z'],
    ['Phoenix in winter', '2026-01-05', '09:00', 'America/Phoenix', '2026-01-05T16:00:00.000Z'],
    ['Phoenix in summer: no daylight saving', '2026-07-06', '09:00', 'America/Phoenix', '2026-07-06T16:00:00.000Z'],
    ['Denver in summer, for comparison', '2026-07-06', '09:00', 'America/Denver', '2026-07-06T15:00:00.000Z'],
    ['Honolulu in winter', '2026-01-05', '09:00', 'Pacific/Honolulu', '2026-01-05T19:00:00.000Z'],
    ['Honolulu in summer: no daylight saving', '2026-07-06', '09:00', 'Pacific/Honolulu', '2026-07-06T19:00:00.000Z'],
    [
      'Indianapolis keeps Eastern time',
      '2026-01-05',
      '09:00',
      'America/Indiana/Indianapolis',
      '2026-01-05T14:00:00.000Z',
    ],
    [
      'Knox, in the same state, keeps Central time',
      '2026-01-05',
      '09:00',
      'America/Indiana/Knox',
      '2026-01-05T15:00:00.000Z',
    ],
    ['Kolkata, half an hour off', '2026-01-05', '09:00', 'Asia/Kolkata', '2026-01-05T03:30:00.000Z'],
    ['Kathmandu, three quarters off', '2026-01-05', '09:00', 'Asia/Kathmandu', '2026-01-05T03:15:00.000Z'],
  ])('%s', (_, date, time, zone, expected) => {
    expect(utc(instantOf(date, minutesOfDay(time), zone))).toBe(expected);
  });

  it.each([
    ['2026-03-08', CHICAGO, '2026-03-08T06:00:00.000Z', 23],
    ['2026-11-01', CHICAGO, '2026-11-01T05:00:00.000Z', 25],
    ['2026-03-09', CHICAGO, '2026-03-09T05:00:00.000Z', 24],
    ['2026-03-08', 'America/Phoenix', '2026-03-08T07:00:00.000Z', 24],
  ])('%s in %s starts at %s and is %i hours long', (date, zone, start, hours) => {
    expect(utc(startOfDate(date, zone))).toBe(start);
    expect((startOfDate(addDays(date, 1), zone) - startOfDate(date, zone)) / 3_600_000).toBe(hours);
  });

  it.each([
    ['America/Santiago', '2025-09-07', '2025-09-07T04:00:00.000Z', '2025-09-06', '23:59'],
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z', '2026-04-23', '23:59'],
  ])('the date starts at 01:00 in %s on %s, whose midnight is skipped', (zone, date, start, dateBefore, timeBefore) => {
    const at = startOfDate(date, zone);
    expect(utc(at)).toBe(start);
    expect([localDate(at, zone), localTime(at, zone)]).toEqual([date, '01:00']);
    expect([localDate(at - 1, zone), localTime(at - 1, zone)]).toEqual([dateBefore, timeBefore]);
  });
});

describe('the local view of an instant', () => {
  it.each([
    ['2026-01-06T05:59:59.999Z', CHICAGO, '2026-01-05', '23:59'],
    ['2026-01-06T06:00:00.000Z', CHICAGO, '2026-01-06', '00:00'],
    ['2026-01-06T06:00:00.000Z', 'Pacific/Honolulu', '2026-01-05', '20:00'],
    ['2026-01-05T18:29:59.000Z', 'Asia/Kolkata', '2026-01-05', '23:59'],
    ['2026-01-05T18:30:00.000Z', 'Asia/Kolkata', '2026-01-06', '00:00'],
    ['2026-03-08T07:59:59.000Z', CHICAGO, '2026-03-08', '01:59'],
    ['2026-03-08T08:00:00.000Z', CHICAGO, '2026-03-08', '03:00'],
    ['2026-11-01T06:30:00.000Z', CHICAGO, '2026-11-01', '01:30'],
    ['2026-11-01T07:30:00.000Z', CHICAGO, '2026-11-01', '01:30'],
  ])('%s in %s is %s %s', (at, zone, date, time) => {
    expect([localDate(ms(at), zone), localTime(ms(at), zone)]).toEqual([date, time]);
  });

  it('counts minutes with their fractions, so that 08:59:59.4 is not yet 09:00', () => {
    expect(localMinutes(ms('2026-01-05T14:59:59.400Z'), CHICAGO)).toBeCloseTo(539.99, 5);
    expect(localMinutes(ms('2026-01-05T14:59:59.400Z'), CHICAGO)).toBeLessThan(540);
    expect(localMinutes(ms('2026-01-05T15:00:00.000Z'), CHICAGO)).toBe(540);
  });

  it.each([
    ['2026-01-05T06:00:00.999Z', CHICAGO, '2026-01-05T00:00:00-06:00'],
    ['2026-07-06T05:00:00.000Z', CHICAGO, '2026-07-06T00:00:00-05:00'],
    ['2026-01-05T00:00:00.000Z', 'Asia/Kolkata', '2026-01-05T05:30:00+05:30'],
    ['2026-11-01T06:30:00.000Z', CHICAGO, '2026-11-01T01:30:00-05:00'],
    ['2026-11-01T07:30:00.000Z', CHICAGO, '2026-11-01T01:30:00-06:00'],
    ['2026-01-05T00:00:00.000Z', 'UTC', '2026-01-05T00:00:00+00:00'],
  ])('%s is written in %s as %s: whole seconds, the offset of that instant', (at, zone, text) => {
    expect(isoInZone(ms(at), zone)).toBe(text);
  });

  it('refuses a zone nobody knows', () => {
    expect(() => offsetMs('Mars/Olympus', 0)).toThrow('Mars/Olympus');
  });
});

describe('dates as numbers', () => {
  it.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2026-12-31', 1, '2027-01-01'],
    ['2026-03-08', -1, '2026-03-07'],
    ['2026-11-01', 1, '2026-11-02'],
  ])('%s plus %i days is %s', (date, days, expected) => {
    expect(addDays(date, days)).toBe(expected);
    expect(daysBetween(date, expected)).toBe(days);
  });

  it('knows weekdays', () => {
    expect(['2026-01-04', '2026-01-05', '2026-01-10', '1969-12-31'].map(dayOfWeek)).toEqual([0, 1, 6, 3]);
  });
});

describe('what is a date, a time, an instant, a zone', () => {
  it.each([
    [isDate, '2026-02-28', true],
    [isDate, '2026-02-29', false],
    [isDate, '2026-2-8', false],
    [isDate, '2026-01-05T00:00', false],
    [isTimeOfDay, '00:00', true],
    [isTimeOfDay, '23:59', true],
    [isTimeOfDay, '24:00', false],
    [isTimeOfDay, '9:00', false],
    [isInstant, '2026-01-05T09:00:00-06:00', true],
    [isInstant, '2026-01-05T09:00Z', true],
    [isInstant, '2026-01-05T09:00:00.123Z', true],
    [isInstant, '2026-01-05T09:00:00', false],
    [isInstant, '2026-02-30T09:00:00Z', false],
    [isInstant, '2026-01-05T24:00:00Z', false],
    [isInstant, '2026-01-05', false],
    [isZone, 'America/Indiana/Knox', true],
    [isZone, 'Asia/Kolkata', true],
    [isZone, 'America/Springfield', false],
    [isZone, '+05:30', false],
    [isZone, '', false],
  ] as const)('%p of %p is %p', (is, text, expected) => {
    expect(is(text)).toBe(expected);
  });
});
