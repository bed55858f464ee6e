/**
 * The SDK's clients from settings: by connection string, or by identity with the account's addresses and nothing secret.
 * Which it is and whether it may be used here: settings.ts. `@azure/identity` is loaded only where an identity is used.
 */
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, type StoragePipelineOptions } from '@azure/storage-blob';
import type { IdentitySettings, StorageSettings } from './settings';

export type { StorageSettings } from './settings';

/**
 * Steps of the SDK's pipeline that do nothing for tables but cost each request their time: nobody reads its log or its
 * spans, Tables neither redirects nor compresses, takes no forms, and is given no signals but the platform's own.
 */
const NEEDLESS_POLICIES = [
  'logPolicy',
  'tracingPolicy',
  'redirectPolicy',
  'decompressResponsePolicy',
  'formDataPolicy',
  'multipartPolicy',
  'wrapAbortSignalLikePolicy',
];

export function tableClient(storage: StorageSettings, name: string, options: TableServiceClientOptions): TableClient {
  const client =
    storage.kind === 'identity'
      ? new TableClient(storage.tablesUrl, name, credentialOf(storage), options)
      : TableClient.fromConnectionString(storage.connectionString, name, {
          ...options,
          allowInsecureConnection: storage.isLocal,
        });
  for (const policy of NEEDLESS_POLICIES) client.pipeline.removePolicy({ name: policy });
  return client;
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
