/**
 * The waves of rule 1, recomputed: when each is fixed, who is eligible then, the cumulative cap, and who is admitted in
 * the rank order that patients.csv states (the seeded draw inside a stratum is not known here).
 */
import Big from 'big.js';
import type { SendDay } from './days';
import type { Output } from './readOutput';
import { addDays, startOfDate } from './time';
import type { World } from './world';

export interface Wave {
  week: number;
  startsAt: number;
  endsAt: number;
  /** Undefined when no send day of the week opened. */
  fixedAt: number | undefined;
  eligible: number;
  cap: number;
  expected: string[];
  admitted: string[];
  admittedCumulative: number;
}

export function fixWaves(world: World, output: Output, days: SendDay[]): Wave[] {
  const { startsOn, weeks } = world.campaign;
  const ranked = [...world.patients.keys()]
    .filter((id) => output.patients.has(id))
    .sort((a, b) => rankOf(output, a) - rankOf(output, b));
  const waves: Wave[] = [];
  let thresholds = new Big(0);
  for (let week = 1; week <= weeks; week += 1) {
    const from = addDays(startsOn, 7 * (week - 1));
    const to = addDays(from, 7);
    const startsAt = startOfDate(world.zone, from);
    if (startsAt >= world.end) break;
    const endsAt = startOfDate(world.zone, to);
    const fixedAt = days.find((day) => day.date >= from && day.date < to && day.openAt !== undefined)?.openAt;
    const before = waves[waves.length - 1];
    thresholds = thresholds.plus(world.policy.at(fixedAt ?? endsAt).weeklyThreshold);
    const earlier = new Set(waves.flatMap((wave) => wave.admitted));
    const wave: Wave = {
      week,
      startsAt,
      endsAt,
      fixedAt,
      eligible: before?.eligible ?? 0,
      cap: before?.cap ?? 0,
      expected: [],
      admitted: ranked.filter((id) => output.patients.get(id)?.['wave'] === String(week)),
      admittedCumulative: earlier.size,
    };
    if (fixedAt !== undefined) {
      const open = ranked.filter((id) => !earlier.has(id) && isEligible(world, id, fixedAt));
      wave.eligible = earlier.size + open.length;
      const share = thresholds.gt(1) ? new Big(1) : thresholds;
      wave.cap = Math.max(wave.cap, Number(share.times(wave.eligible).round(0, Big.roundUp).toString()));
      wave.expected = open.slice(0, Math.max(0, wave.cap - earlier.size));
    }
    wave.admittedCumulative += wave.admitted.length;
    waves.push(wave);
  }
  return waves;
}

function isEligible(world: World, patientId: string, instant: number): boolean {
  return world.preferences(patientId).at(instant).status === 'OPT_IN' && !world.bookings(patientId).stands.at(instant);
}

function rankOf(output: Output, patientId: string): number {
  return Number(output.patients.get(patientId)?.['rank']);
}
