/**
 * apply(now, message): what a message does to the record it is for. A start makes an instance, an event or an operation
 * goes to an inbox; messages to finished, purged or older executions vanish, as on the real host.
 * Source: contract G (delivery), I (child id of a running instance).
 */
import * as history from './history';
import type { Store } from './store';
import { responseMessage } from './entityMessages';
import { type TrapError, lockedForEver, replacedRunning, terminatedEntity } from './traps';
import {
  type EntityEnvelope,
  type EntityMessage,
  type EntityRecord,
  EventType,
  type EventMessage,
  type Instance,
  type Message,
  type StartMessage,
  isTerminal,
} from './types';

export type Woken =
  { kind: 'instance'; record: Instance; created: boolean } | { kind: 'entity'; record: EntityRecord } | null;

export interface ApplyContext {
  store: Store;
  strict: boolean;
  /** hears of messages that strict mode refuses */
  trap?: (error: TrapError) => void;
}

/** Applies one message. Returns the record that now has work, or null when the message vanished. */
export function apply(now: number, message: Message, context: ApplyContext): Woken {
  switch (message.kind) {
    case 'start':
      return applyStart(now, message, context);
    case 'event':
      return applyEvent(message, context);
    case 'entity':
      return applyEntity(now, message, context);
  }
}

function applyStart(now: number, m: StartMessage, context: ApplyContext): Woken {
  const existing = context.store.instance(m.to);
  if (existing && !isTerminal(existing.status) && m.parent && context.strict) {
    const reason = replacedRunning(m.parent.name, m.to).message;
    const event = history.subOrchestrationFailed(now, m.parent.taskId, {
      reason,
      details: reason,
      failureDetails: null,
    });
    const refusal: EventMessage = {
      kind: 'event',
      to: m.parent.instanceId,
      executionId: m.parent.executionId,
      event,
    };
    return applyEvent(refusal, context);
  }
  const generation = m.parent ? null : existing ? 1 : 0;
  const started = history.executionStarted(now, {
    name: m.name,
    version: m.version,
    input: m.input,
    instanceId: m.to,
    executionId: m.executionId,
    parent: m.parent,
    generation,
  });
  const record: Instance = {
    id: m.to,
    name: m.name,
    version: m.version,
    executionId: m.executionId,
    status: 'Pending',
    input: m.input,
    output: null,
    customStatus: null,
    failureDetails: null,
    createdAt: now,
    updatedAt: now,
    parent: m.parent,
    depth: m.parent ? m.parent.depth : 0,
    generation,
    history: '',
    historyCount: 0,
    inbox: [{ executionId: m.executionId, event: started }],
    queued: false,
    run: null,
  };
  context.store.putInstance(record);
  return { kind: 'instance', record, created: true };
}

function applyEvent(m: EventMessage, context: ApplyContext): Woken {
  const record = context.store.instance(m.to);
  if (!record || isTerminal(record.status)) return null;
  if (m.executionId !== null && m.executionId !== record.executionId) return null;
  record.inbox.push({ executionId: m.executionId, event: m.event });
  return { kind: 'instance', record, created: false };
}

/** Would a timed message still do anything? Used so that time does not move for nothing. */
export function stillWanted(message: Message, store: Store): boolean {
  if (message.kind !== 'event') return true;
  const record = store.instance(message.to);
  if (!record || isTerminal(record.status)) return false;
  return message.executionId === null || message.executionId === record.executionId;
}

function applyEntity(now: number, m: EntityEnvelope, context: ApplyContext): Woken {
  let record = context.store.entity(m.to);
  if (!record) {
    record = newEntity(m.to, now);
    context.store.putEntity(record);
  }
  const refusal = context.strict ? outOfReach(record, m.message, context.store) : null;
  if (refusal !== null) return refuse(now, m.message, refusal, context);
  record.inbox.push(m.message);
  return { kind: 'entity', record };
}

/** Why a message would wait for ever: the entity was terminated, or its lock died with its owner. */
function outOfReach(record: EntityRecord, message: EntityMessage, store: Store): TrapError | null {
  if (message.type === 'release') return null;
  if (record.status === 'Terminated') return terminatedEntity(record.id);
  if (!record.lock || record.lock.parent === message.parent) return null;
  const owner = store.instance(record.lock.parent);
  const dead = !owner || owner.status === 'Failed' || owner.status === 'Terminated';
  return dead ? lockedForEver(record.id, record.lock.parent) : null;
}

/** Callers get the trap as the error of their call; a signal has nobody to tell. */
function refuse(now: number, m: EntityMessage, trap: TrapError, context: ApplyContext): Woken {
  context.trap?.(trap);
  if (m.type === 'release' || m.parent === null || (m.type === 'op' && m.signal)) return null;
  const event = history.eventRaised(now, m.id, responseMessage(JSON.stringify(trap.message), 'Error'));
  return applyEvent({ kind: 'event', to: m.parent, executionId: m.parentExecution, event }, context);
}

export function newEntity(id: string, now: number): EntityRecord {
  const at = id.indexOf('@', 1);
  return {
    id,
    name: id.slice(1, at),
    key: id.slice(at + 1),
    exists: false,
    state: null,
    status: 'Running',
    output: null,
    lock: null,
    inbox: [],
    queued: false,
    createdAt: now,
    updatedAt: now,
  };
}

/** Takes the events of the next episode out of the inbox; those for an older execution are dropped. */
export function takeEvents(record: Instance): Instance['inbox'][number]['event'][] {
  const entries = record.inbox;
  record.inbox = [];
  const events = [];
  for (const e of entries) {
    if (e.executionId === null || e.executionId === record.executionId) events.push(e.event);
  }
  // the start of a replaced execution never meets events of the old one, so it always stands first
  if (events.length > 1 && record.history === '' && events[0]?.type !== EventType.ExecutionStarted) {
    const i = events.findIndex((e) => e.type === EventType.ExecutionStarted);
    if (i > 0) events.unshift(...events.splice(i, 1));
  }
  return events;
}
