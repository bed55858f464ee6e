/**
 * A Service Bus message as the worker gets it: text of the body, and metadata under the names of extension v5, `Array` behind
 * each for a batch. Source: contract A "Trigger values".
 */
import type { TypedData } from '../realm/invoke';
import { metadataOf } from './payloads';
import type { BusMessage } from './serviceBusClients';

/** The body as text: bytes as UTF-8, anything but text as JSON. */
export function bodyText(m: BusMessage): string {
  const { body } = m;
  if (typeof body === 'string') return body;
  if (Buffer.isBuffer(body) || body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  return JSON.stringify(body) ?? '';
}

export const oneValue = (m: BusMessage): TypedData => ({ string: bodyText(m) });
export const manyValue = (all: readonly BusMessage[]): TypedData => ({
  collectionString: { string: all.map(bodyText) },
});

export const oneMetadata = (m: BusMessage): Record<string, TypedData> => metadataOf(facts(m));

export function manyMetadata(all: readonly BusMessage[]): Record<string, TypedData> {
  const lists: Record<string, unknown[]> = {};
  for (const m of all) {
    for (const [key, value] of Object.entries(facts(m))) (lists[`${key}Array`] ??= []).push(value ?? null);
  }
  return metadataOf(lists);
}

export function details(m: BusMessage): string {
  return (
    `MessageId: ${String(m.messageId ?? '')}, SequenceNumber: ${String(m.sequenceNumber ?? '')}, ` +
    `DeliveryCount: ${deliveryCount(m)}, EnqueuedTimeUtc: ${m.enqueuedTimeUtc?.toISOString() ?? ''}, ` +
    `LockedUntilUtc: ${m.lockedUntilUtc?.toISOString() ?? ''}, SessionId: ${m.sessionId ?? '(null)'}`
  );
}

/** .NET counts this delivery, JavaScript's client those before it. */
const deliveryCount = (m: BusMessage): number => (m.deliveryCount ?? 0) + 1;

function facts(m: BusMessage): Record<string, unknown> {
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
  return {
    MessageId: text(m.messageId),
    SequenceNumber: m.sequenceNumber === undefined ? undefined : Number(m.sequenceNumber.toString()),
    EnqueuedSequenceNumber: m.enqueuedSequenceNumber,
    DeliveryCount: deliveryCount(m),
    LockToken: m.lockToken,
    LockedUntilUtc: m.lockedUntilUtc,
    EnqueuedTimeUtc: m.enqueuedTimeUtc,
    ExpiresAtUtc: m.expiresAtUtc,
    ContentType: m.contentType,
    CorrelationId: text(m.correlationId),
    Subject: m.subject,
    Label: m.subject,
    To: m.to,
    ReplyTo: m.replyTo,
    ReplyToSessionId: m.replyToSessionId,
    SessionId: m.sessionId,
    PartitionKey: m.partitionKey,
    DeadLetterSource: m.deadLetterSource,
    State: m.state,
    ApplicationProperties: m.applicationProperties ?? {},
    UserProperties: m.applicationProperties ?? {},
  };
}
