/**
 * What clients can ask of the durable store: start, raise, terminate, suspend, resume, restart, signal, read, list,
 * purge. Answers are data; the HTTP layer gives them status codes. Source: contract F, G, I; recorded/start-api,
 * management-errors, purge, list-queries, entity-*.
 */
import * as history from './history';
import { rewindHistory } from './rewind';
import type { Store, StoredRecord } from './store';
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
  /** host.json: version of instances that are started without one */
  defaultVersion?: string | null;
  /** host.json (overridableExistingInstanceStates AnyState): a start replaces active instances too */
  replacesActive?: boolean;
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
  /** first id of the next page, when there is one */
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
    if (existing && !isTerminal(existing.status) && !this.host.replacesActive) return { conflict: existing.status };
    const started = { name, input, version: version ?? this.host.defaultVersion ?? null, parent: null };
    this.host.deliver({ kind: 'start', to, ...started, executionId: this.host.guid() });
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
      this.host.store.touch(entity);
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
    return this.start(record.name, newId ? null : id, record.input, null);
  }

  /** Rewinds a failed instance with the children that failed it; returns its status when it has not failed. */
  rewind(id: string, reason: string | null): 'ok' | 'notFound' | { wrong: string } {
    const record = this.host.store.instance(id);
    if (!record) return this.host.store.entity(id) ? { wrong: 'Running' } : 'notFound';
    if (record.status !== 'Failed') return { wrong: record.status };
    const leaves: string[] = [];
    this.rewindOne(record, leaves);
    for (const leaf of leaves) {
      const event = history.generic(this.host.now(), reason);
      this.host.deliver({ kind: 'event', to: leaf, executionId: null, event });
    }
    return 'ok';
  }

  /** The deepest failed ones run again and wake their parents. */
  private rewindOne(record: Instance, leaves: string[]): void {
    const children = rewindHistory(record);
    record.updatedAt = this.host.now();
    this.host.store.touch(record);
    if (children.length === 0) leaves.push(record.id);
    for (const id of children) {
      const child = this.host.store.instance(id);
      if (child?.status === 'Failed') this.rewindOne(child, leaves);
    }
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

  /** `from`: id at which the page begins, or of the first one after it. */
  list(filter: InstanceFilter, top: number, from: string | null, options: StatusOptions): Page<StatusJson> {
    const items: StatusJson[] = [];
    for (const record of this.recordsFrom(from, filter.prefix ?? '', filter.statuses)) {
      if (!matches(record, filter)) continue;
      if (items.length >= top) return { items, next: record.id };
      items.push('run' in record ? instanceStatus(record, options) : entityStatus(record, options));
    }
    return { items, next: null };
  }

  listEntities(
    filter: { name?: string; from?: number; to?: number; fetchState: boolean },
    top: number,
    from: string | null,
  ): Page<{ entityId: { name: string; key: string }; lastOperationTime: string; state: unknown }> {
    const items = [];
    const prefix = filter.name === undefined ? '@' : `@${filter.name.toLowerCase()}@`;
    for (const record of this.recordsFrom(from, prefix)) {
      if ('run' in record || !record.exists) continue;
      if (record.updatedAt < (filter.from ?? -Infinity) || record.updatedAt > (filter.to ?? Infinity)) continue;
      if (items.length >= top) return { items, next: record.id };
      items.push({
        entityId: { name: record.name.toLowerCase(), key: record.key },
        lastOperationTime: new Date(record.updatedAt).toISOString(),
        state: filter.fetchState ? parsed(record.state) : null,
      });
    }
    return { items, next: null };
  }

  private *recordsFrom(
    from: string | null,
    prefix: string,
    statuses?: ReadonlySet<string>,
  ): IterableIterator<StoredRecord> {
    if (from !== null && from.startsWith(prefix)) {
      const first = this.host.store.instance(from) ?? this.host.store.entity(from);
      if (first) yield first;
    }
    yield* this.host.store.records(from, prefix, statuses);
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
