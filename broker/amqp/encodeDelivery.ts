/**
 * A message as a receiver gets it: header with the delivery count and time to live, the broker's annotations (sequence
 * numbers, instants, state) next to the sender's own, and the rest as it was sent.
 */
import type { Message } from '../core/message';
import { AmqpContent } from './content';
import { encodeSymbol, encodeValue } from './wire';

const KEYS = {
  enqueuedTime: encodeSymbol('x-opt-enqueued-time'),
  sequence: encodeSymbol('x-opt-sequence-number'),
  enqueuedSequence: encodeSymbol('x-opt-enqueue-sequence-number'),
  lockedUntil: encodeSymbol('x-opt-locked-until'),
  state: encodeSymbol('x-opt-message-state'),
  deadLetterSource: encodeSymbol('x-opt-deadletter-source'),
};
const STATES = { active: 0, deferred: 1, scheduled: 2 } as const;
const TTL_MAX = 0xffffffff;

/** `lockedUntil`: of a message under a lock; null otherwise. */
export function encodeDelivery(message: Message, lockedUntil: number | null): Buffer {
  const content = message.content as AmqpContent;
  const annotations = [
    KEYS.enqueuedTime,
    long(0x83, message.enqueuedAt),
    KEYS.sequence,
    long(0x81, message.sequence),
    KEYS.enqueuedSequence,
    long(0x81, message.enqueuedSequence),
    KEYS.state,
    Buffer.from([0x54, STATES[message.state]]),
    ...content.parts.annotations,
  ];
  if (lockedUntil !== null) annotations.push(KEYS.lockedUntil, long(0x83, lockedUntil));
  if (message.deadLetterSource !== null) annotations.push(KEYS.deadLetterSource, encodeValue(message.deadLetterSource));
  return assemble(header(message, content), content, annotations);
}

function assemble(head: Buffer, content: AmqpContent, annotations: readonly Buffer[]): Buffer {
  const { deliveryAnnotations } = content.parts;
  const { tail } = content;
  const length = annotations.reduce((sum, element) => sum + element.length, 0);
  const whole = Buffer.allocUnsafe(head.length + deliveryAnnotations.length + 12 + length + tail.length);
  let at = head.copy(whole);
  at += deliveryAnnotations.copy(whole, at);
  whole.writeUInt32BE(0x005372d1, at);
  whole.writeUInt32BE(4 + length, at + 4);
  whole.writeUInt32BE(annotations.length, at + 8);
  at += 12;
  for (const element of annotations) at += element.copy(whole, at);
  tail.copy(whole, at);
  return whole;
}

function header(message: Message, content: AmqpContent): Buffer {
  const ttl = message.expiresAt - message.enqueuedAt;
  const given = Number.isFinite(ttl) ? ttl : content.timeToLiveMs;
  const fields = Buffer.concat([
    content.durable,
    content.priority,
    given !== null && given <= TTL_MAX ? word(given) : Buffer.from([0x40]),
    Buffer.from([0x40]),
    word(message.deliveryCount),
  ]);
  return Buffer.concat([Buffer.from([0x00, 0x53, 0x70, 0xc0, fields.length + 1, 5]), fields]);
}

function word(value: number): Buffer {
  const encoded = Buffer.allocUnsafe(5);
  encoded[0] = 0x70;
  encoded.writeUInt32BE(Math.max(0, Math.round(value)), 1);
  return encoded;
}

function long(code: number, value: number): Buffer {
  const encoded = Buffer.allocUnsafe(9);
  encoded[0] = code;
  encoded.writeBigInt64BE(BigInt(Math.round(value)), 1);
  return encoded;
}
