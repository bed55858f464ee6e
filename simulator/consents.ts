/**
 * What each patient told the vendor, and when: the truth behind the preference files. Most opted in long before the
 * campaign, some opted out, some never said; a few change their mind while it runs. It knows nothing of STOP replies:
 * those go to the product, and the vendor never hears of them. Leaves out: which file carries a change (vendor.ts).
 */
import { DAY_MS } from '../domain/calendar';
import { rates } from './assumptions';
import type { Person } from './people';
import { chance, pick } from './random';

export interface Consent {
  readonly person: Person;
  readonly action: 'OPT_IN' | 'OPT_OUT';
  readonly effectiveAtMs: number;
  readonly source: string;
}

const SOURCES = ['vendor-portal', 'clinic-desk', 'web-form'] as const;
/** Initial consents date from up to this long before the campaign. */
const OLDEST_DAYS = 400;

/** The consent `person` had given before the campaign, if any: whole seconds, at least a day before `startMs`. */
export function firstConsent(person: Person, startMs: number): Consent | undefined {
  const u = chance(person.luck, 'consent');
  if (u >= rates.optIn + rates.optOut) return undefined;
  const effectiveAtMs = startMs - DAY_MS - seconds(chance(person.luck, 'consent since') * OLDEST_DAYS * DAY_MS);
  return consent(person, u < rates.optIn ? 'OPT_IN' : 'OPT_OUT', effectiveAtMs, 0);
}

/** The changes of `person`'s mind while the campaign runs, ascending. */
export function laterConsents(person: Person, startMs: number, endMs: number): Consent[] {
  const u = chance(person.luck, 'consent');
  const state = u < rates.optIn ? 'OPT_IN' : u < rates.optIn + rates.optOut ? 'OPT_OUT' : 'UNKNOWN';
  const rate = { OPT_IN: rates.optInLeaves, OPT_OUT: rates.optOutReturns, UNKNOWN: rates.unknownOptsInLater }[state];
  if (chance(person.luck, 'changes mind') >= rate) return [];
  const changedAtMs = startMs + seconds(chance(person.luck, 'changes mind at') * (endMs - startMs));
  const change = consent(person, state === 'OPT_IN' ? 'OPT_OUT' : 'OPT_IN', changedAtMs, 1);
  if (state !== 'OPT_IN' || chance(person.luck, 'returns') >= rates.leaverReturns) return [change];
  const backAtMs = changedAtMs + seconds((2 + 13 * chance(person.luck, 'returns after')) * DAY_MS);
  return [change, consent(person, 'OPT_IN', backAtMs, 2)];
}

function consent(person: Person, action: Consent['action'], effectiveAtMs: number, n: number): Consent {
  return { person, action, effectiveAtMs, source: pick(SOURCES, chance(person.luck, 'consent source', n)) };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
