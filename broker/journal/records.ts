/**
 * What a frame holds: records, each a short JSON array and, for messages and session states, bytes behind it. Places in
 * the arrays are fixed by the format's version.
 */
import type { MessageState } from '../core/message';
import type { RuleDescription } from '../core/filter/rule';

export const FORMAT = 'local-service-bus journal';
export const VERSION = 1;

export type JournalRecord =
  | readonly ['format', string, number]
  /** Queue, sequence, enqueued sequence, enqueued at, expires at (null: never), scheduled for, deliveries, state, dead-letter source, hops. */
  | readonly [
      'put',
      string,
      number,
      number,
      number,
      number | null,
      number | null,
      number,
      MessageState,
      string | null,
      number,
    ]
  | readonly ['update', string, number, number, MessageState]
  | readonly ['remove', string, number]
  /** Queue, session, whether it has a state (behind it). */
  | readonly ['state', string, string, boolean]
  | readonly ['seen', string, string, number]
  | readonly ['sequence', string, number]
  /** All rules of a subscription. */
  | readonly ['rules', string, readonly (readonly [string, RuleDescription])[]];

const NOTHING = Buffer.alloc(0);

export function encodeRecord(record: JournalRecord, bytes: Buffer = NOTHING): Buffer {
  const text = JSON.stringify(record);
  const length = Buffer.byteLength(text);
  const encoded = Buffer.allocUnsafe(8 + length + bytes.length);
  encoded.writeUInt32BE(length, 0);
  encoded.writeUInt32BE(bytes.length, 4);
  encoded.write(text, 8);
  bytes.copy(encoded, 8 + length);
  return encoded;
}

export function* recordsOf(payload: Buffer): IterableIterator<[JournalRecord, Buffer]> {
  let at = 0;
  while (at < payload.length) {
    const bytesFrom = at + 8 + payload.readUInt32BE(at);
    const end = bytesFrom + payload.readUInt32BE(at + 4);
    const record = JSON.parse(payload.toString('utf8', at + 8, bytesFrom)) as JournalRecord;
    yield [record, payload.subarray(bytesFrom, end)];
    at = end;
  }
}
