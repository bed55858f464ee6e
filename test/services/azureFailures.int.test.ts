/**
 * What the Azure tables and blobs make of a network and a service that fail: a proxy before Azurite refuses, loses
 * requests and loses answers. No row may be reported as somebody else's when it is ours, and no change may count twice.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { startAzurite, type Azurite } from '../../cli/azurite';
import { createAzureBlobs } from '../../services/azure/blobs';
import type { RetryTimes } from '../../services/azure/requests';
import { storageSettings, type StorageSettings } from '../../services/azure/settings';
import { createAzureTables } from '../../services/azure/tables';
import { allRows, changeAll, RowExists, type Table } from '../../services/tables';
import { tablesFailureContract } from './failureContract';
import { startFaultyProxy, type Fault, type FaultyProxy } from './faultyProxy';

/** Real clients, on a machine that may be busy. */
jest.setTimeout(30_000);

const TIMES: RetryTimes = { retriesMax: 2, firstDelayMs: 1, delayMaxMs: 5, retryAfterMaxMs: 2_000, attemptMs: 300 };
const WRITES = ['POST', 'PUT', 'DELETE', 'PATCH'];
const LOST: Fault = { kind: 'loseAnswer' };
const BUSY: Fault = { kind: 'answer', status: 503 };

let azurite: Azurite;
let tablesProxy: FaultyProxy;
let blobsProxy: FaultyProxy;
let direct: StorageSettings;
let proxied: StorageSettings;

beforeAll(async () => {
  azurite = await startAzurite();
  const endpoint = (name: string) => new URL(new RegExp(`${name}Endpoint=([^;]+)`).exec(azurite.connectionString)![1]!);
  tablesProxy = await startFaultyProxy(endpoint('Table'));
  blobsProxy = await startFaultyProxy(endpoint('Blob'));
  direct = storageSettings({ AZURE_STORAGE_CONNECTION: azurite.connectionString })!;
  proxied = storageSettings({
    AZURE_STORAGE_CONNECTION: azurite.connectionString
      .replace(endpoint('Table').port, String(tablesProxy.port))
      .replace(endpoint('Blob').port, String(blobsProxy.port)),
  })!;
}, 60_000);
afterAll(async () => {
  await tablesProxy.stop();
  await blobsProxy.stop();
  await azurite.stop();
});

interface Value {
  readonly n: number;
}
const row = (rk: string, n: number) => ({ pk: 'p', rk, value: { n } });
const add = (value: Value | undefined): Value => ({ n: (value?.n ?? 0) + 1 });

/** The same table through the proxy and past it. */
async function both(pk = 'p'): Promise<{ table: Table<Value>; other: Table<Value> }> {
  tablesProxy.fail([]);
  const options = { prefix: `f${randomBytes(4).toString('hex')}`, newWriteId: randomUUID, times: TIMES };
  const other = createAzureTables(direct, options).table<Value>('things');
  await other.upsert({ ...row('there', 0), pk });
  return { table: createAzureTables(proxied, options).table<Value>('things'), other };
}
const values = async (table: Table<Value>) =>
  Object.fromEntries((await allRows(table, { pk: 'p' })).map(({ rk, value }) => [rk, value.n]));

const FAULTS = { BUSY, REQUEST_LOST: { kind: 'loseRequest' }, ANSWER_LOST: LOST } as const;
tablesFailureContract('Azurite', async () => ({
  table: (await both('other')).table,
  fail: (fault, which = 'all') =>
    tablesProxy.fail(
      which === 'all' ? [...WRITES, 'GET'] : WRITES,
      ...Array.from({ length: fault === null ? 0 : 100 }, () => FAULTS[fault!]),
    ),
}));

