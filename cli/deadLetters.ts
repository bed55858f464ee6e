/**
 * What ended in a dead-letter queue: shown by ids and reasons, never by content, and put back on its queue once the cause
 * is mended. A message is taken from the dead letters only after the queue has it: cut off in between it comes twice, and
 * every receiver takes a message twice without a second effect. Queues are peeked first: an empty one answers at once,
 * where receiving would wait.
 */
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { BadInput, quote } from '../domain/problem';
import { busSettings } from '../services/azure/settings';
import { serviceBusClient } from '../services/azure/messaging';
import { DETECTS_DUPLICATES, QUEUES } from '../services/messaging';

export interface DeadLetterOptions {
  /** One of the app's queues; absent: all. */
  readonly queue?: string;
  /** Connection string of the bus. */
  readonly connection?: string;
  /** Or its host, with the identity of whoever is signed in. */
  readonly namespace?: string;
  /** At most so many of each queue. */
  readonly max: number;
  readonly json?: boolean;
}

export interface DeadLetter {
  readonly queue: string;
  readonly messageId: string;
  readonly type: string;
  readonly enqueuedAt: string;
  readonly deliveries: number;
  readonly reason: string;
}

/** Queues of the app, and Event Grid's own. */
const ALL = [...QUEUES, 'sms-events'];
/** For messages that were there a moment ago: it is used up only where another reader has them. */
const WAIT_MS = 2_000;
const BATCH = 50;

export async function listDeadLetters(options: DeadLetterOptions): Promise<void> {
  const found: DeadLetter[] = [];
  await withDeadLetters(options, async (queue, receiver) => {
    found.push(...(await peeked(receiver, options.max)).map((message) => shown(queue, message)));
  });
  if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else {
    for (const one of found)
      process.stdout.write(`${one.queue}  ${one.messageId}  ${one.type}  ${one.enqueuedAt}  ${one.reason}\n`);
    process.stdout.write(`${found.length} dead letters\n`);
  }
}

export async function replayDeadLetters(options: DeadLetterOptions): Promise<void> {
  let replayed = 0;
  let left = 0;
  await withDeadLetters(options, async (_, receiver, send) => {
    // As many as are there now: one that dies again meanwhile is for the next time.
    let open = (await peeked(receiver, options.max)).length;
    while (open > 0) {
      const messages = await receiver.receiveMessages(Math.min(BATCH, open), { maxWaitTimeInMs: WAIT_MS });
      if (messages.length === 0) break;
      for (const message of messages) {
        await send(message);
        await receiver.completeMessage(message);
      }
      open -= messages.length;
      replayed += messages.length;
    }
    left += open;
  });
  const why = left === 0 ? '' : `, ${left} left: another reader has them, try again in a minute`;
  process.stdout.write(
    options.json ? `${JSON.stringify({ replayed, left })}\n` : `${replayed} messages put back${why}\n`,
  );
}

/** At most `max`, without taking them. */
async function peeked(receiver: ServiceBusReceiver, max: number): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < max) {
    const some = await receiver.peekMessages(Math.min(BATCH, max - messages.length));
    if (some.length === 0) break;
    messages.push(...some);
  }
  return messages;
}

/** Puts a message back on its queue. */
type Send = (message: ServiceBusReceivedMessage) => Promise<void>;

async function withDeadLetters(
  options: DeadLetterOptions,
  visit: (queue: string, receiver: ServiceBusReceiver, send: Send) => Promise<void>,
): Promise<void> {
  if (options.queue !== undefined && !ALL.includes(options.queue))
    throw new BadInput('the options do not fit', [
      { field: '--queue', value: quote(options.queue), expected: `one of ${ALL.join(', ')}` },
    ]);
  const client = serviceBusClient(settingsOf(options));
  try {
    for (const queue of options.queue === undefined ? ALL : [options.queue]) {
      const receiver = client.createReceiver(queue, { subQueueType: 'deadLetter' });
      const sender = client.createSender(queue);
      await visit(queue, receiver, async (message) => {
        const { subject, contentType, applicationProperties } = message;
        const messageId = queue === DETECTS_DUPLICATES ? freshId(message) : message.messageId;
        await sender.sendMessages({
          body: message.body as unknown,
          messageId,
          subject,
          contentType,
          applicationProperties,
        });
      });
      await sender.close();
      await receiver.close();
    }
  } finally {
    await client.close();
  }
}

/**
 * Under its own id the bus would take the message for one that it had, and drop it. What keeps a text from leaving twice
 * is the id inside: ledger and gateway know it. One dead letter always gets the same new id, so that a replay that was cut
 * off and is run again puts it back once.
 */
function freshId({ messageId, sequenceNumber }: ServiceBusReceivedMessage): string {
  return `${String(messageId ?? '').replace(/~\d+$/, '')}~${String(sequenceNumber)}`;
}

function settingsOf({ connection, namespace }: DeadLetterOptions) {
  const settings = busSettings({ ServiceBus: connection, ServiceBus__fullyQualifiedNamespace: namespace });
  if (settings) return settings;
  throw new BadInput('the bus is not named', [
    { field: '--connection', expected: 'a connection string (or the setting ServiceBus), or --namespace HOST' },
  ]);
}

function shown(queue: string, message: ServiceBusReceivedMessage): DeadLetter {
  return {
    queue,
    messageId: String(message.messageId ?? ''),
    type: message.subject ?? '',
    enqueuedAt: message.enqueuedTimeUtc?.toISOString() ?? '',
    deliveries: message.deliveryCount ?? 0,
    reason: message.deadLetterReason ?? '',
  };
}
