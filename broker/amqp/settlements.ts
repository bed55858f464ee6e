/**
 * What a client means by a disposition: "modified" abandons, or defers when undeliverable here; "rejected" dead-letters,
 * with reason and description among the error's information.
 */
import type { Settlement } from '../core/queueOwner';
import type { AmqpError, Delivery } from './rheaTypes';

export function settlementOfModified(delivery: Delivery): Settlement {
  const state = delivery.remote_state;
  const properties = state?.message_annotations ?? undefined;
  return { kind: state?.undeliverable_here === true ? 'defer' : 'abandon', ...(properties ? { properties } : {}) };
}

export function settlementOfRejected(delivery: Delivery): Settlement {
  return deadLettering(delivery.remote_state?.error);
}

const DEAD_LETTER = 'com.microsoft:dead-letter';

function deadLettering(error: AmqpError | undefined): Settlement {
  const { DeadLetterReason, DeadLetterErrorDescription, ...properties } = error?.info ?? {};
  const isPlain = error !== undefined && error.condition !== DEAD_LETTER;
  const reason = DeadLetterReason ?? (isPlain ? error.condition : undefined);
  const description = DeadLetterErrorDescription ?? (isPlain ? error.description : undefined);
  return {
    kind: 'deadLetter',
    properties,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
}

/** Of an `update-disposition` request. Null: there is no such status. */
export function settlementOfStatus(body: Readonly<Record<string, unknown>>): Settlement | null {
  const given = body['properties-to-modify'] as Record<string, unknown> | undefined | null;
  const properties = given ? { properties: given } : {};
  const reason = body['deadletter-reason'];
  const description = body['deadletter-description'];
  switch (body['disposition-status']) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', ...properties };
    case 'defered':
    case 'deferred':
      return { kind: 'defer', ...properties };
    case 'suspended':
      return {
        kind: 'deadLetter',
        ...properties,
        ...(typeof reason === 'string' ? { reason } : {}),
        ...(typeof description === 'string' ? { description } : {}),
      };
    default:
      return null;
  }
}
