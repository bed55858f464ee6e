/**
 * What was known when a recording started (`initial.jsonl`), put where it would stand had this system known it all along:
 * people and numbers in the tables, past texts also with each patient's entity, which counts them in its caps.
 */
import { changeAppointment } from '../domain/patient';
import { changeNumber, changePerson, endSilence, getNumber, getPerson, personPrefers } from '../activities/people';
import { numberKeyOf, outreachPk } from '../services/rows';
import type { InitialFact } from '../services/recording';
import type { Services } from '../services/services';

/** Tells the patient's entity of a past text. */
type Remember = (patientId: string, atMs: number, timeZone: string) => Promise<void>;

export async function seedInitial(
  services: Services,
  facts: readonly InitialFact[],
  remember: Remember,
): Promise<void> {
  for (const fact of facts) if (fact.type === 'stop') await seedStop(services, fact);
  for (const fact of facts) if (fact.type !== 'stop') await seedPerson(services, fact, remember);
  // By what is known of them in the end: the order of the facts says nothing.
  for (const fact of facts) if (fact.type === 'stop') await reopen(services, fact.phone);
}

/** Somebody on the number has opted in since the STOP. */
async function reopen(services: Services, phone: string): Promise<void> {
  const key = numberKeyOf(phone, services.settings.phonePepper);
  const number = await getNumber(services, key);
  if (!number?.stop) return;
  for (const patientId of number.patients) {
    const preference = (await getPerson(services, patientId))?.preference;
    if (preference?.status === 'OPT_IN' && preference.effectiveAtMs > number.stop.atMs)
      await endSilence(services, key, preference.effectiveAtMs);
  }
}

async function seedStop(services: Services, fact: Extract<InitialFact, { type: 'stop' }>): Promise<void> {
  const atMs = Date.parse(fact.at);
  const key = numberKeyOf(fact.phone, services.settings.phonePepper);
  if (!(await getNumber(services, key))) return;
  const number = await changeNumber(services, key, (row) => ({
    ...row,
    stop: { atMs: Math.max(atMs, row.stop?.atMs ?? 0), closed: false },
  }));
  for (const patientId of number.patients)
    await changePerson(services, patientId, (row) => ({
      ...personPrefers(row, { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: atMs }, atMs),
    }));
}

async function seedPerson(
  services: Services,
  fact: Exclude<InitialFact, { type: 'stop' }>,
  remember: Remember,
): Promise<void> {
  switch (fact.type) {
    case 'preference': {
      const effectiveAtMs = Date.parse(fact.effectiveAt);
      await changePerson(services, fact.patientId, (row) =>
        personPrefers(row, { status: fact.status, source: fact.source, effectiveAtMs }, effectiveAtMs),
      );
      return;
    }
    case 'text': {
      const atMs = Date.parse(fact.sentAt);
      await changePerson(services, fact.patientId, (row) => ({
        ...row,
        pastTexts: [...row.pastTexts, { atMs }].sort((a, b) => a.atMs - b.atMs),
      }));
      return remember(fact.patientId, atMs, await zoneOf(services, fact.patientId));
    }
    case 'booking':
      await changePerson(services, fact.patientId, (row) =>
        changeAppointment(row, { kind: 'booked', appointmentId: fact.appointmentId, startsAt: fact.startsAt }),
      );
      return;
    default:
      return fact satisfies never;
  }
}

async function zoneOf(services: Services, patientId: string): Promise<string> {
  const person = await getPerson(services, patientId);
  for (const [campaignId, { bucket }] of Object.entries(person?.campaigns ?? {})) {
    const patient = await services.store.roster.get(outreachPk(campaignId, bucket), patientId);
    if (patient) return patient.timeZone;
  }
  return 'UTC';
}
