/**
 * What failed because a service is busy is brought again at once by its trigger, and after a few times never more: ten
 * deliveries would be over in seconds, while storage that throttles does so for minutes. So the trigger gives it back
 * only after a while, twice as long each time. Nothing else can delay a message that is given back.
 */
import type { WaitingClock } from '../services/clock';
import { hasCode } from '../services/errors';

const FIRST_WAIT_MS = 5_000;
/** Half of a message's lock (infra/servicebus.config.json): a batch's is not renewed, and the failing has taken time. */
const WAIT_MAX_MS = 30_000;

/** Resolves when whatever failed with `error`, for the n-th time, may be tried again: at once but for a busy service. */
export async function untilLessBusy(
  error: unknown,
  times: number,
  { wait }: Pick<WaitingClock, 'wait'>,
): Promise<void> {
  if (!hasCode(error, 'THROTTLED', 'TIMED_OUT', 'UNAVAILABLE')) return;
  const ownMs = FIRST_WAIT_MS * 2 ** (Math.max(1, times) - 1);
  await wait(Math.min(WAIT_MAX_MS, Math.max(ownMs, error.retryAfterMs ?? 0)));
}
