/** Clients of `@azure/storage-queue` by connection. */
import { QUEUES, resolveConnection } from './connections';
import { loadSdk } from './sdk';
import type { TriggerHost } from './triggerHost';

export interface QueueMessage {
  messageId: string;
  popReceipt: string;
  messageText: string;
  dequeueCount: number;
  insertedOn: Date;
  expiresOn: Date;
  nextVisibleOn: Date;
}

export interface QueueClient {
  name: string;
  createIfNotExists(): Promise<unknown>;
  sendMessage(text: string): Promise<unknown>;
  receiveMessages(options: object): Promise<{ receivedMessageItems: QueueMessage[] }>;
  deleteMessage(id: string, popReceipt: string): Promise<unknown>;
  updateMessage(id: string, popReceipt: string, text: string, hiddenSeconds: number): Promise<unknown>;
}

export interface QueueService {
  getQueueClient(name: string): QueueClient;
}

interface QueueSdk {
  QueueServiceClient: {
    new (uri: string, credential: unknown, options: object): QueueService;
    fromConnectionString(text: string, options: object): QueueService;
  };
}

/** Few and quick: a trigger looks again anyway, and a store on this machine answers or is not there. */
const OPTIONS = { retryOptions: { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 } };
const DEFAULT_CONNECTION = 'AzureWebJobsStorage';

/** Throws when the package or the connection's setting is missing. */
export function queueService(host: TriggerHost, connection: string, neededBy: string): QueueService {
  const name = connection === '' ? DEFAULT_CONNECTION : connection;
  const resolved = resolveConnection(host.settings, name, QUEUES, neededBy, host.appFolder);
  const { QueueServiceClient } = loadSdk<QueueSdk>('@azure/storage-queue', host.appFolder, neededBy);
  if (resolved.kind === 'string') return QueueServiceClient.fromConnectionString(resolved.text, OPTIONS);
  return new QueueServiceClient(resolved.uri, resolved.credential(), OPTIONS);
}

/** A message as the queue extension stores it. */
export const encoded = (content: string | Buffer, encoding: 'base64' | 'none'): string =>
  encoding === 'base64' ? Buffer.from(content).toString('base64') : content.toString();
