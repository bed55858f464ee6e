/**
 * Tables that fail as those on Azure do, over any other: busy before anything happens, a request that never arrives, and
 * an answer that gets lost after the write. `decide` says what befalls each operation, so that a seed or a test can; the
 * errors are those that azure/tables.ts throws once its own retries have failed.
 */
import { ServiceError } from './errors';
import type { Row, RowRange, Table, Tables } from './tables';

/** ANSWER_LOST: the operation is carried out, and the caller hears TIMED_OUT. */
export type StorageFault = 'BUSY' | 'REQUEST_LOST' | 'ANSWER_LOST';
export type TableOperation = keyof Table;

/** What changes nothing: no answer of theirs is lost after an effect. */
export const READS: ReadonlySet<TableOperation> = new Set(['get', 'pages']);

export interface FaultDecision {
  (operation: { readonly table: string; readonly operation: TableOperation }): StorageFault | null;
}

/** `tables` with faults. */
export function withFaults(tables: Tables, decide: FaultDecision): Tables {
  return {
    table: <T>(name: string) => faultyTable(name, tables.table<T>(name), decide),
    operations: () => tables.operations(),
  };
}

function faultyTable<T>(name: string, table: Table<T>, decide: FaultDecision): Table<T> {
  const asking = async <R>(operation: TableOperation, carryOut: () => Promise<R>): Promise<R> => {
    const fault = decide({ table: name, operation });
    if (fault === null) return carryOut();
    if (fault === 'BUSY') throw new ServiceError('THROTTLED', `${name}: ${operation}: the service is busy`);
    if (fault === 'ANSWER_LOST') await carryOut();
    throw new ServiceError('TIMED_OUT', `${name}: ${operation}: no answer; it may have happened`);
  };
  return {
    get: (pk, rk) => asking('get', () => table.get(pk, rk)),
    insert: (row) => asking('insert', () => table.insert(row)),
    upsert: (row) => asking('upsert', () => table.upsert(row)),
    upsertBatch: (pk, rows) => asking('upsertBatch', () => table.upsertBatch(pk, rows)),
    insertBatch: (pk, rows) => asking('insertBatch', () => table.insertBatch(pk, rows)),
    replaceBatch: (pk, rows) => asking('replaceBatch', () => table.replaceBatch(pk, rows)),
    update: (pk, rk, change) => asking('update', () => table.update(pk, rk, change)),
    delete: (pk, rk) => asking('delete', () => table.delete(pk, rk)),
    deleteUnchanged: (row) => asking('deleteUnchanged', () => table.deleteUnchanged(row)),
    deletePartition: (pk) => asking('deletePartition', () => table.deletePartition(pk)),
    pages: (range) => faultyPages(table, range, (page) => asking('pages', page)),
  };
}

/** Each page is an operation of its own: a scan can break in the middle. */
async function* faultyPages<T>(
  table: Table<T>,
  range: RowRange,
  asking: <R>(page: () => Promise<R>) => Promise<R>,
): AsyncIterable<readonly Row<T>[]> {
  const pages = table.pages(range)[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await asking(() => pages.next());
    if (done) return;
    yield value;
  }
}
