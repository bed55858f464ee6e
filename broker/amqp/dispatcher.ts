/**
 * Brings waiting messages and receivers together: receivers of a queue in turn, one message each; receivers of a session
 * their own; and those that wait for the next session in the order in which they asked.
 */
import type { Queue } from '../core/queue';
import { SessionQueue } from '../core/sessionQueue';
import type { Consumer } from './consumer';

/** Someone who waits for the next session of a queue. */
export interface SessionWaiter {
  /** A session is there: take it. */
  readonly wake: () => void;
}

interface Receivers {
  readonly consumers: Consumer[];
  readonly waiters: Set<SessionWaiter>;
  /** Whose turn it is. */
  next: number;
}

export class Dispatcher {
  private readonly byQueue = new Map<Queue, Receivers>();
  private readonly dirty = new Set<Queue>();

  constructor(private readonly now: () => number) {}

  private of(queue: Queue): Receivers {
    let receivers = this.byQueue.get(queue);
    if (!receivers) this.byQueue.set(queue, (receivers = { consumers: [], waiters: new Set(), next: 0 }));
    return receivers;
  }

  add(consumer: Consumer): void {
    this.of(consumer.queue).consumers.push(consumer);
  }

  remove(consumer: Consumer): void {
    const { consumers } = this.of(consumer.queue);
    const index = consumers.indexOf(consumer);
    if (index >= 0) consumers.splice(index, 1);
  }

  wait(queue: SessionQueue, waiter: SessionWaiter): void {
    this.of(queue).waiters.add(waiter);
    this.becameReady(queue);
  }

  giveUp(queue: SessionQueue, waiter: SessionWaiter): void {
    this.of(queue).waiters.delete(waiter);
  }

  /** Serves the queue after the present turn: all that becomes ready in one turn is handed out in one go. */
  becameReady(queue: Queue): void {
    if (this.dirty.size === 0) process.nextTick(() => this.flush());
    this.dirty.add(queue);
  }

  get isPending(): boolean {
    return this.dirty.size > 0;
  }

  private flush(): void {
    const queues = [...this.dirty];
    this.dirty.clear();
    for (const queue of queues) this.serveQueue(queue);
  }

  private serveQueue(queue: Queue): void {
    const receivers = this.byQueue.get(queue);
    if (!receivers) return;
    if (queue instanceof SessionQueue) {
      for (const consumer of [...receivers.consumers]) if (consumer.waitingCount > 0) this.serve(consumer);
      for (const waiter of [...receivers.waiters]) {
        if (queue.availableCount === 0) return;
        waiter.wake();
      }
      return;
    }
    const { consumers } = receivers;
    const now = this.now();
    let idle = 0;
    while (idle < consumers.length && queue.readyCount > 0) {
      receivers.next = (receivers.next + 1) % consumers.length;
      idle = consumers[receivers.next]!.sendNext(now) ? 0 : idle + 1;
    }
  }

  /** Sends to this receiver as much as it has credit for. */
  serve(consumer: Consumer): void {
    const now = this.now();
    while (consumer.sendNext(now));
  }

  /** Messages that wait although a receiver for them is connected. */
  queuedForReceivers(): number {
    let queued = 0;
    for (const [queue, { consumers, waiters }] of this.byQueue) {
      if (!(queue instanceof SessionQueue)) queued += consumers.length > 0 ? queue.readyCount : 0;
      else {
        for (const consumer of consumers) queued += consumer.waitingCount;
        if (waiters.size > 0) queued += queue.availableCount;
      }
    }
    return queued;
  }
}
