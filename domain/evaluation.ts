/**
 * The `evaluation` of report.json: outcome tables by tier and wave, the stepped-wedge effect, bookings over time, calls
 * caused and spared, refusals. Pure; one pass over the patients, and one short loop over the pilot weeks of each.
 * `booked` here is "booked at least once, as far as known", whatever became of it, so the tables, the chart and the
 * effect count the same people; patients.csv says whether a booking stands at the end. Source: design.md, section 3.
 */
import { addDays, daysBetween, startOfDate } from './calendar';
import { OUTCOMES, REFUSAL_REASONS } from './report';
import type {
  BookingFact,
  DayReport,
  Evaluation,
  GroupOutcomes,
  Outcome,
  PatientOutcome,
  RefusalReason,
  WeekReport,
} from './report';
import { isInformative, mantelHaenszelRiskDifference, proportion } from './statistics';
import type { Stratum } from './statistics';

export interface EvaluationInput {
  readonly patients: readonly PatientOutcome[];
  /** Every booking known, in order of time. */
  readonly bookings: readonly BookingFact[];
  /** The pilot weeks. */
  readonly weeks: readonly WeekReport[];
  readonly days: readonly DayReport[];
  /** Ids of patients with at least one text. */
  readonly texted: ReadonlySet<string>;
  /** Ids of accepted patients opted in at the end or earlier: the population of the wedge. */
  readonly eligibleAtStart: ReadonlySet<string>;
  readonly capacityPerDay: number;
  /** The organisation's zone. */
  readonly zone: string;
  readonly startsOn: string;
  /** Last date, inclusive. */
  readonly endsOn: string;
}

const TIERS = [1, 2, 3] as const;
type Tier = (typeof TIERS)[number];
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function evaluate(input: EvaluationInput): Evaluation {
  const firstBookings = firstBookingOfEach(input.bookings);
  return {
    ...outcomeTables(input, firstBookings),
    steppedWedge: steppedWedge(input, firstBookings),
    bookingsByDay: bookingsByDay(input, firstBookings),
    calls: callsOf(input),
    refusals: refusalsOf(input.days),
  };
}

function firstBookingOfEach(bookings: readonly BookingFact[]): Map<string, BookingFact> {
  const first = new Map<string, BookingFact>();
  for (const booking of bookings) {
    const known = first.get(booking.patientId);
    if (!known || booking.bookedAtMs < known.bookedAtMs) first.set(booking.patientId, booking);
  }
  return first;
}

class Tally {
  private patients = 0;
  private texted = 0;
  private booked = 0;
  private attended = 0;
  private optedOut = 0;
  private readonly outcomes = new Map<Outcome, number>();

  add(patient: PatientOutcome, texted: boolean, booked: boolean): void {
    this.patients += 1;
    if (texted) this.texted += 1;
    if (booked) this.booked += 1;
    if (patient.attended) this.attended += 1;
    if (patient.preference === 'OPT_OUT') this.optedOut += 1;
    this.outcomes.set(patient.outcome, (this.outcomes.get(patient.outcome) ?? 0) + 1);
  }

  toGroup(key: Pick<GroupOutcomes, 'tier' | 'wave'>): GroupOutcomes {
    const of = this.patients;
    return {
      ...key,
      patients: of,
      texted: proportion(this.texted, of),
      booked: proportion(this.booked, of),
      attended: proportion(this.attended, of),
      optedOut: proportion(this.optedOut, of),
      outcomes: inOrder(OUTCOMES, this.outcomes),
    };
  }
}

/** Every tier and every wave that was fixed has its row, even when nobody is in it; tier x wave only where somebody is. */
function outcomeTables(input: EvaluationInput, firstBookings: ReadonlyMap<string, BookingFact>) {
  const overall = new Tally();
  const byTier = new Map<Tier, Tally>(TIERS.map((tier) => [tier, new Tally()]));
  const byWave = new Map<number | null, Tally>();
  for (const { wave } of input.weeks) if (wave !== null) byWave.set(wave, new Tally());
  const byBoth = new Map<number | null, Map<Tier, Tally>>();
  for (const patient of input.patients) {
    const { patientId, tier, wave } = patient;
    const texted = input.texted.has(patientId);
    const booked = firstBookings.has(patientId) || patient.booked || patient.attended;
    const ofWave = ensure(byBoth, wave, () => new Map<Tier, Tally>());
    const tallies = [
      overall,
      ensure(byTier, tier, () => new Tally()),
      ensure(byWave, wave, () => new Tally()),
      ensure(ofWave, tier, () => new Tally()),
    ];
    for (const tally of tallies) tally.add(patient, texted, booked);
  }
  return {
    overall: overall.toGroup({}),
    byTier: TIERS.map((tier) => byTier.get(tier)!.toGroup({ tier })),
    byWave: inWaveOrder(byWave).map(([wave, tally]) => tally.toGroup({ wave })),
    byTierAndWave: inWaveOrder(byBoth).flatMap(([wave, tiers]) =>
      TIERS.filter((tier) => tiers.has(tier)).map((tier) => tiers.get(tier)!.toGroup({ tier, wave })),
    ),
  };
}

function ensure<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** Ascending; never admitted (null) last. */
function inWaveOrder<V>(byWave: ReadonlyMap<number | null, V>): [number | null, V][] {
  return [...byWave].sort(([a], [b]) => (a ?? Infinity) - (b ?? Infinity));
}

/**
 * The staging as an experiment: in each pilot week, those admitted by then against those not yet admitted, among who
 * had not booked before that week, inside each lot: tier, category and score band, the group inside which the order of
 * admission is drawn at random. Across lots the admitted are at higher risk by design.
 * A booking known at the opening instant of week 1 came before the campaign.
 */
