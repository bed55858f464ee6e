/** How the keys of rows are made. They travel in URLs on Azure, so phones are hashed. */
import { createHash } from 'node:crypto';
import { MINUTE_MS } from '../domain/calendar';

/** Patients in a partition of `outreach` and `ledger`: one batch writes them all. */
export const BUCKET_PATIENTS = 100;

/** Row key where a partition holds one row. */
export const ONLY = 'row';
/** Partition of everything that belongs to no single campaign: no id, so that no campaign can be called so. */
export const EVERYWHERE = '*all';

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Key of a phone number: opaque, since keys travel in URLs and logs. `pepper`: a setting, so that it cannot be guessed. */
export function numberKeyOf(phone: string, pepper: string): string {
  return hex(`number|${pepper}|${phone}`).slice(0, 24);
}

export function bucketOf(patientId: string, buckets: number): string {
  return bucketName(parseInt(hex(`bucket|${patientId}`).slice(0, 8), 16) % buckets);
}

export function bucketName(bucket: number): string {
  return String(bucket).padStart(5, '0');
}

/** Partition of `people` and `numbers`: 256 of them, whoever enrols whom. */
export function spreadKey(key: string): string {
  return hex(key).slice(0, 2);
}

/** Row key in `replies` of what came first under the id. Nothing that an id may hold makes it the key of another reply. */
export function firstReplyKey(replyId: string): string {
  return `${replyId}|first`;
}

/** 64 bits that tell whether a text is the same one, and nothing else of it. */
export function fingerprint(text: string): string {
  return hex(text).slice(0, 16);
}

/** `wave` of the answer to a reply. */
export function answerWave(replyId: string): string {
  return `R${replyId}`;
}

/** Partition of `messages`: few, so that a batch of receipts needs few requests; one takes 2,000 rows a second on Azure. */
export function messagePk(messageId: string): string {
  return `m${parseInt(messageId[0]!, 16) >> 2}`;
}

export function outreachPk(campaignId: string, bucket: string): string {
  return `${campaignId}|${bucket}`;
}

export function ledgerKey(patientId: string, wave: string, touch: number): string {
  return `${patientId}|${wave}|${touch}`;
}

/** Row keys of one patient's rows of the ledger. */
export function ledgerRange(patientId: string): { readonly rkAfter: string; readonly rkBefore: string } {
  return { rkAfter: `${patientId}|`, rkBefore: `${patientId}}` };
}

/** Row keys of ids from `first` to `last`, both included. */
export function idRange(first: string, last: string): { readonly rkAfter: string; readonly rkBefore: string } {
  const end = first.length - 1;
  // `}` sorts behind every character of an id, `!` before.
  const before = String.fromCharCode(first.charCodeAt(end) - 1);
  return { rkAfter: `${first.slice(0, end)}${before}}`, rkBefore: `${last}!` };
}

/**
 * Row keys in order of time. What happened at one instant is told apart by `sequence`, or by `content`: then the same told
 * twice has one key.
 */
export function timeKey(atMs: number, sequence: number, content?: string): string {
  const key = `${String(Math.floor(atMs)).padStart(15, '0')}-${String(sequence).padStart(9, '0')}`;
  return content === undefined ? key : `${key}-${fingerprint(content)}`;
}

/** The instant of a time key, epoch ms. */
export function timeOf(key: string): number {
  return Number(key.split('-', 1)[0]);
}

/** A row has the time at which its writer began, and may be there only after later ones were read. */
const WRITTEN_WITHIN_MS = 5 * MINUTE_MS;

/** From where to read again, of rows that were read up to `cursor`, so that none is passed over; empty: from the start. */
export function writtenSince(cursor: string): string {
  return cursor === '' ? '' : timeKey(Math.max(0, timeOf(cursor) - WRITTEN_WITHIN_MS), 0);
}
