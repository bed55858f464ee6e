/**
 * What goes on beside the durable host and must hold a virtual clock: a broker's queued and due messages, a storage queue
 * that a trigger listens to. Before time moves, all are asked until each is idle; time stops at the first instant that is
 * due there. Source: issue 4 item 4.
 */
import type { External } from '../types';

/** How long to wait before asking again one that is not idle, in ms of the machine's clock. */
const ASK_AGAIN_MS = 1;
/**
 * One that stays busy so long, while the host has nothing to do for it, is waiting for time itself (a lock to run out on a message
 * that nobody settles): the clock then goes on to what is due there.
 */
const WAITS_FOR_TIME_MS = 2000;
/** And so often asked: on a machine that is too busy to ask, the message may just be on its way. */
const WAITS_FOR_TIME_ASKS = 500;
/** After so long without idleness the log says who holds the clock. */
const TELL_AFTER_MS = 10_000;

export class Externals {
  private readonly all: { name: string; external: External }[] = [];

  constructor(private readonly warn: (message: string) => void) {}

  get none(): boolean {
    return this.all.length === 0;
  }

  add(name: string, external: External): void {
    this.all.push({ name, external });
  }

  /**
   * Resolves when all are idle, or when the host itself has work again (`isBusy`): with the earliest instant at which
   * something is due, or undefined.
   */
  async settle(isBusy: () => boolean): Promise<number | undefined> {
    const startedAt = performance.now();
    let told = false;
    for (let asked = 1; ; asked++) {
      const busy = await this.busyOne();
      if (isBusy()) return undefined;
      if (busy === null) return this.nextDue();
      const waitedMs = performance.now() - startedAt;
      const waits = waitedMs > WAITS_FOR_TIME_MS && asked > WAITS_FOR_TIME_ASKS;
      const due = waits ? await this.nextDue() : undefined;
      if (due !== undefined) return isBusy() ? undefined : due;
      if (!told && waitedMs > TELL_AFTER_MS) {
        told = true;
        this.warn(`The clock stands still since ${busy} has not been idle for ${TELL_AFTER_MS / 1000} s.`);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  /** The clock stands at this instant now. */
  async moveTo(atMs: number): Promise<void> {
    for (const { external } of this.all) await external.moveTo?.(atMs);
  }

  private async busyOne(): Promise<string | null> {
    for (const { name, external } of this.all) if (!(await external.isIdle())) return name;
    return null;
  }

  private async nextDue(): Promise<number | undefined> {
    let earliest: number | undefined;
    for (const { external } of this.all) {
      const due = await external.nextDueMs?.();
      if (typeof due === 'number' && (earliest === undefined || due < earliest)) earliest = due;
    }
    return earliest;
  }
}
