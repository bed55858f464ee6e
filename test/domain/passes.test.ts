/**
 * The passes of an open day: instants around clock changes, the even spread over what is left of a zone's window, the
 * throttle's cut, and the floor that opens only to tier 1 and only when nothing is left.
 */
import {
  choose,
  isJudgeable,
  lastLook,
  nextPass,
  openZones,
  PASS_INTERVAL_MS,
  passInstants,
  zoneSpans,
  type AgendaEntry,
  type OpenDay,
  type PassView,
} from '../../domain/passes';
import { parseCampaign, policyOf } from '../../domain/policy';
import { openThrottle } from '../../domain/throttle';
import { addDays, instantOf, localDate, localTime, startOfDate } from '../../domain/calendar';

const campaign = parseCampaign({ campaignId: 'c', startsOn: '2026-01-05' });
const everyDay = { sendDays: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const, skipDates: [] };
const CHICAGO = 'America/Chicago';
const ms = (text: string) => Date.parse(text);
const iso = (at: number) => new Date(at).toISOString().slice(0, 16);
const dayOf = (date: string, openedAt?: string, extra: number[] = []): OpenDay => ({
  openedAtMs: openedAt ? ms(openedAt) : startOfDate(date, CHICAGO),
  endMs: startOfDate(addDays(date, 1), CHICAGO),
  extra,
  gridMs: instantOf(date, 9 * 60, CHICAGO),
});
const spansOf = (zone: string, day: OpenDay, rule: Parameters<typeof zoneSpans>[3] = campaign) =>
  zoneSpans(zone, day, campaign, rule);
const instantsOf = (zone: string, day: OpenDay, rule?: Parameters<typeof zoneSpans>[3]) =>
  passInstants([spansOf(zone, day, rule)], day);
const localTimes = (zone: string, day: OpenDay, rule?: Parameters<typeof zoneSpans>[3]) =>
  instantsOf(zone, day, rule).map((at) => localTime(at, zone));

it('a zone whose hours run on past midnight here may be texted up to midnight', () => {
  const honolulu = spansOf('Pacific/Honolulu', dayOf('2026-01-05'));
  expect(honolulu.map((span) => span.map(iso))).toEqual([['2026-01-05T19:00', '2026-01-06T05:00']]);
  const midnight = startOfDate('2026-01-06', CHICAGO);
  const wide = zoneSpans(
    'Pacific/Honolulu',
    dayOf('2026-01-05'),
    { sendWindow: { from: '09:00', to: '21:00' } },
    campaign,
  );
  expect(wide.map(([, toMs]) => toMs)).toEqual([midnight]);
});

