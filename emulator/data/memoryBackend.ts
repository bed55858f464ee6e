/**
 * The data store's tables in memory: what is left when faults make the host forget everything that it had not stored.
 */
import { TABLES, type Backend, type Key, type Table, type Write } from './backend';

export class MemoryBackend implements Backend {
  private readonly tables = new Map<Table, Map<Key, string>>(TABLES.map((t) => [t, new Map()]));

  get(table: Table, key: Key): string | undefined {
    return this.of(table).get(key);
  }

  *range(table: Table, from?: Key, after = false): Iterable<{ key: Key; value: string }> {
    const rows = this.of(table);
    for (const key of [...rows.keys()].sort(order)) {
      if (from !== undefined && (order(key, from) < 0 || (after && key === from))) continue;
      yield { key, value: rows.get(key) as string };
    }
  }

  write(writes: readonly Write[]): void {
    for (const w of writes) {
      if (w.value === undefined) this.of(w.table).delete(w.key);
      else this.of(w.table).set(w.key, w.value);
    }
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private of(table: Table): Map<Key, string> {
    return this.tables.get(table) as Map<Key, string>;
  }
}

const order = (a: Key, b: Key): number => (a < b ? -1 : a > b ? 1 : 0);
