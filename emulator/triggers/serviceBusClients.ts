/** Clients of `@azure/service-bus` by connection: one for all triggers and outputs that name the same one. */
import { SERVICE_BUS, resolveConnection } from './connections';
import { loadSdk } from './sdk';
import type { TriggerHost } from './triggerHost';

export interface BusMessage {
  body: unknown;
  messageId?: string | number | Buffer;
  contentType?: string;
  correlationId?: string | number | Buffer;
  subject?: string;
  to?: string;
  replyTo?: string;
  replyToSessionId?: string;
  sessionId?: string;
  partitionKey?: string;
  timeToLive?: number;
  applicationProperties?: Record<string, unknown>;
  deliveryCount?: number;
  lockToken?: string;
  lockedUntilUtc?: Date;
  enqueuedTimeUtc?: Date;
  expiresAtUtc?: Date;
  enqueuedSequenceNumber?: number;
  sequenceNumber?: { toString(): string };
  deadLetterSource?: string;
  state?: string;
}

export interface BusReceiver {
  subscribe(handlers: object, options: object): { close(): Promise<void> };
  receiveMessages(count: number, options: object): Promise<BusMessage[]>;
  completeMessage(m: BusMessage): Promise<void>;
  abandonMessage(m: BusMessage): Promise<void>;
  close(): Promise<void>;
}

export interface BusSender {
  sendMessages(messages: object[]): Promise<void>;
}

export interface BusClient {
  createReceiver(...entityAndOptions: unknown[]): BusReceiver;
  acceptNextSession(...entityAndOptions: unknown[]): Promise<BusReceiver>;
  createSender(entity: string): BusSender;
  close(): Promise<void>;
}

interface BusSdk {
  ServiceBusClient: { new (connection: string, credential?: unknown): BusClient };
}

const DEFAULT_CONNECTION = 'AzureWebJobsServiceBus';

const clients = new Map<string, BusClient>();

/** Throws when the package or the connection's setting is missing. */
export function busClient(host: TriggerHost, connection: string, neededBy: string): BusClient {
  const name = connection === '' ? DEFAULT_CONNECTION : connection;
  const found = clients.get(name);
  if (found) return found;
  const resolved = resolveConnection(host.settings, name, SERVICE_BUS, neededBy, host.appFolder);
  const { ServiceBusClient } = loadSdk<BusSdk>('@azure/service-bus', host.appFolder, neededBy);
  const client =
    resolved.kind === 'string'
      ? new ServiceBusClient(resolved.text)
      : new ServiceBusClient(resolved.uri, resolved.credential());
  clients.set(name, client);
  return client;
}

export const busSender = (host: TriggerHost, connection: string, entity: string, neededBy: string): BusSender =>
  busClient(host, connection, neededBy).createSender(entity);
