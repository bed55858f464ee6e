/**
 * What is due later: timed messages, waits on the clock, timer triggers. Says when the next thing that still matters is due,
 * and hands over all of one instant in order. Leaves out when time moves (engine).
 */
import { stillWanted } from '../core/apply';
import type { Store } from '../core/store';
import type { Message } from '../core/types';
import { DueHeap } from './heap';

export interface Sleeper {
  wake: () => void;
  done: boolean;
}

type DueItem =
  | { kind: 'message'; message: Message }
  | { kind: 'sleep'; sleeper: Sleeper }
  | { kind: 'cron'; fire: (at: number) => void };

export class DueQueue {
  private readonly heap = new DueHeap<DueItem>();
  private crons = 0;

  /** `dropped` hears of messages that left the queue without being handed over. */
  constructor(
    private readonly store: Store,
    private readonly dropped: ((message: Message) => void) | null,
  ) {}

  addMessage(at: number, message: Message): void {
    this.heap.push(at, { kind: 'message', message });
  }

  addSleeper(at: number, sleeper: Sleeper): void {
    this.heap.push(at, { kind: 'sleep', sleeper });
  }

  addCron(at: number, fire: (at: number) => void): void {
    this.crons++;
    this.heap.push(at, { kind: 'cron', fire });
  }

  /** The next instant at which something is due that still matters; with `notForCrons`, not for timer triggers alone. */
  nextAt(notForCrons: boolean): number | undefined {
    for (;;) {
      const top = this.heap.peek();
      if (!top) return undefined;
      if (this.isStale(top.value)) this.drop(top.value);
      else if (top.value.kind === 'cron' && notForCrons && this.onlyCrons()) return undefined;
      else return top.at;
    }
  }

  /** Takes out everything due at or before an instant, in order; stale things vanish. */
  fire(at: number, take: (message: Message) => void): void {
    for (let top = this.heap.peek(); top !== undefined && top.at <= at; top = this.heap.peek()) {
      const item = top.value;
      if (this.isStale(item)) {
        this.drop(item);
        continue;
      }
      this.heap.pop();
      if (item.kind === 'message') take(item.message);
      else if (item.kind === 'sleep') item.sleeper.wake();
      else {
        this.crons--;
        item.fire(top.at);
      }
    }
  }

  /** Forgets all messages; waits and timer triggers stay. */
  forgetMessages(): void {
    this.heap.keep((item) => item.kind !== 'message');
  }

  private drop(item: DueItem): void {
    this.heap.pop();
    if (item.kind === 'message') this.dropped?.(item.message);
  }

  private isStale(item: DueItem): boolean {
    if (item.kind === 'message') return !stillWanted(item.message, this.store);
    return item.kind === 'sleep' && item.sleeper.done;
  }

  private onlyCrons(): boolean {
    if (this.heap.size === this.crons) return true;
    for (const item of this.heap.values()) if (item.kind !== 'cron' && !this.isStale(item)) return false;
    return true;
  }
}
