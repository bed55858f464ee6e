/** `evaluate` on a campaign of two pilot weeks and ten patients, small enough to count by hand. */
import { startOfDate } from '../../domain/calendar';
import { evaluate, steppedWedge } from '../../domain/evaluation';
import type { EvaluationInput } from '../../domain/evaluation';
import type { BookingFact, DayReport, PatientOutcome, WeekReport } from '../../domain/report';

const ZONE = 'America/Chicago';
const at = (date: string, hour: number) => startOfDate(date, ZONE) + hour * 3_600_000;

function patient(id: string, tier: 1 | 2 | 3, wave: number | null, more: Partial<PatientOutcome> = {}): PatientOutcome {
  return {
    patientId: id,
    tier,
    category: 'SERIOUS',
    score: 50,
    band: 5,
    rank: 1,
    wave,
    touchesSent: wave === null ? 0 : 1,
    preference: 'OPT_IN',
    booked: false,
    attended: false,
    outcome: wave === null ? 'NOT_REACHED' : 'NO_RESPONSE',
    ...more,
  };
}

function booking(patientId: string, tier: 1 | 2 | 3, bookedAtMs: number, channel: BookingFact['channel'] = 'phone') {
  return { patientId, tier, bookedAtMs, channel };
}

function day(date: string, more: Partial<DayReport> = {}): DayReport {
  return {
    date,
    preferences: 'TAKEN',
    forecastCalls: 100,
    callRate: 0.12,
    budget: 50,
    sent: 10,
    refused: {},
    halvings: 0,
    offered: 110,
    abandoned: 0,
    ...more,
  };
}

const week = (n: number): WeekReport => ({
  week: n,
  startsAt: n === 1 ? '2026-01-05T00:00:00-06:00' : '2026-01-12T00:00:00-06:00',
  eligible: 9,
  capCumulative: 5,
  wave: n,
  admittedCumulative: 4,
  textedCumulative: 4,
  booked: 1,
  optedOut: 0,
  carriedOver: 0,
});

