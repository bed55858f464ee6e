/**
 * What one patient does about the n-th campaign text that reached the phone: book by link, by phone or by reply, write
 * STOP or something else, call with a question, or nothing. Pure: it reads only the patient's own luck and n, never the
 * clock, other patients or what they were sent, so a policy changes when a reaction comes and never which.
 * Whether it still makes sense by then (already booked, opted out) is judged in world.ts when its time comes.
 */
import { HOUR_MS } from '../domain/calendar';
import { rateOfNth, rates } from './assumptions';
import type { Person } from './people';
import { chance, exponential, pickWeighted } from './random';

export type Reaction =
  | { readonly kind: 'BOOK'; readonly channel: 'link' | 'phone' | 'reply'; readonly delayMs: number }
  | { readonly kind: 'WRITE'; readonly meaning: 'STOP' | 'HELP' | 'OTHER'; readonly delayMs: number }
  | { readonly kind: 'ASK_BY_PHONE'; readonly delayMs: number }
  | { readonly kind: 'NOTHING' };

/** Whoever does not act the same day does within these hours. */
const LATER_HOURS = { from: 6, to: 72 };
const SOON_HOURS_MEAN = 1.5;
const WRITES_HOURS_MEAN = 0.7;

/** `n` from 1. `delayMs` counts from the text, before nights and opening hours are considered. */
export function reactionTo(person: Person, n: number): Reaction {
  const { luck } = person;
  let u = chance(luck, 'reaction', n);
  const within = (rate: number) => {
    const hit = u < rate;
    u -= rate;
    return hit;
  };
  const delayMs = (meanHours: number) => exponential(chance(luck, 'delay', n), meanHours) * HOUR_MS;
  if (within(bookingRate(person, n))) {
    const { channel } = pickWeighted(rates.bookingChannels, chance(luck, 'channel', n));
    return { kind: 'BOOK', channel, delayMs: bookingDelayMs(person, n) };
  }
  if (within(rateOfNth(rates.stopByText, n)))
    return { kind: 'WRITE', meaning: 'STOP', delayMs: delayMs(WRITES_HOURS_MEAN) };
  if (within(rates.helpByText)) return { kind: 'WRITE', meaning: 'HELP', delayMs: delayMs(WRITES_HOURS_MEAN) };
  if (within(rates.freeTextByText)) return { kind: 'WRITE', meaning: 'OTHER', delayMs: delayMs(WRITES_HOURS_MEAN) };
  if (within(rates.questionCallByText)) return { kind: 'ASK_BY_PHONE', delayMs: delayMs(SOON_HOURS_MEAN) };
  return { kind: 'NOTHING' };
}

/** Some patients are readier than others (a factor of 0.5 to 1.5 that each keeps), VIP a little more. */
function bookingRate(person: Person, n: number): number {
  const readiness = 0.5 + chance(person.luck, 'readiness');
  return rateOfNth(rates.bookByText, n) * readiness * (person.vip ? rates.vipBooksTimes : 1);
}

function bookingDelayMs(person: Person, n: number): number {
  const u = chance(person.luck, 'delay', n);
  if (chance(person.luck, 'books soon', n) < rates.booksSoon) return exponential(u, SOON_HOURS_MEAN) * HOUR_MS;
  return (LATER_HOURS.from + u * (LATER_HOURS.to - LATER_HOURS.from)) * HOUR_MS;
}
