/**
 * What every implementation of tables, blobs, bus and SMS gateway must do, as functions that a test of each calls with a
 * way to make a fresh one: the memory ones now, those on Azure later. Waits are real promises, so any of them may be slow.
 */
import type { Blobs } from '../../services/blobs';
import type { DomainEvent, Messaging, TextOrder } from '../../services/messaging';
import type { OutboundText, Sms, SmsOutcome } from '../../services/sms';
import {
  allRows,
  BATCH_ROWS_MAX,
  changeAll,
  insertMissing,
  PAGE_ROWS_MAX,
  replaceAll,
  RowExists,
  upsertAll,
  type Table,
  type Tables,
} from '../../services/tables';

type Make<T> = () => T | Promise<T>;

interface Value {
  readonly n: number;
}
const row = (pk: string, rk: string, n: number) => ({ pk, rk, value: { n } });
const key = (n: number) => String(n).padStart(5, '0');

export function tablesContract(name: string, make: Make<Tables>): void {
  describe(`tables: ${name}`, () => {
    const fresh = async () => (await make()).table<Value>('things');

    it('reads what was written, and nothing where nothing was', async () => {
      const table = await fresh();
      expect(await table.get('p', 'a')).toBeUndefined();
      await table.upsert(row('p', 'a', 1));
      expect(await table.get('p', 'a')).toEqual({ n: 1 });
      await table.upsert(row('p', 'a', 2));
      expect(await table.get('p', 'a')).toEqual({ n: 2 });
      expect([await table.get('p', 'b'), await table.get('q', 'a')]).toEqual([undefined, undefined]);
    });

    it('keeps tables of different names apart, and finds one again by its name', async () => {
      const tables = await make();
      await tables.table<Value>('one').upsert(row('p', 'a', 1));
      expect(await tables.table<Value>('two').get('p', 'a')).toBeUndefined();
      expect(await tables.table<Value>('one').get('p', 'a')).toEqual({ n: 1 });
    });

    it('inserts once: the second insert of a row is refused and changes nothing', async () => {
      const table = await fresh();
      await table.insert(row('p', 'a', 1));
      await expect(table.insert(row('p', 'a', 2))).rejects.toThrow(RowExists);
      await table.insert(row('q', 'a', 3));
      expect([await table.get('p', 'a'), await table.get('q', 'a')]).toEqual([{ n: 1 }, { n: 3 }]);
    });

    it('inserts a batch whole or not at all', async () => {
      const table = await fresh();
      await table.insert(row('p', 'b', 9));
      await expect(table.insertBatch('p', [row('p', 'a', 1), row('p', 'b', 2)])).rejects.toThrow(RowExists);
      expect(await table.get('p', 'a')).toBeUndefined();
      await table.insertBatch('p', [row('p', 'c', 3), row('p', 'd', 4)]);
      expect(await table.get('p', 'd')).toEqual({ n: 4 });
    });

    it(`takes batches of up to ${BATCH_ROWS_MAX} rows of one partition`, async () => {
      const table = await fresh();
      const rows = Array.from({ length: BATCH_ROWS_MAX + 1 }, (_, n) => row('p', key(n), n));
      await table.upsertBatch('p', rows.slice(1));
      await expect(table.upsertBatch('p', rows)).rejects.toThrow(RangeError);
      await expect(table.upsertBatch('p', [row('q', 'a', 1)])).rejects.toThrow(RangeError);
      expect(await allRows(table, {})).toHaveLength(BATCH_ROWS_MAX);
    });

    it('writes any number of rows of any partitions in batches', async () => {
      const table = await fresh();
      await upsertAll(
        table,
        Array.from({ length: 250 }, (_, n) => row(`p${n % 2}`, key(n), n)),
      );
      expect(await allRows(table, {})).toHaveLength(250);
    });

    it('tells which rows of many existed, and inserts the others', async () => {
      const table = await fresh();
      await table.insert(row('p', key(3), 33));
      const existing = await insertMissing(
        table,
        Array.from({ length: 5 }, (_, n) => row('p', key(n), n)),
      );
      expect(existing.map(({ rk }) => rk)).toEqual([key(3)]);
      expect((await allRows(table, { pk: 'p' })).map(({ value }) => value.n)).toEqual([0, 1, 2, 33, 4]);
    });

    it('updates from what stands, or from nothing, and returns what it wrote', async () => {
      const table = await fresh();
      const add = (value: Value | undefined) => ({ n: (value?.n ?? 0) + 1 });
      expect(await table.update('p', 'a', add)).toEqual({ n: 1 });
      expect(await table.update('p', 'a', add)).toEqual({ n: 2 });
      expect(await table.get('p', 'a')).toEqual({ n: 2 });
    });

    it('loses no update of ten at once', async () => {
      const table = await fresh();
      await Promise.all(
        Array.from({ length: 10 }, () => table.update('p', 'a', (value) => ({ n: (value?.n ?? 0) + 1 }))),
      );
      expect(await table.get('p', 'a')).toEqual({ n: 10 });
    });

    it('deletes rows and partitions, and does not mind that they are gone', async () => {
      const table = await fresh();
      await upsertAll(table, [row('p', 'a', 1), row('p', 'b', 2), row('q', 'a', 3)]);
      await table.delete('p', 'a');
      await table.delete('p', 'a');
      expect((await allRows(table, {})).map(({ pk, rk }) => pk + rk)).toEqual(['pb', 'qa']);
      await table.upsert(row('p', 'a', 4));
      expect((await allRows(table, { pk: 'p' })).map(({ rk }) => rk)).toEqual(['a', 'b']);
      await table.deletePartition('p');
      await table.deletePartition('p');
      expect((await allRows(table, {})).map(({ pk, rk }) => pk + rk)).toEqual(['qa']);
    });

    it('deletes what still is as it was read, and nothing else', async () => {
      const table = await fresh();
      await upsertAll(table, [row('p', 'a', 1), row('p', 'b', 2), row('p', 'c', 3)]);
      const read = Object.fromEntries((await allRows(table, {})).map(({ rk, value }) => [rk, value]));
      await table.upsert(row('p', 'b', 9));
      await table.delete('p', 'c');
      const deleted = [];
      for (const rk of ['a', 'b', 'c']) deleted.push(await table.deleteUnchanged({ pk: 'p', rk, before: read[rk]! }));
      expect([deleted, await allRows(table, {})]).toMatchObject([[true, false, true], [row('p', 'b', 9)]]);
    });

    it('deletes nothing that came back as somebody else wrote it', async () => {
      const table = await fresh();
      await table.insert(row('p', 'a', 1));
      const before = (await table.get('p', 'a'))!;
      await table.delete('p', 'a');
      await table.insert(row('p', 'a', 2));
      expect([await table.deleteUnchanged({ pk: 'p', rk: 'a', before }), await table.get('p', 'a')]).toEqual([
        false,
        { n: 2 },
      ]);
    });

    it('tells whether all of many rows were replaced', async () => {
      const table = await fresh();
      await upsertAll(table, [row('p', 'a', 1), row('q', 'a', 1)]);
      const read = (await allRows(table, {})).map((one) => ({ ...one, before: one.value, value: { n: 2 } }));
      await table.upsert(row('q', 'a', 9));
      expect([await replaceAll(table, read), (await allRows(table, {})).map(({ value }) => value.n)]).toEqual([
        false,
        [2, 9],
      ]);
      const again = (await allRows(table, {})).map((one) => ({ ...one, before: one.value, value: { n: 3 } }));
      expect(await replaceAll(table, again)).toBe(true);
    });

    it('scans in the order of the keys, whatever the order of writing', async () => {
      const table = await fresh();
      for (const [pk, rk] of ['qb', 'pz', 'pa', 'qa', 'pm']) await table.upsert(row(pk!, rk!, 1));
      expect((await allRows(table, {})).map(({ pk, rk }) => pk + rk)).toEqual(['pa', 'pm', 'pz', 'qa', 'qb']);
    });

    it('scans a partition, a prefix of partitions, and a range of rows, both ends exclusive', async () => {
      const table = await fresh();
      for (const pk of ['c|1', 'c|2', 'd|1']) for (const rk of ['a', 'b', 'c']) await table.upsert(row(pk, rk, 1));
      const keys = async (range: Parameters<typeof table.pages>[0]) =>
        (await allRows(table, range)).map(({ pk, rk }) => `${pk}${rk}`);
      expect(await keys({ pk: 'c|2' })).toEqual(['c|2a', 'c|2b', 'c|2c']);
      expect(await keys({ pkPrefix: 'c|' })).toHaveLength(6);
      expect(await keys({ pk: 'c|1', rkAfter: 'a' })).toEqual(['c|1b', 'c|1c']);
      expect(await keys({ pk: 'c|1', rkBefore: 'c' })).toEqual(['c|1a', 'c|1b']);
      expect(await keys({ pk: 'c|1', rkAfter: 'a', rkBefore: 'c' })).toEqual(['c|1b']);
      expect(await keys({ pk: 'none' })).toEqual([]);
    });

    it(`scans more than a page of ${PAGE_ROWS_MAX} rows without losing any`, async () => {
      const table = await fresh();
      await upsertAll(
        table,
        Array.from({ length: PAGE_ROWS_MAX + 5 }, (_, n) => row('p', key(n), n)),
      );
      const pages: number[] = [];
      for await (const page of table.pages({ pk: 'p' })) pages.push(page.length);
      expect(pages).toEqual([PAGE_ROWS_MAX, 5]);
    });

    it('counts what would be requests', async () => {
      const tables = await make();
      const table = tables.table<Value>('things');
      await table.upsert(row('p', 'z', 0));
      const before = tables.operations();
      await table.upsertBatch('p', [row('p', 'a', 1), row('p', 'b', 2)]);
      await table.get('p', 'a');
      await allRows(table, { pk: 'p' });
      expect(tables.operations() - before).toBe(3);
    });

    it('writes the later of two for one key of a batch', async () => {
      const table = await fresh();
      await table.upsertBatch('p', [row('p', 'a', 1), row('p', 'b', 2), row('p', 'a', 3)]);
      expect((await allRows(table, {})).map(({ value }) => value.n)).toEqual([3, 2]);
    });

    it('takes an empty batch', async () => {
      const table = await fresh();
      await table.upsertBatch('p', []);
      await table.insertBatch('p', []);
      expect([await table.replaceBatch('p', []), await allRows(table, {})]).toEqual([true, []]);
    });

    it('replaces what still is as it was read, and inserts what still is absent', async () => {
      const table = await fresh();
      await upsertAll(table, [row('p', 'a', 1), row('p', 'b', 2)]);
      const a = await table.get('p', 'a');
      const [, b] = (await allRows(table, { pk: 'p' })).map(({ value }) => value);
      const replaced = await table.replaceBatch('p', [
        { ...row('p', 'a', 11), before: a },
        { ...row('p', 'b', 12), before: b },
        { ...row('p', 'c', 13), before: undefined },
      ]);
      expect([replaced, (await allRows(table, {})).map(({ value }) => value.n)]).toEqual([true, [11, 12, 13]]);
    });

    it.each([
      ['changed', (table: Table<Value>) => table.upsert(row('p', 'b', 9)), [1, 9]],
      ['gone', (table: Table<Value>) => table.delete('p', 'b'), [1]],
      ['there all at once', (table: Table<Value>) => table.insert(row('p', 'c', 9)), [1, 2, 9]],
    ] as const)('replaces nothing of a batch when one of its rows is %s', async (_, meanwhile, left) => {
      const table = await fresh();
      await upsertAll(table, [row('p', 'a', 1), row('p', 'b', 2)]);
      const [a, b] = [await table.get('p', 'a'), await table.get('p', 'b')];
      await meanwhile(table);
      const replaced = await table.replaceBatch('p', [
        { ...row('p', 'a', 11), before: a },
        { ...row('p', 'b', 12), before: b },
        { ...row('p', 'c', 13), before: undefined },
      ]);
      expect([replaced, (await allRows(table, {})).map(({ value }) => value.n)]).toEqual([false, left]);
    });

    it('loses no change of many made at once from the same reading', async () => {
      const table = await fresh();
      const keys = ['a', 'b', 'c'];
      await upsertAll(
        table,
        keys.map((rk) => row('p', rk, 0)),
      );
      const add = (value: Value | undefined) => ({ n: (value?.n ?? 0) + 1 });
      const changes = async () => {
        const rows = await allRows(table, { pk: 'p' });
        return rows.map(({ pk, rk, value }) => ({ pk, rk, before: value, change: add }));
      };
      const read = await Promise.all([changes(), changes(), changes(), changes()]);
      await Promise.all(read.map((each) => changeAll(table, each)));
      expect((await allRows(table, {})).map(({ value }) => value.n)).toEqual([4, 4, 4]);
    });

    it('keeps keys of any characters apart and in order', async () => {
      const table = await fresh();
      const odd = [
        '',
        ' ',
        '!',
        '"',
        '#',
        '%',
        "'",
        '+',
        '-',
        '.',
        '/',
        '0',
        '?',
        '[',
        '\\',
        ']',
        '|',
        '~',
        '\u007f',
        'é',
      ];
      const keys = [...odd, 'a#b', 'a/b', 'a.b', 'a b', 'a\tb', '%20', "o''k", '../x'].sort();
      for (const pk of ['p', "odd %/\\#?'"])
        await upsertAll(
          table,
          keys.map((rk) => row(pk, rk, 1)),
        );
      expect((await allRows(table, { pk: "odd %/\\#?'" })).map(({ rk }) => rk)).toEqual(keys);
      for (const rk of keys) expect(await table.get('p', rk)).toEqual({ n: 1 });
      const after = await allRows(table, { pk: 'p', rkAfter: '.', rkBefore: '~' });
      expect(after.map(({ rk }) => rk)).toEqual(keys.filter((rk) => rk > '.' && rk < '~'));
      expect(await allRows(table, { pkPrefix: 'odd %/' })).toHaveLength(keys.length);
    });

    it('keeps long values whole, more of them in one go than a batch may hold', async () => {
      const values = (await make()).table<{ readonly text: string }>('long');
      const text = '\u{1f4c5}"\\ñ'.repeat(30_000);
      const rows = Array.from({ length: 14 }, (_, n) => ({ pk: 'p', rk: key(n), value: { text: `${n}${text}` } }));
      await upsertAll(values, rows);
      expect(await insertMissing(values, rows)).toHaveLength(14);
      expect((await values.get('p', key(7)))?.text === `7${text}`).toBe(true);
      await values.upsert({ pk: 'p', rk: key(7), value: { text: 'short' } });
      expect(await values.get('p', key(7))).toEqual({ text: 'short' });
    });

    it('says in errors which table, not which row', async () => {
      const table = await fresh();
      await table.insert(row('p', 'P1|secret', 1));
      await expect(table.insert(row('p', 'P1|secret', 1))).rejects.toMatchObject({
        code: 'ROW_EXISTS',
        retriable: false,
        message: expect.not.stringContaining('secret') as string,
      });
    });

    it('hands out no value that a reader could change for others', async () => {
      const table = await fresh();
      await table.upsert(row('p', 'a', 1));
      const read = (await table.get('p', 'a')) as { n: number };
      try {
        read.n = 2;
      } catch {
        // Frozen: so much the better.
      }
      expect(await table.get('p', 'a')).toEqual({ n: 1 });
    });
  });
}

