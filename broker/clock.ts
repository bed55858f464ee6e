/**
 * The broker's clock. By default the machine's; a library user can give another one and so decide when scheduled
 * messages, locks, times to live and duplicate detection move on. Without `setTimer` nobody wakes the broker: the owner
 * of the clock calls `broker.tick()`.
 */
export interface Clock {
  /** Milliseconds since 1970; never less than before. */
  now(): number;
  /** Calls back once at or after the instant `at`; the result cancels it. */
  setTimer?(at: number, callback: () => void): () => void;
}

/** The longest delay that `setTimeout` can count: 24.8 days. */
const DELAY_MAX_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(at, callback) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const delay = at - Date.now();
      timer = delay > DELAY_MAX_MS ? setTimeout(arm, DELAY_MAX_MS) : setTimeout(callback, Math.max(delay, 0));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
