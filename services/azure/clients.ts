/**
 * The SDK's clients from settings: by connection string, or by identity with the account's addresses and nothing secret.
 * Which it is and whether it may be used here: settings.ts. `@azure/identity` is loaded only where an identity is used.
 */
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, type StoragePipelineOptions } from '@azure/storage-blob';
import type { IdentitySettings, StorageSettings } from './settings';

export type { StorageSettings } from './settings';

export function tableClient(storage: StorageSettings, name: string, options: TableServiceClientOptions): TableClient {
  if (storage.kind === 'identity') return new TableClient(storage.tablesUrl, name, credentialOf(storage), options);
  return TableClient.fromConnectionString(storage.connectionString, name, {
    ...options,
    allowInsecureConnection: storage.isLocal,
  });
}

export function blobClient(storage: StorageSettings, options: StoragePipelineOptions): BlobServiceClient {
  if (storage.kind === 'identity') return new BlobServiceClient(storage.blobsUrl, credentialOf(storage), options);
  return BlobServiceClient.fromConnectionString(storage.connectionString, options);
}

const credentials = new Map<string, TokenCredential>();

/** On Azure the managed identity and no other; elsewhere whoever is signed in. One for each identity: it keeps tokens. */
export function credentialOf({ clientId, isAzure }: IdentitySettings): TokenCredential {
  const key = `${isAzure}|${clientId ?? ''}`;
  let credential = credentials.get(key);
  if (!credential) credentials.set(key, (credential = newCredential(clientId, isAzure)));
  return credential;
}

function newCredential(clientId: string | undefined, isAzure: boolean): TokenCredential {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loading it takes longer than a small replay
  const identity = require('@azure/identity') as typeof import('@azure/identity');
  if (isAzure)
    return clientId ? new identity.ManagedIdentityCredential({ clientId }) : new identity.ManagedIdentityCredential();
  return new identity.DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
}