export function blobsContract(name: string, make: Make<Blobs>): void {
  describe(`blobs: ${name}`, () => {
    it('reads what was put last, and nothing where nothing was', async () => {
      const blobs = await make();
      expect(await blobs.get('a/b.csv')).toBeUndefined();
      await blobs.put('a/b.csv', 'one\n');
      await blobs.put('a/b.csv', 'zwei ñ 名\r\n');
      expect(await blobs.get('a/b.csv')).toBe('zwei ñ 名\r\n');
      await blobs.put('empty', '');
      expect(await blobs.get('empty')).toBe('');
    });

    it('lists names by prefix, ascending', async () => {
      const blobs = await make();
      for (const blob of ['a/2', 'b/1', 'a/10', 'a/1']) await blobs.put(blob, 'x');
      expect(await blobs.list('a/')).toEqual(['a/1', 'a/10', 'a/2']);
      expect(await blobs.list('c/')).toEqual([]);
    });
  });
}

/** Of a gateway's own id form: 32 hex digits, from a short name. */
export const idOf = (name: string): string => Buffer.from(name).toString('hex').padEnd(32, '0');

export const text = (name: string, to = '+13125550111'): OutboundText => ({
  messageId: idOf(name),
  patientId: 'P1',
  kind: 'INVITE',
  to,
  body: `text ${name}`,
  sentAtMs: Date.parse('2026-01-05T15:00:00Z'),
});

