/**
 * What is known of rows without a second look: their ETags and the writes that led to them. Of what was read or written
 * here, by the very value; of what was inserted lately, by its key too, since such a value often comes back in a message,
 * as a copy (an order, to be confirmed). Safe whoever else writes: the ETag is a condition that the service checks.
 */
import { isDeepStrictEqual } from 'node:util';
import type { RowKey } from '../tables';
import type { StoredRow } from './entities';

/** A few MB of ledger rows: more texts than are under way between being ordered and confirmed. Others are read. */
const INSERTED_MAX = 5_000;

export type Known = Pick<StoredRow<unknown>, 'pk' | 'rk' | 'etag' | 'writes'>;

export class KnownRows {
  private readonly byValue = new WeakMap<object, Known>();
  private readonly inserted = new Map<string, Known & { readonly json: string }>();

  /** `row` was read or written. */
  note<T>(row: StoredRow<T>): StoredRow<T> {
    const { pk, rk, etag, writes } = row;
    if (isObject(row.value)) this.byValue.set(row.value, { pk, rk, etag, writes });
    return row;
  }

  noteInserted({ pk, rk, etag, writes, value }: StoredRow<unknown>): void {
    this.inserted.set(nameOf({ pk, rk }), { pk, rk, etag, writes, json: JSON.stringify(value) });
    if (this.inserted.size > INSERTED_MAX) this.inserted.delete(this.inserted.keys().next().value!);
  }

  /** Of what stood as `before` when it was last seen here. */
  of({ pk, rk, before }: RowKey & { readonly before: unknown }): Known | undefined {
    const known = isObject(before) ? this.byValue.get(before) : undefined;
    if (known?.pk === pk && known.rk === rk) return known;
    const name = nameOf({ pk, rk });
    const inserted = this.inserted.get(name);
    // Once: whoever asks replaces the row, or finds that somebody else did.
    this.inserted.delete(name);
    return inserted && isDeepStrictEqual(JSON.parse(inserted.json), plain(before)) ? inserted : undefined;
  }
}

/** As it would come back from a table. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function nameOf({ pk, rk }: RowKey): string {
  return JSON.stringify([pk, rk]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
