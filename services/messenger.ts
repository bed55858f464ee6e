/**
 * What a trigger may tell the durable part: a fact for a patient's entity, and "look again" for a sleeping campaign. A
 * wake-up is only a hint: whoever is woken reads the tables, so one that gets lost or comes twice changes nothing
 * (contract H7: waiters left over from a race eat events).
 */
import type { DurableClient } from 'durable-functions';
import { EntityId } from 'durable-functions';
import type { Preference } from '../domain/consent';
import type { AppointmentChange } from '../domain/patient';

export const PATIENT_ENTITY = 'patient';
export const WAKE_EVENT = 'wake';

export interface PatientSignals {
  readonly prefer: Preference;
  readonly appointment: AppointmentChange;
}

export interface Messenger {
  signalPatient<Op extends keyof PatientSignals>(
    patientId: string,
    operation: Op,
    input: PatientSignals[Op],
  ): Promise<void>;
  wake(instanceId: string): Promise<void>;
}

export function messengerOf(client: DurableClient): Messenger {
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
