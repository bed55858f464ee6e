/**
 * Rows by partition and row key, as Azure Table storage has them: point reads, inserts that conflict, batches inside one
 * partition, scans in pages. Values are JSON. Every call that would be a request on Azure counts as one operation.
 * Implementations: memory/tables.ts and azure/tables.ts, which pass the same contract tests.
 */
import { hasCode, ServiceError } from './errors';
import { READS_AT_ONCE, sideBySide } from './sideBySide';

/** Azure's limit for an entity group transaction. */
export const BATCH_ROWS_MAX = 100;
/** Azure's limit for a page of a query. */
export const PAGE_ROWS_MAX = 1000;
/** Batches under way at once: enough to hide a round trip, few enough for one partition server (Azure: 2,000 rows/s). */
export const BATCHES_AT_ONCE = 8;

export interface RowKey {
  /** Partition key. Never personal: keys travel in URLs. */
  readonly pk: string;
  readonly rk: string;
}

export interface Row<T = unknown> extends RowKey {
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
export class RowExists extends ServiceError {
  constructor(
    table: string,
    readonly pk: string,
    readonly rk: string,
    cause?: unknown,
  ) {
    super('ROW_EXISTS', `${table}: the row exists already`, { cause });
    this.name = 'RowExists';
  }
}

export interface Table<T = unknown> {
  get(pk: string, rk: string): Promise<T | undefined>;
  /** Throws `RowExists`. */
  insert(row: Row<T>): Promise<void>;
  upsert(row: Row<T>): Promise<void>;
  /**
   * Replaces rows of one partition, at most `BATCH_ROWS_MAX`, all or none; of two for one key the later holds. Throws
   * BATCH_TOO_LARGE, as all batches do, where the service has a limit in bytes.
   */
  upsertBatch(pk: string, rows: readonly Row<T>[]): Promise<void>;
  /** Inserts rows of one partition, at most `BATCH_ROWS_MAX`, all or none. Throws `RowExists`. */
  insertBatch(pk: string, rows: readonly Row<T>[]): Promise<void>;
  /**
   * Replaces rows of one partition, at most `BATCH_ROWS_MAX`, all or none, where each still is what was read (`before`:
   * the very value that `get`, `pages` or `update` handed out; undefined: absent). False: somebody else wrote in between,
   * and nothing was written.
   */
  replaceBatch(pk: string, rows: readonly Replacement<T>[]): Promise<boolean>;
  /** Read, change, write; again when somebody else wrote in between. Returns what was written. */
  update(pk: string, rk: string, change: (value: T | undefined) => T): Promise<T>;
  delete(pk: string, rk: string): Promise<void>;
  /**
   * Deletes the row where it still is what was read (`before`, as for `replaceBatch`). False: somebody else wrote in
   * between, and their row stands. One that is gone already is no objection.
   */
  deleteUnchanged(row: RowKey & { readonly before: T }): Promise<boolean>;
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

/** The values at `keys`, in their order, by point reads side by side; undefined where nothing stands. */
export async function getAll<T>(table: Table<T>, keys: readonly RowKey[]): Promise<(T | undefined)[]> {
  return sideBySide(keys, READS_AT_ONCE, ({ pk, rk }) => table.get(pk, rk));
}

/** Inserts rows of any partitions; returns those that existed already, which are left as they were. */
export async function insertMissing<T>(table: Table<T>, rows: readonly Row<T>[]): Promise<Row<T>[]> {
  const existing = new Set<Row<T>>();
  await inBatches(rows, async (batch) => {
    try {
      await table.insertBatch(batch[0]!.pk, batch);
    } catch (error) {
      if (!(error instanceof RowExists)) throw error;
      for (const row of batch)
        await table.insert(row).catch((e: unknown) => (e instanceof RowExists ? existing.add(row) : Promise.reject(e)));
    }
  });
  return rows.filter((row) => existing.has(row));
}

/** `replaceBatch` of one row. */
export function replaceRow<T>(table: Table<T>, row: Replacement<T>): Promise<boolean> {
  return table.replaceBatch(row.pk, [row]);
}

/** `replaceBatch` of rows of any partitions. False: somebody else wrote one of them; of the others some are replaced. */
export async function replaceAll<T>(table: Table<T>, rows: Iterable<Replacement<T>>): Promise<boolean> {
  let all = true;
  await inBatches(rows, async (batch) => {
    if (!(await table.replaceBatch(batch[0]!.pk, batch))) all = false;
  });
  return all;
}

/** Applies changes to rows of any partitions, in batches; no concurrent change is lost. */
export async function changeAll<T>(table: Table<T>, changes: Iterable<RowChange<T>>): Promise<void> {
  const replacements = [...changes].map((change) => ({ ...change, value: change.change(change.before) }));
  await inBatches(replacements, async (batch) => {
    if (await table.replaceBatch(batch[0]!.pk, batch)) return;
    for (const { pk, rk, change } of batch) await table.update(pk, rk, change);
  });
}

/** Writes rows of any partitions in as few batches as they need. */
export async function upsertAll<T>(table: Table<T>, rows: Iterable<Row<T>>): Promise<void> {
  await inBatches(rows, (batch) => table.upsertBatch(batch[0]!.pk, batch));
}

/** Hands `rows` to `write` in batches of one partition, several at once. */
async function inBatches<R extends { readonly pk: string }>(
  rows: Iterable<R>,
  write: (batch: readonly R[]) => Promise<void>,
): Promise<void> {
  await sideBySide(batchesOf(rows), BATCHES_AT_ONCE, (batch) => writeOrHalve(batch, write));
}

/** A batch over the service's limit in bytes goes in halves; each is all or none by itself. */
async function writeOrHalve<R>(batch: readonly R[], write: (batch: readonly R[]) => Promise<void>): Promise<void> {
  try {
    await write(batch);
  } catch (error) {
    if (!hasCode(error, 'BATCH_TOO_LARGE') || batch.length === 1) throw error;
    const half = Math.ceil(batch.length / 2);
    await writeOrHalve(batch.slice(0, half), write);
    await writeOrHalve(batch.slice(half), write);
  }
}

function batchesOf<R extends { readonly pk: string }>(rows: Iterable<R>): readonly (readonly R[])[] {
  const byPartition = new Map<string, R[]>();
  for (const row of rows) {
    const partition = byPartition.get(row.pk);
    if (partition) partition.push(row);
    else byPartition.set(row.pk, [row]);
  }
  const batches: R[][] = [];
  for (const partition of byPartition.values())
    for (let at = 0; at < partition.length; at += BATCH_ROWS_MAX)
      batches.push(partition.slice(at, at + BATCH_ROWS_MAX));
  return batches;
}