describe('a lost answer', () => {
  it('does not make an insert meet its own row', async () => {
    const { table, other } = await both();
    tablesProxy.fail(WRITES, LOST);
    await table.insert(row('a', 1));
    tablesProxy.fail(WRITES, LOST);
    await table.insertBatch('p', [row('b', 2), row('c', 3)]);
    expect(await values(other)).toEqual({ there: 0, a: 1, b: 2, c: 3 });
  });

  it("does not hide somebody else's row", async () => {
    const { table, other } = await both();
    tablesProxy.fail(WRITES, { kind: 'loseRequest' });
    await other.insert(row('a', 9));
    await expect(table.insert(row('a', 9))).rejects.toThrow(RowExists);
    tablesProxy.fail(WRITES, LOST);
    await expect(table.insertBatch('p', [row('b', 2), row('a', 1)])).rejects.toMatchObject({ rk: 'a' });
    expect(await values(other)).toEqual({ there: 0, a: 9 });
  });

  it('does not count a change twice', async () => {
    const { table, other } = await both();
    tablesProxy.fail(WRITES, LOST);
    expect(await table.update('p', 'a', add)).toEqual({ n: 1 });
    tablesProxy.fail(WRITES, LOST);
    expect(await table.update('p', 'a', add)).toEqual({ n: 2 });
    const rows = await allRows(table, { pk: 'p' });
    tablesProxy.fail(WRITES, LOST);
    await changeAll(
      table,
      rows.map(({ pk, rk, value }) => ({ pk, rk, before: value, change: add })),
    );
    expect(await values(other)).toEqual({ there: 1, a: 3 });
  });

  it('does not count a change twice when somebody builds on it before it is sent again', async () => {
    const { table, other } = await both();
    const meanwhile: Fault = { kind: 'loseAnswer', then: async () => void (await other.update('p', 'a', add)) };
    tablesProxy.fail(WRITES, meanwhile);
    await table.update('p', 'a', add);
    tablesProxy.fail(WRITES, meanwhile);
    await table.update('p', 'a', add);
    expect(await values(other)).toEqual({ there: 0, a: 4 });
  });

  it('is found out even when no answer ever comes back', async () => {
    const { table, other } = await both();
    tablesProxy.fail(WRITES, LOST, LOST, LOST);
    await table.insert(row('a', 1));
    expect(await values(other)).toEqual({ there: 0, a: 1 });
  });

  it('of a delete or an upsert changes nothing', async () => {
    const { table, other } = await both();
    tablesProxy.fail(WRITES, LOST);
    await table.delete('p', 'there');
    tablesProxy.fail(WRITES, LOST);
    await table.upsert(row('a', 0));
    const before = (await table.get('p', 'a'))!;
    tablesProxy.fail(WRITES, LOST);
    expect(await table.deleteUnchanged({ pk: 'p', rk: 'a', before })).toBe(true);
    tablesProxy.fail(WRITES, LOST);
    await table.upsert(row('a', 1));
    tablesProxy.fail(WRITES, LOST);
    await table.upsertBatch('p', [row('b', 2), row('c', 3)]);
    expect(await values(other)).toEqual({ a: 1, b: 2, c: 3 });
    tablesProxy.fail(WRITES, LOST);
    await table.deletePartition('p');
    expect(await values(other)).toEqual({});
  });
});

describe('no answer', () => {
  it('ends after the time for an attempt, and the write is found', async () => {
    const { table, other } = await both();
    tablesProxy.fail(WRITES, { kind: 'hang' });
    await table.insert(row('a', 1));
    expect(await values(other)).toEqual({ there: 0, a: 1 });
  });

  it('is TIMED_OUT when nothing came through', async () => {
    const { table, other } = await both();
    const lost: Fault = { kind: 'loseRequest' };
    tablesProxy.fail(WRITES, lost, lost, lost);
    await expect(table.insert(row('a', 1))).rejects.toMatchObject({ code: 'TIMED_OUT', retriable: true });
    tablesProxy.fail(['GET'], lost, lost, lost);
    await expect(table.get('p', 'there')).rejects.toMatchObject({ code: 'TIMED_OUT', retriable: true });
    expect(await values(other)).toEqual({ there: 0 });
  });

  it('is UNAVAILABLE where nobody listens', async () => {
    const nowhere = storageSettings({
      AZURE_STORAGE_CONNECTION: azurite.connectionString.replace(/(TableEndpoint=http:\/\/127.0.0.1):\d+/, '$1:9'),
    })!;
    const table = createAzureTables(nowhere, { newWriteId: randomUUID, times: TIMES }).table<Value>('things');
    await expect(table.upsert(row('a', 1))).rejects.toMatchObject({ code: 'UNAVAILABLE', retriable: true });
  });
});

