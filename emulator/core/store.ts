/**
 * Where records live. In memory now; a durable store takes the same calls: records are changed by a step and then
 * committed with the messages that the step sent. Leaves out what a step decides.
 */
import type { EntityRecord, Instance } from './types';

export interface Store {
  instance(id: string): Instance | undefined;
  entity(id: string): EntityRecord | undefined;
  putInstance(record: Instance): void;
  putEntity(record: EntityRecord): void;
  /** Forgets an instance or an entity and everything it holds. */
  remove(id: string): boolean;
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
