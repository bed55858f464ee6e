/**
 * `$management` of an entity: reads a request, does it, answers with a status. What each operation does is in
 * managementOperations.ts. Errors go back as status and condition; the client makes its own error of the condition.
 */
import { BrokerError, type Condition } from '../core/errors';
import { Holder } from '../core/holder';
import type { Consumer } from './consumer';
import { OPERATIONS } from './managementOperations';
import { asBrokerError } from './outcomes';
import type { ReplyLinks } from './replies';
import type { RequestMessage } from './rheaTypes';
import type { Service } from './service';

/** The connection on which the request came. */
export interface Caller {
  /** Holds what is received by sequence number. */
  readonly holder: Holder;
  consumer(linkName: string): Consumer | undefined;
}

export interface ManagementRequest {
  /** The entity, without `/$management`. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Who must hold a session: the receiving link that the request names; null when it names none. */
  readonly sessionHolder: Holder | null;
  readonly caller: Caller;
  readonly service: Service;
}

export interface Answer {
  readonly status: 200 | 204;
  readonly body?: unknown;
}

const STATUS: Readonly<Record<Condition, number>> = {
  'amqp:not-found': 404,
  'amqp:not-allowed': 400,
  'amqp:not-implemented': 501,
  'amqp:decode-error': 400,
  'amqp:resource-limit-exceeded': 403,
  'amqp:link:message-size-exceeded': 403,
  'amqp:internal-error': 500,
  'com.microsoft:message-lock-lost': 410,
  'com.microsoft:session-lock-lost': 410,
  'com.microsoft:session-cannot-be-locked': 410,
  'com.microsoft:message-not-found': 404,
  'com.microsoft:entity-already-exists': 409,
  'com.microsoft:argument-error': 400,
  'com.microsoft:timeout': 408,
};

export function answerManagement(
  message: RequestMessage,
  path: string,
  caller: Caller,
  service: Service,
  replies: ReplyLinks,
): void {
  try {
    const answer = perform(message, path, caller, service);
    service.whenDurable(() =>
      replies.send(message, { statusCode: answer.status, statusDescription: 'OK' }, answer.body),
    );
  } catch (error) {
    const { condition, message: description } = asBrokerError(error);
    const properties = { statusCode: STATUS[condition], statusDescription: description, errorCondition: condition };
    replies.send(message, properties);
  }
  service.touched();
}

/** Of a link that is gone: holds nothing. */
const NOBODY = new Holder();

function perform(message: RequestMessage, path: string, caller: Caller, service: Service): Answer {
  const { operation, 'associated-link-name': linkName } = message.application_properties ?? {};
  const perform = OPERATIONS[String(operation)];
  if (!perform) throw new BrokerError('amqp:not-implemented', `There is no operation '${String(operation)}'.`);
  service.namespace.tick(service.now());
  const body = (message.body ?? {}) as Record<string, unknown>;
  const sessionHolder = typeof linkName === 'string' ? (caller.consumer(linkName)?.holder ?? NOBODY) : null;
  return perform({ path, body, sessionHolder, caller, service });
}
