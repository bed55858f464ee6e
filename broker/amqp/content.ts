/**
 * A message's content as the sender encoded it, cut into sections. Only what decides something is decoded, and only when
 * asked for. A message without an id gets one: without it the client cannot settle under lock renewal.
 */
import { randomUUID } from 'node:crypto';
import type { FilterValue } from '../core/filter/values';
import type { Content, PropertyChanges } from '../core/message';
import {
  NULL,
  compoundSection,
  decodeScalar,
  decodeText,
  elementsOf,
  encodeValue,
  isNull,
  sectionsOf,
  WireError,
} from './wire';

const HEADER = 0x70;
const DELIVERY_ANNOTATIONS = 0x71;
const MESSAGE_ANNOTATIONS = 0x72;
const PROPERTIES = 0x73;
const APPLICATION_PROPERTIES = 0x74;
const FOOTER = 0x78;

/** Places of the fields in the properties section. */
const FIELDS: Readonly<Record<string, number>> = {
  messageid: 0,
  to: 2,
  subject: 3,
  label: 3,
  replyto: 4,
  correlationid: 5,
  contenttype: 6,
  sessionid: 10,
  replytosessionid: 12,
};
const CONTENT_TYPE = 6;
const EXPIRY = 8;
const CREATION = 9;
const TTL_FIELD = 2;
const TTL_MAX = 0xffffffff;

/** Annotations that only the broker may write, and those it reads. */
const OWN_ANNOTATIONS = new Set([
  'x-opt-enqueued-time',
  'x-opt-sequence-number',
  'x-opt-enqueue-sequence-number',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-deadletter-source',
]);

interface Parts {
  readonly header: readonly Buffer[];
  readonly deliveryAnnotations: Buffer;
  /** Keys and values in turn. */
  readonly annotations: readonly Buffer[];
  readonly properties: readonly Buffer[];
  readonly userProperties: readonly Buffer[];
  readonly body: Buffer;
  readonly footer: Buffer;
}

const NOTHING = Buffer.alloc(0);

export class AmqpContent implements Content {
  readonly messageId: string;
  readonly sessionId: string | null;
  readonly sizeBytes: number;
  readonly timeToLiveMs: number | null;
  readonly scheduledFor: number | null;
  private encodedTail: Buffer | null = null;

  private constructor(readonly parts: Parts) {
    const { properties } = parts;
    this.messageId = textOf(properties[0]);
    this.sessionId = decodeText(properties[FIELDS['sessionid']!]);
    this.timeToLiveMs = timeToLive(parts);
    const scheduled = this.annotation('x-opt-scheduled-enqueue-time');
    this.scheduledFor = scheduled instanceof Date ? scheduled.getTime() : null;
    const { body, footer, annotations, userProperties } = parts;
    this.sizeBytes = body.length + footer.length + sum(annotations) + sum(properties) + sum(userProperties) + 40;
  }

  /** @throws WireError when the bytes are not one AMQP message. */
  static decode(buffer: Buffer): AmqpContent {
    const parts = cut(buffer);
    const { properties } = parts;
    if (!isNull(properties[0])) return new AmqpContent(parts);
    return new AmqpContent({ ...parts, properties: [encodeValue(randomUUID()), ...properties.slice(1)] });
  }

  get durable(): Buffer {
    return this.parts.header[0] ?? NULL;
  }

  get priority(): Buffer {
    return this.parts.header[1] ?? NULL;
  }

  annotation(name: string): FilterValue | null {
    const { annotations } = this.parts;
    for (let index = 0; index < annotations.length; index += 2) {
      if (decodeText(annotations[index]) === name) return decodeScalar(annotations[index + 1]);
    }
    return null;
  }

  systemProperty(name: string): FilterValue | null | undefined {
    const field = FIELDS[name];
    if (field !== undefined) return decodeScalar(this.parts.properties[field]);
    if (name === 'partitionkey') return this.annotation('x-opt-partition-key');
    if (name === 'scheduledenqueuetimeutc') return this.annotation('x-opt-scheduled-enqueue-time');
    if (name === 'timetolive') return this.timeToLiveMs;
    if (name === 'size') return this.sizeBytes;
    return undefined;
  }

  /** The name as written, else the first that differs only in case. */
  userProperty(name: string): FilterValue | null {
    const { userProperties } = this.parts;
    const lower = name.toLowerCase();
    let similar: Buffer | undefined;
    for (let index = 0; index < userProperties.length; index += 2) {
      const key = decodeText(userProperties[index]);
      if (key === name) return decodeScalar(userProperties[index + 1]);
      if (similar === undefined && key?.toLowerCase() === lower) similar = userProperties[index + 1];
    }
    return decodeScalar(similar);
  }

  withProperties(changes: PropertyChanges): AmqpContent {
    let parts = this.parts;
    for (const [name, value] of Object.entries(changes.user ?? {})) {
      parts = { ...parts, userProperties: withEntry(parts.userProperties, name, value) };
    }
    for (const [name, value] of Object.entries(changes.system ?? {})) {
      if (name === 'timetolive') parts = { ...parts, header: withField(parts.header, TTL_FIELD, uint(Number(value))) };
      else parts = { ...parts, properties: withField(parts.properties, FIELDS[name]!, fieldValue(name, value)) };
    }
    return new AmqpContent(parts);
  }