/**
 * `sent`: ids in the order in which texts left. `repeats`: what the gateway says to an id that it had before;
 * `remembers`: whether it can be asked about ids.
 */
export function smsContract(
  name: string,
  make: Make<{ sms: Sms; sent: () => readonly string[] }>,
  { repeats = 'DUPLICATE', remembers = true }: { repeats?: SmsOutcome; remembers?: boolean } = {},
): void {
  describe(`SMS gateway: ${name}`, () => {
    it(`sends each id once, and says ${repeats} to the same id again`, async () => {
      const { sms, sent } = await make();
      expect(await sms.send([text('a'), text('b')])).toEqual(['ACCEPTED', 'ACCEPTED']);
      expect(await sms.send([text('b'), text('c'), text('c')])).toEqual([repeats, 'ACCEPTED', 'DUPLICATE']);
      expect([...sent()].sort()).toEqual(['a', 'b', 'c'].map(idOf));
    });

    it('sends nothing of nothing', async () => {
      const { sms, sent } = await make();
      expect([await sms.send([]), sent(), await sms.lookup([])]).toEqual([[], [], []]);
    });

    it('says what became of ids, and sends nothing when asked', async () => {
      const { sms, sent } = await make();
      await sms.send([text('a')]);
      const fates = await sms.lookup([idOf('b'), idOf('a')]);
      expect([fates, sent()]).toEqual([remembers ? ['NEVER_SEEN', 'ACCEPTED'] : ['UNKNOWN', 'UNKNOWN'], [idOf('a')]]);
    });
  });
}