describe('pass instants', () => {
  it.each([
    ['an ordinary Monday', '2026-01-05', '2026-01-05T15:00', '2026-01-06T01:00'],
    ['the day before the clocks go forward', '2026-03-07', '2026-03-07T15:00', '2026-03-08T01:00'],
    ['the day the clocks go forward', '2026-03-08', '2026-03-08T14:00', '2026-03-09T00:00'],
    ['the day before the clocks go back', '2026-10-31', '2026-10-31T14:00', '2026-11-01T00:00'],
    ['the day the clocks go back', '2026-11-01', '2026-11-01T15:00', '2026-11-02T01:00'],
  ])('start at 09:00, end before 19:00 and leave no long gap on %s', (_, date, from, to) => {
    const instants = instantsOf(CHICAGO, dayOf(date), everyDay);
    expect(iso(instants[0]!)).toBe(from);
    expect(iso(instants.at(-1)!) < to).toBe(true);
    const ends = [...instants.slice(1), ms(`${to}:00Z`)];
    ends.forEach((at, i) => expect(at - instants[i]!).toBeLessThanOrEqual(PASS_INTERVAL_MS));
    expect(instants.length).toBeGreaterThanOrEqual(4);
  });

  it.each(['America/New_York', 'America/Phoenix', 'Pacific/Honolulu', 'America/Anchorage', 'Asia/Kolkata'])(
    'of %s lie in its own window and are at least two, so that a day is never lost to one early timer',
    (zone) => {
      const times = localTimes(zone, dayOf('2026-01-06'));
      expect(times.length).toBeGreaterThanOrEqual(2);
      for (const time of times) expect(time >= '09:00' && time < '19:00').toBe(true);
    },
  );

  it("lie inside the organisation's day: Honolulu's evening after Chicago's midnight has none", () => {
    const day = dayOf('2026-01-05');
    for (const at of instantsOf('Pacific/Honolulu', day)) expect(at).toBeLessThan(day.endMs);
    expect(spansOf('Pacific/Honolulu', day).map(([from]) => iso(from))).toEqual(['2026-01-05T19:00']);
  });

  it("end with the organisation's day when a window reaches past its midnight", () => {
    // Tuesday in Tokyo ends at 15:00Z, which is 10:00 of Tuesday in New York.
    const tokyo = { openedAtMs: ms('2026-01-05T15:00:00Z'), endMs: ms('2026-01-06T15:00:00Z') };
    const instants = instantsOf('America/New_York', { ...tokyo, extra: [], gridMs: tokyo.openedAtMs });
    expect(iso(instants[0]!)).toBe('2026-01-05T15:00');
    expect(instants.at(-1)!).toBeGreaterThanOrEqual(ms('2026-01-06T14:00:00Z'));
    expect(instants.at(-1)!).toBeLessThan(tokyo.endMs);
  });

  it('ask for a send day by the calendar of the patient too', () => {
    // Chicago's Friday the 9th is Kolkata's Friday from 11:30 and Saturday until 11:30: only Friday's rest counts.
    const times = instantsOf('Asia/Kolkata', dayOf('2026-01-09')).map((at) => localDate(at, 'Asia/Kolkata'));
    expect([...new Set(times)]).toEqual(['2026-01-09']);
    const thursday = instantsOf('Asia/Kolkata', dayOf('2026-01-08')).map((at) => localDate(at, 'Asia/Kolkata'));
    expect([...new Set(thursday)]).toEqual(['2026-01-08', '2026-01-09']);
  });

  it('begin with the opening when the file comes in the middle of the window', () => {
    const instants = instantsOf(CHICAGO, dayOf('2026-01-05', '2026-01-05T16:20:00Z'));
    expect(iso(instants[0]!)).toBe('2026-01-05T16:20');
  });

  it('follow a resume or a policy change at once, but only inside the window', () => {
    const extra = ['2026-01-05T14:59:59Z', '2026-01-05T16:45:00Z', '2026-01-06T01:00:00Z'].map(ms);
    const instants = instantsOf(CHICAGO, dayOf('2026-01-05', undefined, extra));
    expect(extra.map((at) => instants.includes(at))).toEqual([false, true, false]);
  });

  it('are none on a day that is no send day for the patient', () => {
    expect(instantsOf(CHICAGO, dayOf('2026-01-10'))).toEqual([]);
  });
});

const entry = (patientId: string, over: Partial<AgendaEntry> = {}): AgendaEntry => ({
  patientId,
  bucket: '00000',
  rank: Number(patientId.slice(1)) || 1,
  tier: 3,
  timeZone: CHICAGO,
  phase: 'PILOT',
  touch: 0,
  due: '2026-01-05',
  expiresAtMs: ms('2026-02-14T06:00:00Z'),
  priority: 0,
  texts: [],
  reason: null,
  preference: { status: 'OPT_IN', source: 'VENDOR', effectiveAtMs: 0 },
  wave: 1,
  ...over,
});
describe('the last look', () => {
  const day = dayOf('2026-01-05');
  const spans = new Map([CHICAGO, 'America/New_York'].map((zone) => [zone, spansOf(zone, day)]));
  const look = (now: string, ...entries: AgendaEntry[]) => {
    const at = lastLook(entries, ms(now), spans);
    return at === null ? null : iso(at);
  };

  it("comes an hour before the end of a waiting patient's hours, in the patient's zone", () => {
    expect(look('2026-01-05T21:00:00Z', entry('p1'))).toBe('2026-01-06T00:00');
    expect(look('2026-01-05T21:00:00Z', entry('p1'), entry('p2', { timeZone: 'America/New_York' }))).toBe(
      '2026-01-05T23:00',
    );
  });

  it('comes once, for nobody who is not due, and not where nobody waits', () => {
    expect(look('2026-01-06T00:00:00Z', entry('p1'))).toBeNull();
    expect(look('2026-01-05T21:00:00Z', entry('p1', { due: '2026-01-06' }))).toBeNull();
    expect(look('2026-01-05T21:00:00Z')).toBeNull();
  });
});

