/**
 * Queues and the topic on Azure Service Bus, or on the local broker: the real client either way, only the connection
 * differs. Sends in as few batches as the service allows; receiving is the Functions host's part (triggers/queues.ts).
 */
import { isServiceBusError, ServiceBusClient, type ServiceBusMessage, type ServiceBusSender } from '@azure/service-bus';
import { ServiceError, ServiceFailure, type ServiceErrorCode } from '../errors';
import { DOMAIN_EVENTS, MESSAGE_VERSION, messageIdOfBody, type Messaging } from '../messaging';
import { credentialOf } from './clients';
import type { BusSettings } from './settings';

export interface AzureMessaging extends Messaging {
  close(): Promise<void>;
}

export function serviceBusClient(settings: BusSettings): ServiceBusClient {
  return settings.kind === 'connection'
    ? new ServiceBusClient(settings.connectionString)
    : new ServiceBusClient(settings.namespace, credentialOf(settings));
}

/** Throws `ServiceError`: UNAVAILABLE, TIMED_OUT, THROTTLED, UNAUTHORISED, NOT_FOUND, TOO_LARGE or REFUSED. */
export function createAzureMessaging(settings: BusSettings): AzureMessaging {
  let client: ServiceBusClient | null = null;
  const senders = new Map<string, ServiceBusSender>();
  const senderOf = (name: string): ServiceBusSender => {
    client ??= serviceBusClient(settings);
    let sender = senders.get(name);
    if (!sender) senders.set(name, (sender = client.createSender(name)));
    return sender;
  };
  return {
    send: (queue, bodies) =>
      sendAll(
        senderOf(queue),
        bodies.map((body) => enveloped(queue, messageIdOfBody(queue, body), body)),
      ),
    publish: (events) =>
      sendAll(
        senderOf(DOMAIN_EVENTS),
        events.map((event) => enveloped(event.type, messageIdOfBody(DOMAIN_EVENTS, event), event)),
      ),
    async close() {
      senders.clear();
      await client?.close();
      client = null;
    },
  };
}

function enveloped(type: string, messageId: string, body: unknown): ServiceBusMessage {
  return {
    body: { type, version: MESSAGE_VERSION, body },
    messageId,
    subject: type,
    contentType: 'application/json',
    applicationProperties: { type, version: MESSAGE_VERSION },
  };
}

async function sendAll(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  try {
    if (messages.length === 1) return await sender.sendMessages(messages[0]!);
    let batch = messages.length === 0 ? null : await sender.createMessageBatch();
    for (const message of messages) {
      if (batch!.tryAddMessage(message)) continue;
      await sender.sendMessages(batch!);
      batch = await sender.createMessageBatch();
      if (!batch.tryAddMessage(message))
        throw new ServiceError('TOO_LARGE', `a message of ${sender.entityPath} is over ${batch.maxSizeInBytes} bytes`);
    }
    if (batch && batch.count > 0) await sender.sendMessages(batch);
  } catch (error) {
    throw serviceError(error, sender.entityPath);
  }
}

const CODES: Readonly<Record<string, ServiceErrorCode>> = {
  ServiceBusy: 'THROTTLED',
  QuotaExceeded: 'THROTTLED',
  ServiceTimeout: 'TIMED_OUT',
  ServiceCommunicationProblem: 'UNAVAILABLE',
  UnauthorizedAccess: 'UNAUTHORISED',
  MessagingEntityNotFound: 'NOT_FOUND',
  MessageSizeExceeded: 'TOO_LARGE',
};

/** The SDK's error without what it quotes of the connection or the message. */
function serviceError(error: unknown, entity: string): ServiceError {
  if (error instanceof ServiceError) return error;
  const kind = isServiceBusError(error) ? error.code : error instanceof Error ? error.name : typeof error;
  const code = CODES[kind] ?? (isServiceBusError(error) && error.retryable ? 'UNAVAILABLE' : 'REFUSED');
  return new ServiceError(code, `service bus: ${entity} did not take the messages (${kind})`, {
    cause: new ServiceFailure(kind, undefined, undefined),
  });
}
