/**
 * Takes in one reply (formats.md, rules 5 and 13): the effect on consent first, then at most one answer, then a person's
 * inbox where a person is needed. Every step may run again: merges go by `effectiveAt`, the answer's ledger row is
 * inserted once, and the reply counts as handled only after all of it.
 */
import type { Reply } from '../domain/input';
import type { MessageKind } from '../domain/messages';
import type { Outreach } from '../domain/outreach';
import { meaningOf, type ReplyMeaning } from '../domain/replies';
import { currentMessenger, type Messenger } from '../services/messenger';
import { EVERYWHERE, numberKeyOf, outreachPk, spreadKey, type NumberRow, type PersonRow } from '../services/rows';
import type { Services } from '../services/services';
import { tellCampaigns } from './feed';
import { audit, reportUnknown } from './journal';
import { changeNumber, changePerson, getNumber, getPerson, personPrefers } from './people';
import { sendAnswer } from './sendAnswer';

/** One patient reached on the number, in one campaign. */
interface Reached {
  readonly person: PersonRow;
  readonly campaignId: string;
  readonly outreach: Outreach;
}

export async function takeReply(services: Services, messenger: Messenger, reply: Reply): Promise<void> {
  const atMs = Date.parse(reply.at);
  if (await services.store.replies.get(spreadKey(reply.replyId), reply.replyId)) return;
  const numberKey = numberKeyOf(reply.from, services.settings.phonePepper);
  const number = await getNumber(services, numberKey);
  if (!number) await reportUnknown(services, atMs, reply.type, `reply ${reply.replyId} from a number of no patient`);
  else await handle(services, messenger, reply, atMs, numberKey, number);
  await services.store.replies.upsert({ pk: spreadKey(reply.replyId), rk: reply.replyId, value: { atMs } });
}

async function handle(
  services: Services,
  messenger: Messenger,
  reply: Reply,
  atMs: number,
  numberKey: string,
  number: NumberRow,
): Promise<void> {
  const reached = await reachedOn(services, number);
  const to = lastTexted(reached) ?? reached[0];
  if (!to) return reportUnknown(services, atMs, reply.type, `reply ${reply.replyId} from a number of no patient`);
  const stopped = number.stop !== null && !number.stop.closed;
  const meaning = meaningOf(reply.text);
  const answer = async (kind: MessageKind) => {
    if (!number.noMobile)
      await sendAnswer(services, {
        kind,
        replyId: reply.replyId,
        atMs,
        campaignId: to.campaignId,
        outreach: to.outreach,
      });
  };
  const inbox = () => putInInbox(services, to, reply.replyId, atMs);
  await respond(meaning, {
    optOut: async () => {
      await optOut(services, messenger, reached, numberKey, atMs);
      if (!stopped) await answer('STOP_CONFIRM');
    },
    optIn: async () => {
      const who = whomToOptIn(reached);
      if (who.length === 0) return inbox();
      await optIn(services, messenger, who, numberKey, atMs);
      return answer('OPT_IN_CONFIRM');
    },
    help: async () => (stopped ? undefined : answer('HELP')),
    book: () =>
      reached.some(({ person }) => person.preference?.status === 'OPT_IN') ? answer('BOOKING_OFFER') : inbox(),
    inbox,
  });
}

interface Responses {
  readonly optOut: () => Promise<void>;
  readonly optIn: () => Promise<void>;
  readonly help: () => Promise<void>;
  readonly book: () => Promise<void>;
  readonly inbox: () => Promise<void>;
}

async function respond(meaning: ReplyMeaning, responses: Responses): Promise<void> {
  switch (meaning.kind) {
    case 'OPT_OUT':
      await responses.optOut();
      return meaning.alsoInbox ? responses.inbox() : undefined;
    case 'OPT_IN':
      return responses.optIn();
    case 'HELP':
      return responses.help();
    case 'BOOK':
      return responses.book();
    case 'OTHER':
      return responses.inbox();
    default:
      return meaning satisfies never;
  }
}

/** The carrier's own list says that this number opted out: heeded as a STOP, without an answer. */
export async function stopNumber(services: Services, phone: string, atMs: number): Promise<void> {
  const numberKey = numberKeyOf(phone, services.settings.phonePepper);
  const number = await getNumber(services, numberKey);
  if (!number || (number.stop !== null && !number.stop.closed)) return;
  await optOut(services, currentMessenger(), await reachedOn(services, number), numberKey, atMs);
}

/** By patientId, then campaign; a person enrolled twice is reached twice. */
async function reachedOn(services: Services, number: NumberRow): Promise<Reached[]> {
  const reached: Reached[] = [];
  for (const patientId of [...number.patients].sort()) {
    const person = await getPerson(services, patientId);
    for (const [campaignId, { bucket }] of Object.entries(person?.campaigns ?? {})) {
      const outreach = await services.store.outreach.get(outreachPk(campaignId, bucket), patientId);
      if (person && outreach) reached.push({ person, campaignId, outreach });
    }
  }
  return reached;
}

/** Whom the number's newest text went to; answers are no texts. */
function lastTexted(reached: readonly Reached[]): Reached | undefined {
  return reached
    .filter(({ outreach }) => outreach.texts.length > 0)
    .reduce<Reached | undefined>(
      (newest, one) => (newest && newest.outreach.texts.at(-1)!.atMs >= one.outreach.texts.at(-1)!.atMs ? newest : one),
      undefined,
    );
}

async function optOut(
  services: Services,
  messenger: Messenger | null,
  reached: readonly Reached[],
  numberKey: string,
  atMs: number,
): Promise<void> {
  const news = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: atMs } as const;
  await changeNumber(services, numberKey, (row) => ({ ...row, stop: { atMs, closed: false } }));
  await prefer(services, messenger, reached, news, atMs, 'reply.optOut');
}

/** Everyone whom a STOP opted out, else the one last texted, else nobody (formats.md, rule 13). */
function whomToOptIn(reached: readonly Reached[]): readonly Reached[] {
  const stopped = reached.filter(
    ({ person }) => person.preference?.status === 'OPT_OUT' && person.preference.source === 'REPLY',
  );
  const last = lastTexted(reached);
  return stopped.length > 0 ? stopped : last ? [last] : [];
}

async function optIn(
  services: Services,
  messenger: Messenger,
  who: readonly Reached[],
  numberKey: string,
  atMs: number,
): Promise<void> {
  const news = { status: 'OPT_IN', source: 'REPLY', effectiveAtMs: atMs } as const;
  await changeNumber(services, numberKey, (row) => ({ ...row, stop: row.stop && { ...row.stop, closed: true } }));
  await prefer(services, messenger, who, news, atMs, 'reply.optIn');
}

async function prefer(
  services: Services,
  messenger: Messenger | null,
  who: readonly Reached[],
  news: NonNullable<PersonRow['preference']>,
  atMs: number,
  action: string,
): Promise<void> {
  for (const patientId of new Set(who.map(({ person }) => person.patientId))) {
    const person = await changePerson(services, patientId, (row) => personPrefers(row, news, atMs));
    if (news.status === 'OPT_OUT') await messenger?.signalPatient(patientId, 'prefer', news);
    await tellCampaigns(services, atMs, [{ person, known: { preference: person.preference } }]);
    await audit(services, EVERYWHERE, { atMs, actor: patientId, action, target: patientId });
  }
}

async function putInInbox(services: Services, to: Reached, replyId: string, atMs: number): Promise<void> {
  const { patientId, tier } = to.outreach;
  await services.store.inbox.upsert({ pk: to.campaignId, rk: replyId, value: { patientId, tier, atMs } });
}
