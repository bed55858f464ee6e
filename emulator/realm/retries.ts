/**
 * The retry policy of a function (`retry` in its options): the same trigger value again after a fixed or growing delay on
 * the host's clock, with context.retryContext. Growing delays have no random part here, so that runs repeat.
 * Source: Azure Functions "error handling and retries"; only timers have such policies among the triggers of this host.
 */
import type { AppFunction } from './functionTable';
import type { RetryContext } from './invoke';

interface RpcDuration {
  seconds?: number;
}

interface RetryOptions {
  maxRetryCount?: number;
  retryStrategy?: string;
  delayInterval?: RpcDuration;
  minimumInterval?: RpcDuration;
  maximumInterval?: RpcDuration;
}

/** Calls `attempt` until it succeeds or its retries are used up; then throws the last error. */
export async function withRetries(
  fn: AppFunction,
  sleepMs: (ms: number) => Promise<void>,
  attempt: (retry: RetryContext | undefined) => Promise<void>,
): Promise<void> {
  const options = (fn.metadata.retryOptions ?? null) as RetryOptions | null;
  const maxRetryCount = options?.maxRetryCount ?? 0;
  let context: RetryContext | undefined;
  for (let retry = 1; ; retry++) {
    try {
      return await attempt(context);
    } catch (error) {
      if (options === null || (maxRetryCount >= 0 && retry > maxRetryCount)) throw error;
      const e = error instanceof Error ? error : new Error(String(error));
      const exception = { message: e.message, source: '', stackTrace: e.stack ?? '' };
      context = { retryCount: retry, maxRetryCount, exception };
      await sleepMs(delayMs(options, retry));
    }
  }
}

/** Delay before the n-th retry, from 1. */
export function delayMs(options: RetryOptions, retry: number): number {
  const ms = (duration: RpcDuration | undefined): number => Number(duration?.seconds ?? 0) * 1000;
  if (options.retryStrategy !== 'exponentialBackoff') return ms(options.delayInterval);
  return Math.min(ms(options.maximumInterval), ms(options.minimumInterval) * 2 ** Math.min(retry - 1, 30));
}
