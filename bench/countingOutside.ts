/**
 * The simulated outside, with a count of what a run alone knows: messages given to the memory bus, and requests that
 * bring replies and receipts, which on Azure come over Event Grid and a queue instead. Loaded in the host's realm.
 */
import type { Outside, RealmHost, RealmRequest } from 'durable-emulator';
import type { QueueName } from '../services/messaging';
import { sharedWorld } from '../services/world';
import { createOutside as createPlainOutside, type OutsideOptions } from '../simulator/outside';

/** What `host.call('traffic')` gives. */
export interface Traffic {
  /** Messages by queue; none of one: absent. */
  readonly queues: Readonly<Partial<Record<QueueName, number>>>;
  readonly domainEvents: number;
  readonly smsRequests: number;
}

export function createOutside(realm: RealmHost, options?: OutsideOptions): Outside {
  const traffic = { queues: {} as Partial<Record<QueueName, number>>, domainEvents: 0, smsRequests: 0 };
  const bus = sharedWorld().memoryBus;
  if (!bus) throw new Error('only a run on the bus in memory can be counted');
  const { send, publish } = bus;
  bus.send = (queue, bodies) => {
    traffic.queues[queue] = (traffic.queues[queue] ?? 0) + bodies.length;
    return send(queue, bodies);
  };
  bus.publish = (events) => {
    traffic.domainEvents += events.length;
    return publish(events);
  };
  const request = (one: RealmRequest) => {
    if (one.path.startsWith('/api/sms/')) traffic.smsRequests += 1;
    return realm.request(one);
  };
  const plain = createPlainOutside({ ...realm, request }, options);
  return {
    ...plain,
    call: async (name, payload) => (name === 'traffic' ? traffic : plain.call!(name, payload)),
  };
}
