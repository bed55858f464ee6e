/**
 * What an execution schedules: it draws the task ids, writes the history events and collects what is to be sent. Leaves
 * out when something is scheduled (hostRun). Source: contract C 3-5, E, G; recorded payloads.
 */
import type { Action } from './actions';
import { lockMessage, releaseMessage, requestMessage } from './entityMessages';
import * as history from './history';
import { type Effects, type EntityMessage, type EntityRef, type HistoryEvent, type Stamp, noEffects } from './types';

export interface RunScope {
  instanceId: string;
  parentId: string | null;
  functionName: string;
  executionId: string;
  /** depth of this instance's children */
  depth: number;
  version?: string | null;
}

export interface RunHost {
  guid(): string;
  plainGuid(): string;
  strict: boolean;
  hasActivity(name: string): boolean;
  hasOrchestrator(name: string): boolean;
  hasEntity(name: string): boolean;
  /** for messages about a name that is none of them */
  entityNames?(): readonly string[];
  /** host.json: version of instances that are started without one */
  defaultVersion?: string | null;
  /** which versions of instances this host runs */
  versions?: { verdict(version: string | null): 'run' | 'wait' | 'fail' };
  /** host.json: inputs stand in histories */
  storeInputs?: boolean;
  /** ms that a timer of `maxMs` from now fires early (fault) */
  timerEarlyMs(maxMs: number): number;
}

/** Stamps of messages that take no part in the sorting: those of clients, and signals that are due later. */
export const UNSORTED: Stamp = { timestamp: '0001-01-01T00:00:00', predecessor: '0001-01-01T00:00:00' };

export class Outbox {
  now = 0;
  nextId = 0;
  private scheduledList: HistoryEvent[] | null = null;
  private effectsOrNull: Effects | null = null;
  /** stamp of the last message to each entity; made on first use */
  private sentTo: Map<string, string> | null = null;

  constructor(
    private readonly scope: RunScope,
    private readonly host: RunHost,
  ) {}

  drain(): { scheduled: HistoryEvent[]; effects: Effects } {
    const out = { scheduled: this.scheduledList ?? [], effects: this.effectsOrNull ?? noEffects() };
    this.scheduledList = null;
    this.effectsOrNull = null;
    return out;
  }

  putBack(now: number, drawn: { scheduled: HistoryEvent[]; effects: Effects }): void {
    this.scheduledList = drawn.scheduled.map((e) => ({ ...e, at: now }));
    this.effectsOrNull = drawn.effects;
  }

  private get scheduled(): HistoryEvent[] {
    return (this.scheduledList ??= []);
  }

  private get effects(): Effects {
    return (this.effectsOrNull ??= noEffects());
  }

  activity(name: string, payload: string | null, httpRequest?: string): number {
    const id = this.nextId++;
    const input = this.host.storeInputs ? JSON.stringify(payload === null ? [] : [parsedOr(payload)]) : null;
    this.scheduled.push(history.taskScheduled(this.now, id, name, input));
    const { instanceId, executionId } = this.scope;
    const task = { kind: 'activity' as const, instanceId, executionId, taskId: id, name, payload };
    this.effects.activities.push(httpRequest === undefined ? task : { ...task, httpRequest });
    return id;
  }

  subOrchestration(action: Action, name: string): number {
    const id = this.nextId++;
    const { scope } = this;
    const childId = action.instanceId ? action.instanceId : `${scope.executionId}:${id}`;
    const version = action.version ?? this.host.defaultVersion ?? null;
    const input = action.input === undefined || action.input === null ? null : JSON.stringify(action.input);
    const shown = this.host.storeInputs ? input : null;
    this.scheduled.push(history.subOrchestrationCreated(this.now, id, name, version, childId, shown));
    this.effects.messages.push({
      kind: 'start',
      to: childId,
      name,
      input,
      version,
      executionId: this.host.plainGuid(),
      parent: {
        name: scope.functionName,
        instanceId: scope.instanceId,
        executionId: scope.executionId,
        taskId: id,
        depth: scope.depth,
        version: scope.version ?? null,
      },
    });
    return id;
  }

