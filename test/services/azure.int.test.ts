/** The contracts of tables and blobs on Azurite, with the real clients. */
import { randomBytes, randomUUID } from 'node:crypto';
import { startAzurite, type Azurite } from '../../cli/azurite';
import { createAzureBlobs } from '../../services/azure/blobs';
import { storageSettings, type StorageSettings } from '../../services/azure/settings';
import { createAzureTables } from '../../services/azure/tables';
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
