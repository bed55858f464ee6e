/**
 * What is done with the messages of each queue, whoever brings them: the memory bus at once, or a Service Bus trigger
 * (queues.ts). Each may see a message twice or late; none has an effect the second time.
 */
import { deliverTexts } from '../activities/deliverTexts';
import { takeAppointments } from '../activities/takeAppointments';
import { takeIntervals } from '../activities/takeIntervals';
import { takeReceipts } from '../activities/takeReceipts';
import { takeReply } from '../activities/takeReply';
import type { QueueBodies, QueueName } from '../services/messaging';
import { currentMessenger, type Messenger } from '../services/messenger';
import type { MemoryMessaging } from '../services/memory/messaging';
import type { Services } from '../services/services';

export type Receive<Q extends QueueName> = (
  services: Services,
  messenger: Messenger,
  bodies: readonly QueueBodies[Q][],
  /** Of each, from 1. */
  deliveries: readonly number[],
) => Promise<void>;

export const RECEIVERS: { readonly [Q in QueueName]: Receive<Q> } = {
  'outbound-texts': (services, _, orders, deliveries) => {
    const again = orders.filter((_, i) => deliveries[i] !== 1).map(({ text }) => text.messageId);
    return deliverTexts(services, orders, new Set(again));
  },
  'sms-replies': async (services, messenger, replies) => {
    for (const reply of replies) await takeReply(services, messenger, reply);
  },
  'sms-receipts': (services, _, receipts) => takeReceipts(services, receipts),
  'call-intervals': (services, _, intervals) => takeIntervals(services, intervals),
  'appointment-events': (services, messenger, events) => takeAppointments(services, messenger, events),
};

/** The memory bus hands over at once what is sent to it. */
export function receiveInMemory(services: Services, bus: MemoryMessaging): void {
  for (const queue of Object.keys(RECEIVERS) as QueueName[]) {
    const receive = RECEIVERS[queue] as Receive<QueueName>;
    bus.handle(queue, (bodies, delivery) =>
      receive(
        services,
        messengerNow(),
        bodies,
        bodies.map(() => delivery),
      ),
    );
  }
}

/** Made by the trigger that sent the message. Texts need none. */
function messengerNow(): Messenger {
  return (
    currentMessenger() ?? {
      signalPatient: () => Promise.reject(new Error('no invocation has made a durable client yet')),
      wake: () => Promise.reject(new Error('no invocation has made a durable client yet')),
    }
  );
}