describe('a busy service', () => {
  it('is asked again', async () => {
    const { table, other } = await both();
    tablesProxy.fail(WRITES, BUSY, { kind: 'answer', status: 429, retryAfter: '0' });
    await table.insert(row('a', 1));
    tablesProxy.fail(['GET'], BUSY);
    expect(await table.get('p', 'a')).toEqual({ n: 1 });
    expect(await values(other)).toEqual({ there: 0, a: 1 });
  });

  it('is THROTTLED after all retries, and nothing has happened', async () => {
    const { table, other } = await both();
    tablesProxy.fail(WRITES, BUSY, BUSY, BUSY);
    await expect(table.upsertBatch('p', [row('a', 1), row('b', 2)])).rejects.toMatchObject({ code: 'THROTTLED' });
    expect(await values(other)).toEqual({ there: 0 });
  });

  it('is THROTTLED at once when it asks for a longer wait than is waited for', async () => {
    const { table } = await both();
    const before = tablesProxy.seen();
    tablesProxy.fail(WRITES, { kind: 'answer', status: 429, retryAfter: '3600' });
    await expect(table.insert(row('a', 1))).rejects.toMatchObject({
      code: 'THROTTLED',
      retriable: true,
      retryAfterMs: 3_600_000,
    });
    expect(tablesProxy.seen() - before).toBe(1);
  });

  it('counts every attempt as an operation', async () => {
    const tables = createAzureTables(proxied, { prefix: 'counted', newWriteId: randomUUID, times: TIMES });
    await tables.table<Value>('things').upsert(row('a', 1));
    const before = tables.operations();
    tablesProxy.fail(WRITES, BUSY, BUSY);
    await tables.table<Value>('things').upsert(row('a', 1));
    expect(tables.operations() - before).toBe(3);
  });
});

describe('a wrong key', () => {
  it('is UNAUTHORISED, and neither the key nor the row shows', async () => {
    const wrong = storageSettings({
      AZURE_STORAGE_CONNECTION: azurite.connectionString.replace(/AccountKey=..../, 'AccountKey=AAAA'),
    })!;
    const table = createAzureTables(wrong, { newWriteId: randomUUID, times: TIMES }).table<Value>('things');
    const error: unknown = await table.get('p', 'P1|secret').catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'UNAUTHORISED', retriable: false });
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 9 })).not.toMatch(/secret|AAAA|SharedKey/);
    const blobs = createAzureBlobs(wrong, { times: TIMES });
    await expect(blobs.get('a')).rejects.toMatchObject({ code: 'UNAUTHORISED', retriable: false });
    await expect(blobs.put('a', 'x')).rejects.toMatchObject({ code: 'UNAUTHORISED', retriable: false });
  });
});

describe('limits', () => {
  it('names a value or key that is too large, and writes nothing', async () => {
    const { table, other } = await both();
    const long = table as unknown as Table<string>;
    await expect(long.upsert({ pk: 'p', rk: 'a', value: 'x'.repeat(600_000) })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringMatching(/things: .*600002 characters/) as string,
    });
    await expect(table.insert(row('k'.repeat(513), 1))).rejects.toMatchObject({ code: 'BAD_KEY' });
    expect(await values(other)).toEqual({ there: 0 });
  });
});

describe('blobs', () => {
  const blobs = () => createAzureBlobs(proxied, { container: `b${randomBytes(4).toString('hex')}`, times: TIMES });

  it('are asked for again when busy or lost', async () => {
    const some = blobs();
    blobsProxy.fail(['PUT'], BUSY, null, null, LOST);
    await some.put('a/b.csv', 'one\n');
    await some.put('a/b.csv', 'two\n');
    blobsProxy.fail(['GET'], BUSY, { kind: 'loseRequest' });
    expect(await some.get('a/b.csv')).toBe('two\n');
    blobsProxy.fail(['GET'], BUSY);
    expect(await some.list('a/')).toEqual(['a/b.csv']);
  });

  it('fail by the catalogue', async () => {
    const some = blobs();
    await some.put('a', 'x');
    blobsProxy.fail(['GET'], BUSY, BUSY, BUSY);
    await expect(some.get('a')).rejects.toMatchObject({ code: 'THROTTLED', retriable: true });
    blobsProxy.fail(['PUT'], { kind: 'hang' });
    await expect(some.put('a', 'y')).rejects.toMatchObject({ code: 'TIMED_OUT', retriable: true });
    await expect(some.put('a\\b', 'x')).rejects.toMatchObject({ code: 'BAD_KEY', retriable: false });
  });

  it('lists nothing of a container that is not there', async () => {
    expect(await blobs().list('')).toEqual([]);
    expect(await blobs().get('a')).toBeUndefined();
  });
});
