/**
 * Cadence of one patient's touches (formats.md, rules 7 and 8): due dates, spacing, expiry at 00:00 of the next date in the
 * patient's zone, touches overtaken by the next, refusal of touch 0. January 2026: the 5th, 12th, 19th are Mondays.
 */
import {
  admit,
  closeOpenTouches,
  dueDates,
  expireUntil,
  planFirstTouch,
  plannedForOf,
  reasonAgainst,
  refuseTouch,
  touchSent,
  type Outreach,
} from '../../domain/outreach';
import { parseCampaign, type Campaign } from '../../domain/policy';

const campaign = parseCampaign({ campaignId: 'c', startsOn: '2026-01-05', weeks: 2, postPilotWeeks: 2 });
const withTouches = (touches: number[], over: object = {}): Campaign =>
  parseCampaign({ campaignId: 'c', startsOn: '2026-01-05', weeks: 2, touches, ...over });
const ms = (text: string) => Date.parse(text);
const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());

const fresh: Outreach = {
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
  preference: { status: 'OPT_IN', source: 'VENDOR', effectiveAtMs: 0 },
  booked: false,
  noMobile: false,
  wave: null,
  touches: [],
  plannedFor: null,
  open: null,
  texts: [],
  adaptiveSent: 0,
  handedSince: null,
};
const planned = (date: string, over: Partial<Outreach> = {}, of = campaign) =>
  planFirstTouch(admit({ ...fresh, ...over }, 1, of), date, of);
const sent = (date: string, over: Partial<Outreach> = {}, of = campaign) =>
  touchSent(planned(date, over, of), 0, { atMs: ms(`${date}T15:00:00Z`), date }, of);
const statuses = (outreach: Outreach) =>
  outreach.touches.map((touch) => (touch.status === 'REFUSED' ? touch.reason : touch.status));

describe('due dates', () => {
  it.each<[string, string, number[], object, string[]]>([
    ['Monday: three and seven days later', '2026-01-05', [0, 3, 7], {}, ['2026-01-05', '2026-01-08', '2026-01-12']],
    ['a Sunday moves to the next send day', '2026-01-08', [0, 3, 7], {}, ['2026-01-08', '2026-01-12', '2026-01-15']],
    ['a skipped date moves on', '2026-01-05', [0, 3], { skipDates: ['2026-01-08'] }, ['2026-01-05', '2026-01-09']],
    [
      'at least two dates after the one before',
      '2026-01-05',
      [0, 1, 2],
      {},
      ['2026-01-05', '2026-01-07', '2026-01-09'],
    ],
    [
      'two dates after the moved one, not after its plan',
      '2026-01-09',
      [0, 3, 4],
      {},
      ['2026-01-09', '2026-01-12', '2026-01-14'],
    ],
    ['exactly two dates need no moving', '2026-01-05', [0, 2], {}, ['2026-01-05', '2026-01-07']],
    ['one touch only', '2026-01-05', [0], {}, ['2026-01-05']],
  ])('%s', (_, first, touches, over, dates) => {
    expect(dueDates(first, withTouches(touches, over))).toEqual(dates);
  });

  it('count from the sending of touch 0 once it is sent, from its plan until then', () => {
    const waiting = planned('2026-01-05');
    expect([0, 1, 2].map((n) => plannedForOf(waiting, n, campaign))).toEqual([
      '2026-01-05',
      '2026-01-08',
      '2026-01-12',
    ]);
    const late = touchSent(waiting, 0, { atMs: ms('2026-01-07T15:00:00Z'), date: '2026-01-07' }, campaign);
    expect([0, 1, 2].map((n) => plannedForOf(late, n, campaign))).toEqual(['2026-01-05', '2026-01-12', '2026-01-14']);
    expect(plannedForOf(admit(fresh, 1, campaign), 1, campaign)).toBeNull();
  });
});

describe('admission', () => {
  it('plans every touch, and opens touch 0 without a date', () => {
    const admitted = admit(fresh, 2, campaign);
    expect([admitted.wave, statuses(admitted), admitted.open?.touch, admitted.open?.due]).toEqual([
      2,
      ['OPEN', 'OPEN', 'OPEN'],
      0,
      null,
    ]);
  });

  it('opens one touch after the other', () => {
    expect(planned('2026-01-05').open).toMatchObject({ touch: 0, due: '2026-01-05' });
    const one = sent('2026-01-05');
    expect(one.open).toMatchObject({ touch: 1, due: '2026-01-08' });
    const two = touchSent(one, 1, { atMs: ms('2026-01-08T15:00:00Z'), date: '2026-01-08' }, campaign);
    expect(two.open).toMatchObject({ touch: 2, due: '2026-01-12' });
    const three = touchSent(two, 2, { atMs: ms('2026-01-12T15:00:00Z'), date: '2026-01-12' }, campaign);
    expect([three.open, statuses(three)]).toEqual([null, ['SENT', 'SENT', 'SENT']]);
  });
});

