/**
 * How many texts a sending number may send in a minute, and waiting for one's turn. Limits: "Service limits for Azure
 * Communication Services" (learn.microsoft.com/azure/communication-services/concepts/service-limits, SMS): toll-free 200
 * and short code 6,000 messages a minute and number, alphanumeric sender 600 a resource. Over it the gateway answers 429
 * and counts that attempt too, so it is cheaper to wait here. Each process counts for itself: with several, divide.
 */
import type { WaitingClock } from '../clock';

export const TOLL_FREE_PER_MINUTE = 200;
export const SHORT_CODE_PER_MINUTE = 6_000;
export const ALPHANUMERIC_PER_MINUTE = 600;
const MINUTE_MS = 60_000;

/** By the kind of `from`. A ten-digit number has no published limit there: it is held to the smallest. */
export function perMinuteOf(from: string): number {
  if (/^\d{3,6}$/.test(from)) return SHORT_CODE_PER_MINUTE;
  return /[A-Za-z]/.test(from) ? ALPHANUMERIC_PER_MINUTE : TOLL_FREE_PER_MINUTE;
}

export interface RateLimit {
  /** Resolves when one more may be sent; in the order asked. */
  turn(): Promise<void>;
}

/** At most `perMinute` turns in any 60 s. */
export function createRateLimit(perMinute: number, clock: WaitingClock): RateLimit {
  /** When the latest turns were given, oldest first, at most `perMinute`. */
  const given: number[] = [];
  let last: Promise<void> = Promise.resolve();
  const next = async (): Promise<void> => {
    if (given.length >= perMinute) {
      const waitMs = given[0]! + MINUTE_MS - clock.now();
      if (waitMs > 0) await clock.wait(waitMs);
      given.shift();
    }
    given.push(clock.now());
  };
  return { turn: () => (last = last.then(next)) };
}
