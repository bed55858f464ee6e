/**
 * Just enough of the AMQP 1.0 encoding to take a message apart without decoding it: where each value ends. Bodies and
 * properties travel on as the sender wrote them, so no type is lost and little is copied.
 * (OASIS AMQP 1.0, part 1, "Encodings".)
 */
import type { FilterValue } from '../core/filter/values';
import { types, type Typed } from './rheaTypes';

export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Where the value that starts at `at` ends. @throws WireError when it does not end within the buffer. */
export function endOf(buffer: Buffer, at: number): number {
  const code = byteAt(buffer, at);
  if (code === 0) return endOf(buffer, endOf(buffer, at + 1));
  const end = at + 1 + payloadLength(buffer, at + 1, code);
  if (end > buffer.length) throw new WireError(`a value at byte ${at} goes past the end (${buffer.length} bytes)`);
  return end;
}

function payloadLength(buffer: Buffer, at: number, code: number): number {
  switch (code >>> 4) {
    case 0x4:
      return 0;
    case 0x5:
      return 1;
    case 0x6:
      return 2;
    case 0x7:
      return 4;
    case 0x8:
      return 8;
    case 0x9:
      return 16;
    case 0xa:
    case 0xc:
    case 0xe:
      return 1 + byteAt(buffer, at);
    case 0xb:
    case 0xd:
    case 0xf:
      return 4 + wordAt(buffer, at);
    default:
      throw new WireError(`no AMQP type has the code 0x${code.toString(16)} (byte ${at - 1})`);
  }
}

function byteAt(buffer: Buffer, at: number): number {
  const value = buffer[at];
  if (value === undefined) throw new WireError(`the message ends at byte ${at}, in the middle of a value`);
  return value;
}

function wordAt(buffer: Buffer, at: number): number {
  if (at + 4 > buffer.length)
    throw new WireError(`the message ends at byte ${buffer.length}, in the middle of a value`);
  return buffer.readUInt32BE(at);
}

export interface Section {
  /** 0x70 header … 0x78 footer. */
  readonly code: number;
  readonly start: number;
  /** Where its value starts, after the descriptor. */
  readonly value: number;
  readonly end: number;
}

export function sectionsOf(buffer: Buffer): Section[] {
  const sections: Section[] = [];
  let at = 0;
  while (at < buffer.length) {
    if (buffer[at] !== 0) throw new WireError(`expected a message section at byte ${at} but found ${buffer[at]}`);
    const value = endOf(buffer, at + 1);
    const end = endOf(buffer, value);
    sections.push({ code: sectionCode(buffer.subarray(at + 1, value)), start: at, value, end });
    at = end;
  }
  return sections;
}

function sectionCode(descriptor: Buffer): number {
  if (descriptor[0] === 0x53) return descriptor[1]!;
  return Number(new types.Reader(descriptor).read().value);
}

/** The elements of a list or map, each with its place; none of a null. */
export function elementsOf(buffer: Buffer, at: number): Buffer[] {
  const code = byteAt(buffer, at);
  if (code === 0x40 || code === 0x45) return [];
  const isWide = code === 0xd0 || code === 0xd1;
  if (!isWide && code !== 0xc0 && code !== 0xc1) {
    throw new WireError(`expected a list or map at byte ${at} but found the type 0x${code.toString(16)}`);
  }
  const count = isWide ? wordAt(buffer, at + 5) : byteAt(buffer, at + 2);
  const elements: Buffer[] = [];
  let from = at + (isWide ? 9 : 3);
  for (let index = 0; index < count; index++) {
    const end = endOf(buffer, from);
    elements.push(buffer.subarray(from, end));
    from = end;
  }
  return elements;
}

/** A section with a list (0xd0) or map (0xd1) of elements that are encoded already. */
export function compoundSection(code: number, type: 0xd0 | 0xd1, elements: readonly Buffer[]): Buffer {
  const head = Buffer.allocUnsafe(12);
  head[0] = 0;
  head[1] = 0x53;
  head[2] = code;
  head[3] = type;
  head.writeUInt32BE(4 + elements.reduce((sum, element) => sum + element.length, 0), 4);
  head.writeUInt32BE(elements.length, 8);
  return Buffer.concat([head, ...elements]);
}

export const NULL = Buffer.from([0x40]);

export function isNull(value: Buffer | undefined): boolean {
  return value === undefined || value[0] === 0x40;
}

export function encodeValue(value: unknown): Buffer {
  const writer = new types.Writer();
  writer.write(types.wrap(value));
  return writer.toBuffer();
}

export function encodeSymbol(text: string): Buffer {
  const writer = new types.Writer();
  writer.write(types.wrap_symbol(text));
  return writer.toBuffer();
}

/** A text or symbol; null when it is neither. */
export function decodeText(value: Buffer | undefined): string | null {
  const code = value?.[0];
  if (!value || code === undefined) return null;
  if (code === 0xa1 || code === 0xa3) return value.toString('utf8', 2);
  return code === 0xb1 || code === 0xb3 ? value.toString('utf8', 5) : null;
}

/** A value as filters compare it; null for nothing and for types without order (lists, maps). */
export function decodeScalar(value: Buffer | undefined): FilterValue | null {
  if (!value || isNull(value)) return null;
  const text = decodeText(value);
  if (text !== null) return text;
  const typed: Typed = new types.Reader(value).read();
  const plain = typed.value;
  if (Buffer.isBuffer(plain)) {
    if (typed.type.typecode === 0x81) return plain.readBigInt64BE();
    return typed.type.typecode === 0x80 ? plain.readBigUInt64BE() : plain;
  }
  const isScalar = typeof plain === 'number' || typeof plain === 'boolean' || plain instanceof Date;
  return isScalar ? plain : null;
}
