/**
 * What a STOP or a START from a number means for everybody on it (formats.md, rules 5 and 13). A STOP opts out all of
 * them before anything else is written, since whoever decides on a text reads it there; a cut after that loses an
 * answer at most, and what is done again changes nothing.
 */
import { newerPreference } from '../domain/consent';
import { currentMessenger, type Messenger } from '../services/messenger';
import { EVERYWHERE, numberKeyOf, type NumberRow, type PersonRow } from '../services/rows';
import type { Services } from '../services/services';
import { tellCampaigns } from './feed';
import { audit } from './journal';
import { changeNumber, changePerson, endSilence, getNumber, getPerson, personPrefers } from './people';

/** The carrier's own list says that this number opted out: heeded as a STOP, without an answer. */
export async function stopNumber(services: Services, phone: string, atMs: number): Promise<void> {
  const numberKey = numberKeyOf(phone, services.settings.phonePepper);
  const number = await getNumber(services, numberKey);
  if (!number) return;
  // Also when it is stopped already: who did that may have been cut off before everybody had heard of it.
  await optOut(services, currentMessenger(), await peopleOn(services, number, numberKey), numberKey, atMs);
}

/** Everyone whom a roster has on this number, by patientId. */
export async function peopleOn(
  services: Services,
  { patients }: Pick<NumberRow, 'patients'>,
  numberKey: string,
): Promise<PersonRow[]> {
  const people: PersonRow[] = [];
  for (const patientId of [...patients].sort()) {
    const person = await getPerson(services, patientId);
    if (person && Object.values(person.campaigns).some((place) => place.numberKey === numberKey)) people.push(person);
  }
  return people;
}

/** Returns the number as it was written: the STOP in it is the one to be confirmed, whatever was read before. */
export async function optOut(
  services: Services,
  messenger: Messenger | null,
  people: readonly PersonRow[],
  numberKey: string,
  atMs: number,
  replyId?: string,
): Promise<NumberRow> {
  const news = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: atMs } as const;
  const stopped = await prefer(services, people, news, atMs);
  const number = await changeNumber(services, numberKey, (row) => ({
    ...row,
    stop: stopOf(row, stopped, atMs, replyId),
  }));
  // A roster may have put others on the number since, and have looked for a STOP before this one stood there.
  const patients = number.patients.filter((id) => !people.some(({ patientId }) => patientId === id));
  stopped.push(...(await prefer(services, await peopleOn(services, { patients }, numberKey), news, atMs)));
  await tellPreferred(services, messenger, stopped, news, atMs, 'reply.optOut');
  await startAgain(services, messenger, stopped, number, atMs);
  return number;
}

/**
 * A further STOP leaves the first, which was confirmed, as it is. One that is older than a START, or than the opt-in of
 * somebody whom it could not turn (`people`: as they are after it), has been overtaken.
 */
function stopOf(
  { stop, lastStart }: NumberRow,
  people: readonly PersonRow[],
  atMs: number,
  replyId: string | undefined,
): NumberRow['stop'] {
  if (stop !== null && !stop.closed) return { ...stop, atMs: Math.max(stop.atMs, atMs) };
  const closed =
    (lastStart?.atMs ?? -Infinity) > atMs || people.some(({ preference }) => preference?.status === 'OPT_IN');
  return { atMs, closed, ...(replyId === undefined ? {} : { replyId }) };
}

/** A START that was taken in before the STOP it followed knew of nobody whom that would opt out: now it opts them in. */
async function startAgain(
  services: Services,
  messenger: Messenger | null,
  stopped: readonly PersonRow[],
  { lastStart }: NumberRow,
  stopAtMs: number,
): Promise<void> {
  if (!lastStart || lastStart.atMs <= stopAtMs) return;
  const { atMs } = lastStart;
  const news = { status: 'OPT_IN', source: 'REPLY', effectiveAtMs: atMs } as const;
  const who = stopped.filter(
    ({ preference }) =>
      preference?.status === 'OPT_OUT' && preference.source === 'REPLY' && preference.effectiveAtMs === stopAtMs,
  );
  await tellPreferred(services, messenger, await prefer(services, who, news, atMs), news, atMs, 'reply.optIn');
}

/** False: what is known says otherwise, as a STOP of the same instant does, and the number stays as it was. */
export async function optIn(
  services: Services,
  messenger: Messenger,
  who: readonly PersonRow[],
  numberKey: string,
  start: { readonly atMs: number; readonly replyId: string },
): Promise<boolean> {
  const { atMs } = start;
  const news = { status: 'OPT_IN', source: 'REPLY', effectiveAtMs: atMs } as const;
  if (who.every(({ preference }) => newerPreference(preference, news).status === 'OPT_OUT')) return false;
  await endSilence(services, numberKey, atMs, start.replyId);
  await tellPreferred(services, messenger, await prefer(services, who, news, atMs), news, atMs, 'reply.optIn');
  return true;
}

type Preference = NonNullable<PersonRow['preference']>;

/** Returns them as they are stored now. */
async function prefer(
  services: Services,
  who: readonly PersonRow[],
  news: Preference,
  atMs: number,
): Promise<PersonRow[]> {
  const people: PersonRow[] = [];
  for (const { patientId } of who)
    people.push(await changePerson(services, patientId, (row) => personPrefers(row, news, atMs)));
  return people;
}

async function tellPreferred(
  services: Services,
  messenger: Messenger | null,
  people: readonly PersonRow[],
  news: Preference,
  atMs: number,
  action: string,
): Promise<void> {
  for (const person of people) {
    const { patientId } = person;
    if (news.status === 'OPT_OUT') await messenger?.signalPatient(patientId, 'prefer', news);
    await tellCampaigns(services, atMs, [{ person, known: { preference: person.preference } }]);
    await audit(services, EVERYWHERE, { atMs, actor: patientId, action, target: patientId });
    if (news.status === 'OPT_OUT')
      await services.bus.publish([{ type: 'patient.optedOut', atMs, campaignId: null, patientIds: [patientId] }]);
  }
}
