/**
 * What clients can ask of the durable store: start, raise, terminate, suspend, resume, restart, signal, read, list,
 * purge. Answers are data; the HTTP layer gives them status codes. Source: contract F, G, I; recorded/start-api,
 * management-errors, purge, list-queries, entity-*.
 */
import * as history from './history';
import type { Store } from './store';
import { entityStatus, instanceStatus, parsed, type StatusJson, type StatusOptions } from './statusView';
import { type EntityRecord, type Instance, type Message, isTerminal } from './types';

export interface OperationsHost {
  store: Store;
  now(): number;
  guid(): string;
  plainGuid(): string;
  deliver(message: Message): void;
  noteEnd(record: Instance): void;
  hasEntity(name: string): boolean;
  entityNames(): string[];
}

export type Outcome = 'ok' | 'notFound' | 'gone';

export interface InstanceFilter {
  prefix?: string;
  createdFrom?: number;
  createdTo?: number;
  /** empty: any */
  statuses: ReadonlySet<string>;
}

export interface Page<T> {
  items: T[];
  /** last id of this page, when there are more */
  next: string | null;
}

export class Operations {
  constructor(private readonly host: OperationsHost) {}

  /** Starts an instance; returns its id, or the status of the active instance that is in the way. */
  start(
    name: string,
    id: string | null,
    input: string | null,
    version: string | null,
  ): { id: string } | { conflict: string } {
    const to = id ?? this.host.plainGuid();
    const existing = this.host.store.instance(to);
    if (existing && !isTerminal(existing.status)) return { conflict: existing.status };
    this.host.deliver({ kind: 'start', to, name, input, version, executionId: this.host.guid(), parent: null });
    return { id: to };
  }

  get(id: string, options: StatusOptions): StatusJson | null {
    const record = this.host.store.instance(id);
    if (record) return instanceStatus(record, options);
    const entity = this.host.store.entity(id);
    return entity ? entityStatus(entity, options) : null;
  }

  /** `input` is JSON text. */
  raise(id: string, name: string, input: string): Outcome {
    return this.toInstance(id, (now) => history.eventRaised(now, name, input));
  }

  terminate(id: string, reason: string | null): Outcome {
    const entity = this.host.store.entity(id);
    if (entity) {
      if (entity.status === 'Terminated') return 'gone';
      entity.status = 'Terminated';
      entity.output = reason;
      entity.updatedAt = this.host.now();
      entity.inbox = [];
      return 'ok';
    }
    return this.toInstance(id, (now) => history.terminated(now, reason));
  }

  /** Returns the current status instead when the instance is not in the state that the operation needs. */
  suspend(id: string, reason: string | null): Outcome | { wrong: string } {
    const record = this.host.store.instance(id);
    if (record?.status === 'Suspended') return { wrong: record.status };
    return this.toInstance(id, (now) => history.suspended(now, reason));
  }

  resume(id: string, reason: string | null): Outcome | { wrong: string } {
    const record = this.host.store.instance(id);
    if (record && !isTerminal(record.status) && record.status !== 'Suspended') return { wrong: record.status };
    return this.toInstance(id, (now) => history.resumed(now, reason));
  }

  /** Starts the same function with the last generation's input. */
  restart(id: string, newId: boolean): { id: string } | { conflict: string } | null {
    const record = this.host.store.instance(id);
    if (!record) return null;
    return this.start(record.name, newId ? null : id, record.input, record.version);
  }

  private toInstance(id: string, event: (now: number) => ReturnType<typeof history.terminated>): Outcome {
    const record = this.host.store.instance(id);
    if (!record) return this.host.store.entity(id) ? 'ok' : 'notFound';
    if (isTerminal(record.status)) return 'gone';
    this.host.deliver({ kind: 'event', to: id, executionId: null, event: event(this.host.now()) });
    return 'ok';
  }

