/**
 * What every request to Tables goes through, each attempt anew: it is counted, it ends after a time, and a wait that the
 * service asks for is obeyed only up to a limit, past which the caller hears THROTTLED and may do something else. Retries
 * themselves are the SDK's: network errors, 408, 429 and 5xx, with growing delays.
 */
import { RestError, type TableServiceClientOptions } from '@azure/data-tables';
import { ServiceError } from '../errors';

export interface RetryTimes {
  /** Retries after the first attempt. */
  readonly retriesMax: number;
  /** Before the first retry, ms; then twice as long each time. */
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
  /** The longest Retry-After that is waited for, ms. */
  readonly retryAfterMaxMs: number;
  /** For one attempt, ms. Azure's own limit for a request to Tables is 30 s. */
  readonly attemptMs: number;
}

/** In the worst case some three minutes, well inside the five to ten that a function may run. */
export const RETRY_TIMES: RetryTimes = {
  retriesMax: 5,
  firstDelayMs: 400,
  delayMaxMs: 8_000,
  retryAfterMaxMs: 20_000,
  attemptMs: 30_000,
};

type Policies = NonNullable<TableServiceClientOptions['additionalPolicies']>;
type Policy = Policies[number]['policy'];
type Request = Parameters<Policy['sendRequest']>[0];
type Response = Awaited<ReturnType<Policy['sendRequest']>>;

/** How often the SDK has sent a request, by the request. */
const attempts = new WeakMap<object, number>();

/** Whether the request behind an SDK's error was sent more than once: an earlier attempt may have been carried out. */
export function wasRepeated(error: unknown): boolean {
  const { request } = error as { request?: object };
  return request !== undefined && (attempts.get(request) ?? 0) > 1;
}

/** Client options: the retries and the policy. `count` is called for each attempt. */
export function clientOptions(times: RetryTimes, count: () => void): TableServiceClientOptions {
  return {
    retryOptions: {
      maxRetries: times.retriesMax,
      retryDelayInMs: times.firstDelayMs,
      maxRetryDelayInMs: times.delayMaxMs,
    },
    additionalPolicies: [{ policy: attemptPolicy(times, count), position: 'perRetry' }],
  };
}

function attemptPolicy(times: RetryTimes, count: () => void): Policy {
  return {
    name: 'attemptPolicy',
    async sendRequest(request, next) {
      count();
      attempts.set(request, (attempts.get(request) ?? 0) + 1);
      request.timeout = times.attemptMs;
      const response = await next(request).catch((error: unknown) => Promise.reject(timedOut(error, request)));
      refuseLongWaits(response, times);
      return response;
    },
  };
}

/** The SDK aborts what takes too long and does not retry what was aborted: an abort that nobody asked for is a timeout. */
function timedOut(error: unknown, request: Request): unknown {
  if ((error as Error).name !== 'AbortError' || request.abortSignal?.aborted) return error;
  return new RestError('no answer in time', { code: 'ETIMEDOUT', request });
}

function refuseLongWaits(response: Response, times: RetryTimes): void {
  if (response.status !== 429 && response.status !== 503) return;
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  if (!(seconds * 1000 > times.retryAfterMaxMs)) return;
  throw new ServiceError('THROTTLED', `storage asks to wait ${seconds} s, more than is waited for here`, {
    retryAfterMs: seconds * 1000,
  });
}
