/**
 * Tables on Azure (or Azurite), with the meaning that services/tables.ts gives them. Three things are decided here. What
 * was read or inserted is remembered with its ETag (knownRows.ts), so that `replaceBatch` needs no second look. A
 * table is made when a write finds it missing. And a writer whose answer got lost is asked to write again by the SDK and
 * then meets its own row: every conditional write leaves an id in the row, together with those of the writes it built
 * on (entities.ts), so a conflict after a repeated request is settled by looking for that id.
 */
import type { TableClient, TableEntity, TransactionAction } from '@azure/data-tables';
import { isDeepStrictEqual } from 'node:util';
import { hasCode, ServiceError } from '../errors';
import {
  BATCH_ROWS_MAX,
  PAGE_ROWS_MAX,
  RowExists,
  type Replacement,
  type Row,
  type RowKey,
  type RowRange,
  type Table,
  type Tables,
} from '../tables';
import { KnownRows, plain, type Known } from './knownRows';
import { checkBatch, entityOf, storedRow, writesOf, type StoredRow } from './entities';
import { failureOf, serviceCodeOf } from './failures';
import { escapeKey } from './keys';
import { filterOf, indexIn, quoted, sendActions } from './actions';
import { clientOptions, RETRY_TIMES, wasRepeated, type RetryTimes } from './requests';
import { tableClient, type StorageSettings } from './clients';

/** Each round somebody's write wins, so only more writers than this at once can exhaust them. */
const UPDATE_ROUNDS_MAX = 50;

export interface AzureTablesOptions {
  /** A text that no other write anywhere ever gets: a UUID, or 8 random bytes. No spaces. */
  readonly newWriteId: () => string;
  /** Before the names of tables, so that several apps or tests share an account. Letters and digits. */
  readonly prefix?: string;
  readonly times?: RetryTimes;
}

export function createAzureTables(storage: StorageSettings, options: AzureTablesOptions): Tables {
  let operations = 0;
  const times = options.times ?? RETRY_TIMES;
  const tables = new Map<string, AzureTable<unknown>>();
  const open = (name: string): AzureTable<unknown> => {
    const client = tableClient(
      storage,
      (options.prefix ?? '') + name,
      clientOptions(times, () => (operations += 1)),
    );
    return new AzureTable<unknown>(name, client, options.newWriteId);
  };
  return {
    table<T>(name: string): Table<T> {
      let table = tables.get(name);
      if (!table) tables.set(name, (table = open(name)));
      return table as unknown as Table<T>;
    },
    operations: () => operations,
  };
}

class AzureTable<T> implements Table<T> {
  private readonly known = new KnownRows();

  constructor(
    private readonly name: string,
    private readonly client: TableClient,
    private readonly newWriteId: () => string,
  ) {}

  async get(pk: string, rk: string): Promise<T | undefined> {
    return (await this.find(pk, rk))?.value;
  }

  async insert(row: Row<T>): Promise<void> {
    await this.insertBatch(row.pk, [row]);
  }

  async upsert(row: Row<T>): Promise<void> {
    await this.upsertBatch(row.pk, [row]);
  }

  async insertBatch(pk: string, rows: readonly Row<T>[]): Promise<void> {
    const writes = [this.newWriteId()];
    await this.submit(
      this.batchOf(pk, rows).map((row) => ({ row, writes, action: ['create', entityOf(this.name, row, writes)] })),
      'insert',
    );
  }

  async upsertBatch(pk: string, rows: readonly Row<T>[]): Promise<void> {
    await this.submit(
      this.batchOf(pk, rows).map((row) => ({
        row,
        writes: [],
        action: ['upsert', entityOf(this.name, row, []), 'Replace'],
      })),
      'upsert',
    );
  }

  async replaceBatch(pk: string, rows: readonly Replacement<T>[]): Promise<boolean> {
    const batch = this.batchOf(pk, rows);
    const found = await Promise.all(
      batch.map(({ pk: of, rk, before }) => (before === undefined ? null : this.standing({ pk: of, rk, before }))),
    );
    if (found.some((one) => typeof one === 'string')) return false;
    return this.replace(batch, found as (Known | null)[]);
  }

