/**
 * Queues in memory: a message is handled before `send` returns, by the same code that a Service Bus trigger runs. There is
 * nobody who could keep what failed, so after as many deliveries as the real queue makes the sender hears of it.
 */
import {
  DELIVERIES_MAX,
  DETECTS_DUPLICATES,
  messageIdOfBody,
  type DomainEvent,
  type Messaging,
  type QueueBodies,
  type QueueName,
} from '../messaging';

/** `delivery`: from 1. */
type Handler<Q extends QueueName> = (bodies: readonly QueueBodies[Q][], delivery: number) => Promise<void>;

export interface MemoryMessaging extends Messaging {
  /** One handler a queue; a message for a queue without one is refused. */
  handle<Q extends QueueName>(queue: Q, handler: Handler<Q>): void;
  subscribe(listener: (event: DomainEvent) => void): void;
}

export function createMemoryMessaging(): MemoryMessaging {
  const handlers = new Map<QueueName, Handler<never>>();
  const listeners: ((event: DomainEvent) => void)[] = [];
  /** Ids of texts that were handled: duplicate detection. */
  const seen = new Set<string>();
  return {
    async send(queue, bodies) {
      const handler = handlers.get(queue) as Handler<typeof queue> | undefined;
      if (!handler) throw new Error(`nobody receives from the queue ${queue}`);
      const detects = queue === DETECTS_DUPLICATES;
      const fresh = detects ? bodies.filter((body) => !seen.has(messageIdOfBody(queue, body))) : bodies;
      if (fresh.length === 0) return;
      await deliver((delivery) => handler(fresh, delivery));
      if (detects) for (const body of fresh) seen.add(messageIdOfBody(queue, body));
    },
    async publish(events) {
      for (const event of events) for (const listener of listeners) listener(event);
    },
    handle(queue, handler) {
      handlers.set(queue, handler as unknown as Handler<never>);
    },
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}

async function deliver(handle: (delivery: number) => Promise<void>): Promise<void> {
  for (let delivery = 1; ; delivery += 1)
    try {
      return await handle(delivery);
    } catch (error) {
      if (delivery >= DELIVERIES_MAX) throw error;
    }
}
