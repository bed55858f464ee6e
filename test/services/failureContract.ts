/** What tables must do when the storage behind them fails, whichever it is: no half-done batch, an error that says what to do. */
import { allRows, RowExists, type Table } from '../../services/tables';
import type { StorageFault } from '../../services/faulty';

interface Value {
  readonly n: number;
}
const row = (rk: string, n: number) => ({ pk: 'p', rk, value: { n } });

export interface FailingTable {
  readonly table: Table<Value>;
  /** From now on every operation, or every write, fails so; null: none does. */
  fail(fault: StorageFault | null, which?: 'all' | 'writes'): void;
}

export function tablesFailureContract(name: string, make: () => FailingTable | Promise<FailingTable>): void {
  describe(`tables that fail: ${name}`, () => {
    const writes: readonly (readonly [string, (table: Table<Value>) => Promise<unknown>])[] = [
      ['insert', (table) => table.insert(row('a', 1))],
      ['upsert', (table) => table.upsert(row('a', 1))],
      ['insertBatch', (table) => table.insertBatch('p', [row('a', 1), row('b', 1)])],
      ['upsertBatch', (table) => table.upsertBatch('p', [row('a', 1), row('b', 1)])],
      ['replaceBatch', (table) => table.replaceBatch('p', [{ ...row('a', 1), before: undefined }])],
      ['update', (table) => table.update('p', 'a', (value) => ({ n: (value?.n ?? 0) + 1 }))],
    ];

    it.each(writes)('%s at a busy service is THROTTLED and has not happened; again, it happens', async (_, write) => {
      const { table, fail } = await make();
      fail('BUSY');
      await expect(write(table)).rejects.toMatchObject({ name: 'ServiceError', code: 'THROTTLED', retriable: true });
      fail(null);
      expect(await allRows(table, { pk: 'p' })).toEqual([]);
      await write(table);
      expect(await table.get('p', 'a')).toEqual({ n: 1 });
    });

    it.each(writes)('%s that never arrives is TIMED_OUT and has not happened', async (_, write) => {
      const { table, fail } = await make();
      fail('REQUEST_LOST');
      await expect(write(table)).rejects.toMatchObject({ name: 'ServiceError', code: 'TIMED_OUT', retriable: true });
      fail(null);
      expect(await allRows(table, { pk: 'p' })).toEqual([]);
    });

    it.each(writes)(
      '%s whose answers are lost is done whole, and never reported as somebody else’s',
      async (_, write) => {
        const { table, fail } = await make();
        fail('ANSWER_LOST', 'writes');
        const error: unknown = await write(table).then(
          () => null,
          (e: unknown) => e,
        );
        expect(error).not.toBeInstanceOf(RowExists);
        if (error !== null) expect(error).toMatchObject({ code: 'TIMED_OUT', retriable: true });
        fail(null);
        const rows = await allRows(table, { pk: 'p' });
        expect(rows.map(({ value }) => value.n)).toEqual(rows.map(() => 1));
        expect(rows.length).toBeGreaterThan(0);
      },
    );

    it('reads that fail say so, and never that nothing is there', async () => {
      const { table, fail } = await make();
      await table.upsert(row('a', 1));
      for (const [fault, code] of [
        ['BUSY', 'THROTTLED'],
        ['REQUEST_LOST', 'TIMED_OUT'],
        ['ANSWER_LOST', 'TIMED_OUT'],
      ] as const) {
        fail(fault);
        await expect(table.get('p', 'a')).rejects.toMatchObject({ code });
        await expect(allRows(table, {})).rejects.toMatchObject({ code });
      }
    });

    it('deletes are done or not, and may be made again', async () => {
      const { table, fail } = await make();
      await table.upsertBatch('p', [row('a', 1), row('b', 2)]);
      fail('ANSWER_LOST', 'writes');
      await table.delete('p', 'a').catch(() => undefined);
      fail('BUSY', 'writes');
      const before = (await table.get('p', 'b'))!;
      await expect(table.deleteUnchanged({ pk: 'p', rk: 'b', before })).rejects.toMatchObject({ code: 'THROTTLED' });
      await expect(table.delete('p', 'b')).rejects.toMatchObject({ code: 'THROTTLED' });
      await expect(table.deletePartition('p')).rejects.toMatchObject({ code: 'THROTTLED' });
      fail(null);
      expect((await allRows(table, { pk: 'p' })).map(({ rk }) => rk)).toEqual(['b']);
      expect(await table.deleteUnchanged({ pk: 'p', rk: 'b', before })).toBe(true);
      await table.upsert(row('b', 2));
      await table.delete('p', 'a');
      await table.deletePartition('p');
      expect(await allRows(table, { pk: 'p' })).toEqual([]);
    });
  });
}
