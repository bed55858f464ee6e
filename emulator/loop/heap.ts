/** A binary heap of what is due later, by instant and then by order of arrival. Times in epoch milliseconds. */

export interface Due<T> {
  at: number;
  sequence: number;
  value: T;
}

export class DueHeap<T> {
  private items: Due<T>[] = [];
  private sequence = 0;

  get size(): number {
    return this.items.length;
  }

  peek(): Due<T> | undefined {
    return this.items[0];
  }

  push(at: number, value: T): void {
    const item = { at, sequence: this.sequence++, value };
    const items = this.items;
    let i = items.length;
    items.push(item);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = items[parent] as Due<T>;
      if (!before(item, above)) break;
      items[i] = above;
      i = parent;
    }
    items[i] = item;
  }

  pop(): Due<T> | undefined {
    const items = this.items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1] as Due<T>, items[child] as Due<T>)) child++;
      const below = items[child] as Due<T>;
      if (!before(below, last)) break;
      items[i] = below;
      i = child;
    }
    items[i] = last;
    return top;
  }

  /** Takes out what does not pass, keeping the order of the rest. */
  keep(passes: (value: T) => boolean): void {
    const kept = this.items.filter((i) => passes(i.value)).sort((a, b) => (before(a, b) ? -1 : 1));
    // a sorted list is a heap
    this.items = kept;
  }

  *values(): IterableIterator<T> {
    for (const item of this.items) yield item.value;
  }
}

function before<T>(a: Due<T>, b: Due<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
