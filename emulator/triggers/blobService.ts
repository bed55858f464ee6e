/** Clients of `@azure/storage-blob` by connection. */
import { BLOBS, resolveConnection } from './connections';
import { loadSdk } from './sdk';
import type { TriggerHost } from './triggerHost';

export interface BlobItem {
  name: string;
  properties: { etag: string; lastModified: Date; contentLength?: number; contentType?: string };
  metadata?: Record<string, string>;
}

export interface BlobClient {
  url: string;
  downloadToBuffer(): Promise<Buffer>;
  exists(): Promise<boolean>;
  uploadData(content: Buffer): Promise<unknown>;
}

export interface ContainerClient {
  createIfNotExists(): Promise<unknown>;
  exists(): Promise<boolean>;
  getBlockBlobClient(name: string): BlobClient;
  listBlobsFlat(options: object): AsyncIterable<BlobItem>;
}

export interface BlobService {
  getContainerClient(name: string): ContainerClient;
}

interface BlobSdk {
  BlobServiceClient: {
    new (uri: string, credential: unknown, options: object): BlobService;
    fromConnectionString(text: string, options: object): BlobService;
  };
}

/** Few and quick: a trigger looks again anyway, and a store on this machine answers or is not there. */
const OPTIONS = { retryOptions: { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 } };
const DEFAULT_CONNECTION = 'AzureWebJobsStorage';

/** Throws when the package or the connection's setting is missing. */
export function blobService(host: TriggerHost, connection: string, neededBy: string): BlobService {
  const name = connection === '' ? DEFAULT_CONNECTION : connection;
  const resolved = resolveConnection(host.settings, name, BLOBS, neededBy, host.appFolder);
  const { BlobServiceClient } = loadSdk<BlobSdk>('@azure/storage-blob', host.appFolder, neededBy);
  if (resolved.kind === 'string') return BlobServiceClient.fromConnectionString(resolved.text, OPTIONS);
  return new BlobServiceClient(resolved.uri, resolved.credential(), OPTIONS);
}

/** Container and name of a blob path. Throws, naming the function, when there is no name. */
export function splitPath(path: string, neededBy: string): { container: string; name: string } {
  const [, container, name] = /^\/?([^/]+)\/(.+)$/.exec(path) ?? [];
  if (container === undefined || name === undefined)
    throw new Error(`${neededBy} has the blob path '${path}'; expected is 'container/name'.`);
  return { container, name };
}