  timer(fireAt: number): number {
    const id = this.timerCreated(fireAt);
    const { instanceId, executionId } = this.scope;
    const event = history.timerFired(this.now, id, fireAt);
    this.effects.timed.push({
      at: fireAt - this.host.timerEarlyMs(Math.max(0, fireAt - this.now)),
      message: { kind: 'event', to: instanceId, executionId, event },
    });
    return id;
  }

  /** A timer that was cancelled before the host met it: in the history, but never fired. */
  timerCreated(fireAt: number): number {
    const id = this.nextId++;
    this.scheduled.push(history.timerCreated(this.now, id, fireAt));
    return id;
  }

  /** Sends an operation; returns the request id by which the answer comes. */
  entityOperation(action: Action): string {
    const { instanceId: parent, executionId: parentExecution } = this.scope;
    const target = String(action.instanceId);
    const operation = String(action.operation);
    const signal = action.actionType !== 7;
    const id = this.host.guid();
    const input = action.input === undefined || action.input === null ? null : JSON.stringify(action.input);
    const dueAt = action.actionType === 10 ? new Date(String(action.fireAt)).getTime() : null;
    const stamp = dueAt === null ? this.stamp(target) : UNSORTED;
    const request = { operation, signal, input, id, parent, parentExecution, at: this.now, ...stamp };
    const due = dueAt === null ? {} : { due: history.iso(dueAt) };
    const message: EntityMessage = { type: 'op', name: operation, input, id, signal, parent, parentExecution };
    message.stamp = { ...stamp, requestedAt: this.now };
    const name = dueAt === null ? 'op' : `op@${history.iso(dueAt).slice(0, 23)}0000Z`;
    this.send(target, name, requestMessage({ ...request, ...due }), message, dueAt);
    return id;
  }

  /** `lockset` sorted; the request goes to its first entity. */
  lock(lockset: EntityRef[], first: EntityRef): string {
    const { instanceId: parent, executionId: parentExecution } = this.scope;
    const id = this.host.guid();
    const target = `@${first.name}@${first.key}`;
    const stamp = this.stamp(target);
    const text = lockMessage(id, parent, parentExecution, stamp, lockset);
    this.send(target, 'op', text, { type: 'lock', id, parent, parentExecution, lockset, position: 0, stamp }, null);
    return id;
  }

  release(lockId: string, entity: EntityRef): void {
    const parent = this.scope.instanceId;
    const target = `@${entity.name.toLowerCase()}@${entity.key}`;
    this.send(target, 'release', releaseMessage(parent, lockId), { type: 'release', id: lockId, parent }, null);
  }

  private send(to: string, name: string, text: string, message: EntityMessage, dueAt: number | null): void {
    this.scheduled.push(history.eventSent(this.now, this.nextId++, to, name, text));
    if (dueAt === null || dueAt <= this.now) this.effects.messages.push({ kind: 'entity', to, message });
    else this.effects.timed.push({ at: dueAt, message: { kind: 'entity', to, message } });
  }

  /** Sorting stamps of the wire format: unique per destination, each naming its predecessor. */
  private stamp(target: string): { timestamp: string; predecessor: string } {
    this.sentTo ??= new Map();
    const previous = this.sentTo.get(target);
    let timestamp = history.iso(this.now);
    if (previous !== undefined && previous.slice(0, 23) === timestamp.slice(0, 23)) {
      const ticks = previous.length > 24 ? Number(previous.slice(23, 27)) : 0;
      timestamp = timestamp.slice(0, 23) + String(ticks + 1).padStart(4, '0') + 'Z';
    }
    this.sentTo.set(target, timestamp);
    return { timestamp, predecessor: previous ?? '0001-01-01T00:00:00' };
  }
}

const parsedOr = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

/** Strings arrive already encoded once; booleans become .NET text; no input gives no payload (contract G, recorded). */
export function activityPayload(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  if (typeof input === 'boolean') return input ? 'True' : 'False';
  if (typeof input === 'string') return input;
  const text: unknown = JSON.stringify(input);
  if (typeof text !== 'string') return null;
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}
