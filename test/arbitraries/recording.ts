/**
 * fast-check arbitraries of small recordings, valid by formats.md and biased to its corners: odd zones and windows, clock
 * changes, thresholds with decimals, call centres so small that the throttle bites, files late, cut, corrected and early,
 * shared numbers, receipts for texts that may or may not exist, visits of every fate, pauses, policy changes, cancels.
 * Left out is only what AMBIGUITIES.md calls undecided and not generated (a visit attended *and* missed, overlapping intervals).
 */
import fc from 'fast-check';
import type {
  FilePlan,
  InitialPlan,
  PausePlan,
  PersonPlan,
  PolicyPlan,
  ReceiptPlan,
  RecordingPlan,
  ReplyPlan,
  RowPlan,
  SpellPlan,
  VisitPlan,
  When,
} from './plan';
import { WEEKDAYS, ZONES } from './plan';

const person = fc.nat(29);
const zone = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 1, 2, 3) },
  { weight: 2, arbitrary: fc.nat(ZONES.length - 1) },
);

const window_ = fc.constantFrom(
  { from: '09:00', to: '19:00' },
  { from: '09:00', to: '19:00' },
  { from: '08:00', to: '21:00' },
  { from: '08:00', to: '08:30' },
  { from: '12:15', to: '13:45' },
  { from: '18:00', to: '21:00' },
);

const people: fc.Arbitrary<PersonPlan> = fc.record({
  zone,
  vip: fc.boolean(),
  risk: fc.nat(4),
  sharesPhone: often(1, 6),
  bad: fc.oneof(
    { weight: 20, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constantFrom('phone', 'language', 'category', 'birthDate', 'edVisits12m') },
  ),
  consent: fc.constantFrom('OPT_IN', 'OPT_IN', 'OPT_IN', 'OPT_IN', 'OPT_OUT', 'none'),
});

/** True about `of` times in `outOf`. */
function often(of: number, outOf: number): fc.Arbitrary<boolean> {
  return fc.nat(outOf - 1).map((n) => n >= outOf - of);
}

const MINUTES = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.constantFrom(0, 480, 540, 545, 600, 720, 1140, 1439));

function when(daysMax: number): {
  day: fc.Arbitrary<number>;
  minute: fc.Arbitrary<number>;
  second: fc.Arbitrary<number>;
} {
  return { day: fc.nat(daysMax - 1), minute: MINUTES, second: fc.constantFrom(0, 20) };
}

const rows: fc.Arbitrary<RowPlan> = fc.record({
  person,
  action: fc.constantFrom('OPT_IN', 'OPT_IN', 'OPT_OUT', 'MAYBE'),
  effectiveHours: fc.oneof(fc.integer({ min: -240, max: 0 }), fc.constantFrom(-24, 0, 30)),
  wrongPhone: often(1, 12),
  stranger: often(1, 15),
});

function files(daysMax: number): fc.Arbitrary<FilePlan[]> {
  const fate = fc.oneof(
    { weight: 9, arbitrary: fc.constant('good' as const) },
    { weight: 4, arbitrary: fc.constantFrom('none', 'late', 'cut', 'corrected', 'twice', 'early') },
  );
  const minute = fc.constantFrom(0, 300, 480, 535, 615, 700, 720);
  const any = fc.record({ fate, minute, rows: fc.array(rows, { maxLength: 3 }) });
  // Nobody is eligible before the first file, so that one mostly comes at once.
  const prompt = fc.record({
    fate: fc.constant('good' as const),
    minute: fc.constant(0),
    rows: fc.array(rows, { maxLength: 3 }),
  });
  const first = fc.oneof({ weight: 4, arbitrary: prompt }, { weight: 1, arbitrary: any });
  return fc
    .tuple(first, fc.array(any, { minLength: daysMax - 1, maxLength: daysMax - 1 }))
    .map(([head, tail]) => [head, ...tail].map((plan, day) => ({ ...plan, day })));
}

const TEXTS = [
  'STOP',
  'stop.',
  'Stop please',
  'quit',
  'opt-out',
  'Opt out thanks',
  'ALTO',
  'cancelar por favor',
  'stop calling my mother',
  'I revoke this',
  'start',
  'UNSTOP',
  'Start, please',
  'help',
  'INFO',
  'book',
  'yes',
  '1',
  'Yes!',
  'who is this',
  'cancel my visit',
  'thanks',
  'ok',
];

function replies(daysMax: number): fc.Arbitrary<ReplyPlan> {
  return fc.record({
    ...when(daysMax),
    person,
    text: fc.constantFrom(...TEXTS),
    repeated: often(1, 8),
    stranger: often(1, 20),
  });
}

function receipts(daysMax: number): fc.Arbitrary<ReceiptPlan> {
  return fc.record({
    ...when(daysMax),
    person,
    wave: fc.constantFrom(1, 1, 1, 2),
    touch: fc.constantFrom(0, 0, 0, 1, 2),
    adaptiveDay: fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, fc.nat(daysMax - 1)),
    status: fc.constantFrom('DELIVERED', 'UNDELIVERED'),
    code: fc.constantFrom('none', 'LANDLINE', 'UNKNOWN_NUMBER', 'BLOCKED', 'OTHER'),
    repeated: often(1, 6),
  });
}

function visits(daysMax: number): fc.Arbitrary<VisitPlan> {
  return fc.record({
    ...when(daysMax),
    person,
    end: fc.constantFrom('none', 'none', 'cancelled', 'attended', 'missed'),
    endsAfterHours: fc.integer({ min: 1, max: 200 }),
    repeated: often(1, 6),
    unknown: often(1, 10),
  });
}

