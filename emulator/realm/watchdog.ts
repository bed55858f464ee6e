/**
 * host.json functionTimeout: an invocation that takes longer fails, as the real host ends it (which restarts the worker
 * process besides; here the function's code goes on unheard). One timer watches all, so that an invocation costs nothing more.
 */

interface Running {
  name: string;
  id: string;
  startedAt: number;
  fail: (error: Error) => void;
}

/** How often running invocations are looked at, as a part of the timeout. */
const LOOKS = 10;

export class Watchdog {
  private readonly running = new Set<Running>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly timeoutMs: number) {
    this.timer = setInterval(() => this.look(), Math.max(10, Math.min(1000, timeoutMs / LOOKS)));
    this.timer.unref();
  }

  /** The work's result, or an error when it takes longer than the timeout of the machine's clock. */
  async watch<T>(name: string, id: string, work: Promise<T>): Promise<T> {
    let entry: Running | undefined;
    const late = new Promise<never>((_, reject) => {
      entry = { name, id, startedAt: performance.now(), fail: reject };
      this.running.add(entry);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      this.running.delete(entry as Running);
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    for (const r of this.running) {
      if (now - r.startedAt <= this.timeoutMs) continue;
      this.running.delete(r);
      const limit = new Date(this.timeoutMs).toISOString().slice(11, 19);
      r.fail(new Error(`Timeout value of ${limit} exceeded by function 'Functions.${r.name}' (Id: '${r.id}').`));
    }
  }
}
