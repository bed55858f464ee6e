/**
 * Blobs on Azure (or Azurite): one container of the app's own, made when a write finds it missing. Not the container into
 * which others drop files: what is kept here must not set off the trigger that watches there.
 */
import type { ContainerClient } from '@azure/storage-blob';
import type { Blobs } from '../blobs';
import { ServiceError } from '../errors';
import { blobClient, type StorageSettings } from './clients';
import { failureOf, serviceCodeOf } from './failures';
import { RETRY_TIMES, type RetryTimes } from './requests';

export const CONTAINER = 'outreach';
/** For a blob with all its retries, ms: 50 MB (the largest body taken in) at a slow 1 MB/s, and some. */
const CALL_MS = 90_000;
/** Azure's limit for the name of a blob. */
const NAME_CHARACTERS_MAX = 1_024;
const PAGE_BLOBS_MAX = 5_000;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
};

export interface AzureBlobsOptions {
  /** Default `CONTAINER`. */
  readonly container?: string;
  readonly times?: RetryTimes;
}

export function createAzureBlobs(storage: StorageSettings, options: AzureBlobsOptions = {}): Blobs {
  const times = options.times ?? RETRY_TIMES;
  const name = options.container ?? CONTAINER;
  const container = blobClient(storage, {
    retryOptions: {
      maxTries: times.retriesMax + 1,
      retryDelayInMs: times.firstDelayMs,
      maxRetryDelayInMs: times.delayMaxMs,
    },
  }).getContainerClient(name);
  let operations = 0;
  const asking = async <R>(what: string, request: (abortSignal: AbortSignal) => Promise<R>): Promise<R> => {
    operations += 1;
    try {
      return await request(AbortSignal.timeout(Math.min(CALL_MS, times.attemptMs * (times.retriesMax + 1))));
    } catch (error) {
      throw failureOf(error, `container ${name}: ${what}`);
    }
  };
  const upload = (blob: string, bytes: Buffer) =>
    asking('write', async (abortSignal) => {
      const type = CONTENT_TYPES[blob.slice(blob.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8';
      await container
        .getBlockBlobClient(blob)
        .upload(bytes, bytes.length, { abortSignal, blobHTTPHeaders: { blobContentType: type } });
    });
  return {
    async put(blob, content) {
      checkName(blob, name);
      const bytes = Buffer.from(content, 'utf8');
      try {
        await upload(blob, bytes);
      } catch (error) {
        if (!isContainerMissing(error)) throw error;
        await asking('create the container', (abortSignal) => container.createIfNotExists({ abortSignal }));
        await upload(blob, bytes);
      }
    },
    async get(blob) {
      checkName(blob, name);
      return asking('read', (abortSignal) => download(container, blob, abortSignal));
    },
    list: (prefix) => listNames(container, prefix, asking),
    operations: () => operations,
  };
}

async function download(
  container: ContainerClient,
  blob: string,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { readableStreamBody } = await container.getBlobClient(blob).download(0, undefined, { abortSignal });
    const chunks: Buffer[] = [];
    for await (const chunk of readableStreamBody!) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

async function listNames(
  container: ContainerClient,
  prefix: string,
  asking: <R>(what: string, request: (abortSignal: AbortSignal) => Promise<R>) => Promise<R>,
): Promise<string[]> {
  const names: string[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await asking('list', async (abortSignal) => {
      const pages = container
        .listBlobsFlat({ prefix, abortSignal })
        .byPage({ maxPageSize: PAGE_BLOBS_MAX, ...(continuationToken ? { continuationToken } : {}) });
      try {
        return (await pages.next()).value;
      } catch (error) {
        if (serviceCodeOf(error) === 'ContainerNotFound') return undefined;
        throw error;
      }
    });
    for (const { name } of page?.segment.blobItems ?? []) names.push(name);
    continuationToken = page?.continuationToken || undefined;
  } while (continuationToken !== undefined);
  return names.sort();
}

function checkName(blob: string, container: string): void {
  if (blob.length === 0 || blob.length > NAME_CHARACTERS_MAX || /\\|\p{Cc}|[./]$/u.test(blob))
    throw new ServiceError(
      'BAD_KEY',
      `container ${container}: got a name of ${blob.length} characters, expected 1 to ${NAME_CHARACTERS_MAX} without backslash or control characters, not ending in a dot or slash`,
    );
}

function isContainerMissing(error: unknown): boolean {
  return error instanceof ServiceError && (error.cause as { kind?: string } | undefined)?.kind === 'ContainerNotFound';
}
