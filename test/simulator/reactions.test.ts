/** What a patient writes means what it is meant to mean, and a receipt never comes before its text. */
import { meaningOf } from '../../domain/replies';
import { passageOf } from '../../simulator/carrier';
import { peopleOf } from '../../simulator/people';
import { replyText } from '../../simulator/replies';
import { createRosterCsv } from '../../simulator/roster';
import { noShowRate, visitOf } from '../../simulator/visits';
import { STARTS_ON } from './fakeCampaign';

const people = peopleOf(createRosterCsv({ patients: 3000, seed: 1, startsOn: STARTS_ON }), 1, STARTS_ON);
const SENT = Date.parse('2026-01-06T15:30:00Z');

test.each([
  ['STOP', 'OPT_OUT'],
  ['HELP', 'HELP'],
  ['START', 'OPT_IN'],
  ['BOOK', 'BOOK'],
  ['OTHER', 'OTHER'],
] as const)('every way of writing %s means %s to the product', (meaning, kind) => {
  const texts = new Set(people.map((person) => replyText(person, meaning, 1)));
  expect(texts.size).toBeGreaterThan(2);
  expect([...texts].filter((text) => meaningOf(text).kind !== kind)).toEqual([]);
});

test('receipts of one pass share a few instants, all at least a second after the texts', () => {
  const passages = people.map((person) => passageOf(person, 'text', 1, SENT));
  const instants = passages.flatMap((passage) => passage.receiptsAtMs);
  expect(Math.min(...instants)).toBeGreaterThanOrEqual(SENT + 1000);
  expect(new Set(instants).size).toBeLessThanOrEqual(8);
  expect(passageOf(people[0]!, 'text', 1, SENT + 1).receiptsAtMs.every((at) => at > SENT + 1000)).toBe(true);
});

test('a landline takes no text, whichever', () => {
  const landlines = people.filter((person) => person.line.fault === 'LANDLINE');
  expect(landlines.length).toBeGreaterThan(45);
  for (const person of landlines)
    for (const n of [1, 2, 3])
      expect(passageOf(person, 'text', n, SENT)).toMatchObject({ arrives: false, code: 'LANDLINE' });
});

test('a visit lies in the clinic hours of a weekday at least a day ahead, and ends after it was booked', () => {
  for (const person of people) {
    const visit = visitOf(person, 1, SENT);
    expect(visit.startsAtMs).toBeGreaterThan(SENT);
    expect(visit.endsAtMs).toBeGreaterThan(SENT);
    expect(visit.ending === 'cancelled').toBe(visit.endsAtMs < visit.startsAtMs);
    expect(visit.startsAtMs % 1_800_000).toBe(0);
    const wall = new Intl.DateTimeFormat('en-GB', {
      timeZone: person.zone,
      weekday: 'short',
      hour: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(visit.startsAtMs);
    expect(wall.find((part) => part.type === 'weekday')!.value).not.toMatch(/S(at|un)/);
    expect(Number(wall.find((part) => part.type === 'hour')!.value)).toBeGreaterThanOrEqual(8);
    expect(Number(wall.find((part) => part.type === 'hour')!.value)).toBeLessThanOrEqual(16);
  }
});

test('the chance of a no-show carries the published odds ratios', () => {
  const odds = (rate: number) => rate / (1 - rate);
  const of = (missedBefore: boolean, reminded: boolean, leadDays: number) =>
    odds(noShowRate({ missedBefore, reminded }, leadDays));
  expect(of(true, false, 5) / of(false, false, 5)).toBeCloseTo(4.42);
  expect(of(false, false, 29) / of(false, false, 28)).toBeCloseTo(5.45);
  expect(of(false, true, 5) / of(false, false, 5)).toBeCloseTo(0.54);
});
