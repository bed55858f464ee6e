/**
 * Who is reached first: risk score, tier and rank (formats.md, rule 2; design.md, "Tiers"). The weights are published,
 * versioned and explained in docs/tiers.md; nothing else enters the score. The seeded draw at the end of the ranking
 * makes the waves comparable inside a stratum.
 */
import { createHash } from 'node:crypto';
import { daysBetween } from './calendar';
import type { RosterPatient } from './roster';

/** Changes with any change of a weight or cut-off; written into report and audit. */
export const TIER_WEIGHTS_VERSION = '2026-1';

/** Points a unit and their maximum; the maxima add up to 100. Reasons: docs/tiers.md. */
export const TIER_WEIGHTS = {
  age: { from80: 14, from65: 10, from50: 5 },
  chronicConditions: { each: 6, max: 24 },
  edVisits12m: { each: 6, max: 18 },
  admissions12m: { each: 9, max: 18 },
  missedAppointments12m: { each: 4, max: 12 },
  monthsSincePcpVisit: { from12: 8, from6: 4 },
  careGaps: { each: 3, max: 6 },
} as const;
export const TIER_CUTOFFS = { critical: 60, high: 35 } as const;
/** HMO rule (seeds-facts.md): 2 or more earlier missed appointments is a flag of its own. */
export const MISSED_FLAG_MIN = 2;

export type Tier = 1 | 2 | 3;

export interface Standing {
  readonly patientId: string;
  readonly score: number;
  readonly band: number;
  readonly tier: Tier;
  readonly category: 'SERIOUS' | 'VIP';
  readonly highNoShowRisk: boolean;
}

/** Integer 0–100 as of `startsOn`. */
export function riskScore(patient: RosterPatient, startsOn: string): number {
  const w = TIER_WEIGHTS;
  const age = daysBetween(patient.birthDate, startsOn) / 365.25;
  const months = patient.lastPcpVisit === '' ? Infinity : daysBetween(patient.lastPcpVisit, startsOn) / 30.44;
  const agePoints = age >= 80 ? w.age.from80 : age >= 65 ? w.age.from65 : age >= 50 ? w.age.from50 : 0;
  const pcpPoints = months >= 12 ? w.monthsSincePcpVisit.from12 : months >= 6 ? w.monthsSincePcpVisit.from6 : 0;
  const counted = (
    ['chronicConditions', 'edVisits12m', 'admissions12m', 'missedAppointments12m', 'careGaps'] as const
  ).map((field) => Math.min(w[field].max, w[field].each * patient[field]));
  return agePoints + pcpPoints + counted.reduce((sum, points) => sum + points, 0);
}

/** Category VIP never ranks below high. */
export function tierOf(score: number, category: 'SERIOUS' | 'VIP'): Tier {
  if (score >= TIER_CUTOFFS.critical) return 1;
  return score >= TIER_CUTOFFS.high || category === 'VIP' ? 2 : 3;
}

export function standingOf(patient: RosterPatient, startsOn: string): Standing {
  const score = riskScore(patient, startsOn);
  return {
    patientId: patient.patientId,
    score,
    band: Math.floor(score / 10),
    tier: tierOf(score, patient.category),
    category: patient.category,
    highNoShowRisk: patient.missedAppointments12m >= MISSED_FLAG_MIN,
  };
}

/** Rank 1 … n: tier, VIP first, band high first, seeded draw. Returns ranks by patientId. */
export function rankAll(standings: readonly Standing[], seed: number): Map<string, number> {
  const drawn = standings.map((standing) => ({ standing, draw: drawOf(standing.patientId, seed) }));
  drawn.sort(
    (a, b) =>
      a.standing.tier - b.standing.tier ||
      Number(b.standing.category === 'VIP') - Number(a.standing.category === 'VIP') ||
      b.standing.band - a.standing.band ||
      compareText(a.draw, b.draw) ||
      compareText(a.standing.patientId, b.standing.patientId),
  );
  return new Map(drawn.map(({ standing }, index) => [standing.patientId, index + 1]));
}

/** The same patient and seed draw the same lot, whoever else is on the roster. */
function drawOf(patientId: string, seed: number): string {
  return createHash('sha256').update(`draw|${seed}|${patientId}`).digest('hex');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