export function steppedWedge(
  input: Pick<EvaluationInput, 'patients' | 'bookings' | 'weeks' | 'eligibleAtStart' | 'zone' | 'startsOn'>,
  firstBookings: ReadonlyMap<string, BookingFact> = firstBookingOfEach(input.bookings),
): Evaluation['steppedWedge'] {
  const weeks = input.weeks.length;
  // One start more than there are weeks: a booking after it lies past the pilot.
  const weekStartsMs = Array.from({ length: weeks + 1 }, (_, i) =>
    startOfDate(addDays(input.startsOn, 7 * i), input.zone),
  );
  const strata = new Map<string, Mutable<Stratum>[]>();
  for (const patient of input.patients) {
    if (!input.eligibleAtStart.has(patient.patientId)) continue;
    const key = `${patient.tier} ${patient.category} ${patient.band}`;
    const byWeek = ensure(strata, key, () => Array.from({ length: weeks }, emptyStratum));
    const bookedIn = bookedInWeek(firstBookings.get(patient.patientId), weekStartsMs);
    for (let week = 1; week <= Math.min(weeks, bookedIn); week++) {
      const admitted = patient.wave !== null && patient.wave <= week;
      countPatientWeek(byWeek[week - 1]!, admitted, week === bookedIn);
    }
  }
  const informative = [...strata.values()].flat().filter(isInformative);
  return {
    method:
      'Mantel-Haenszel risk difference over tier x category x score band x pilot week, Greenland-Robins variance, 95 % interval',
    riskDifferencePerWeek: mantelHaenszelRiskDifference(informative),
    strata: informative.length,
    treatedPatientWeeks: informative.reduce((sum, s) => sum + s.treated, 0),
    controlPatientWeeks: informative.reduce((sum, s) => sum + s.controls, 0),
  };
}

function emptyStratum(): Mutable<Stratum> {
  return { treated: 0, treatedEvents: 0, controls: 0, controlEvents: 0 };
}

/** The week of the booking, 0 before the campaign, past the last week when later or never. */
function bookedInWeek(booking: BookingFact | undefined, weekStartsMs: readonly number[]): number {
  if (!booking) return Infinity;
  return booking.bookedAtMs === weekStartsMs[0] ? 0 : startsUpTo(weekStartsMs, booking.bookedAtMs);
}

/** How many of the ascending starts are not after `atMs`. */
function startsUpTo(startsMs: readonly number[], atMs: number): number {
  let [low, high] = [0, startsMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startsMs[middle]! <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countPatientWeek(stratum: Mutable<Stratum>, admitted: boolean, booked: boolean): void {
  if (admitted) {
    stratum.treated += 1;
    if (booked) stratum.treatedEvents += 1;
  } else {
    stratum.controls += 1;
    if (booked) stratum.controlEvents += 1;
  }
}

/** Patients who have booked by the end of each date; those of before `startsOn` count from the first date on. */
function bookingsByDay(input: EvaluationInput, firstBookings: ReadonlyMap<string, BookingFact>) {
  const { startsOn, endsOn, zone } = input;
  const length = Math.max(0, daysBetween(startsOn, endsOn) + 1);
  const startsMs = Array.from({ length: length + 1 }, (_, i) => startOfDate(addDays(startsOn, i), zone));
  const added = Array.from({ length }, () => [0, 0, 0] as [number, number, number]);
  for (const { tier, bookedAtMs } of firstBookings.values()) {
    const day = added[Math.max(0, startsUpTo(startsMs, bookedAtMs) - 1)];
    if (day) day[tier - 1]! += 1;
  }
  const sums: [number, number, number] = [0, 0, 0];
  return added.map((tiers, i) => {
    tiers.forEach((n, tier) => (sums[tier]! += n));
    return { date: addDays(startsOn, i), tier1: sums[0], tier2: sums[1], tier3: sums[2] };
  });
}

function callsOf({ bookings, days, capacityPerDay }: EvaluationInput): Evaluation['calls'] {
  const opened = days.filter((day) => day.preferences === 'TAKEN' || day.preferences === 'NOT_REQUIRED');
  // A day of which no interval was reported has 0 offered calls; that is no sign of calls spared.
  const measured = opened.filter((day) => day.offered > 0);
  const withoutCall = bookings.filter(({ channel }) => channel === 'link' || channel === 'reply');
  return {
    offered: days.reduce((sum, day) => sum + day.offered, 0),
    causedByTexts: Math.round(measured.reduce((sum, day) => sum + day.offered - day.forecastCalls, 0)) || 0,
    sparedByLinkOrReply: new Set(withoutCall.map(({ patientId }) => patientId)).size,
    daysOverCapacity: days.filter((day) => day.offered > capacityPerDay).length,
  };
}

function refusalsOf(days: readonly DayReport[]): Partial<Record<RefusalReason, number>> {
  const counts = new Map<RefusalReason, number>();
  for (const { refused } of days)
    for (const reason of REFUSAL_REASONS)
      if (refused[reason]) counts.set(reason, (counts.get(reason) ?? 0) + refused[reason]);
  return inOrder(REFUSAL_REASONS, counts);
}

/** Fixed key order, zeros left out. */
function inOrder<K extends string>(order: readonly K[], counts: ReadonlyMap<K, number>): Partial<Record<K, number>> {
  return Object.fromEntries(order.filter((key) => counts.get(key)).map((key) => [key, counts.get(key)])) as Partial<
    Record<K, number>
  >;
}