describe('expiry', () => {
  it.each([
    ['America/Chicago', '2026-01-24T06:00:00.000Z'],
    ['America/Phoenix', '2026-01-24T07:00:00.000Z'],
    ['Pacific/Honolulu', '2026-01-24T10:00:00.000Z'],
    ['Asia/Kolkata', '2026-01-23T18:30:00.000Z'],
  ])('of touch 0 is the end of the fifth send day after the pilot, in %s', (timeZone, expires) => {
    expect(iso(planned('2026-01-05', { timeZone }).open?.expiresAtMs)).toBe(expires);
  });

  it('of the last touch is the end of the fifth send day after it is due', () => {
    const of = withTouches([0, 3]);
    // Due Thursday the 8th; Friday, then Monday to Thursday are the five send days.
    expect(iso(sent('2026-01-05', {}, of).open?.expiresAtMs)).toBe('2026-01-16T06:00:00.000Z');
    expect(iso(sent('2026-01-05', { timeZone: 'Pacific/Honolulu' }, of).open?.expiresAtMs)).toBe(
      '2026-01-16T10:00:00.000Z',
    );
    const skipping = withTouches([0, 3], { skipDates: ['2026-01-12'] });
    expect(iso(sent('2026-01-05', {}, skipping).open?.expiresAtMs)).toBe('2026-01-17T06:00:00.000Z');
  });

  it('of a touch that the next one overtakes is 00:00 of the date the next is due', () => {
    expect(iso(sent('2026-01-05').open?.expiresAtMs)).toBe('2026-01-12T06:00:00.000Z');
    expect(iso(sent('2026-01-05', { timeZone: 'Pacific/Honolulu' }).open?.expiresAtMs)).toBe(
      '2026-01-12T10:00:00.000Z',
    );
  });

  it('happens at that instant and not a millisecond before', () => {
    const at = ms('2026-01-12T06:00:00Z');
    expect(expireUntil(sent('2026-01-05'), at - 1, campaign).decisions).toEqual([]);
    const { outreach, decisions } = expireUntil(sent('2026-01-05'), at, campaign);
    expect(decisions).toEqual([{ touch: 1, reason: 'EXPIRED', decidedAtMs: at }]);
    expect([statuses(outreach), outreach.open?.touch]).toEqual([['SENT', 'EXPIRED', 'OPEN'], 2]);
  });

  it('decides each touch at its own instant when nobody looked for weeks', () => {
    const { outreach, decisions } = expireUntil(sent('2026-01-05'), ms('2026-03-01T00:00:00Z'), campaign);
    expect(decisions.map((d) => [d.touch, iso(d.decidedAtMs)])).toEqual([
      [1, '2026-01-12T06:00:00.000Z'],
      [2, '2026-01-20T06:00:00.000Z'],
    ]);
    expect(outreach.open).toBeNull();
  });

  it('of touch 0 takes the follow-ups with it', () => {
    const at = ms('2026-01-24T06:00:00Z');
    const { decisions } = expireUntil(planned('2026-01-05'), at, campaign);
    expect(decisions).toEqual([0, 1, 2].map((touch) => ({ touch, reason: 'EXPIRED', decidedAtMs: at })));
  });

  it('falls on the right instant on the day the clocks change', () => {
    const spring = parseCampaign({ campaignId: 'c', startsOn: '2026-03-02', weeks: 1, touches: [0, 3] });
    const due = touchSent(
      planFirstTouch(admit(fresh, 1, spring), '2026-03-02', spring),
      0,
      { atMs: ms('2026-03-02T15:00:00Z'), date: '2026-03-02' },
      spring,
    );
    // Due Thursday the 5th; the fifth send day is Thursday the 12th; its end is at 00:00 CDT.
    expect(iso(due.open?.expiresAtMs)).toBe('2026-03-13T05:00:00.000Z');
  });
});

describe('refusals', () => {
  it('of touch 0 refuse the others with the same reason', () => {
    const { outreach, decisions } = refuseTouch(
      planned('2026-01-05'),
      { touch: 0, reason: 'BOOKED', decidedAtMs: 7 },
      campaign,
    );
    expect(decisions.map((d) => [d.touch, d.reason, d.decidedAtMs])).toEqual([
      [0, 'BOOKED', 7],
      [1, 'BOOKED', 7],
      [2, 'BOOKED', 7],
    ]);
    expect([statuses(outreach), outreach.open]).toEqual([['BOOKED', 'BOOKED', 'BOOKED'], null]);
  });

  it('of a later touch leave the next one to be judged at its own time', () => {
    const { outreach, decisions } = refuseTouch(
      sent('2026-01-05'),
      { touch: 1, reason: 'OPTED_OUT', decidedAtMs: 7 },
      campaign,
    );
    expect(decisions).toHaveLength(1);
    expect([statuses(outreach), outreach.open?.touch]).toEqual([['SENT', 'OPTED_OUT', 'OPEN'], 2]);
  });

  it.each([
    [{ booked: true, preference: null, noMobile: true }, 'BOOKED'],
    [
      { booked: false, preference: { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: 0 }, noMobile: true },
      'OPTED_OUT',
    ],
    [{ booked: false, preference: null, noMobile: true }, 'NO_CONSENT'],
    [
      { booked: false, preference: { status: 'OPT_IN', source: 'REPLY', effectiveAtMs: 0 }, noMobile: true },
      'NO_MOBILE',
    ],
    [{ booked: false, preference: { status: 'OPT_IN', source: 'REPLY', effectiveAtMs: 0 }, noMobile: false }, null],
  ] as const)('%j: the first reason that holds is %p', (known, reason) => {
    expect(reasonAgainst(known)).toBe(reason);
  });

  it('leave nothing open when the campaign ends', () => {
    const { outreach, decisions } = closeOpenTouches(sent('2026-01-05'), 'CANCELLED', 9, campaign);
    expect([statuses(outreach), decisions.length, outreach.open]).toEqual([
      ['SENT', 'CANCELLED', 'CANCELLED'],
      2,
      null,
    ]);
  });
});
