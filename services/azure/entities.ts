/**
 * How a row's value lies in an entity. The value is JSON, cut into properties `v0`, `v1`, … since one holds at most 64 KiB;
 * an entity holds at most 1 MiB (learn.microsoft.com, "Understanding the Table service data model"). `w` names the writes
 * that led to the row, newest first: how a writer whose answer got lost recognises its own row (tables.ts).
 */
import type { TableEntity } from '@azure/data-tables';
import { ServiceError } from '../errors';
import type { Row } from '../tables';
import { escapeKey, unescapeKey } from './keys';

/** Below the 32,768 UTF-16 units of a property, so that a pair may stay whole. */
const PROPERTY_CHARACTERS_MAX = 32_000;
const ENTITY_BYTES_MAX = 1_048_576;
/** Azure's limit for the body of a batch is 4 MiB; the rest is for the parts' own headers. */
const BATCH_BYTES_MAX = 4_000_000;
/** Headers of one part of a batch, rounded up. */
const PART_BYTES = 1_024;
/** So many writes may pass between a write and the question whether it happened. */
const WRITES_KEPT = 8;

export interface StoredRow<T> {
  readonly pk: string;
  readonly rk: string;
  readonly value: T;
  readonly etag: string;
  readonly writes: readonly string[];
}

/** `writes`: newest first. Throws BAD_KEY and TOO_LARGE. */
export function entityOf(table: string, row: Row, writes: readonly string[]): TableEntity {
  const json = JSON.stringify(row.value);
  if (json === undefined) throw new TypeError(`${table}: got a value that is no JSON (${typeof row.value})`);
  const entity: TableEntity<Record<string, string>> = {
    partitionKey: escapeKey(row.pk, `${table}: a partition key`),
    rowKey: escapeKey(row.rk, `${table}: a row key`),
  };
  if (writes.length > 0) entity['w'] = writes.slice(0, WRITES_KEPT).join(' ');
  let part = 0;
  for (let at = 0; at < json.length; part += 1) {
    const end = cutAt(json, at);
    entity[`v${part}`] = json.slice(at, end);
    at = end;
  }
  const bytes = storedBytes(entity);
  if (bytes > ENTITY_BYTES_MAX)
    throw new ServiceError(
      'TOO_LARGE',
      `${table}: a value of ${json.length} characters needs ${bytes} bytes, expected at most ${ENTITY_BYTES_MAX}`,
    );
  return entity;
}

export function storedRow<T>(entity: Record<string, unknown>): StoredRow<T> {
  let json = '';
  for (let part = 0; typeof entity[`v${part}`] === 'string'; part += 1) json += entity[`v${part}`] as string;
  return {
    pk: unescapeKey(entity['partitionKey'] as string),
    rk: unescapeKey(entity['rowKey'] as string),
    value: JSON.parse(json) as T,
    etag: entity['etag'] as string,
    writes: writesOf(entity),
  };
}

export function writesOf(entity: Record<string, unknown>): readonly string[] {
  return typeof entity['w'] === 'string' ? entity['w'].split(' ') : [];
}

/** Throws BATCH_TOO_LARGE when the body of a batch of `entities` could be over Azure's limit. */
export function checkBatch(table: string, entities: readonly TableEntity[]): void {
  const bytes = entities.reduce((sum, entity) => sum + PART_BYTES + Buffer.byteLength(JSON.stringify(entity)), 0);
  if (bytes > BATCH_BYTES_MAX)
    throw new ServiceError(
      'BATCH_TOO_LARGE',
      `${table}: a batch of ${entities.length} rows and about ${bytes} bytes, expected at most ${BATCH_BYTES_MAX}`,
    );
}

/** Azure's own formula: 4 bytes, two a character of keys, names and values, and 8 + 4 for each property. */
function storedBytes(entity: TableEntity<Record<string, string>>): number {
  let bytes = 4;
  for (const [name, value] of Object.entries(entity)) {
    const isKey = name === 'partitionKey' || name === 'rowKey';
    bytes += 2 * String(value).length + (isKey ? 0 : 12 + 2 * name.length);
  }
  return bytes;
}

/** Where the part that starts at `at` ends: never between the halves of a pair. */
function cutAt(json: string, at: number): number {
  const end = Math.min(at + PROPERTY_CHARACTERS_MAX, json.length);
  const last = json.charCodeAt(end - 1);
  return end < json.length && last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