const many = (count: number, over: Partial<AgendaEntry> = {}, from = 1) =>
  Array.from({ length: count }, (_, i) => entry(`P${from + i}`, over));
const day = dayOf('2026-01-05');
/** Passes on every hour of Chicago's window and Honolulu's, 09:00 to 20:00 and 13:00 to 23:00 in Chicago. */
const HOURS = Array.from({ length: 15 }, (_, i) => ms('2026-01-05T15:00:00Z') + i * 3_600_000);
const viewAt = (at: string, over: Partial<PassView> = {}): PassView => ({
  nowMs: ms(at),
  policy: policyOf(campaign),
  callCentre: campaign.callCentre,
  throttle: openThrottle(125),
  adaptiveLeft: 0,
  instants: HOURS.filter((instant) => instant >= ms(at)),
  spans: new Map([CHICAGO, 'Pacific/Honolulu'].map((zone) => [zone, spansOf(zone, day)])),
  ...over,
});
const ids = (entries: readonly AgendaEntry[]) => entries.map((one) => one.patientId);
const FIRST = '2026-01-05T15:00:00Z';
const LAST = '2026-01-06T00:00:00Z';

describe('whom a pass takes', () => {
  it('a tenth with ten passes left, all with the last', () => {
    expect(choose(many(100), viewAt(FIRST))).toHaveLength(10);
    expect(choose(many(101), viewAt(FIRST))).toHaveLength(11);
    expect(choose(many(100), viewAt(LAST))).toHaveLength(100);
    expect(choose(many(1), viewAt(FIRST))).toHaveLength(1);
  });

  it('spreads each zone over its own window', () => {
    const view = viewAt('2026-01-05T23:00:00Z');
    const both = [...many(20), ...many(20, { timeZone: 'Pacific/Honolulu' }, 101)];
    const chosen = choose(both, view);
    expect(chosen.filter((one) => one.timeZone === CHICAGO)).toHaveLength(10);
    // Honolulu has 13:00 to 18:00 local time left: 6 passes of the hour, ceil(20 / 6).
    expect(chosen.filter((one) => one.timeZone === 'Pacific/Honolulu')).toHaveLength(4);
  });

  it('follow-ups first, nearest to expiry first; then first touches by rank', () => {
    const mixed = [
      entry('P1'),
      entry('P2'),
      entry('P8', { touch: 1, expiresAtMs: ms('2026-01-20T06:00:00Z') }),
      entry('P9', { touch: 2, expiresAtMs: ms('2026-01-12T06:00:00Z') }),
      entry('P7', { touch: 1, expiresAtMs: ms('2026-01-20T06:00:00Z') }),
    ];
    expect(ids(choose(mixed, viewAt(LAST)))).toEqual(['P9', 'P7', 'P8', 'P1', 'P2']);
    expect(ids(choose([...mixed].reverse(), viewAt(LAST, { throttle: { ...openThrottle(125), left: 2 } })))).toEqual([
      'P9',
      'P7',
    ]);
  });

  it('leaves out who was texted less than two dates ago, or is at a cap', () => {
    const yesterday = { atMs: ms('2026-01-04T15:00:00Z'), date: '2026-01-04' };
    const before = { atMs: ms('2026-01-03T15:00:00Z'), date: '2026-01-03' };
    const three = ['2025-12-30', '2026-01-01', '2026-01-03'].map((date) => ({ atMs: ms(`${date}T18:00:00Z`), date }));
    const chosen = choose(
      [entry('P1', { texts: [yesterday] }), entry('P2', { texts: [before] }), entry('P3', { texts: three })],
      viewAt(LAST),
    );
    expect(ids(chosen)).toEqual(['P2']);
  });

  it('is cut at what the throttle leaves', () => {
    const left = (n: number) => ({ ...openThrottle(125), left: n });
    expect(choose(many(50), viewAt(LAST, { throttle: left(49) }))).toHaveLength(49);
    expect(choose(many(50), viewAt(LAST, { throttle: left(50) }))).toHaveLength(50);
    expect(choose(many(50), viewAt(LAST, { throttle: left(0) }))).toHaveLength(0);
  });

  it('opens the floor to tier 1 only, and only when nothing is left', () => {
    const mixed = [...many(10, { tier: 2 }), ...many(10, { tier: 1 }, 11)];
    const dry = { ...openThrottle(125), left: 0 };
    expect(ids(choose(mixed, viewAt(LAST, { throttle: dry })))).toEqual(['P11', 'P12', 'P13', 'P14', 'P15']);
    expect(ids(choose(mixed, viewAt(LAST, { throttle: { ...dry, left: 1 } })))).toEqual(['P1']);
    expect(ids(choose(mixed, viewAt(LAST, { throttle: { ...dry, sent: 3, floorUsed: 3 } })))).toEqual(['P11', 'P12']);
    expect(ids(choose(mixed, viewAt(LAST, { throttle: { ...dry, budget: 4, sent: 2 } })))).toEqual(['P11', 'P12']);
  });

  it('takes no more adaptive texts than the day has, by priority, after the pilot', () => {
    const adaptive = [3, 1, 2].map((n) => entry(`P${n}`, { phase: 'ADAPTIVE', priority: n * 10 }));
    expect(ids(choose([...adaptive, entry('P9')], viewAt(LAST, { adaptiveLeft: 2 })))).toEqual(['P9', 'P3', 'P2']);
    expect(ids(choose(adaptive, viewAt(LAST, { adaptiveLeft: 0 })))).toEqual([]);
  });

  it('takes no adaptive text past the touchesMax in force now', () => {
    const adaptive = [entry('P1', { phase: 'ADAPTIVE', touch: 0 }), entry('P2', { phase: 'ADAPTIVE', touch: 1 })];
    const of = (touchesMax: number) =>
      viewAt(LAST, { adaptiveLeft: 9, policy: { ...policyOf(campaign), adaptive: { touchesMax, minDaysBetween: 5 } } });
    expect([0, 1, 2].map((max) => ids(choose(adaptive, of(max))))).toEqual([[], ['P1'], ['P1', 'P2']]);
  });
});

describe('judging', () => {
  const spans = spansOf(CHICAGO, day);
  it.each([
    ['2026-01-05T14:59:59.400Z', '2026-01-05', false],
    ['2026-01-05T15:00:00.000Z', '2026-01-05', true],
    ['2026-01-06T00:59:59.999Z', '2026-01-05', true],
    ['2026-01-06T01:00:00.000Z', '2026-01-05', false],
    ['2026-01-05T15:00:00.000Z', '2026-01-06', false],
  ])('at %s of a touch due on %s: %p', (at, due, expected) => {
    expect(isJudgeable(entry('P1', { due }), openZones(ms(at), new Map([[CHICAGO, spans]])))).toBe(expected);
  });

  it('names the first pass at which somebody can be judged', () => {
    const { instants, spans: all } = viewAt('2026-01-05T06:00:00Z');
    expect(iso(nextPass([entry('P1')], instants, all)!)).toBe('2026-01-05T15:00');
    expect(iso(nextPass([entry('P1', { timeZone: 'Pacific/Honolulu' })], instants, all)!)).toBe('2026-01-05T19:00');
    expect(nextPass([entry('P1', { due: '2026-01-06' })], instants, all)).toBeNull();
    expect(nextPass([], instants, all)).toBeNull();
  });
});