  signal(name: string, key: string, operation: string | null, input: string | null): void {
    this.host.deliver({
      kind: 'entity',
      to: `@${name.toLowerCase()}@${key}`,
      message: {
        type: 'op',
        name: operation,
        input,
        id: this.host.guid(),
        signal: true,
        parent: null,
        parentExecution: null,
      },
    });
  }

  /** The state as JSON text, or null when the entity does not exist. */
  readEntity(name: string, key: string): string | null {
    const record = this.host.store.entity(`@${name.toLowerCase()}@${key}`);
    return record?.exists ? (record.state ?? 'null') : null;
  }

  hasEntity(name: string): boolean {
    return this.host.hasEntity(name);
  }

  entityNames(): string[] {
    return this.host.entityNames();
  }

  list(filter: InstanceFilter, top: number, after: string | null, options: StatusOptions): Page<StatusJson> {
    const items: StatusJson[] = [];
    const ids = this.host.store.sortedIds();
    let last: string | null = after;
    for (let i = after === null ? 0 : firstAfter(ids, after); i < ids.length; i++) {
      const id = ids[i] as string;
      const record = this.host.store.instance(id) ?? this.host.store.entity(id);
      if (!record || !matches(record, filter)) continue;
      if (items.length >= top) return { items, next: last ?? previousOf(id) };
      items.push('run' in record ? instanceStatus(record, options) : entityStatus(record, options));
      last = id;
    }
    return { items, next: null };
  }

  listEntities(
    filter: { name?: string; from?: number; to?: number; fetchState: boolean },
    top: number,
    after: string | null,
  ): Page<{ entityId: { name: string; key: string }; lastOperationTime: string; state: unknown }> {
    const items = [];
    const ids = this.host.store.sortedIds();
    let last = after;
    for (let i = after === null ? 0 : firstAfter(ids, after); i < ids.length; i++) {
      const record = this.host.store.entity(ids[i] as string);
      if (!record?.exists || (filter.name !== undefined && record.name !== filter.name.toLowerCase())) continue;
      if (record.updatedAt < (filter.from ?? -Infinity) || record.updatedAt > (filter.to ?? Infinity)) continue;
      if (items.length >= top) return { items, next: last ?? previousOf(record.id) };
      items.push({
        entityId: { name: record.name, key: record.key },
        lastOperationTime: new Date(record.updatedAt).toISOString(),
        state: filter.fetchState ? parsed(record.state) : null,
      });
      last = record.id;
    }
    return { items, next: null };
  }

  /** Purges one; `wrong` is the status of an instance that is still active. */
  purge(id: string): 'ok' | 'notFound' | { wrong: string } {
    const record = this.host.store.instance(id);
    if (record && !isTerminal(record.status)) return { wrong: record.status };
    return this.host.store.remove(id) ? 'ok' : 'notFound';
  }

  /** Terminal statuses only; asking for none of these means any status, active instances and entities included (G). */
  purgeBy(filter: InstanceFilter): number {
    const terminal = [...filter.statuses].filter((s) => isTerminal(s as Instance['status']));
    const effective = { ...filter, statuses: new Set(terminal) };
    const doomed: string[] = [];
    for (const record of this.host.store.instances()) if (matches(record, effective)) doomed.push(record.id);
    if (terminal.length === 0) {
      for (const record of this.host.store.entities()) if (matches(record, effective)) doomed.push(record.id);
    }
    for (const id of doomed) this.host.store.remove(id);
    return doomed.length;
  }
}

function matches(record: Instance | EntityRecord, filter: InstanceFilter): boolean {
  if (filter.prefix !== undefined && !record.id.startsWith(filter.prefix)) return false;
  if (filter.createdFrom !== undefined && record.createdAt < filter.createdFrom) return false;
  if (filter.createdTo !== undefined && record.createdAt > filter.createdTo) return false;
  return filter.statuses.size === 0 || filter.statuses.has(record.status);
}

/** Index of the first id greater than `id` in a sorted list. */
function firstAfter(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((ids[mid] as string) <= id) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** A token before the first id of a list, for pages of no items. */
const previousOf = (id: string): string => id.slice(0, -1);
