/**
 * Queues, and the topic of domain events. Texts leave over one queue, with duplicate detection of orders; what the
 * outside tells comes in over one queue a kind, so that a peak waits instead of failing and what cannot be handled ends
 * in a dead-letter queue, not in a log. Names: infra/servicebus.config.json. Implementations: memory/messaging.ts, which
 * hands each message over at once, and azure/messaging.ts; on Azure the Functions host receives (triggers/queues.ts).
 */
import { createHash } from 'node:crypto';
import type { AppointmentEvent, CallInterval, Receipt, Reply } from '../domain/input';
import type { LedgerRow } from './rows';
import type { OutboundText } from './sms';
import type { Row } from './tables';

/** A text whose ledger row is reserved and that may now leave. */
export interface TextOrder {
  readonly text: OutboundText;
  readonly row: Row<LedgerRow>;
  readonly bucket: string;
  /** Organisation's date on which it may leave; null for an answer, which may leave on any. */
  readonly date: string | null;
  /** Row key of the reservation that it is part of, and how many orders that one has. */
  readonly reservation: string;
  readonly of: number;
}

/** An interval has no id of its own: it gets one at the door, in the order of arrival. */
export type ArrivedInterval = CallInterval & { readonly arrival: string };

export interface QueueBodies {
  readonly 'outbound-texts': TextOrder;
  readonly 'sms-replies': Reply;
  readonly 'sms-receipts': Receipt;
  readonly 'call-intervals': ArrivedInterval;
  readonly 'appointment-events': AppointmentEvent;
}

export type QueueName = keyof QueueBodies;
export const QUEUES: readonly QueueName[] = [
  'outbound-texts',
  'sms-replies',
  'sms-receipts',
  'call-intervals',
  'appointment-events',
];

/** It drops an id that it had before, for a day on Azure (infra/servicebus.config.json). */
export const DETECTS_DUPLICATES: QueueName = 'outbound-texts';

/** Of the envelope `{ type, version, body }` in which a body travels; a reader refuses versions that it does not know. */
export const MESSAGE_VERSION = 1;

/** A message that failed this often goes to the dead-letter queue (infra/servicebus.config.json). */
export const DELIVERIES_MAX = 10;

export const DOMAIN_EVENTS = 'domain-events';

/** What happened, for whoever comes later; ids only. */
export interface DomainEvent {
  readonly type: 'campaign.started' | 'campaign.ended' | 'texts.sent' | 'patient.optedOut' | 'patient.booked';
  readonly atMs: number;
  readonly campaignId: string | null;
  readonly patientIds: readonly string[];
  readonly detail?: string;
}

export interface Messaging {
  /** Resolves once the bus has them all. An id that was sent a moment ago is not taken twice by `outbound-texts`. */
  send<Q extends QueueName>(queue: Q, bodies: readonly QueueBodies[Q][]): Promise<void>;
  publish(events: readonly DomainEvent[]): Promise<void>;
}

/** Stable: the same body has the same id, so that a sender that tries again is recognised. */
export function messageIdOfBody(queue: QueueName | typeof DOMAIN_EVENTS, body: unknown): string {
  // Ordered anew, after it was taken back, it must not be taken for the order before: that it leaves once is the gateway's.
  if (queue === 'outbound-texts') {
    const { text, reservation } = body as TextOrder;
    return `${text.messageId}~${reservation}`;
  }
  return createHash('sha256')
    .update(`${queue}|${JSON.stringify(body)}`)
    .digest('hex')
    .slice(0, 32);
}
