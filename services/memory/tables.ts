/**
 * Tables in memory, for replays and tests. Values are frozen on the way in and handed out as they are, so a reader cannot
 * change what is stored and nothing is copied; with `json` they are what JSON makes of them, as in every other storage.
 * Lives as long as its process.
 */
import {
  PAGE_ROWS_MAX,
  BATCH_ROWS_MAX,
  RowExists,
  type Replacement,
  type Row,
  type RowKey,
  type RowRange,
  type Table,
  type Tables,
} from '../tables';

/** One partition: rows by key, and the keys in order (sorted again only after a key came out of order). */
class Partition<T> {
  readonly rows = new Map<string, T>();
  private keys: string[] = [];
  private sorted = true;
  /** A row was deleted: `keys` still names it. */
  private stale = false;

  set(rk: string, value: T): void {
    if (this.stale) this.sortedKeys();
    if (!this.rows.has(rk)) {
      if (this.keys.length > 0 && rk < this.keys[this.keys.length - 1]!) this.sorted = false;
      this.keys.push(rk);
    }
    this.rows.set(rk, value);
  }

  delete(rk: string): void {
    if (this.rows.delete(rk)) this.stale = true;
  }

  sortedKeys(): readonly string[] {
    if (this.stale) this.keys = [...this.rows.keys()];
    if (this.stale || !this.sorted) this.keys.sort();
    this.stale = false;
    this.sorted = true;
    return this.keys;
  }
}

class MemoryTable<T> implements Table<T> {
  private readonly partitions = new Map<string, Partition<T>>();
  private partitionKeys: string[] | null = null;

  constructor(
    private readonly name: string,
    private readonly count: () => void,
    private readonly json: boolean,
  ) {}

  async get(pk: string, rk: string): Promise<T | undefined> {
    this.count();
    return this.partitions.get(pk)?.rows.get(rk);
  }

  async insert(row: Row<T>): Promise<void> {
    this.count();
    if (this.partitions.get(row.pk)?.rows.has(row.rk)) throw new RowExists(this.name, row.pk, row.rk);
    this.put(row);
  }

  async upsert(row: Row<T>): Promise<void> {
    this.count();
    this.put(row);
  }

  async insertBatch(pk: string, rows: readonly Row<T>[]): Promise<void> {
    const known = this.partitions.get(pk)?.rows;
    const existing = rows.find((row) => known?.has(row.rk));
    if (existing) this.count();
    if (existing) throw new RowExists(this.name, pk, existing.rk);
    await this.upsertBatch(pk, rows);
  }

  async upsertBatch(pk: string, rows: readonly Row<T>[]): Promise<void> {
    this.count();
    if (rows.length > BATCH_ROWS_MAX || rows.some((row) => row.pk !== pk))
      throw new RangeError(
        `${this.name}: a batch holds at most ${BATCH_ROWS_MAX} rows of one partition, got ${rows.length}`,
      );
    for (const { rk, value } of rows) this.put({ pk, rk, value });
  }

  async replaceBatch(pk: string, rows: readonly Replacement<T>[]): Promise<boolean> {
    const known = this.partitions.get(pk)?.rows;
    if (rows.some((row) => known?.get(row.rk) !== row.before)) {
      this.count();
      return false;
    }
    await this.upsertBatch(pk, rows);
    return true;
  }

  async update(pk: string, rk: string, change: (value: T | undefined) => T): Promise<T> {
    this.count();
    this.count();
    const value = change(this.partitions.get(pk)?.rows.get(rk));
    return this.put({ pk, rk, value });
  }

  async delete(pk: string, rk: string): Promise<void> {
    this.count();
    this.partitions.get(pk)?.delete(rk);
  }

  async deleteUnchanged({ pk, rk, before }: RowKey & { readonly before: T }): Promise<boolean> {
    this.count();
    const rows = this.partitions.get(pk)?.rows;
    if (rows?.has(rk) && rows.get(rk) !== before) return false;
    this.partitions.get(pk)?.delete(rk);
    return true;
  }

  async deletePartition(pk: string): Promise<void> {
    this.count();
    if (this.partitions.delete(pk)) this.partitionKeys = null;
  }

  async *pages(range: RowRange): AsyncIterable<readonly Row<T>[]> {
    let page: Row<T>[] = [];
    let pages = 0;
    for (const pk of this.keysOf(range)) {
      const partition = this.partitions.get(pk);
      if (!partition) continue;
      const keys = partition.sortedKeys();
      for (let i = range.rkAfter === undefined ? 0 : firstAfter(keys, range.rkAfter); i < keys.length; i += 1) {
        const rk = keys[i]!;
        if (range.rkBefore !== undefined && rk >= range.rkBefore) break;
        page.push({ pk, rk, value: partition.rows.get(rk)! });
        if (page.length < PAGE_ROWS_MAX) continue;
        this.count();
        pages += 1;
        yield page;
        page = [];
      }
    }
    if (page.length === 0 && pages > 0) return;
    this.count();
    yield page;
  }

  private keysOf(range: RowRange): readonly string[] {
    if (range.pk !== undefined) return [range.pk];
    this.partitionKeys ??= [...this.partitions.keys()].sort();
    const prefix = range.pkPrefix;
    return prefix === undefined ? this.partitionKeys : this.partitionKeys.filter((pk) => pk.startsWith(prefix));
  }

  private put(row: Row<T>): T {
    let partition = this.partitions.get(row.pk);
    if (!partition) {
      this.partitions.set(row.pk, (partition = new Partition()));
      this.partitionKeys = null;
    }
    const value = Object.freeze(this.json ? (JSON.parse(JSON.stringify(row.value)) as T) : row.value);
    partition.set(row.rk, value);
    return value;
  }
}

/** Index of the first key after `after`; keys ascending. */
function firstAfter(keys: readonly string[], after: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `json`: what is stored goes through JSON first, at a price; default off. */
export function createMemoryTables({ json = false } = {}): Tables {
  const tables = new Map<string, MemoryTable<unknown>>();
  let operations = 0;
  return {
    table<T>(name: string): Table<T> {
      let table = tables.get(name);
      if (!table) tables.set(name, (table = new MemoryTable<unknown>(name, () => (operations += 1), json)));
      return table as unknown as Table<T>;
    },
    operations: () => operations,
  };
}
