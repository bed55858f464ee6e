/**
 * Where simulated patients live: time zone, state and an area code that belongs to both, so that a number passes the
 * number plan and a state may span two zones (Indiana, Tennessee). Weights are assumptions: a practice in Chicago.
 * Area codes whose exchanges are restricted in libphonenumber's plan (305, 505) are left out.
 */
import { chance, pick, pickWeighted, type LuckKey } from './random';

export interface Place {
  readonly zone: string;
  readonly state: string;
  readonly areaCodes: readonly string[];
  readonly weight: number;
}

const PLACES: readonly Place[] = [
  {
    zone: 'America/Chicago',
    state: 'IL',
    areaCodes: ['312', '773', '872', '847', '224', '630', '331', '708', '217', '309', '618', '815', '779'],
    weight: 55,
  },
  { zone: 'America/Chicago', state: 'WI', areaCodes: ['414', '608'], weight: 8 },
  { zone: 'America/Chicago', state: 'IN', areaCodes: ['219'], weight: 3 },
  { zone: 'America/Chicago', state: 'TX', areaCodes: ['214', '713'], weight: 3 },
  { zone: 'America/Chicago', state: 'TN', areaCodes: ['615'], weight: 1 },
  { zone: 'America/New_York', state: 'NY', areaCodes: ['212', '716'], weight: 4 },
  { zone: 'America/New_York', state: 'OH', areaCodes: ['614'], weight: 3 },
  { zone: 'America/New_York', state: 'TN', areaCodes: ['865'], weight: 1 },
  { zone: 'America/Indiana/Indianapolis', state: 'IN', areaCodes: ['317'], weight: 4 },
  { zone: 'America/Detroit', state: 'MI', areaCodes: ['313', '517'], weight: 3 },
  { zone: 'America/Kentucky/Louisville', state: 'KY', areaCodes: ['502'], weight: 1 },
  { zone: 'America/Denver', state: 'CO', areaCodes: ['303'], weight: 4 },
  { zone: 'America/Boise', state: 'ID', areaCodes: ['208'], weight: 1 },
  { zone: 'America/Phoenix', state: 'AZ', areaCodes: ['602', '480'], weight: 4 },
  { zone: 'America/Los_Angeles', state: 'CA', areaCodes: ['213', '415'], weight: 3 },
  { zone: 'America/Los_Angeles', state: 'WA', areaCodes: ['206'], weight: 1 },
  { zone: 'America/Anchorage', state: 'AK', areaCodes: ['907'], weight: 0.7 },
  { zone: 'Pacific/Honolulu', state: 'HI', areaCodes: ['808'], weight: 0.8 },
];

export function placeOf(key: LuckKey): Place {
  return pickWeighted(PLACES, chance(key, 'place'));
}

/** The exchange that serves no subscribers: a synthetic roster sent to a real gateway by mistake reaches nobody. */
const NOBODY = '555';
/** Below this are the numbers of fiction, such as the practice's own in examples. */
const NOBODY_FROM = 200;
const DIRECTORY_ENQUIRIES = 1212;
/** Tries in that exchange before another one is used, which only rosters far over 100,000 need. */
const NOBODY_ATTEMPTS = 50;

/** An E.164 number of the place, by number plan valid; `attempt` from 0 gives another one when the first is taken. */
export function phoneOf(key: LuckKey, place: Place, attempt: number): string {
  const area = pick(place.areaCodes, chance(key, 'area code', attempt));
  const draw = chance(key, 'number', attempt);
  const number = NOBODY_FROM + Math.floor(draw * (10_000 - NOBODY_FROM - 1));
  const local = String(number >= DIRECTORY_ENQUIRIES ? number + 1 : number).padStart(4, '0');
  if (attempt < NOBODY_ATTEMPTS) return `+1${area}${NOBODY}${local}`;
  const exchange = 200 + Math.floor(chance(key, 'exchange', attempt) * 800);
  return `+1${area}${exchange % 100 === 11 ? exchange + 1 : exchange}${local}`;
}
