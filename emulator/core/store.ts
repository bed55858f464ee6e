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
  private sorted: string[] | null = null;

  instance(id: string): Instance | undefined {
    return this.byInstance.get(id);
  }

  entity(id: string): EntityRecord | undefined {
    return this.byEntity.get(id);
  }

  putInstance(record: Instance): void {
    if (!this.byInstance.has(record.id)) this.sorted = null;
    this.byInstance.set(record.id, record);
  }

  putEntity(record: EntityRecord): void {
    if (!this.byEntity.has(record.id)) this.sorted = null;
    this.byEntity.set(record.id, record);
  }

  remove(id: string): boolean {
    const removed = this.byInstance.delete(id) || this.byEntity.delete(id);
    if (removed) this.sorted = null;
    return removed;
  }

  sortedIds(): readonly string[] {
    this.sorted ??= [...this.byInstance.keys(), ...this.byEntity.keys()].sort();
    return this.sorted;
  }

  instances(): IterableIterator<Instance> {
    return this.byInstance.values();
  }

  entities(): IterableIterator<EntityRecord> {
    return this.byEntity.values();
  }
}