  /** Everything after the annotations, as it goes to every receiver; encoded once. */
  get tail(): Buffer {
    const { properties, userProperties, body, footer } = this.parts;
    this.encodedTail ??= Buffer.concat([
      compoundSection(PROPERTIES, 0xd0, properties),
      userProperties.length > 0 ? compoundSection(APPLICATION_PROPERTIES, 0xd1, userProperties) : NOTHING,
      body,
      footer,
    ]);
    return this.encodedTail;
  }

  /** The whole message, as `decode` reads it. */
  encode(): Buffer {
    const { header, deliveryAnnotations, annotations } = this.parts;
    return Buffer.concat([
      compoundSection(HEADER, 0xd0, header),
      deliveryAnnotations,
      compoundSection(MESSAGE_ANNOTATIONS, 0xd1, annotations),
      this.tail,
    ]);
  }
}

function cut(buffer: Buffer): Parts {
  let header: Buffer[] = [];
  let annotations: Buffer[] = [];
  let properties: Buffer[] = [];
  let userProperties: Buffer[] = [];
  let deliveryAnnotations: Buffer = NOTHING;
  let footer: Buffer = NOTHING;
  let bodyStart = -1;
  let bodyEnd = -1;
  for (const { code, start, value, end } of sectionsOf(buffer)) {
    if (code === HEADER) header = elementsOf(buffer, value);
    else if (code === DELIVERY_ANNOTATIONS) deliveryAnnotations = buffer.subarray(start, end);
    else if (code === MESSAGE_ANNOTATIONS) annotations = foreignAnnotations(elementsOf(buffer, value));
    else if (code === PROPERTIES) properties = elementsOf(buffer, value);
    else if (code === APPLICATION_PROPERTIES) userProperties = elementsOf(buffer, value);
    else if (code === FOOTER) footer = buffer.subarray(start, end);
    else if (code >= 0x75 && code <= 0x77) {
      if (bodyStart < 0) bodyStart = start;
      bodyEnd = end;
    } else throw new WireError(`a message has no section 0x${code.toString(16)} (byte ${start})`);
  }
  const body = bodyStart < 0 ? NOTHING : buffer.subarray(bodyStart, bodyEnd);
  return { header, deliveryAnnotations, annotations, properties, userProperties, body, footer };
}

function foreignAnnotations(elements: readonly Buffer[]): Buffer[] {
  const kept: Buffer[] = [];
  for (let index = 0; index + 1 < elements.length; index += 2) {
    const key = decodeText(elements[index]);
    if (key === null || !OWN_ANNOTATIONS.has(key)) kept.push(elements[index]!, elements[index + 1]!);
  }
  return kept;
}

/** The header holds at most 49 days; what is longer stands in the two instants of the properties. */
function timeToLive({ header, properties }: Parts): number | null {
  const ttl = decodeScalar(header[TTL_FIELD]);
  if (typeof ttl !== 'number' || ttl < TTL_MAX) return typeof ttl === 'number' ? ttl : null;
  const expiry = decodeScalar(properties[EXPIRY]);
  const creation = decodeScalar(properties[CREATION]);
  if (expiry instanceof Date && creation instanceof Date) return Math.max(ttl, expiry.getTime() - creation.getTime());
  return ttl;
}

function textOf(id: Buffer | undefined): string {
  const value = decodeScalar(id);
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? `0x${value.toString('hex')}` : `#${String(value)}`;
}

function withEntry(elements: readonly Buffer[], name: string, value: unknown): Buffer[] {
  const changed: Buffer[] = [];
  for (let index = 0; index + 1 < elements.length; index += 2) {
    if (decodeText(elements[index]) !== name) changed.push(elements[index]!, elements[index + 1]!);
  }
  if (value !== null && value !== undefined) changed.push(encodeValue(name), encodeValue(value));
  return changed;
}

function withField(fields: readonly Buffer[], index: number, value: Buffer): Buffer[] {
  const changed = [...fields];
  while (changed.length <= index) changed.push(NULL);
  changed[index] = value;
  return changed;
}

/** Text fields take text; the content type is a symbol, which differs from text in one byte of its code. */
function fieldValue(name: string, value: unknown): Buffer {
  if (value === null || value === undefined) return NULL;
  const encoded = encodeValue(String(value));
  if (FIELDS[name] === CONTENT_TYPE) encoded[0] = encoded[0]! + 2;
  return encoded;
}

function uint(value: number): Buffer {
  const encoded = Buffer.alloc(5, 0x70);
  encoded.writeUInt32BE(Math.min(Math.max(Math.round(value), 0), TTL_MAX), 1);
  return encoded;
}

function sum(buffers: readonly Buffer[]): number {
  let total = 0;
  for (const buffer of buffers) total += buffer.length;
  return total;
}
