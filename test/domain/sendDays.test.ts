/** Send days and the campaign's own calendar: weeks, deadlines, the end (formats.md, "In: campaign.json", rule 1). */
import { parseCampaign } from '../../domain/policy';
import { deadlineMs, endDate, endsAtMs, pilotEndDate, startsAtMs, weekOf, weekOfDate } from '../../domain/schedule';
import { isSendDay, sendDayAfter, sendDayFrom, sendDaysBetween, weekdayOf } from '../../domain/sendDays';

const rule = { sendDays: ['mon', 'tue', 'wed', 'thu', 'fri'] as const, skipDates: ['2026-01-19'] };

describe('send days', () => {
  it.each([
    ['2026-01-16', true],
    ['2026-01-17', false],
    ['2026-01-18', false],
    ['2026-01-19', false],
    ['2026-01-20', true],
  ])('%s: %p', (date, is) => {
    expect(isSendDay(date, rule)).toBe(is);
  });

  it('the next send day passes over the weekend and the skipped Monday', () => {
    expect(sendDayFrom('2026-01-16', rule)).toBe('2026-01-16');
    expect(sendDayFrom('2026-01-17', rule)).toBe('2026-01-20');
    expect(sendDayAfter('2026-01-16', 1, rule)).toBe('2026-01-20');
    expect(sendDayAfter('2026-01-16', 5, rule)).toBe('2026-01-26');
  });

  it('counts a half-open stretch', () => {
    expect(sendDaysBetween('2026-01-16', '2026-01-21', rule)).toEqual(['2026-01-16', '2026-01-20']);
    expect(sendDaysBetween('2026-01-17', '2026-01-20', rule)).toEqual([]);
  });

  it('names weekdays', () => {
    expect(['2026-01-04', '2026-01-05', '2026-01-10'].map(weekdayOf)).toEqual(['sun', 'mon', 'sat']);
  });
});

describe("the campaign's calendar", () => {
  const campaign = parseCampaign({ campaignId: 'c', startsOn: '2026-02-23', weeks: 2, postPilotWeeks: 1 });
  const iso = (ms: number) => new Date(ms).toISOString();

  it('ends at 00:00 of startsOn + 7 x (weeks + postPilotWeeks), in the offset of that day', () => {
    expect(iso(startsAtMs(campaign))).toBe('2026-02-23T06:00:00.000Z');
    expect([pilotEndDate(campaign), endDate(campaign)]).toEqual(['2026-03-09', '2026-03-16']);
    expect(iso(endsAtMs(campaign))).toBe('2026-03-16T05:00:00.000Z');
  });

  it.each([
    ['2026-02-22', 1],
    ['2026-02-23', 1],
    ['2026-03-01', 1],
    ['2026-03-02', 2],
    ['2026-03-15', 3],
    ['2026-03-16', 3],
  ])('%s is of week %i', (date, week) => {
    expect(weekOfDate(date, campaign)).toBe(week);
  });

  it('goes by the organisation, not by the machine', () => {
    expect(weekOf(Date.parse('2026-03-02T05:59:59Z'), campaign)).toBe(1);
    expect(weekOf(Date.parse('2026-03-02T06:00:00Z'), campaign)).toBe(2);
  });

  it('has its deadline at noon on both sides of the clock change', () => {
    expect(iso(deadlineMs('2026-03-06', '12:00', campaign))).toBe('2026-03-06T18:00:00.000Z');
    expect(iso(deadlineMs('2026-03-09', '12:00', campaign))).toBe('2026-03-09T17:00:00.000Z');
  });
});
