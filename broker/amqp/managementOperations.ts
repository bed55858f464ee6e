/**
 * The operations of `$management`: locks, scheduled and deferred messages, peeking, settlement by lock token, sessions,
 * deletion in bulk. Those on rules are in ruleOperations.ts.
 * (Microsoft, "AMQP 1.0 in Azure Service Bus: request-response-based operations".)
 */
import { BrokerError, notAllowed } from '../core/errors';
import type { Message } from '../core/message';
import type { Queue } from '../core/queue';
import { SessionQueue } from '../core/sessionQueue';
import { AmqpContent } from './content';
import { encodeDelivery } from './encodeDelivery';
import type { Answer, ManagementRequest } from './management';
import { checkSize } from './producer';
import { types } from './rheaTypes';
import { RULE_OPERATIONS } from './ruleOperations';
import { MESSAGE_BYTES_MAX } from './service';
import { settlementOfStatus } from './settlements';

const TIMESTAMP = 0x83;
const LONG = 0x81;
/** Peeked at most at once, whatever was asked for. */
const PEEK_MAX = 5_000;
const DONE: Answer = { status: 200, body: {} };
const NONE: Answer = { status: 204 };

type Operation = (request: ManagementRequest) => Answer;

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'com.microsoft:renew-lock': renewLocks,
  'com.microsoft:schedule-message': schedule,
  'com.microsoft:cancel-scheduled-message': cancelScheduled,
  'com.microsoft:peek-message': peek,
  'com.microsoft:receive-by-sequence-number': receiveBySequence,
  'com.microsoft:update-disposition': updateDisposition,
  'com.microsoft:batch-delete-messages': deleteBatch,
  'com.microsoft:renew-session-lock': renewSession,
  'com.microsoft:get-session-state': getSessionState,
  'com.microsoft:set-session-state': setSessionState,
  'com.microsoft:get-message-sessions': listSessions,
  ...RULE_OPERATIONS,
};

function queueOf({ path, service }: ManagementRequest): Queue {
  const { namespace } = service;
  const entity = namespace.entities.get(path.toLowerCase());
  return entity?.kind === 'topic' ? entity.schedule : namespace.queueAt(path);
}

function renewLocks(request: ManagementRequest): Answer {
  const { service } = request;
  const queue = queueOf(request);
  const now = service.now();
  const ids = arrayOf(request.body['lock-tokens']).map((token) => service.tokens.lockOfToken(token));
  const expirations = ids.map((id) => queue.renew(id, now));
  return { status: 200, body: { expirations: types.wrap_array(expirations, TIMESTAMP) } };
}

function schedule({ path, body, service }: ManagementRequest): Answer {
  const contents = arrayOf(body['messages']).map((entry) => {
    const bytes = (entry as { message?: unknown }).message;
    if (!Buffer.isBuffer(bytes)) throw argument('messages', 'entries with an encoded message', entry);
    checkSize(bytes.length);
    return AmqpContent.decode(Buffer.from(bytes));
  });
  const sequences = service.namespace.sendScheduled(path, contents, service.now());
  return { status: 200, body: { 'sequence-numbers': types.wrap_array(sequences, LONG) } };
}

function cancelScheduled(request: ManagementRequest): Answer {
  queueOf(request).cancelScheduled(sequencesOf(request.body));
  return DONE;
}

function peek(request: ManagementRequest): Answer {
  const { body } = request;
  const from = Number(body['from-sequence-number'] ?? 0);
  const count = Math.min(Number(body['message-count'] ?? 1), PEEK_MAX);
  const sessionId = typeof body['session-id'] === 'string' ? body['session-id'] : null;
  const messages = queueOf(request).peek(from, count, sessionId);
  if (messages.length === 0) return NONE;
  return { status: 200, body: { messages: messages.map((message) => ({ message: encodeDelivery(message, null) })) } };
}

