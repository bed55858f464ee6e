/**
 * Whether the broker has anything left to do by itself or is waiting for a connected client, and who is to be told when
 * it has not: the owner of a virtual clock may move it only then.
 */

/** What is going on, by kind. All zero: idle. */
export interface InFlight {
  /** Messages that wait although a receiver for them is connected. */
  readonly queued: number;
  /** Messages under locks of receivers that are still connected. */
  readonly locked: number;
  /** Sent messages that were taken but not yet answered. */
  readonly unanswered: number;
  /** Changes on their way to the journal. */
  readonly unsaved: number;
  /** Bytes not yet handed to the network. */
  readonly unwritten: number;
  /** 1 when something is due at the present instant. */
  readonly due: number;
}

export function isIdle(inFlight: InFlight): boolean {
  return Object.values(inFlight).every((count) => count === 0);
}

export class Idleness {
  private readonly listeners = new Set<() => void>();
  private isChecking = false;
  private wasIdle = true;

  constructor(private readonly look: () => InFlight) {}

  /** Calls back each time the broker becomes idle; the result ends that. */
  onIdle(callback: () => void): () => void {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  /** Resolves when the broker is idle, also at once. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (isIdle(this.look())) return resolve();
      this.wasIdle = false;
      const end = this.onIdle(() => {
        end();
        resolve();
      });
      this.touched();
    });
  }

  /** Something happened: looks again once the present turn, and what it wrote, is over. */
  touched(): void {
    if (this.isChecking) return;
    this.isChecking = true;
    setImmediate(() => this.check());
  }

  private check(): void {
    this.isChecking = false;
    if (this.listeners.size === 0) return;
    const inFlight = this.look();
    if (isIdle(inFlight)) {
      if (this.wasIdle) return;
      this.wasIdle = true;
      for (const listener of [...this.listeners]) listener();
      return;
    }
    this.wasIdle = false;
    // Nobody tells us when bytes have left; everything else comes by `touched`.
    if (inFlight.unwritten > 0) this.touched();
  }
}
