/**
 * Polls a store for a trigger: soon again while there is something, slower and slower while there is nothing. A virtual clock
 * that wants to move makes it look at once, and waits while anything is found.
 */
import type { External } from '../types';
import type { Listening } from './triggerHost';

export interface PollOptions {
  /** Looks once and handles what is there. Whether there was anything. The signal ends the looking, not the handling. */
  poll(signal: AbortSignal): Promise<boolean>;
  shortestMs: number;
  longestMs: number;
  onError(error: unknown): void;
}

/** Growth of the wait from look to look. */
const SLOWER = 1.5;

export class Poller implements Listening {
  private timer: NodeJS.Timeout | undefined;
  private waitMs: number;
  private looking: Promise<boolean> | null = null;
  private stopped = false;
  private readonly ending = new AbortController();

  constructor(private readonly options: PollOptions) {
    this.waitMs = options.shortestMs;
  }

  start(): this {
    this.schedule(0);
    return this;
  }

  /** For the clock: idle when a look that begins now finds nothing. */
  readonly external: External = {
    isIdle: async () => {
      if (this.stopped) return true;
      // the look under way may have begun before the last message came
      await this.looking;
      return !(await this.look());
    },
  };

  async stop(): Promise<void> {
    this.stopped = true;
    this.ending.abort();
    clearTimeout(this.timer);
    await this.looking;
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.look(), ms);
  }

  private look(): Promise<boolean> {
    return (this.looking ??= this.lookOnce().finally(() => (this.looking = null)));
  }

  private async lookOnce(): Promise<boolean> {
    let found = false;
    try {
      found = await this.options.poll(this.ending.signal);
      this.waitMs = found ? this.options.shortestMs : this.waitMs * SLOWER;
    } catch (error) {
      if (!this.stopped) this.options.onError(error);
      this.waitMs = this.options.longestMs;
    }
    this.waitMs = Math.min(this.waitMs, this.options.longestMs);
    this.schedule(found ? 0 : this.waitMs);
    return found;
  }
}
