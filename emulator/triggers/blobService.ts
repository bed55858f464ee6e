/** Clients of `@azure/storage-blob` by connection. */
import { BLOBS } from './connections';
import { storageService, type StoragePackage } from './storageService';
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

const SDK: StoragePackage = { address: BLOBS, name: '@azure/storage-blob', client: 'BlobServiceClient' };

/** Throws when the package or the connection's setting is missing. */
export const blobService = (host: TriggerHost, connection: string, neededBy: string): BlobService =>
  storageService(host, connection, neededBy, SDK);

/** Container and name of a blob path. Throws, naming the function, when there is no name. */
export function splitPath(path: string, neededBy: string): { container: string; name: string } {
  const [, container, name] = /^\/?([^/]+)\/(.+)$/.exec(path) ?? [];
  if (container === undefined || name === undefined)
    throw new Error(`${neededBy} has the blob path '${path}'; expected is 'container/name'.`);
  return { container, name };
}
