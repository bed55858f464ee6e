/**
 * Schema versions of stored rows, upgraded when they are read (docs/adr/0007). A value without `v` is of version 1. The
 * steps of a table take a value from each version to the next; what is written carries the newest. A value newer than the
 * code knows is refused: after a rollback it is safer to fail than to guess.
 */
import type { Row, RowRange, Table } from './tables';

/** `steps[n]` takes a value of version n + 1 to version n + 2. */
export type Upgrades = readonly ((old: never) => object)[];

/** By table. None has changed since the first release. */
export const UPGRADES: Readonly<Record<string, Upgrades>> = {};

interface Versioned {
  readonly v?: number;
}

/** `table` with its values upgraded on the way out and marked on the way in. */
export function versioned<T>(name: string, table: Table<T>, steps: Upgrades | undefined): Table<T> {
  if (!steps || steps.length === 0) return table;
  const current = steps.length + 1;
  /** What is stored, by what was made of it: a replacement is held against what is stored. */
  const origins = new WeakMap<object, T>();
  const read = (stored: T): T => {
    const version = (stored as Versioned).v ?? 1;
    if (version === current) return stored;
    if (version > current)
      throw new Error(
        `${name}: a row of schema version ${version}, expected at most ${current}: a newer release wrote it`,
      );
    const value = steps.slice(version - 1).reduce<object>((old, step) => step(old as never), stored as object);
    const upgraded = { ...value, v: current };
    origins.set(upgraded, stored);
    return upgraded as T;
  };
  const origin = (value: T): T => origins.get(value as object) ?? value;
  const write = (value: T): T => ((value as Versioned).v === current ? value : { ...value, v: current });
  const written = <R extends Row<T>>(row: R): R => ({ ...row, value: write(row.value) });
  return {
    async get(pk, rk) {
      const stored = await table.get(pk, rk);
      return stored === undefined ? undefined : read(stored);
    },
    insert: (row) => table.insert(written(row)),
    upsert: (row) => table.upsert(written(row)),
    upsertBatch: (pk, rows) => table.upsertBatch(pk, rows.map(written)),
    insertBatch: (pk, rows) => table.insertBatch(pk, rows.map(written)),
    replaceBatch: (pk, rows) =>
      table.replaceBatch(
        pk,
        rows.map((row) => ({ ...written(row), before: row.before && origin(row.before) })),
      ),
    update: (pk, rk, change) =>
      table.update(pk, rk, (stored) => write(change(stored === undefined ? undefined : read(stored)))),
    delete: (pk, rk) => table.delete(pk, rk),
    deleteUnchanged: (row) => table.deleteUnchanged({ ...row, before: origin(row.before) }),
    deletePartition: (pk) => table.deletePartition(pk),
    async *pages(range: RowRange) {
      for await (const page of table.pages(range)) yield page.map((row) => ({ ...row, value: read(row.value) }));
    },
  };
}
