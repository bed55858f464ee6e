/**
 * The journal file: frames, each with its length, number and checksum, written and synced one after the other. A frame is
 * begun only when the one before it is on disk. So a bad frame at the end was never acknowledged (a torn write) and is
 * dropped; a bad frame with a good one behind it is damage.
 */
import { crc32 } from 'node:zlib';

const MAGIC = 0x4c53424a;
const HEAD = 16;

/** What was read: the frames' payloads, and how many bytes of the file are good. */
export interface ReadFrames {
  readonly payloads: Buffer[];
  readonly goodBytes: number;
  /** Where the damage begins when there is a good frame behind it; null: none. */
  readonly damageAt: number | null;
}

export function frame(number: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32BE(payload.length, 4);
  head.writeUInt32BE(number, 8);
  head.writeUInt32BE(checksum(number, payload), 12);
  return Buffer.concat([head, payload]);
}

function checksum(number: number, payload: Buffer): number {
  return (crc32(payload) ^ Math.imul(number + 1, 0x9e3779b1)) >>> 0;
}

export function readFrames(file: Buffer): ReadFrames {
  const payloads: Buffer[] = [];
  let at = 0;
  while (at < file.length) {
    const payload = frameAt(file, at, payloads.length);
    if (!payload) {
      return { payloads, goodBytes: at, damageAt: hasLaterFrame(file, at, payloads.length) ? at : null };
    }
    payloads.push(payload);
    at += HEAD + payload.length;
  }
  return { payloads, goodBytes: at, damageAt: null };
}

/** The payload of the frame at a place; null when there is no good frame of that number (-1: any from `least`). */
function frameAt(file: Buffer, at: number, number: number): Buffer | null {
  if (at + HEAD > file.length || file.readUInt32BE(at) !== MAGIC) return null;
  const end = at + HEAD + file.readUInt32BE(at + 4);
  if (end > file.length || file.readUInt32BE(at + 8) !== number) return null;
  const payload = file.subarray(at + HEAD, end);
  return checksum(number, payload) === file.readUInt32BE(at + 12) ? payload : null;
}

function hasLaterFrame(file: Buffer, from: number, number: number): boolean {
  const magic = Buffer.alloc(4);
  magic.writeUInt32BE(MAGIC);
  for (let at = file.indexOf(magic, from + 1); at >= 0; at = file.indexOf(magic, at + 1)) {
    if (at + HEAD > file.length) return false;
    const found = file.readUInt32BE(at + 8);
    if (found >= number && frameAt(file, at, found)) return true;
  }
  return false;
}
