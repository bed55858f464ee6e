/**
 * host.json extensions.http: how many requests to functions run at once and how many may be under way in all; more get
 * 429. -1 means no limit. Source: host.json reference (maxConcurrentRequests, maxOutstandingRequests).
 */
import type { HttpAnswer } from './message';

export class Throttle {
  private outstanding = 0;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly outstandingMax: number,
    private readonly concurrentMax: number,
  ) {}

  async run(work: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    if (this.outstandingMax >= 0 && this.outstanding >= this.outstandingMax) {
      return { status: 429, headers: { 'content-length': '0' }, body: '' };
    }
    this.outstanding++;
    try {
      if (this.concurrentMax >= 0 && this.running >= this.concurrentMax) {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
      } else this.running++;
      return await work();
    } finally {
      this.outstanding--;
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