function receiveBySequence(request: ManagementRequest): Answer {
  const { body, service, caller } = request;
  const queue = queueOf(request);
  const sequences = sequencesOf(body);
  const now = service.now();
  if (Number(body['receiver-settle-mode'] ?? 1) === 0) {
    const messages = queue.takeDeferred(sequences);
    return { status: 200, body: { messages: messages.map((message) => received(request, message, queue)) } };
  }
  const sessionId = body['session-id'];
  const holder =
    queue instanceof SessionQueue ? queue.held(String(sessionId), request.sessionHolder).lock!.holder : caller.holder;
  const messages = queue.lockDeferred(sequences, now, holder);
  return { status: 200, body: { messages: messages.map((message) => received(request, message, queue)) } };
}

function received({ service }: ManagementRequest, message: Message, queue: Queue): object {
  const token = service.tokens.token(message.lock?.id ?? service.namespace.nextLockId());
  const bytes = encodeDelivery(message, queue.lockedUntil(message));
  return { message: bytes, 'lock-token': types.wrap_uuid(token) };
}

function updateDisposition(request: ManagementRequest): Answer {
  const { body, service } = request;
  const settlement = settlementOfStatus(body);
  if (!settlement)
    throw argument('disposition-status', 'completed, abandoned, defered or suspended', body['disposition-status']);
  const queue = queueOf(request);
  const ids = arrayOf(body['lock-tokens']).map((token) => service.tokens.lockOfToken(token));
  for (const id of ids) queue.locked(id);
  for (const id of ids) queue.settle(id, settlement, service.now());
  return DONE;
}

function deleteBatch(request: ManagementRequest): Answer {
  const { body } = request;
  const before = body['enqueued-time-utc'];
  const instant = before instanceof Date ? before.getTime() : Infinity;
  const deleted = queueOf(request).deleteBatch(Number(body['message-count'] ?? 0), instant);
  return deleted === 0 ? NONE : { status: 200, body: { 'message-count': types.wrap_int(deleted) } };
}

// --- sessions

function sessionQueueOf(request: ManagementRequest): SessionQueue {
  const queue = queueOf(request);
  if (queue instanceof SessionQueue) return queue;
  throw notAllowed(`'${request.path}' does not require sessions, so it has no session locks or states.`);
}

function sessionIdOf({ body }: ManagementRequest): string {
  const id = body['session-id'];
  if (typeof id !== 'string') throw argument('session-id', 'text', id);
  return id;
}

function renewSession(request: ManagementRequest): Answer {
  const until = sessionQueueOf(request).renewSession(
    sessionIdOf(request),
    request.sessionHolder,
    request.service.now(),
  );
  return { status: 200, body: { expiration: types.wrap_timestamp(until) } };
}

function getSessionState(request: ManagementRequest): Answer {
  const queue = sessionQueueOf(request);
  const id = sessionIdOf(request);
  queue.held(id, request.sessionHolder);
  return { status: 200, body: { 'session-state': queue.state(id) } };
}

function setSessionState(request: ManagementRequest): Answer {
  const queue = sessionQueueOf(request);
  const id = sessionIdOf(request);
  queue.held(id, request.sessionHolder);
  const state = request.body['session-state'];
  if (state !== null && state !== undefined && !Buffer.isBuffer(state)) throw argument('session-state', 'bytes', state);
  if (state && state.length > MESSAGE_BYTES_MAX) checkSize(state.length);
  queue.setState(id, state ? Buffer.from(state) : null);
  return DONE;
}

function listSessions(request: ManagementRequest): Answer {
  const skip = Number(request.body['skip'] ?? 0);
  const ids = sessionQueueOf(request)
    .sessionIds()
    .slice(skip, skip + Number(request.body['top'] ?? 100));
  return ids.length === 0 ? NONE : { status: 200, body: { skip: skip + ids.length, 'sessions-ids': ids } };
}

// --- reading requests

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function sequencesOf(body: ManagementRequest['body']): number[] {
  return arrayOf(body['sequence-numbers']).map((value) =>
    Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value),
  );
}

function argument(name: string, expected: string, given: unknown): BrokerError {
  return new BrokerError(
    'com.microsoft:argument-error',
    `${name}: expected ${expected} but got ${JSON.stringify(given)}.`,
  );
}
