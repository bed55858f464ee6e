/**
 * One session of a queue: its waiting messages, its state and who holds it. The lock of the session is the lock of all its
 * messages.
 */
import type { Holder } from './holder';
import type { Message } from './message';
import type { Timer } from './dueHeap';
import { ReadyList } from './readyList';

export interface SessionLock {
  readonly holder: Holder;
  until: number;
  timer: Timer | null;
}

export class Session {
  readonly ready = new ReadyList();
  readonly locked = new Set<Message>();
  lock: SessionLock | null = null;
  /** As the client stored it; null when never set or cleared. */
  state: Buffer | null = null;

  constructor(readonly id: string) {}

  /** Whether nothing would be lost by forgetting it. */
  get isEmpty(): boolean {
    return !this.lock && !this.state && this.ready.count === 0 && this.locked.size === 0;
  }
}
