/** Everything a namespace holds, as records: what a compacted journal begins with. */
import type { Message } from '../core/message';
import type { Namespace } from '../core/namespace';
import type { Queue } from '../core/queue';
import { SessionQueue } from '../core/sessionQueue';
import { FORMAT, VERSION, encodeRecord, type JournalRecord } from './records';

export type Encodable = { encode(): Buffer };

export function encodePut(path: string, message: Message): Buffer {
  const record: JournalRecord = [
    'put',
    path,
    message.sequence,
    message.enqueuedSequence,
    message.enqueuedAt,
    message.expiresAt === Infinity ? null : message.expiresAt,
    message.scheduledFor,
    message.deliveryCount,
    message.state,
    message.deadLetterSource,
    message.hops,
  ];
  return encodeRecord(record, (message.content as unknown as Encodable).encode());
}

export function* snapshot(namespace: Namespace, changedRules: ReadonlySet<string>): IterableIterator<Buffer> {
  yield encodeRecord(['format', FORMAT, VERSION]);
  for (const queue of namespace.queues()) yield* queueRecords(queue);
  for (const entity of namespace.entities.values()) {
    for (const [id, at] of entity.duplicates?.entries() ?? []) yield encodeRecord(['seen', entity.path, id, at]);
    if (entity.kind === 'subscription' && changedRules.has(entity.path)) {
      yield encodeRecord(['rules', entity.path, entity.rules!.entries()]);
    }
  }
}

function* queueRecords(queue: Queue): IterableIterator<Buffer> {
  if (queue.lastSequence > 0) yield encodeRecord(['sequence', queue.path, queue.lastSequence]);
  for (const message of queue.messages.from(0)) yield encodePut(queue.path, message);
  if (queue instanceof SessionQueue) {
    for (const [id, state] of queue.states()) yield encodeRecord(['state', queue.path, id, true], state);
  }
}
