/**
 * Service Bus triggers: messages in their envelope, checked as strictly as what comes over HTTP. What cannot be read, is
 * of an unknown type or version, or belongs to nobody, fails; the bus brings it again and at last puts it into the
 * dead-letter queue, where `vip dead-letters` finds it. The last delivery counts it as an incident. Of a batch, what is
 * good takes effect before what is bad fails it; brought again it changes nothing. An input that met a busy service is
 * given back only after a while (busy.ts); orders of texts are not, since others wait for what became of them.
 */
import type { InvocationContext } from '@azure/functions';
import { reportIncident } from '../activities/journal';
import { parseInput, type Receipt, type Reply } from '../domain/input';
import { BadInput, describeProblem, quote, type Problem } from '../domain/problem';
import {
  DELIVERIES_MAX,
  MESSAGE_VERSION,
  type QueueBodies,
  type QueueName,
  type TextOrder,
} from '../services/messaging';
import { messengerOf } from '../services/messenger';
import { systemClock, type WaitingClock } from '../services/clock';
import { EVERYWHERE } from '../services/rows';
import type { Services } from '../services/services';
import { inputsOfCloudEvents } from '../services/sms/cloudEvents';
import { untilLessBusy } from './busy';
import { RECEIVERS, type Receive } from './receivers';

/** Handles one message or an array of them, as the trigger's cardinality says. */
export function receive<Q extends QueueName>(services: Services, queue: Q, waiting: Waiting = systemClock) {
  return (message: unknown, context: InvocationContext): Promise<void> => {
    const messages = Array.isArray(message) ? message : [message];
    return handling({ services, queue, context, waiting }, async () => {
      const read = messages.map((one, i) => readMessage(queue, one, messages.length === 1 ? 'message' : `[${i}]`));
      const counts = deliveriesOf(context);
      const good = read.flatMap((one, i) =>
        'body' in one ? [{ body: one.body, delivery: counts[i] ?? UNKNOWN }] : [],
      );
      const take = RECEIVERS[queue] as unknown as Receive<Q>;
      if (good.length > 0)
        await take(
          services,
          messengerOf(context),
          good.map(({ body }) => body),
          good.map(({ delivery }) => delivery),
        );
      const problems = read.flatMap((one) => ('problems' in one ? one.problems : []));
      if (problems.length > 0) throw new BadInput(`${queue}: a message cannot be used`, problems);
    });
  };
}

/** Event Grid puts the carrier's CloudEvents on a queue of their own. */
export function receiveSmsEvents(services: Services, waiting: Waiting = systemClock) {
  return (message: unknown, context: InvocationContext): Promise<void> =>
    handling({ services, queue: 'sms-events', context, waiting }, async () => {
      const { inputs, problems } = inputsOfCloudEvents(message);
      await passOn(services, inputs);
      if (problems.length > 0) throw new BadInput('sms-events: an event cannot be used', problems);
    });
}

/** To the queues that HTTP posts to as well. */
export async function passOn(services: Services, inputs: readonly (Reply | Receipt)[]): Promise<void> {
  const replies = inputs.filter((input) => input.type === 'sms.reply');
  const receipts = inputs.filter((input) => input.type === 'sms.receipt');
  if (replies.length > 0) await services.bus.send('sms-replies', replies);
  if (receipts.length > 0) await services.bus.send('sms-receipts', receipts);
}

type Waiting = Pick<WaitingClock, 'wait'>;

interface Delivered {
  readonly services: Services;
  readonly queue: QueueName | 'sms-events';
  readonly context: InvocationContext;
  readonly waiting: Waiting;
}

/** The host counts deliveries from 1, so the last is known when it comes. */
async function handling(delivered: Delivered, handle: () => Promise<void>): Promise<void> {
  try {
    await handle();
  } catch (error) {
    const { queue, context, waiting } = delivered;
    const delivery = Math.max(0, ...deliveriesOf(context));
    if (delivery >= DELIVERIES_MAX) await countDead(delivered);
    else if (queue !== 'outbound-texts') await untilLessBusy(error, delivery, waiting);
    throw error instanceof BadInput
      ? new Error(`${error.what}: ${error.problems.map(describeProblem).join('; ')}`)
      : error;
  }
}

