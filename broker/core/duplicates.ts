/**
 * Duplicate detection: the ids seen within the window. One map in order of arrival, read from its old end by an iterator
 * that is kept, so that forgetting costs the same however many ids are held.
 */
export class Duplicates {
  private readonly seen = new Map<string, number>();
  private oldest: IterableIterator<[string, number]> | null = null;
  private head: [string, number] | null = null;

  /** `windowMs`: how long an id is remembered after its first message. */
  constructor(private readonly windowMs: number) {}

  get size(): number {
    return this.seen.size;
  }

  /** True when the id was seen less than the window ago; else it is remembered from `now`. */
  isDuplicate(id: string, now: number): boolean {
    this.forget(now);
    const at = this.seen.get(id);
    if (at !== undefined && now < at + this.windowMs) return true;
    this.remember(id, now);
    return false;
  }

  /** Ids must come in the order of their instants. */
  remember(id: string, at: number): void {
    this.seen.delete(id);
    this.seen.set(id, at);
  }

  /** Ids with the instants at which they were first seen, oldest first. */
  entries(): IterableIterator<[string, number]> {
    return this.seen.entries();
  }

  private forget(now: number): void {
    for (;;) {
      const head = this.head ?? this.nextHead();
      if (!head) return;
      const at = this.seen.get(head[0]);
      const isCurrent = at === head[1];
      if (isCurrent && now < head[1] + this.windowMs) return;
      if (isCurrent) this.seen.delete(head[0]);
      this.head = null;
    }
  }

  private nextHead(): [string, number] | null {
    this.oldest ??= this.seen.entries();
    const next = this.oldest.next();
    if (next.done) {
      this.oldest = null;
      return null;
    }
    this.head = next.value;
    return this.head;
  }
}
