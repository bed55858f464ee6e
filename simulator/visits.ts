/**
 * What becomes of a booking: when the visit is, and whether the patient cancels, comes or stays away. The chance of
 * staying away is a baseline odds times the published odds ratios for an earlier miss, a lead time over four weeks and
 * having been texted (domain-rules.md, "Evidence on reminders and no-shows"). Pure: luck, lead time and three facts.
 */
import { addDays, DAY_MS, dayOfWeek, instantOf, localDate, MINUTE_MS } from '../domain/calendar';
import { rates } from './assumptions';
import { chance, exponential, type LuckKey } from './random';
import { onGrid } from './schedule';

export interface VisitFacts {
  readonly zone: string;
  readonly luck: LuckKey;
  readonly missedBefore: boolean;
  readonly reminded: boolean;
}

export interface Visit {
  readonly startsAtMs: number;
  readonly ending: 'cancelled' | 'attended' | 'missed';
  /** When the ending becomes known. */
  readonly endsAtMs: number;
}

const LEAD_DAYS_MAX = 60;
const LONG_LEAD_DAYS = 28;
const OPENS_AT_MINUTES = 8 * 60;
const SLOT_MINUTES = 30;
const SLOTS_PER_DAY = 17;
/** The clinic reports a visit, kept or not, half an hour after it should have begun. */
const REPORTED_AFTER_MS = 30 * MINUTE_MS;

/** The `n`-th booking (from 1) of a patient, made at `bookedAtMs`. Ends strictly later. */
export function visitOf(facts: VisitFacts, n: number, bookedAtMs: number): Visit {
  const { luck, zone } = facts;
  const lead = Math.min(LEAD_DAYS_MAX, 1 + Math.floor(exponential(chance(luck, 'lead', n), rates.leadDaysMean)));
  const date = clinicDay(addDays(localDate(bookedAtMs, zone), lead));
  const slot = Math.floor(chance(luck, 'slot', n) * SLOTS_PER_DAY);
  const startsAtMs = instantOf(date, OPENS_AT_MINUTES + slot * SLOT_MINUTES, zone);
  if (chance(luck, 'cancels', n) < rates.cancels) {
    const after = (0.05 + 0.9 * chance(luck, 'cancels when', n)) * (startsAtMs - bookedAtMs);
    const endsAtMs = onGrid(bookedAtMs + Math.max(after, MINUTE_MS), 5 * MINUTE_MS);
    if (endsAtMs < startsAtMs) return { startsAtMs, ending: 'cancelled', endsAtMs };
  }
  const missed = chance(luck, 'stays away', n) < noShowRate(facts, (startsAtMs - bookedAtMs) / DAY_MS);
  return { startsAtMs, ending: missed ? 'missed' : 'attended', endsAtMs: startsAtMs + REPORTED_AFTER_MS };
}

/** In (0, 1). `leadDays` from booking to visit. */
export function noShowRate(facts: Pick<VisitFacts, 'missedBefore' | 'reminded'>, leadDays: number): number {
  const odds =
    rates.noShowOdds *
    (facts.missedBefore ? rates.oddsEarlierMiss : 1) *
    (leadDays > LONG_LEAD_DAYS ? rates.oddsLongLead : 1) *
    (facts.reminded ? rates.oddsTexted : 1);
  return odds / (1 + odds);
}

/** Clinics see patients from Monday to Friday. */
function clinicDay(date: string): string {
  const day = dayOfWeek(date);
  return day === 6 ? addDays(date, 2) : day === 0 ? addDays(date, 1) : date;
}