  async update(pk: string, rk: string, change: (value: T | undefined) => T): Promise<T> {
    for (let round = 0; round < UPDATE_ROUNDS_MAX; round += 1) {
      const found = await this.find(pk, rk);
      const before = found && JSON.stringify(found.value);
      const value = change(found?.value);
      if (found && JSON.stringify(value) === before) return value;
      if (await this.replace([{ pk, rk, value }], [found ?? null])) return value;
    }
    throw new ServiceError('CONFLICT', `${this.name}: others kept writing a row through ${UPDATE_ROUNDS_MAX} rounds`);
  }

  async delete(pk: string, rk: string): Promise<void> {
    const [partitionKey, rowKey] = this.escaped(pk, rk);
    await this.asking('delete', () => this.client.deleteEntity(partitionKey, rowKey)).catch(unlessMissing);
  }

  async deleteUnchanged({ pk, rk, before }: RowKey & { readonly before: T }): Promise<boolean> {
    const standing = await this.standing({ pk, rk, before });
    if (standing === 'GONE') return true;
    if (standing === 'CHANGED') return false;
    const [partitionKey, rowKey] = this.escaped(pk, rk);
    try {
      await this.asking('delete', () => this.client.deleteEntity(partitionKey, rowKey, { etag: standing.etag }));
    } catch (error) {
      if (hasCode(error, 'CONFLICT')) return false;
      if (!hasCode(error, 'NOT_FOUND')) throw error;
    }
    return true;
  }

  async deletePartition(pk: string): Promise<void> {
    const partitionKey = escapeKey(pk, `${this.name}: a partition key`);
    const queryOptions = { filter: `PartitionKey eq ${quoted(partitionKey)}`, select: ['PartitionKey', 'RowKey'] };
    const keys: TransactionAction[] = [];
    await this.asking('delete', async () => {
      for await (const { rowKey } of this.client.listEntities({ queryOptions }))
        keys.push(['delete', { partitionKey, rowKey: rowKey! }]);
    }).catch(unlessMissing);
    for (let at = 0; at < keys.length; at += BATCH_ROWS_MAX) {
      const batch = keys.slice(at, at + BATCH_ROWS_MAX);
      const all = await this.asking('delete', () => this.client.submitTransaction(batch)).catch(unlessMissing);
      if (all) continue;
      // One was gone already, so none of the batch went: one by one.
      for (const [, { rowKey }] of batch)
        await this.asking('delete', () => this.client.deleteEntity(partitionKey, rowKey)).catch(unlessMissing);
    }
  }

  async *pages(range: RowRange): AsyncIterable<readonly Row<T>[]> {
    const filter = filterOf(range);
    const pages = this.client
      .listEntities(filter === '' ? {} : { queryOptions: { filter } })
      .byPage({ maxPageSize: PAGE_ROWS_MAX });
    for (;;) {
      const next = await this.asking('scan', () => pages.next()).catch(unlessMissing);
      if (!next || next.done) return;
      yield next.value.map((entity) => this.known.note(storedRow<T>(entity)));
    }
  }

  private async find(pk: string, rk: string): Promise<StoredRow<T> | undefined> {
    const [partitionKey, rowKey] = this.escaped(pk, rk);
    const entity = await this.asking('read', () => this.client.getEntity(partitionKey, rowKey)).catch(unlessMissing);
    return entity && this.known.note(storedRow<T>(entity));
  }

  /** What stands there, as far as `before` knows. Reads only what was not read here. */
  private async standing({ pk, rk, before }: RowKey & { readonly before: T }): Promise<Known | 'GONE' | 'CHANGED'> {
    const known = this.known.of({ pk, rk, before });
    if (known) return known;
    const found = await this.find(pk, rk);
    if (!found) return 'GONE';
    return isDeepStrictEqual(found.value, plain(before)) ? found : 'CHANGED';
  }

