/**
 * What a trigger may tell the durable part: a fact for a patient's entity, and "look again" for a sleeping campaign. A
 * wake-up is only a hint: whoever is woken reads the tables, so one that gets lost or comes twice changes nothing
 * (contract H7: waiters left over from a race eat events).
 */
import type { InvocationContext } from '@azure/functions';
import { EntityId, getClient, type DurableClient } from 'durable-functions';
import type { Preference } from '../domain/consent';
import type { LateGrant, Withdrawal } from '../domain/patient';

export const PATIENT_ENTITY = 'patient';
export const WAKE_EVENT = 'wake';

export interface PatientSignals {
  readonly prefer: Preference;
  /** Since when, epoch ms. */
  readonly booked: number;
  readonly sentLate: LateGrant;
  readonly withdraw: Withdrawal;
}

export interface Messenger {
  signalPatient<Op extends keyof PatientSignals>(
    patientId: string,
    operation: Op,
    input: PatientSignals[Op],
  ): Promise<void>;
  wake(instanceId: string): Promise<void>;
}

let messenger: Messenger | null = null;

/**
 * The messenger of this process. Its client is made from the first invocation's binding and kept: the binding names the
 * host, not the request, and reading it anew costs as much as the message.
 */
export function messengerOf(context: InvocationContext): Messenger {
  return (messenger ??= messengerFor(getClient(context)));
}

/** The messenger of this process, once an invocation has made it: for what has no invocation of its own at hand. */
export function currentMessenger(): Messenger | null {
  return messenger;
}

function messengerFor(client: DurableClient): Messenger {
  return {
    async signalPatient(patientId, operation, input) {
      await client.signalEntity(new EntityId(PATIENT_ENTITY, patientId), operation, input);
    },
    async wake(instanceId) {
      try {
        await client.raiseEvent(instanceId, WAKE_EVENT, { look: true });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

/** An instance that ended or was purged needs no waking. */
function isGone(error: unknown): boolean {
  return error instanceof Error && /404|No instance|not found/i.test(error.message);
}
