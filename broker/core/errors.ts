/**
 * The errors a client can meet, by their AMQP condition. The client maps the condition to its own code
 * (MessageLockLost, SessionCannotBeLocked, …); the texts that it matches are kept word for word where it does so.
 */
export type Condition =
  | 'amqp:not-found'
  | 'amqp:not-allowed'
  | 'amqp:not-implemented'
  | 'amqp:decode-error'
  | 'amqp:resource-limit-exceeded'
  | 'amqp:link:message-size-exceeded'
  | 'amqp:internal-error'
  | 'com.microsoft:message-lock-lost'
  | 'com.microsoft:session-lock-lost'
  | 'com.microsoft:session-cannot-be-locked'
  | 'com.microsoft:message-not-found'
  | 'com.microsoft:entity-already-exists'
  | 'com.microsoft:argument-error'
  | 'com.microsoft:timeout';

export class BrokerError extends Error {
  override readonly name = 'BrokerError';

  constructor(
    readonly condition: Condition,
    description: string,
  ) {
    super(description);
  }
}

/** The client recognises this wording and gives the code MessagingEntityNotFound. */
export function entityNotFound(path: string): BrokerError {
  return new BrokerError('amqp:not-found', `The messaging entity '${path}' could not be found.`);
}

export function messageLockLost(): BrokerError {
  return new BrokerError(
    'com.microsoft:message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  );
}

export function sessionLockLost(sessionId: string): BrokerError {
  return new BrokerError(
    'com.microsoft:session-lock-lost',
    `The session lock has expired on the session with id '${sessionId}'. Accept the session again to go on.`,
  );
}

export function sessionCannotBeLocked(sessionId: string): BrokerError {
  return new BrokerError(
    'com.microsoft:session-cannot-be-locked',
    `The requested session '${sessionId}' cannot be accepted. It may be locked by another receiver.`,
  );
}

export function notAllowed(description: string): BrokerError {
  return new BrokerError('amqp:not-allowed', description);
}
