/**
 * How deliveries are settled. Two quirks of rhea are dealt with here: a delivery settled by us must also be marked as
 * settled by the peer, or its buffer of deliveries fills and the link stalls; and two dispositions of one turn are sent
 * as one range with the state of the first, so a refusal is sent in a turn of its own. A success is always answered
 * "accepted": a client takes an echoed "rejected" for an error.
 */
import { BrokerError } from '../core/errors';
import { rhea, type Delivery, type Outcome } from './rheaTypes';
import { WireError } from './wire';

const ACCEPTED: Outcome = rhea.message.accepted().described();

export function accept(delivery: Delivery): void {
  delivery.update(true, ACCEPTED);
  delivery.remote_settled = true;
}

/** Refuses with the error's condition and text. */
export function refuse(delivery: Delivery, error: unknown): void {
  const { condition, message } = asBrokerError(error);
  const outcome = rhea.message.rejected({ error: { condition, description: message } }).described();
  setImmediate(() => {
    delivery.update(true, outcome);
    delivery.remote_settled = true;
  });
}

/** What the client is told: our own errors as they are; anything else is a fault of this program. */
export function asBrokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  if (error instanceof WireError)
    return new BrokerError('amqp:decode-error', `The message cannot be read: ${error.message}.`);
  return new BrokerError(
    'amqp:internal-error',
    `The broker failed: ${error instanceof Error ? error.stack : String(error)}`,
  );
}
