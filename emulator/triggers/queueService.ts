/** Clients of `@azure/storage-queue` by connection. */
import { QUEUES } from './connections';
import { storageService, type StoragePackage } from './storageService';
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

const SDK: StoragePackage = { address: QUEUES, name: '@azure/storage-queue', client: 'QueueServiceClient' };

/** Throws when the package or the connection's setting is missing. */
export const queueService = (host: TriggerHost, connection: string, neededBy: string): QueueService =>
  storageService(host, connection, neededBy, SDK);

/** A message as the queue extension stores it. */
export const encoded = (content: string | Buffer, encoding: 'base64' | 'none'): string =>
  encoding === 'base64' ? Buffer.from(content).toString('base64') : content.toString();
