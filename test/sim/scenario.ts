/**
 * What one simulated run is about, drawn from its seed: a pilot of 50 to 200 simulated patients under a random policy, or a
 * random recording (test/arbitraries), whose inputs are odder than any simulated patient's.
 */
import fc from 'fast-check';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCampaign, type Campaign } from '../../domain/policy';
import { readRecording } from '../../services/recording';
import { chance, luckKey, pick } from '../../simulator/random';
import { createRosterCsv } from '../../simulator/roster';
import type { OutsideOptions } from '../../simulator/outside';
import { recordingPlan } from '../arbitraries/recording';
import { writeRecording } from '../arbitraries/write';

export interface Scenario {
  readonly campaign: Campaign;
  readonly rosterCsv: string;
  readonly outside: OutsideOptions;
  /** Of a recording: its files as they came. */
  readonly sources: Readonly<Record<string, string>> | null;
  /** Of a pilot. */
  readonly patients: number | null;
  /** One line for a person. */
  readonly title: string;
}

const PATIENTS_MIN = 50;
const PATIENTS_MAX = 200;

/** `patients`: of a pilot, other than its seed says. */
export function scenarioOf(seed: number, patients?: number): Scenario {
  return chance(luckKey(seed, 'scenario'), 'kind') < 0.5 ? pilotOf(seed, patients) : recordingOf(seed);
}

function pilotOf(seed: number, given?: number): Scenario {
  const key = luckKey(seed, 'scenario');
  const one = <T>(name: string, items: readonly T[]): T => pick(items, chance(key, name));
  const patients = given ?? PATIENTS_MIN + Math.floor(chance(key, 'patients') * (PATIENTS_MAX - PATIENTS_MIN + 1));
  const capacityPerDay = one('capacity', [20, 40, 200]);
  const forecast = one('forecast', [5, 15, 30]);
  const campaign = parseCampaign({
    campaignId: `sim-${seed}`,
    startsOn: one('startsOn', ['2026-01-05', '2026-03-02', '2026-10-26']),
    timeZone: one('zone', ['America/Chicago', 'America/New_York', 'Pacific/Honolulu', 'Europe/Berlin']),
    weeks: one('weeks', [1, 2, 3]),
    postPilotWeeks: one('postPilotWeeks', [0, 1, 2]),
    weeklyThreshold: one('threshold', [0.2, 0.333, 0.5, 1]),
    sendWindow: one('window', [
      { from: '09:00', to: '19:00' },
      { from: '08:00', to: '21:00' },
      { from: '12:15', to: '13:45' },
    ]),
    touches: one('touches', [[0, 3, 7], [0, 2, 3, 10], [0, 5], [0]]),
    caps: { perDay: 1, perSevenDays: one('caps', [1, 2, 3]) },
    requireFreshPreferences: chance(key, 'fresh') < 0.6,
    callCentre: {
      capacityPerDay,
      baseForecast: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, forecast])),
      callsPerTextPrior: one('prior', [0.12, 0.5]),
      floorPerDay: one('floor', [0, 2, 5]),
    },
    adaptive: { touchesMax: one('touchesMax', [1, 2, 3]), minDaysBetween: one('minDays', [1, 3, 5]) },
    seed,
  });
  return {
    campaign,
    rosterCsv: createRosterCsv({ patients, seed, startsOn: campaign.startsOn }),
    outside: { mode: 'simulate', campaign },
    sources: null,
    patients,
    title: `pilot of ${patients}, ${campaign.weeks}+${campaign.postPilotWeeks} weeks`,
  };
}

function recordingOf(seed: number): Scenario {
  const [plan] = fc.sample(recordingPlan, { numRuns: 1, seed });
  const folder = mkdtempSync(join(tmpdir(), 'vip-sim-'));
  writeRecording(plan!, folder);
  const { campaign, rosterCsv, inputs, files, initial, sources } = readRecording(folder);
  return {
    campaign,
    rosterCsv,
    outside: { mode: 'replay', campaign, inputs, files, initial },
    sources,
    patients: null,
    title: `recording of ${plan!.people.length} patients, ${inputs.length} inputs`,
  };
}
