/**
 * What is due when: a binary heap of timers ordered by instant, then by age, so that equal instants fire in the order in
 * which they were armed. A timer knows its place, so it can be taken out in O(log n): a completed message leaves nothing
 * behind, however long its lock would have lasted.
 */
export interface Timer {
  readonly at: number;
  readonly fire: (now: number) => void;
  /** Place in the heap; -1 when not armed. Written by the heap alone. */
  index: number;
  readonly order: number;
}

export class DueHeap {
  private readonly timers: Timer[] = [];
  private armed = 0;

  /** Arms a timer for the instant `at` (milliseconds since 1970, finite). */
  arm(at: number, fire: (now: number) => void): Timer {
    const timer: Timer = { at, fire, index: this.timers.length, order: this.armed++ };
    this.timers.push(timer);
    this.rise(timer);
    return timer;
  }

  /** Takes a timer out; nothing happens when it is null, has fired or was taken out before. */
  disarm(timer: Timer | null): void {
    if (!timer || timer.index < 0) return;
    const index = timer.index;
    const last = this.timers.pop()!;
    timer.index = -1;
    if (last === timer) return;
    this.timers[index] = last;
    last.index = index;
    this.rise(last);
    this.sink(last);
  }

  /** The earliest instant at which something is due, or null. */
  nextAt(): number | null {
    return this.timers[0]?.at ?? null;
  }

  /** Fires the earliest timer if it is due at `now`; false when none is. */
  fireNext(now: number): boolean {
    const first = this.timers[0];
    if (!first || first.at > now) return false;
    this.disarm(first);
    first.fire(now);
    return true;
  }

  private rise(timer: Timer): void {
    while (timer.index > 0) {
      const parent = this.timers[(timer.index - 1) >> 1]!;
      if (!isBefore(timer, parent)) return;
      this.swap(timer, parent);
    }
  }

  private sink(timer: Timer): void {
    for (;;) {
      const left = this.timers[2 * timer.index + 1];
      const right = this.timers[2 * timer.index + 2];
      const child = right && left && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, timer)) return;
      this.swap(child, timer);
    }
  }

  private swap(a: Timer, b: Timer): void {
    const index = a.index;
    a.index = b.index;
    b.index = index;
    this.timers[a.index] = a;
    this.timers[b.index] = b;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
