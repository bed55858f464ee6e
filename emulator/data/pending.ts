/**
 * Activities and timed messages that are still to come: what of them is stored, under numbers that keep their order.
 * What comes and goes between two commits is never written.
 */
import type { Table, Write } from './backend';

export class Pending<T extends object> {
  private readonly numbers = new Map<T, number>();
  private added = new Map<number, unknown>();
  private removed: number[] = [];

  constructor(private readonly table: Table) {}

  get changed(): boolean {
    return this.added.size > 0 || this.removed.length > 0;
  }

  /** `value` is what is stored for it. */
  add(item: T, number: number, value: unknown = item): void {
    this.numbers.set(item, number);
    this.added.set(number, value);
  }

  /** It stands in the store already. */
  known(item: T, number: number): void {
    this.numbers.set(item, number);
  }

  remove(item: T): void {
    const number = this.numbers.get(item);
    if (number === undefined) return;
    this.numbers.delete(item);
    if (!this.added.delete(number)) this.removed.push(number);
  }

  write(out: Write[]): void {
    for (const [key, value] of this.added) out.push({ table: this.table, key, value: JSON.stringify(value) });
    for (const key of this.removed) out.push({ table: this.table, key });
    this.added = new Map();
    this.removed = [];
  }

  forget(): void {
    this.numbers.clear();
    this.added = new Map();
    this.removed = [];
  }
}
