/**
 * What the outside world is going to do, earliest first: a binary heap. Entries of one instant leave in a fixed order
 * (kind of input, then key), whatever order they were put in, so that the world does not depend on the order in which
 * the product's texts left. An entry whose reason has gone (the patient booked meanwhile) is dropped when its turn
 * comes. Leaves out: what the entries mean (world.ts).
 */
import type { Input, InputType } from '../domain/input';

/** The order of inputs within one instant. */
const TYPE_ORDER: readonly InputType[] = [
  'preferences.file',
  'control.policy',
  'control.pause',
  'control.resume',
  'control.cancel',
  'sms.receipt',
  'sms.reply',
  'appointment.booked',
  'appointment.cancelled',
  'appointment.attended',
  'appointment.missed',
  'call.interval',
];
const RANK = new Map(TYPE_ORDER.map((type, rank) => [type, rank]));

export interface Entry {
  readonly atMs: number;
  readonly type: InputType;
  /** Tells entries of one instant and type apart: an id. */
  readonly key: string;
  /** Whether the reason still holds when its turn comes; absent = always. Must not change anything. */
  readonly holds?: () => boolean;
  /** Makes the input and does to the world what it says. */
  readonly happen: () => Input;
}

interface Slot {
  readonly entry: Entry;
  readonly rank: number;
  readonly order: number;
}

export class Agenda {
  private readonly heap: Slot[] = [];
  private added = 0;

  /** Entries at or after `endMs` are never kept. */
  constructor(private readonly endMs: number) {}

  add(entry: Entry): void {
    if (entry.atMs >= this.endMs) return;
    if (entry.atMs % 1000 !== 0) throw new RangeError(`agenda: ${entry.type} at ${entry.atMs} is not a whole second`);
    this.heap.push({ entry, rank: RANK.get(entry.type)!, order: this.added++ });
    this.rise(this.heap.length - 1);
  }

  /** Epoch ms of the next entry that holds; undefined when none is left. */
  nextAt(): number | undefined {
    while (this.heap.length > 0 && this.heap[0]!.entry.holds?.() === false) this.pop();
    return this.heap[0]?.entry.atMs;
  }

  /** Every input of `atMs`, in order. Throws if an earlier one was left: time would go backwards. */
  take(atMs: number): Input[] {
    const inputs: Input[] = [];
    for (let next = this.nextAt(); next !== undefined && next <= atMs; next = this.nextAt()) {
      if (next < atMs) throw new RangeError(`agenda: take(${atMs}) would skip inputs of ${next}`);
      inputs.push(this.pop().entry.happen());
    }
    return inputs;
  }

  private pop(): Slot {
    const top = this.heap[0]!;
    const last = this.heap.pop()!;
    if (this.heap.length > 0) {
      this.heap[0] = last;
      this.sink(0);
    }
    return top;
  }

  private rise(start: number): void {
    for (let at = start; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!before(this.heap[at]!, this.heap[parent]!)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private sink(start: number): void {
    for (let at = start; ;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < this.heap.length && before(this.heap[left]!, this.heap[least]!)) least = left;
      if (right < this.heap.length && before(this.heap[right]!, this.heap[least]!)) least = right;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(a: number, b: number): void {
    const slot = this.heap[a]!;
    this.heap[a] = this.heap[b]!;
    this.heap[b] = slot;
  }
}

function before(a: Slot, b: Slot): boolean {
  if (a.entry.atMs !== b.entry.atMs) return a.entry.atMs < b.entry.atMs;
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.entry.key !== b.entry.key) return a.entry.key < b.entry.key;
  return a.order < b.order;
}
