/** After the pilot: the day's ceiling, who is a candidate, who goes first, who is handed to a person. */
import {
  adaptiveLimit,
  adaptivePriority,
  adaptiveTextsLeft,
  isAdaptiveCandidate,
  mustBeHandedOver,
  noShowProbability,
  rankAdaptive,
} from '../../domain/adaptive';
import type { Outreach } from '../../domain/outreach';

const adaptive = { touchesMax: 2, minDaysBetween: 5 };
const text = (date: string) => ({ atMs: Date.parse(`${date}T16:00:00Z`), date });
const OPT_IN = { status: 'OPT_IN', source: 'VENDOR', effectiveAtMs: 0 } as const;
const base: Outreach = {
  patientId: 'P1',
  bucket: '00000',
  rank: 1,
  tier: 1,
  category: 'SERIOUS',
  score: 70,
  band: 7,
  missedAppointments12m: 0,
  clinicId: 'C-1',
  timeZone: 'America/Chicago',
  language: 'en',
  firstName: 'Zvalonka',
  phone: '+13125550111',
  numberKey: 'k',
  preference: OPT_IN,
  booked: false,
  noMobile: false,
  wave: 1,
  touches: [{ status: 'SENT', date: '2026-02-02' }],
  plannedFor: '2026-02-02',
  open: null,
  texts: [text('2026-02-02')],
  adaptiveSent: 0,
  handedSince: null,
};

describe('the ceiling of a day', () => {
  it.each([
    [40, 20, 2],
    [41, 20, 3],
    [1, 20, 1],
    [0, 20, 0],
    [7, 1, 7],
    [7, 0, 0],
  ])('of %i texts over %i send days is %i', (texts, days, limit) => {
    expect(adaptiveLimit(texts, days)).toBe(limit);
  });

  it.each<[string, Partial<Outreach>, number]>([
    ['unbooked and opted in', {}, 2],
    ['after one adaptive text', { adaptiveSent: 1 }, 1],
    ['after more than touchesMax of an earlier policy', { adaptiveSent: 3 }, 0],
    ['booked', { booked: true }, 0],
    ['opted out', { preference: { ...OPT_IN, status: 'OPT_OUT' } }, 0],
    ['unknown preference', { preference: null }, 0],
    ['a pilot touch still open', { open: { touch: 1, due: null, expiresAtMs: 0 } }, 2],
  ])('counts %s', (_, over, left) => {
    expect(adaptiveTextsLeft({ ...base, ...over }, adaptive)).toBe(left);
  });
});

describe('a candidate', () => {
  it.each<[string, Partial<Outreach>, string, boolean]>([
    ['five dates after the last text', {}, '2026-02-07', true],
    ['four dates after it', {}, '2026-02-06', false],
    ['never texted', { texts: [], wave: null, touches: [] }, '2026-02-06', true],
    ['with a pilot touch open', { open: { touch: 1, due: '2026-02-20', expiresAtMs: 0 } }, '2026-02-12', false],
    ['with all adaptive texts sent', { adaptiveSent: 2 }, '2026-02-12', false],
    ['booked', { booked: true }, '2026-02-12', false],
    ['opted out', { preference: { ...OPT_IN, status: 'OPT_OUT' } }, '2026-02-12', false],
    ['on a number that takes no texts', { noMobile: true }, '2026-02-12', false],
  ])('%s', (_, over, today, is) => {
    expect(isAdaptiveCandidate({ ...base, ...over }, today, adaptive)).toBe(is);
  });
});

describe('the priority', () => {
  const of = (over: Partial<Outreach>, today = '2026-02-12') =>
    adaptivePriority({ ...base, ...over }, today, '2026-01-05');

  it('rises with risk, no-show probability and waiting, falls with unanswered texts', () => {
    expect(of({ score: 71 }) - of({})).toBeCloseTo(1, 9);
    expect(of({ missedAppointments12m: 1 })).toBeGreaterThan(of({}));
    expect(of({}, '2026-02-13') - of({})).toBeCloseTo(1, 9);
    expect(of({ texts: [text('2026-01-26'), text('2026-02-02')] })).toBeCloseTo(of({}) - 6, 9);
  });

  it('stops rising after 30 days of waiting', () => {
    expect(of({}, '2026-03-05')).toBe(of({}, '2026-03-04'));
    expect(of({}, '2026-03-04') - of({}, '2026-03-03')).toBeCloseTo(1, 9);
  });

  it('knows a probability of a no-show between 0 and 1, more than twice as likely after an earlier one', () => {
    expect(noShowProbability(0)).toBeCloseTo(0.1519, 3);
    expect(noShowProbability(1)).toBeCloseTo(0.442, 3);
    expect(noShowProbability(5)).toBe(noShowProbability(1));
  });

  it('interleaves clinics: a second patient of a clinic loses half a point', () => {
    const candidates = [
      { ...base, patientId: 'A1', clinicId: 'A', score: 70, rank: 1 },
      { ...base, patientId: 'A2', clinicId: 'A', score: 70, rank: 2 },
      { ...base, patientId: 'B1', clinicId: 'B', score: 69.8, rank: 3 },
    ];
    const ranked = rankAdaptive(candidates, '2026-02-12', '2026-01-05');
    expect(ranked.map(({ outreach }) => outreach.patientId)).toEqual(['A1', 'B1', 'A2']);
  });
});

describe('handing over to a person', () => {
  const done: Partial<Outreach> = { adaptiveSent: 2, texts: [text('2026-02-09'), text('2026-02-16')] };
  it.each<[string, Partial<Outreach>, string, boolean]>([
    ['the fifth date after the last text', {}, '2026-02-21', true],
    ['the fourth', {}, '2026-02-20', false],
    ['tier 2', { tier: 2 }, '2026-02-21', false],
    ['booked', { booked: true }, '2026-02-21', false],
    ['opted out', { preference: { ...OPT_IN, status: 'OPT_OUT' } }, '2026-02-21', false],
    ['one adaptive text still to go', { adaptiveSent: 1 }, '2026-02-21', false],
    ['a pilot touch open', { open: { touch: 2, due: null, expiresAtMs: 0 } }, '2026-02-21', false],
    ['on a number that takes no texts', { noMobile: true }, '2026-02-21', true],
  ])('%s: %p on %s is %p', (_, over, today, expected) => {
    expect(mustBeHandedOver({ ...base, ...done, ...over }, today, adaptive)).toBe(expected);
  });
});
