/** The contracts of tables and blobs on Azurite, with the real clients. */
import { randomBytes, randomUUID } from 'node:crypto';
import { startAzurite, type Azurite } from '../../cli/azurite';
import { createAzureBlobs } from '../../services/azure/blobs';
import { storageSettings, type StorageSettings } from '../../services/azure/settings';
import { createAzureTables } from '../../services/azure/tables';
import type { Table } from '../../services/tables';
import { blobsContract, tablesContract } from './contracts';

/** Real clients, on a machine that may be busy. */
jest.setTimeout(30_000);

let azurite: Azurite;
let storage: StorageSettings;
beforeAll(async () => {
  azurite = await startAzurite();
  storage = storageSettings({ AZURE_STORAGE_CONNECTION: azurite.connectionString })!;
}, 60_000);
afterAll(() => azurite.stop());

const prefix = () => `t${randomBytes(4).toString('hex')}`;

tablesContract('Azurite', () => createAzureTables(storage, { prefix: prefix(), newWriteId: randomUUID }));
blobsContract('Azurite', () => createAzureBlobs(storage, { container: prefix() }));

describe('a row that was inserted here and comes back in a message', () => {
  const inserted = async () => {
    const tables = createAzureTables(storage, { prefix: prefix(), newWriteId: randomUUID });
    const table = tables.table<{ readonly n: number }>('things');
    await table.insertBatch('p', [
      { pk: 'p', rk: 'a', value: { n: 1 } },
      { pk: 'p', rk: 'b', value: { n: 2 } },
    ]);
    return { tables, table };
  };
  const replacement = (n: number, before: number) => [{ pk: 'p', rk: 'a', value: { n }, before: { n: before } }];

  it('is replaced by one request, the next time by a read and one', async () => {
    const { tables, table } = await inserted();
    const before = tables.operations();
    expect(await table.replaceBatch('p', replacement(3, 1))).toBe(true);
    expect(tables.operations() - before).toBe(1);
    expect(await table.replaceBatch('p', replacement(4, 3))).toBe(true);
    expect(tables.operations() - before).toBe(3);
    expect(await table.get('p', 'a')).toEqual({ n: 4 });
  });

  it.each<[string, (table: Table<{ readonly n: number }>) => Promise<void>]>([
    ['replaced', (table) => table.upsert({ pk: 'p', rk: 'a', value: { n: 9 } })],
    ['deleted', (table) => table.delete('p', 'a')],
  ])('is left alone when another process has %s it', async (_, meddle) => {
    const name = prefix();
    const [ours, theirs] = [0, 1].map(() =>
      createAzureTables(storage, { prefix: name, newWriteId: randomUUID }).table<{ readonly n: number }>('things'),
    ) as [Table<{ readonly n: number }>, Table<{ readonly n: number }>];
    await ours.insert({ pk: 'p', rk: 'a', value: { n: 1 } });
    await meddle(theirs);
    const stands = await theirs.get('p', 'a');
    expect(await ours.replaceBatch('p', replacement(3, 1))).toBe(false);
    expect(await theirs.get('p', 'a')).toEqual(stands);
  });

  it('is left alone when it is not what was inserted', async () => {
    const { table } = await inserted();
    expect(await table.replaceBatch('p', replacement(3, 2))).toBe(false);
    expect(await table.get('p', 'a')).toEqual({ n: 1 });
  });
});