/** What it failed on may keep the incident from being written too; why it failed must still be told. */
async function countDead({ services, queue, context }: Delivered): Promise<void> {
  const detail = `${queue}: ${idOf(context)}`;
  await reportIncident(services, EVERYWHERE, services.clock.now(), 'POISON_MESSAGE', detail).catch(() => undefined);
}

/** Of each message. */
function deliveriesOf({ triggerMetadata }: InvocationContext): number[] {
  const counts = triggerMetadata?.['deliveryCountArray'] ?? triggerMetadata?.['deliveryCount'];
  return [counts].flat().map((count) => Number(count ?? UNKNOWN));
}

function idOf({ triggerMetadata }: InvocationContext): string {
  const ids = triggerMetadata?.['messageIdArray'] ?? triggerMetadata?.['messageId'];
  return [ids].flat().slice(0, 3).join(' ');
}

/** A delivery of which the host does not say which it is: perhaps not the first. */
const UNKNOWN = 0;

type Read<Q extends QueueName> = { readonly body: QueueBodies[Q] } | { readonly problems: readonly Problem[] };

function readMessage<Q extends QueueName>(queue: Q, message: unknown, place: string): Read<Q> {
  const bad = (field: string, value: unknown, expected: string): Read<Q> => ({
    problems: [{ field: `${place}${field}`, value: quote(value), expected }],
  });
  if (message === null || typeof message !== 'object' || Array.isArray(message))
    return { problems: [{ field: place, value: typeof message, expected: 'a JSON object {type, version, body}' }] };
  const { type, version, body } = message as { type?: unknown; version?: unknown; body?: unknown };
  if (type !== queue) return bad('.type', type, queue);
  if (version !== MESSAGE_VERSION) return bad('.version', version, String(MESSAGE_VERSION));
  if (queue === 'outbound-texts')
    return isOrder(body)
      ? ({ body } as unknown as Read<Q>)
      : { problems: [{ field: `${place}.body`, expected: 'an order of a text' }] };
  if (queue === 'call-intervals') return readInterval(body, place) as Read<Q>;
  const parsed = parseInput(body, `${place}.body`);
  if ('problems' in parsed) return parsed;
  return belongs(queue, parsed.input.type)
    ? ({ body: parsed.input } as unknown as Read<Q>)
    : bad('.body.type', parsed.input.type, `an input of ${queue}`);
}

function readInterval(body: unknown, place: string): Read<'call-intervals'> {
  const { arrival, ...rest } = (body ?? {}) as { arrival?: unknown };
  const parsed = parseInput(rest, `${place}.body`);
  if ('problems' in parsed) return parsed;
  if (typeof arrival !== 'string' || !/^\d{15}-\d{9}$/.test(arrival) || parsed.input.type !== 'call.interval')
    return { problems: [{ field: `${place}.body`, expected: 'a call.interval with the key of its arrival' }] };
  return { body: { ...parsed.input, arrival } };
}

const TYPES: Record<Exclude<QueueName, 'outbound-texts'>, RegExp> = {
  'sms-replies': /^sms\.reply$/,
  'sms-receipts': /^sms\.receipt$/,
  'call-intervals': /^call\.interval$/,
  'appointment-events': /^appointment\./,
};

function belongs(queue: QueueName, type: string): boolean {
  return queue !== 'outbound-texts' && TYPES[queue].test(type);
}

/** Only this app writes orders; still, a stranger's message must not be sent to anybody. */
function isOrder(body: unknown): body is TextOrder {
  const { text, row, bucket, reservation, of } = (body ?? {}) as Partial<TextOrder>;
  const texts = [text?.messageId, text?.to, text?.body, row?.pk, row?.rk, row?.value?.campaignId, bucket, reservation];
  return (
    texts.every((one) => typeof one === 'string') &&
    typeof of === 'number' &&
    row!.value.messageId === text!.messageId &&
    typeof row!.value.sentAtMs === 'number'
  );
}
