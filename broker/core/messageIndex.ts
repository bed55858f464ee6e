/**
 * The messages of a queue by sequence number, with iteration from any number in order (peek). Numbers only grow, so a
 * sorted array with dead entries, searched by halves and compacted when most are dead, does it without a tree.
 */
import type { Message } from './message';

const COMPACT_FROM = 256;

export class MessageIndex {
  private readonly bySequence = new Map<number, Message>();
  private order: number[] = [];

  get size(): number {
    return this.bySequence.size;
  }

  get(sequence: number): Message | undefined {
    return this.bySequence.get(sequence);
  }

  /** Adds a message whose number is higher than all before. */
  add(message: Message): void {
    this.bySequence.set(message.sequence, message);
    this.order.push(message.sequence);
  }

  delete(message: Message): void {
    this.bySequence.delete(message.sequence);
    if (this.order.length > COMPACT_FROM && this.order.length > 2 * this.bySequence.size) {
      this.order = this.order.filter((sequence) => this.bySequence.has(sequence));
    }
  }

  /** In order, from the first number that is not below `sequence`. */
  *from(sequence: number): IterableIterator<Message> {
    const order = this.order;
    for (let index = firstAtLeast(order, sequence); index < order.length; index++) {
      const message = this.bySequence.get(order[index]!);
      if (message) yield message;
    }
  }

  values(): IterableIterator<Message> {
    return this.bySequence.values();
  }
}

function firstAtLeast(order: readonly number[], sequence: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order[middle]! < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
