/**
 * Messages that wait for a receiver, lowest sequence number first. New ones come in order at the end of an array read
 * from its head; those that come back (abandoned, lock expired) go to a small heap. Messages taken out elsewhere
 * (expired, deleted) are left as dead entries and dropped when they reach the head or outnumber the living.
 */
import type { Message } from './message';

const COMPACT_FROM = 64;

export class ReadyList {
  private fresh: Message[] = [];
  private head = 0;
  private readonly returned: Message[] = [];
  private living = 0;

  get count(): number {
    return this.living;
  }

  /** Adds a message; its sequence number may lie anywhere. */
  add(message: Message): void {
    message.isReady = true;
    this.living++;
    const last = this.fresh[this.fresh.length - 1];
    if (!last || this.head === this.fresh.length || last.sequence < message.sequence) this.fresh.push(message);
    else this.pushReturned(message);
  }

  /** Takes the message out wherever it stands. */
  remove(message: Message): void {
    if (!message.isReady) return;
    message.isReady = false;
    this.living--;
    this.compact();
  }

  /** The message with the lowest sequence number, left in place; null when none waits. */
  first(): Message | null {
    const fresh = this.firstFresh();
    const returned = this.firstReturned();
    if (!fresh || !returned) return fresh ?? returned;
    return returned.sequence < fresh.sequence ? returned : fresh;
  }

  take(): Message | null {
    const message = this.first();
    if (message) this.remove(message);
    return message;
  }

  private firstFresh(): Message | null {
    while (this.head < this.fresh.length) {
      const message = this.fresh[this.head]!;
      if (message.isReady) return message;
      this.head++;
    }
    this.fresh = [];
    this.head = 0;
    return null;
  }

  private firstReturned(): Message | null {
    for (;;) {
      const message = this.returned[0];
      if (!message) return null;
      if (message.isReady) return message;
      this.popReturned();
    }
  }

  private compact(): void {
    while (this.head < this.fresh.length && !this.fresh[this.head]!.isReady) this.head++;
    if (this.fresh.length > COMPACT_FROM && this.fresh.length > 2 * this.living) {
      this.fresh = this.fresh.slice(this.head).filter((message) => message.isReady);
      this.head = 0;
    }
  }

  private pushReturned(message: Message): void {
    const heap = this.returned;
    let index = heap.push(message) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.sequence <= message.sequence) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = message;
  }

  private popReturned(): void {
    const heap = this.returned;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.sequence < heap[child]!.sequence) child++;
      if (heap[child]!.sequence >= last.sequence) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}
