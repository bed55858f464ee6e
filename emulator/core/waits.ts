/**
 * How long the host waits before a retry, between the slices of a long timer, and before it polls again after a 202.
 * Source: contract D (Retries, Long timers, CallHttp), I; recorded/retry, timer-long, call-http.
 */
import type { Action } from './actions';

const DAY_MS = 86_400_000;
/** Host defaults of the Azure Storage provider; the orchestrator is told the same. */
export const TIMER_MAX_MS = 6 * DAY_MS;
const TIMER_SLICE_MS = 3 * DAY_MS;
const RETRY_INTERVAL_MAX_MS = 6 * DAY_MS;
const HTTP_POLL_MS = 30_000;

/** When the next slice of a timer ends: `fireAt` itself once at most six days are left. */
export const sliceEnd = (now: number, fireAt: number): number =>
  fireAt - now > TIMER_MAX_MS ? now + TIMER_SLICE_MS : fireAt;

export const attemptsMax = (action: Action): number => action.retryOptions?.maxNumberOfAttempts ?? 1;

/** Wait after failed attempt number `attempt`; after the last one a timer is still made, which fires at once. */
export function retryDelayMs(action: Action, attempt: number): number {
  if (attempt >= attemptsMax(action)) return 0;
  const options = action.retryOptions;
  const grown =
    (options?.firstRetryIntervalInMilliseconds ?? 1) * Math.pow(options?.backoffCoefficient ?? 1, attempt - 1);
  return Math.round(Math.min(grown, options?.maxRetryIntervalInMilliseconds ?? RETRY_INTERVAL_MAX_MS));
}

export function retryExpired(action: Action, startedAt: number, now: number): boolean {
  const timeout = action.retryOptions?.retryTimeoutInMilliseconds;
  return timeout !== undefined && now >= startedAt + timeout;
}

/** The wait and the next request after an answer (JSON text); null when the answer is final. */
export function pollAfter(action: Action, result: string | null): { delayMs: number; request: unknown } | null {
  const request = action.httpRequest as { asynchronousPatternEnabled?: boolean; headers?: Record<string, string> };
  if (!request?.asynchronousPatternEnabled || result === null) return null;
  const answer = JSON.parse(result) as { statusCode: number; headers?: Record<string, string> };
  if (answer.statusCode !== 202) return null;
  const header = (name: string): string | undefined =>
    Object.entries(answer.headers ?? {}).find(([k]) => k.toLowerCase() === name)?.[1];
  const location = header('location');
  if (!location) return null;
  const retryAfter = header('retry-after');
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).filter(([k]) => k.toLowerCase() !== 'x-functions-key'),
  );
  return {
    delayMs: retryAfter !== undefined && Number.isFinite(Number(retryAfter)) ? Number(retryAfter) * 1000 : HTTP_POLL_MS,
    request: { ...request, method: 'GET', uri: location, content: null, headers },
  };
}