export interface MadeBus {
  readonly bus: Messaging;
  /** Ids of the texts that a receiver has handled, in the order in which it did; the bus may take a moment. */
  readonly sent: () => Promise<readonly string[]>;
  /** What a subscriber of the topic has heard. */
  readonly heard: () => Promise<readonly DomainEvent[]>;
}

const order = (name: string, reservation = 'r'): TextOrder =>
  ({ text: text(name), row: {}, bucket: '00000', date: null, reservation, of: 1 }) as unknown as TextOrder;

/** `make`: a bus before a receiver that fails as often as `failures` says. */
export function busContract(name: string, make: (failures: number) => MadeBus | Promise<MadeBus>): void {
  describe(`bus: ${name}`, () => {
    it('hands each id on once, in order', async () => {
      const { bus, sent } = await make(0);
      await bus.send('outbound-texts', [order('a'), order('b')]);
      await bus.send('outbound-texts', [order('b'), order('c')]);
      expect(await sent()).toEqual(['a', 'b', 'c'].map(idOf));
    });

    it('takes a text that is ordered anew, under another reservation', async () => {
      const { bus, sent } = await make(0);
      await bus.send('outbound-texts', [order('a')]);
      await bus.send('outbound-texts', [order('a', 'later')]);
      expect(await sent()).toEqual(['a', 'a'].map(idOf));
    });

    it('hands on again what the receiver failed to take', async () => {
      const { bus, sent } = await make(1);
      await bus.send('outbound-texts', [order('a')]);
      expect(await sent()).toEqual(['a'].map(idOf));
    });

    it('sends nothing of nothing', async () => {
      const { bus, sent } = await make(0);
      await bus.send('outbound-texts', []);
      expect(await sent()).toEqual([]);
    });

    it('carries domain events to whoever listens, whole', async () => {
      const { bus, heard } = await make(0);
      const events: DomainEvent[] = [
        { type: 'campaign.started', atMs: 1, campaignId: 'c', patientIds: [] },
        { type: 'texts.sent', atMs: 2, campaignId: 'c', patientIds: ['P1', 'P2'] },
      ];
      await bus.publish(events);
      expect(await heard()).toEqual(events);
    });
  });
}