// Tier 1: A, B in wave 1, C, D in wave 2, E never. Tier 2: F in wave 1, G, H in wave 2, I never (opted out), J unknown.
const input: EvaluationInput = {
  patients: [
    patient('A', 1, 1, { booked: true, attended: true, outcome: 'ATTENDED' }),
    patient('B', 1, 1),
    patient('C', 1, 2, { outcome: 'MISSED' }),
    patient('D', 1, 2),
    patient('E', 1, null, { booked: true, outcome: 'BOOKED' }),
    patient('F', 2, 1, { preference: 'OPT_OUT', outcome: 'OPTED_OUT' }),
    patient('G', 2, 2),
    patient('H', 2, 2, { booked: true, outcome: 'BOOKED' }),
    patient('I', 2, null, { preference: 'OPT_OUT', outcome: 'OPTED_OUT' }),
    patient('J', 2, null, { preference: 'UNKNOWN', outcome: 'NO_CONSENT' }),
  ],
  bookings: [
    booking('E', 1, at('2026-01-05', 0), 'other'), // known when the campaign started
    booking('A', 1, at('2026-01-06', 10), 'link'),
    booking('C', 1, at('2026-01-14', 10), 'reply'),
    booking('H', 2, at('2026-01-14', 23), 'phone'),
    booking('A', 1, at('2026-01-15', 10), 'link'), // moved
  ],
  weeks: [week(1), week(2)],
  days: [
    day('2026-01-05', { offered: 151, refused: { BOOKED: 2 } }),
    day('2026-01-06', { offered: 0, refused: { BOOKED: 1, OPTED_OUT: 3, EXPIRED: 0 } }),
    day('2026-01-07', { preferences: 'MISSING', budget: 0, sent: 0, offered: 90 }),
    day('2026-01-08', { preferences: 'NOT_REQUIRED', offered: 145 }),
  ],
  texted: new Set(['A', 'B', 'C', 'D', 'F', 'G', 'H']),
  eligibleAtStart: new Set(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I']),
  capacityPerDay: 145,
  zone: ZONE,
  startsOn: '2026-01-05',
  endsOn: '2026-01-18',
};
const evaluation = evaluate(input);

describe('outcome tables', () => {
  it('count a patient as booked who ever was, with the interval of that count', () => {
    const { overall } = evaluation;
    expect(overall).toMatchObject({ patients: 10, texted: { n: 7 }, booked: { n: 4 }, attended: { n: 1 } });
    expect(overall.optedOut).toEqual({ n: 2, of: 10, rate: 0.2, low: 0.056682, high: 0.509838 });
    expect(overall.outcomes).toEqual({
      ATTENDED: 1,
      MISSED: 1,
      BOOKED: 2,
      OPTED_OUT: 2,
      NO_CONSENT: 1,
      NO_RESPONSE: 3,
    });
  });

  it('have a row for every tier, nobody in tier 3', () => {
    expect(evaluation.byTier.map(({ tier, patients, booked }) => [tier, patients, booked.n])).toEqual([
      [1, 5, 3],
      [2, 5, 1],
      [3, 0, 0],
    ]);
    expect(evaluation.byTier[2]!.booked.rate).toBeNull();
  });

  it('list waves in order, never admitted last, and split them by tier', () => {
    expect(evaluation.byWave.map(({ wave, patients }) => [wave, patients])).toEqual([
      [1, 3],
      [2, 4],
      [null, 3],
    ]);
    expect(evaluation.byTierAndWave.map(({ wave, tier, patients }) => [wave, tier, patients])).toEqual([
      [1, 1, 2],
      [1, 2, 1],
      [2, 1, 2],
      [2, 2, 2],
      [null, 1, 1],
      [null, 2, 2],
    ]);
  });
});

describe('stepped wedge', () => {
  it('compares admitted with waiting of one lot and week, as counted by hand', () => {
    // Week 1, tier 1: A booked, B of the admitted; C, D waiting (E booked before). Tier 2: F admitted; G, H, I waiting.
    // Week 2, tier 1: B, C booked, D admitted, nobody waiting: one arm. Tier 2: F, G, H booked admitted; I waiting.
    // Weights 2*2/4, 1*3/4, 3*1/4; differences (1*2-0)/4, 0, (1*1-0)/4: 0.75 / 2.5.
    // Variance terms 1*1*2^3/(4*16) = 0.125 and 1*2*1^3/(3*16) = 0.041667: sqrt(0.166667)/2.5 = 0.163299.
    expect(evaluation.steppedWedge).toMatchObject({
      riskDifferencePerWeek: { value: 0.3, low: -0.020061, high: 0.620061 },
      strata: 3,
      treatedPatientWeeks: 6,
      controlPatientWeeks: 6,
    });
  });

  it('leaves out who never consented, and counts a booking at the opening instant as earlier', () => {
    const everybody = { ...input, eligibleAtStart: new Set([...input.eligibleAtStart, 'J']) };
    expect(steppedWedge(everybody).controlPatientWeeks).toBe(8);
    const later = { ...input, bookings: [booking('E', 1, at('2026-01-05', 0) + 1), ...input.bookings.slice(1)] };
    expect(steppedWedge(later).controlPatientWeeks).toBe(7);
  });

  it('compares only inside tier, category and score band', () => {
    const patients = input.patients.map((p) => (p.patientId === 'A' ? { ...p, band: 9 } : p));
    const wedge = steppedWedge({ ...input, patients });
    expect(wedge.treatedPatientWeeks).toBe(5);
    expect(wedge.riskDifferencePerWeek.value).toBe(0.115385); // 0.25 / (1*2/3 + 0.75 + 0.75)
  });

  it('says nothing where nobody waits', () => {
    const patients = input.patients.map((p) => ({ ...p, wave: 1 }));
    expect(steppedWedge({ ...input, patients }).riskDifferencePerWeek).toEqual({ value: null, low: null, high: null });
  });
});

it('adds up first bookings by date of the organisation, those of before from the first date on', () => {
  const days = evaluation.bookingsByDay;
  expect(days).toHaveLength(14);
  expect(days[0]).toEqual({ date: '2026-01-05', tier1: 1, tier2: 0, tier3: 0 });
  expect(days[1]).toEqual({ date: '2026-01-06', tier1: 2, tier2: 0, tier3: 0 });
  expect(days[9]).toEqual({ date: '2026-01-14', tier1: 3, tier2: 1, tier3: 0 });
  expect(days[13]).toEqual({ date: '2026-01-18', tier1: 3, tier2: 1, tier3: 0 });
});

it('counts calls over the forecast on measured days that opened, and capacity strictly', () => {
  expect(evaluation.calls).toEqual({ offered: 386, causedByTexts: 96, sparedByLinkOrReply: 2, daysOverCapacity: 1 });
});

it('sums refusals over the days in a fixed order', () => {
  expect(JSON.stringify(evaluation.refusals)).toBe('{"OPTED_OUT":3,"BOOKED":3}');
});

it('does not grow with patients times weeks: 100,000 patients in 52 waves are compared at once', () => {
  const patients = Array.from({ length: 100_000 }, (_, i) =>
    patient(`P${i}`, ((i % 3) + 1) as 1 | 2 | 3, (i % 52) + 1),
  );
  const ids = new Set(patients.map(({ patientId }) => patientId));
  const weeks = Array.from({ length: 52 }, (_, i) => week(i + 1));
  const bookings = patients
    .filter((_, i) => i % 4 === 0)
    .map(({ patientId, tier }, i) => booking(patientId, tier, at('2026-01-06', 0) + i * 1e6));
  // Speed is measured by the bench; a product of both would not end within the test's own limit.
  const large = evaluate({ ...input, patients, weeks, bookings, texted: ids, eligibleAtStart: ids });
  expect([large.byWave.length, large.overall.patients]).toEqual([52, 100_000]);
});