  private async replace(rows: readonly Row<T>[], found: readonly (Known | null)[]): Promise<boolean> {
    const id = this.newWriteId();
    const steps = rows.map((row, i): Step<T> => {
      const known = found[i] ?? null;
      const writes = [id, ...(known?.writes ?? [])];
      const entity = entityOf(this.name, row, writes);
      return {
        row,
        writes,
        action: known ? ['update', entity, 'Replace', { etag: known.etag }] : ['create', entity],
      };
    });
    try {
      await this.submit(steps, 'replace');
      return true;
    } catch (error) {
      if (hasCode(error, 'ROW_EXISTS', 'CONFLICT', 'NOT_FOUND')) return false;
      throw error;
    }
  }

  /** Rows of one partition, of two for one key the later. Throws RangeError. */
  private batchOf<R extends Row<T>>(pk: string, rows: readonly R[]): readonly R[] {
    if (rows.length > BATCH_ROWS_MAX || rows.some((row) => row.pk !== pk))
      throw new RangeError(
        `${this.name}: a batch holds at most ${BATCH_ROWS_MAX} rows of one partition, got ${rows.length}`,
      );
    return rows.length < 2 ? rows : [...new Map(rows.map((row) => [row.rk, row])).values()];
  }

  /** Carries out all steps or none. A conflict with what an earlier attempt of the same request wrote is a success. */
  private async submit(steps: readonly Step<T>[], what: string): Promise<void> {
    if (steps.length === 0) return;
    const actions = steps.map(({ action }) => action);
    if (steps.length > 1)
      checkBatch(
        this.name,
        actions.map(([, entity]) => entity as TableEntity),
      );
    try {
      const etags = await this.sending(actions);
      steps.forEach((step, i) => this.written(step, etags[i]));
    } catch (error) {
      const failure = failureOf(error, `${this.name}: ${what}`);
      const mayBeDone = wasRepeated(error) || hasCode(failure, 'TIMED_OUT');
      if (mayBeDone && (await this.findsOwn(steps))) return;
      if (!hasCode(failure, 'ROW_EXISTS')) throw failure;
      const { pk, rk } = steps[indexIn(error)]?.row ?? steps[0]!.row;
      throw new RowExists(this.name, pk, rk, failure.cause);
    }
  }

  /** Resolves to the ETags. Makes the table where it is missing. */
  private async sending(actions: readonly TransactionAction[]): Promise<readonly (string | undefined)[]> {
    try {
      return await sendActions(this.client, actions);
    } catch (error) {
      if (serviceCodeOf(error) !== 'TableNotFound') throw error;
      await this.asking('create the table', () => this.client.createTable());
      return sendActions(this.client, actions);
    }
  }

  /**
   * Whether the write behind `steps` happened: a batch is whole, so one row that carries its id proves it. A row that
   * somebody replaced without reading (`upsert`) carries no ids; then the others of the batch tell.
   */
  private async findsOwn(steps: readonly Step<T>[]): Promise<boolean> {
    for (const { writes, action } of steps) {
      if (writes[0] === undefined) return false;
      const { partitionKey, rowKey } = action[1] as TableEntity;
      const entity = await this.client
        .getEntity(partitionKey, rowKey, { queryOptions: { select: ['w'] } })
        .catch(() => undefined);
      if (!entity) return false;
      if (writesOf(entity).includes(writes[0])) return true;
    }
    return false;
  }

  private escaped(pk: string, rk: string): [partitionKey: string, rowKey: string] {
    return [escapeKey(pk, `${this.name}: a partition key`), escapeKey(rk, `${this.name}: a row key`)];
  }

  private async asking<R>(what: string, request: () => Promise<R>): Promise<R> {
    try {
      return await request();
    } catch (error) {
      throw failureOf(error, `${this.name}: ${what}`);
    }
  }

  private written({ row, writes, action }: Step<T>, etag: string | undefined): void {
    if (etag === undefined) return;
    const stored = this.known.note({ ...row, writes, etag });
    if (action[0] === 'create') this.known.noteInserted(stored);
  }
}

interface Step<T> {
  readonly row: Row<T>;
  /** Ids for the row, its own first; none for a write without condition. */
  readonly writes: readonly string[];
  readonly action: TransactionAction;
}

function unlessMissing(error: unknown): undefined {
  if (hasCode(error, 'NOT_FOUND')) return undefined;
  throw error;
}
