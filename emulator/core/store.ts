/**
 * Where records live: in memory here, in a folder with data/dataStore, which takes the same calls. Turns and messages tell
 * the store of their changes by themselves (loop/); whoever changes a record otherwise calls touch(). Leaves out what a
 * step decides.
 */
import type { EntityRecord, Instance } from './types';

export type StoredRecord = Instance | EntityRecord;

export interface Store {
  instance(id: string): Instance | undefined;
  entity(id: string): EntityRecord | undefined;
  putInstance(record: Instance): void;
  putEntity(record: EntityRecord): void;
  /** Forgets an instance or an entity and everything it holds. */
  remove(id: string): boolean;
  /** Must follow every change of a record that is not made by applying a message or by a turn. */
  touch(record: Instance | EntityRecord): void;
  /**
   * In ordinal order, those after an id, of those whose id begins with the prefix, to be looked at only. Nothing may change
   * meanwhile. Those of other statuses than these may be left out.
   */
  records(after: string | null, prefix?: string, statuses?: ReadonlySet<string>): IterableIterator<StoredRecord>;
  /** Ids of instances and entities together, in ordinal order (the order of lists and pages). */
  sortedIds(): readonly string[];
  instances(): IterableIterator<Instance>;
  entities(): IterableIterator<EntityRecord>;
}

export class MemoryStore implements Store {
  private readonly byInstance = new Map<string, Instance>();
  private readonly byEntity = new Map<string, EntityRecord>();
  private sorted: string[] = [];
  // since the last look at the sorted list
  private added: string[] = [];
  private removed = new Set<string>();

  instance(id: string): Instance | undefined {
    return this.byInstance.get(id);
  }

  entity(id: string): EntityRecord | undefined {
    return this.byEntity.get(id);
  }

  putInstance(record: Instance): void {
    if (!this.byInstance.has(record.id)) this.added.push(record.id);
    this.byInstance.set(record.id, record);
  }

  putEntity(record: EntityRecord): void {
    if (!this.byEntity.has(record.id)) this.added.push(record.id);
    this.byEntity.set(record.id, record);
  }

  remove(id: string): boolean {
    const removed = this.byInstance.delete(id) || this.byEntity.delete(id);
    if (removed) this.removed.add(id);
    return removed;
  }

  touch(): void {
    // what is in memory is changed by changing it
  }

  *records(after: string | null, prefix = ''): IterableIterator<StoredRecord> {
    const ids = this.sortedIds();
    const from = after !== null && after >= prefix ? after : null;
    for (let i = from === null ? firstFrom(ids, prefix) : firstFrom(ids, from); i < ids.length; i++) {
      const id = ids[i] as string;
      if (id === from) continue;
      if (!id.startsWith(prefix)) return;
      const record = this.byInstance.get(id) ?? this.byEntity.get(id);
      if (record) yield record;
    }
  }

  sortedIds(): readonly string[] {
    if (this.added.length > 0 || this.removed.size > 0) {
      const added = [...new Set(this.added)].sort();
      this.sorted = merge(this.sorted, added, this.removed).filter(
        (id) => this.byInstance.has(id) || this.byEntity.has(id),
      );
      this.added = [];
      this.removed = new Set();
    }
    return this.sorted;
  }

  instances(): IterableIterator<Instance> {
    return this.byInstance.values();
  }

  entities(): IterableIterator<EntityRecord> {
    return this.byEntity.values();
  }
}

/** Two sorted lists as one, without what was removed from the first. */
function merge(old: readonly string[], added: readonly string[], removed: ReadonlySet<string>): string[] {
  const out: string[] = [];
  let i = 0;
  for (const id of old) {
    if (removed.has(id)) continue;
    while (i < added.length && (added[i] as string) < id) out.push(added[i++] as string);
    if (added[i] === id) i++;
    out.push(id);
  }
  while (i < added.length) out.push(added[i++] as string);
  return out;
}

/** Index of the first id not before `id` in a sorted list. */
function firstFrom(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((ids[mid] as string) < id) low = mid + 1;
    else high = mid;
  }
  return low;
}
