/**
 * Rows by partition and row key, as Azure Table storage has them: point reads, inserts that conflict, batches inside one
 * partition, scans in pages. Values are JSON. Every call that would be a request on Azure counts as one operation.
 * Implementations: memory/tables.ts; the Azure one comes with its own issue and passes the same contract tests.
 */

/** Azure's limit for an entity group transaction. */
export const BATCH_ROWS_MAX = 100;
/** Azure's limit for a page of a query. */
export const PAGE_ROWS_MAX = 1000;

export interface Row<T = unknown> {
  /** Partition key. Never personal: keys travel in URLs. */
  readonly pk: string;
  readonly rk: string;
  readonly value: T;
}

export interface RowRange {
  /** One partition, or every partition that starts with `pkPrefix`; neither: the whole table. */
  readonly pk?: string;
  readonly pkPrefix?: string;
  /** Row keys after this one. */
  readonly rkAfter?: string;
  /** Row keys before this one. */
  readonly rkBefore?: string;
}

/** Thrown by `insert` when the row exists. */
export class RowExists extends Error {
  readonly code = 'ROW_EXISTS';
  constructor(table: string, pk: string, rk: string) {
    super(`${table}: a row ${pk}/${rk} exists already`);
    this.name = 'RowExists';
  }
}

export interface Table<T = unknown> {
  get(pk: string, rk: string): Promise<T | undefined>;
  /** Throws `RowExists`. */
  insert(row: Row<T>): Promise<void>;
  upsert(row: Row<T>): Promise<void>;
  /** Replaces rows of one partition, at most `BATCH_ROWS_MAX`, all or none. */
  upsertBatch(pk: string, rows: readonly Row<T>[]): Promise<void>;
  /** Inserts rows of one partition, at most `BATCH_ROWS_MAX`, all or none. Throws `RowExists`. */
  insertBatch(pk: string, rows: readonly Row<T>[]): Promise<void>;
  /**
   * Replaces rows of one partition, at most `BATCH_ROWS_MAX`, all or none, where each still is what was read (`before`;
   * undefined: absent). False: somebody else wrote in between, and nothing was written.
   */
  replaceBatch(pk: string, rows: readonly Replacement<T>[]): Promise<boolean>;
  /** Read, change, write; again when somebody else wrote in between. Returns what was written. */
  update(pk: string, rk: string, change: (value: T | undefined) => T): Promise<T>;
  delete(pk: string, rk: string): Promise<void>;
  deletePartition(pk: string): Promise<void>;
  /** Ordered by partition key, then row key. */
  pages(range: RowRange): AsyncIterable<readonly Row<T>[]>;
}

export interface Replacement<T> extends Row<T> {
  readonly before: T | undefined;
}

/** A change of a row that was read: `change` is applied again to what stands there if somebody else wrote meanwhile. */
export interface RowChange<T> {
  readonly pk: string;
  readonly rk: string;
  readonly before: T | undefined;
  readonly change: (value: T | undefined) => T;
}

export interface Tables {
  table<T>(name: string): Table<T>;
  /** Operations so far. */
  operations(): number;
}

/** Every row of a range. */
export async function allRows<T>(table: Table<T>, range: RowRange): Promise<Row<T>[]> {
  const rows: Row<T>[] = [];
  for await (const page of table.pages(range)) for (const row of page) rows.push(row);
  return rows;
}

/** Inserts rows of any partitions; returns those that existed already, which are left as they were. */
export async function insertMissing<T>(table: Table<T>, rows: readonly Row<T>[]): Promise<Row<T>[]> {
  const existing: Row<T>[] = [];
  for (const batch of batchesOf(rows)) {
    try {
      await table.insertBatch(batch[0]!.pk, batch);
    } catch (error) {
      if (!(error instanceof RowExists)) throw error;
      for (const row of batch)
        await table
          .insert(row)
          .catch((e: unknown) => (e instanceof RowExists ? existing.push(row) : Promise.reject(e)));
    }
  }
  return existing;
}

/** Applies changes to rows of any partitions, in batches; no concurrent change is lost. */
export async function changeAll<T>(table: Table<T>, changes: Iterable<RowChange<T>>): Promise<void> {
  const replacements = [...changes].map((change) => ({ ...change, value: change.change(change.before) }));
  for (const batch of batchesOf(replacements)) {
    if (await table.replaceBatch(batch[0]!.pk, batch)) continue;
    for (const { pk, rk, change } of batch) await table.update(pk, rk, change);
  }
}

/** Writes rows of any partitions in as few batches as they need. */
export async function upsertAll<T>(table: Table<T>, rows: Iterable<Row<T>>): Promise<void> {
  for (const batch of batchesOf(rows)) await table.upsertBatch(batch[0]!.pk, batch);
}

function* batchesOf<R extends { readonly pk: string }>(rows: Iterable<R>): Iterable<readonly R[]> {
  const byPartition = new Map<string, R[]>();
  for (const row of rows) {
    const partition = byPartition.get(row.pk);
    if (partition) partition.push(row);
    else byPartition.set(row.pk, [row]);
  }
  for (const partition of byPartition.values())
    for (let at = 0; at < partition.length; at += BATCH_ROWS_MAX) yield partition.slice(at, at + BATCH_ROWS_MAX);
}
