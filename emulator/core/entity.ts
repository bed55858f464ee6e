/**
 * Entities: which waiting messages form the next batch, the trigger's text, and what the answer does to the record.
 * Locks are taken in arrival order; while one is held only its owner's operations run. A step on one record, no I/O.
 * Source: contract E, I (locks, completions); recorded/entity-*.
 */
import * as history from './history';
import { LOCK_GRANTED, responseMessage } from './entityMessages';
import { noteReceived, stampSent } from './sorter';
import { TrapError, errorWithoutText, mixedCaseTarget, returnTwice } from './traps';
import { type Effects, type EntityMessage, type EntityRecord, noEffects } from './types';

export type EntityOperation = Extract<EntityMessage, { type: 'op' }>;
type LockRequest = Extract<EntityMessage, { type: 'lock' }>;

/** Most operations in one invocation (default of the extension outside the consumption plan). */
export const BATCH_MAX = 5000;

export interface EntityTurn {
  batch: EntityOperation[];
  granted: LockRequest[];
  /** the batch is full, and more could run */
  more: boolean;
}

/** Takes the next batch from the inbox and moves the lock. What must wait stays in the inbox, in order. */
export function takeTurn(entity: EntityRecord, batchMax = BATCH_MAX): EntityTurn {
  const turn: EntityTurn = { batch: [], granted: [], more: false };
  let queue = entity.inbox;
  let waiting: EntityMessage[] = [];
  for (let i = 0; i < queue.length; i++) {
    const m = queue[i] as EntityMessage;
    noteReceived((entity.sorter ??= {}), m);
    if (m.type === 'release') {
      if (entity.lock?.id !== m.id) continue;
      entity.lock = null;
      if (waiting.length > 0) {
        queue = [...waiting, ...queue.slice(i + 1)];
        waiting = [];
        i = -1;
      }
    } else if (turn.more) waiting.push(m);
    else if (m.type === 'lock') {
      if (entity.lock) waiting.push(m);
      else {
        entity.lock = { id: m.id, parent: m.parent };
        turn.granted.push(m);
      }
    } else if (entity.lock && entity.lock.parent !== m.parent) waiting.push(m);
    else if (turn.batch.length >= batchMax) {
      turn.more = true;
      waiting.push(m);
    } else turn.batch.push(m);
  }
  entity.inbox = waiting;
  return turn;
}

/** The text of the entity trigger. */
export function entityPayload(entity: EntityRecord, batch: readonly EntityOperation[]): string {
  const ops = batch.map(
    (m) =>
      `{"name":${JSON.stringify(m.name)},"input":${m.input === null ? 'null' : JSON.stringify(m.input)},` +
      `"isSignal":${m.signal},"id":"${m.id}"}`,
  );
  return (
    `{"self":{"name":${JSON.stringify(entity.name)},"key":${JSON.stringify(entity.key)}},"exists":${entity.exists},` +
    `"state":${entity.state === null ? 'null' : JSON.stringify(entity.state)},"batch":[${ops.join(',')}]}`
  );
}

/** What the entity function returned (durable-functions' EntityState), or the error it threw as a whole. */
export interface EntityAnswer {
  results: { isError: boolean; result?: string }[];
  signals: { target: { name: string; key: string }; name: string; input: string }[];
  entityExists: boolean;
  entityState?: string | null;
  broken?: string;
}

export interface EntityHost {
  guid(): string;
  strict: boolean;
  trap(error: TrapError): void;
}

/** Applies the answer: state, answers to callers in batch order, then signals, then locks passed on or granted. */
export function finishTurn(
  entity: EntityRecord,
  now: number,
  turn: EntityTurn,
  answer: EntityAnswer | null,
  host: EntityHost,
): Effects {
  const effects = noEffects();
  entity.updatedAt = now;
  if (answer?.broken !== undefined) answerAll(effects, now, turn.batch, JSON.stringify(answer.broken));
  else if (answer) applyAnswer(entity, now, turn.batch, answer, host, effects);
  for (const lock of turn.granted) passLock(effects, now, lock);
  return effects;
}

function applyAnswer(
  entity: EntityRecord,
  now: number,
  batch: readonly EntityOperation[],
  answer: EntityAnswer,
  host: EntityHost,
  effects: Effects,
): void {
  entity.exists = answer.entityExists;
  entity.state = answer.entityState ?? null;
  if (host.strict && answer.results.length !== batch.length) {
    const trap = returnTwice(entity.id);
    host.trap(trap);
    answerAll(effects, now, batch, JSON.stringify(trap.message));
  } else {
    batch.forEach((m, i) => {
      const r = answer.results[i];
      if (host.strict && r?.isError && r.result === '{}') host.trap(errorWithoutText(entity.id));
      if (!m.signal) respond(effects, now, m, r?.result, r?.isError ? 'Error' : null);
    });
  }
  for (const s of answer.signals) {
    const to = `@${s.target.name}@${s.target.key}`;
    if (host.strict && s.target.name !== s.target.name.toLowerCase()) {
      host.trap(mixedCaseTarget(entity.id, s.target.name));
      continue;
    }
    effects.messages.push({
      kind: 'entity',
      to,
      message: {
        type: 'op',
        name: s.name,
        input: s.input === '' ? null : s.input,
        id: host.guid(),
        signal: true,
        parent: entity.id,
        parentExecution: null,
        stamp: { ...stampSent((entity.sorter ??= {}), to, now), requestedAt: now },
      },
    });
  }
}

function answerAll(effects: Effects, now: number, batch: readonly EntityOperation[], result: string): void {
  for (const m of batch) if (!m.signal) respond(effects, now, m, result, 'Error');
}

function respond(
  effects: Effects,
  now: number,
  m: EntityOperation,
  result: string | undefined,
  exceptionType: string | null,
): void {
  if (m.parent === null) return;
  const event = history.eventRaised(now, m.id, responseMessage(result, exceptionType));
  effects.messages.push({ kind: 'event', to: m.parent, executionId: m.parentExecution, event });
}

/** A lock request goes from entity to entity; the last one answers the orchestrator. */
function passLock(effects: Effects, now: number, lock: LockRequest): void {
  const next = lock.lockset[lock.position + 1];
  if (next) {
    const to = `@${next.name}@${next.key}`;
    effects.messages.push({ kind: 'entity', to, message: { ...lock, position: lock.position + 1 } });
    return;
  }
  const event = history.eventRaised(now, lock.id, LOCK_GRANTED);
  effects.messages.push({ kind: 'event', to: lock.parent, executionId: lock.parentExecution, event });
}
