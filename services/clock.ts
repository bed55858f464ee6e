/** The one place that reads the host's clock. Everything else is told the time. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
}

/** For what waits between attempts: tests give one on which no time passes. */
export interface WaitingClock extends Clock {
  /** Resolves after `ms`. */
  wait(ms: number): Promise<void>;
}

export const systemClock: WaitingClock = {
  now: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
