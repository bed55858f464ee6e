/**
 * Lists for the page at /runtime/ui: instances newest first with filters and keyset pages, entities, counts by status.
 * Nothing of inputs, outputs and states but their lengths. Large stores are looked through in bounded steps.
 */
import type { Store } from '../core/store';
import type { EntityRecord, Instance } from '../core/types';
import type { Counts, EntityPage, EntityRow, InstancePage, InstanceRow } from '../ui/shapes';

export interface ListFilter {
  kind: 'orchestration' | 'entity' | null;
  /** start of the id or of the name, without case */
  text: string;
  statuses: ReadonlySet<string>;
  createdFrom: number;
  createdTo: number;
}

/** Up to this many records a list is sorted by time and all are counted; beyond, it goes by id. */
export const SORTED_MAX = 10_000;
/** Records looked at for one answer, so that a rare match does not hold the host up. */
export const SCANNED_MAX = 20_000;
export const TOP_MAX = 500;

type AnyRecord = Instance | EntityRecord;

const isInstance = (r: AnyRecord): r is Instance => 'executionId' in r;

export function instanceRow(r: AnyRecord): InstanceRow {
  const { id, status, createdAt, updatedAt } = r;
  const common = { id, name: r.name, status, createdAt, updatedAt };
  return isInstance(r)
    ? { ...common, kind: 'orchestration', parentId: r.parent?.instanceId ?? null }
    : { ...common, kind: 'entity', parentId: null };
}

/** `order` 'id' does without looking for few records to sort. `token` as given in `next`; one that cannot be read starts anew. */
export function listInstances(
  store: Store,
  filter: ListFilter,
  top: number,
  token: string | null,
  order: 'created' | 'id',
): InstancePage {
  const after = readToken(token);
  const found = order === 'id' || after?.order === 'id' ? null : few(store, filter);
  return found ? byTime(found, top, after) : byId(store, filter, top, after?.id ?? null);
}

/** What matches among all records, or null when there are too many of these. */
function few(store: Store, filter: ListFilter): InstanceRow[] | null {
  const found: InstanceRow[] = [];
  let scanned = 0;
  for (const r of store.records(null)) {
    if (++scanned > SORTED_MAX) return null;
    if (matches(r, filter)) found.push(instanceRow(r));
  }
  return found;
}

interface Token {
  order: 'created' | 'id';
  at: number;
  id: string;
}

function readToken(token: string | null): Token | null {
  if (!token) return null;
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const m = /^([ci])(-?\d*):([\s\S]*)$/.exec(text);
  return m ? { order: m[1] === 'c' ? 'created' : 'id', at: Number(m[2]), id: m[3] as string } : null;
}

const writeToken = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

function byTime(rows: InstanceRow[], top: number, after: Token | null): InstancePage {
  const found = after ? rows.filter((r) => isOlder(r, after)) : rows;
  found.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  const last = found[top - 1];
  const next = found.length > top && last ? writeToken(`c${last.createdAt}:${last.id}`) : null;
  return { items: found.slice(0, top), next, order: 'created', partial: false };
}

const isOlder = (r: InstanceRow, t: Token): boolean => r.createdAt < t.at || (r.createdAt === t.at && r.id > t.id);

function byId(store: Store, filter: ListFilter, top: number, after: string | null): InstancePage {
  const items: InstanceRow[] = [];
  let scanned = 0;
  let last = after;
  const more = (partial: boolean): InstancePage => ({
    items,
    next: writeToken(`i:${last ?? ''}`),
    order: 'id',
    partial,
  });
  for (const r of store.records(after)) {
    if (items.length === top) return more(false);
    if (++scanned > SCANNED_MAX) return more(true);
    if (matches(r, filter)) items.push(instanceRow(r));
    last = r.id;
  }
  return { items, next: null, order: 'id', partial: false };
}

function matches(r: AnyRecord, f: ListFilter): boolean {
  if (f.kind !== null && (f.kind === 'orchestration') !== isInstance(r)) return false;
  if (f.statuses.size > 0 && !f.statuses.has(r.status)) return false;
  if (r.createdAt < f.createdFrom || r.createdAt > f.createdTo) return false;
  return f.text === '' || r.id.toLowerCase().startsWith(f.text) || r.name.toLowerCase().startsWith(f.text);
}

export function counts(store: Store): Counts {
  const out: Counts = { byStatus: {}, orchestrations: 0, entities: 0, complete: true };
  let scanned = 0;
  for (const r of store.records(null)) {
    if (++scanned > SORTED_MAX) return { ...out, complete: false };
    if (isInstance(r)) {
      out.orchestrations++;
      out.byStatus[r.status] = (out.byStatus[r.status] ?? 0) + 1;
    } else out.entities++;
  }
  return out;
}

/** Entities in the order of their ids (name, then key). */
export function listEntities(store: Store, text: string, top: number, token: string | null): EntityPage {
  const items: EntityRow[] = [];
  let scanned = 0;
  let last = readToken(token)?.id ?? null;
  for (const r of store.records(last, '@')) {
    if (items.length === top || ++scanned > SCANNED_MAX) return { items, next: writeToken(`i:${last ?? ''}`) };
    last = r.id;
    if (isInstance(r) || !isNamed(r, text)) continue;
    items.push({
      id: r.id,
      name: r.name,
      key: r.key,
      exists: r.exists,
      status: r.status,
      updatedAt: r.updatedAt,
      stateChars: r.state?.length ?? 0,
      waiting: r.inbox.length,
      lockedBy: r.lock?.parent ?? null,
    });
  }
  return { items, next: null };
}

const isNamed = (r: EntityRecord, text: string): boolean =>
  text === '' || r.id.slice(1).toLowerCase().startsWith(text) || r.key.toLowerCase().startsWith(text);
