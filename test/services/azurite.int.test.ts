/** Azurite as the commands start it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzurite } from '../../cli/azurite';
import { createAzureBlobs } from '../../services/azure/blobs';
import { storageSettings } from '../../services/azure/settings';
import { createAzureTables } from '../../services/azure/tables';

const folder = mkdtempSync(join(tmpdir(), 'azurite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function open(options: { folder?: string }) {
  const azurite = await startAzurite(options);
  const storage = storageSettings({ AZURE_STORAGE_CONNECTION: azurite.connectionString })!;
  const tables = createAzureTables(storage, { newWriteId: () => 'w' });
  return { azurite, table: tables.table<string>('things'), blobs: createAzureBlobs(storage) };
}

it('keeps in a folder what was written just before it stopped', async () => {
  const first = await open({ folder });
  await first.table.upsert({ pk: 'p', rk: 'a', value: 'kept' });
  await first.blobs.put('a.csv', 'kept too');
  await first.azurite.stop();
  const second = await open({ folder });
  expect([await second.table.get('p', 'a'), await second.blobs.get('a.csv')]).toEqual(['kept', 'kept too']);
  await second.azurite.stop();
}, 60_000);

it('keeps nothing without one, and runs beside another', async () => {
  const [one, other] = [await open({}), await open({})];
  await one.table.upsert({ pk: 'p', rk: 'a', value: 'here' });
  expect(await other.table.get('p', 'a')).toBeUndefined();
  await Promise.all([one.azurite.stop(), other.azurite.stop()]);
}, 60_000);

it('says why it did not start', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  await expect(startAzurite({ folder: file })).rejects.toThrow(
    /Azurite did not start: it ended with 1; it said: .*a-file/,
  );
}, 60_000);