function spells(daysMax: number): fc.Arbitrary<SpellPlan> {
  const hour = fc.record({ offered: fc.nat(40), lost: fc.nat(6), slow: fc.nat(10), hasBase: often(1, 2) });
  return fc.record({
    day: fc.nat(daysMax - 1),
    firstHour: fc.integer({ min: 0, max: 14 }),
    hours: fc.array(hour, { minLength: 1, maxLength: 9 }),
  });
}

const change: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.constantFrom(0.05, 0.25, 0.4, 0.333).map((weeklyThreshold) => ({ weeklyThreshold })),
  window_.map((sendWindow) => ({ sendWindow })),
  fc.integer({ min: 1, max: 3 }).map((perSevenDays) => ({ caps: { perSevenDays } })),
  fc
    .record({ touchesMax: fc.integer({ min: 1, max: 3 }), minDaysBetween: fc.integer({ min: 1, max: 6 }) })
    .map((adaptive) => ({ adaptive })),
  fc.integer({ min: 10, max: 60 }).map((capacityPerDay) => ({ callCentre: { capacityPerDay } })),
  fc.nat(3).map((floorPerDay) => ({ callCentre: { floorPerDay, serviceLevelMin: 0.7 } })),
  fc.boolean().map((requireFreshPreferences) => ({ requireFreshPreferences })),
  fc.constantFrom('00:00', '08:00', '15:00').map((preferencesDeadline) => ({ preferencesDeadline })),
);

const campaign: fc.Arbitrary<RecordingPlan['campaign']> = fc.record({
  startsOn: fc.constantFrom(
    '2026-01-05',
    '2026-01-07',
    '2026-03-02',
    '2026-03-07',
    '2026-10-26',
    '2026-10-31',
    '2026-04-20',
  ),
  timeZone: zone,
  weeks: fc.integer({ min: 1, max: 2 }),
  postPilotWeeks: fc.nat(2),
  weeklyThreshold: fc.constantFrom(1, 0.5, 0.2, 0.1, 0.333, 0.77),
  sendDays: fc.oneof(
    { weight: 2, arbitrary: fc.constant(WEEKDAYS.slice(0, 5)) },
    fc.subarray(WEEKDAYS, { minLength: 1 }),
  ),
  skipDays: fc.uniqueArray(fc.nat(20), { maxLength: 3 }),
  sendWindow: window_,
  touches: fc.constantFrom([0], [0, 1], [0, 3, 7], [0, 2, 3, 10], [0, 5]),
  caps: fc.record({ perDay: fc.integer({ min: 1, max: 2 }), perSevenDays: fc.integer({ min: 1, max: 4 }) }),
  requireFreshPreferences: fc.boolean(),
  preferencesDeadline: fc.constantFrom('12:00', '09:00', '18:30', '00:00'),
  capacityPerDay: fc.oneof(fc.integer({ min: 15, max: 40 }), fc.constant(200)),
  forecast: fc.array(fc.integer({ min: 5, max: 30 }), { minLength: 7, maxLength: 7 }),
  callsPerTextPrior: fc.constantFrom(0.12, 0.5, 1, 3.3),
  floorPerDay: fc.nat(3),
  hoursPerDay: fc.constantFrom(8, 10, 12.5),
  adaptive: fc.record({ touchesMax: fc.integer({ min: 1, max: 3 }), minDaysBetween: fc.integer({ min: 1, max: 6 }) }),
  seed: fc.integer({ min: 1, max: 5 }),
});

export const recordingPlan: fc.Arbitrary<RecordingPlan> = campaign.chain((settings) => {
  const daysMax = 7 * (settings.weeks + settings.postPilotWeeks);
  const pauses: fc.Arbitrary<PausePlan> = fc.record({ ...when(daysMax), hours: fc.integer({ min: 1, max: 100 }) });
  const policies: fc.Arbitrary<PolicyPlan> = fc.record({ ...when(daysMax), change });
  const initial: fc.Arbitrary<InitialPlan> = fc.record({
    kind: fc.constantFrom('preference', 'stop', 'text', 'booking'),
    person,
    hoursBefore: fc.integer({ min: 1, max: 160 }),
    status: fc.constantFrom('OPT_IN', 'OPT_OUT'),
  });
  const cancel: fc.Arbitrary<When> = fc.record(when(daysMax));
  return fc.record({
    campaign: fc.constant(settings),
    // A roster without a usable row starts nothing.
    people: fc
      .array(people, { minLength: 1, maxLength: 30 })
      .map(([head, ...tail]) => [{ ...head!, bad: 'none' as const }, ...tail]),
    files: files(daysMax),
    replies: fc.array(replies(daysMax), { maxLength: 15, size: 'max' }),
    receipts: fc.array(receipts(daysMax), { maxLength: 15, size: 'max' }),
    visits: fc.array(visits(daysMax), { maxLength: 8, size: 'max' }),
    spells: fc.uniqueArray(spells(daysMax), { maxLength: 6, selector: (spell) => spell.day }),
    pauses: fc.array(pauses, { maxLength: 2 }),
    policies: fc.array(policies, { maxLength: 4 }),
    cancel: fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: cancel }),
    initial: fc.oneof(fc.constant<InitialPlan[]>([]), fc.array(initial, { maxLength: 5 })),
  });
});
