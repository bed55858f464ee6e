/**
 * Takes in one reply (formats.md, rules 5 and 13): the effect on consent first, then at most one answer, then a person's
 * inbox where a person is needed. Consent needs only somebody enrolled on the number; answer and inbox also a campaign
 * that has started. Every step may run again: merges go by `effectiveAt`, the answer's ledger row is inserted once, and
 * the reply counts as handled only after all of it.
 */
import type { Reply } from '../domain/input';
import type { MessageKind } from '../domain/messages';
import type { Outreach } from '../domain/outreach';
import { meaningOf, type ReplyMeaning } from '../domain/replies';
import type { Messenger } from '../services/messenger';
import {
  answerWave,
  ledgerKey,
  ledgerRange,
  numberKeyOf,
  outreachPk,
  spreadKey,
  type NumberRow,
  type PersonRow,
  type ReplyRow,
} from '../services/rows';
import type { Services } from '../services/services';
import { allRows, getAll } from '../services/tables';
import { firstOfItsId } from './firstReply';
import { reportUnknown } from './journal';
import { optIn, optOut, peopleOn } from './numberConsent';
import { getNumber } from './people';
import { isAnswering, sendAnswer } from './sendAnswer';

/** One patient reached on the number, in one campaign that was started. */
interface Reached {
  readonly person: PersonRow;
  readonly campaignId: string;
  readonly outreach: Outreach;
}

export async function takeReply(services: Services, messenger: Messenger, reply: Reply): Promise<void> {
  if (await services.store.replies.get(spreadKey(reply.replyId), reply.replyId)) return;
  const numberKey = numberKeyOf(reply.from, services.settings.phonePepper);
  const atMs = await firstOfItsId(services, reply, numberKey);
  if (atMs === null) return;
  const number = await getNumber(services, numberKey);
  let answer: ReplyRow['answer'];
  if (!number) await reportUnknown(services, atMs, reply.type, `reply ${reply.replyId} from a number of no patient`);
  else answer = await handle(services, messenger, reply, atMs, numberKey, number);
  const value = { atMs, ...(answer && { answer }) };
  await services.store.replies.upsert({ pk: spreadKey(reply.replyId), rk: reply.replyId, value });
}

/** Returns what was answered. */
async function handle(
  services: Services,
  messenger: Messenger,
  reply: Reply,
  atMs: number,
  numberKey: string,
  number: NumberRow,
): Promise<ReplyRow['answer']> {
  let answered: ReplyRow['answer'];
  const people = await peopleOn(services, number, numberKey);
  if (people.length === 0) {
    await reportUnknown(services, atMs, reply.type, `reply ${reply.replyId} from a number of no patient`);
    return undefined;
  }
  const reached = await reachedOn(services, people, numberKey);
  const to = (await answeredBefore(services, reached, reply.replyId)) ?? (await whomToAnswer(services, reached, atMs));
  // Handled before and cut off, this reply is not its own predecessor.
  const stopped = number.stop !== null && !number.stop.closed && number.stop.replyId !== reply.replyId;
  // A STOP writes the people first.
  const silent = stopped || people.every((person) => isStoppedBy(numberKey, person));
  const meaning = meaningOf(reply.text);
  const answer = async (kind: MessageKind) => {
    if (!to || number.noMobile) return;
    const { campaignId, outreach, person } = to;
    const decidedOn = person.preference;
    answered = await sendAnswer(services, { kind, replyId: reply.replyId, atMs, campaignId, outreach, decidedOn });
  };
  const inbox = async () => (to ? putInInbox(services, to, reply.replyId, atMs) : undefined);
  await respond(meaning, {
    optOut: async () => {
      await optOut(services, messenger, people, numberKey, atMs, reply.replyId);
      if (!stopped) await answer('STOP_CONFIRM');
    },
    optIn: async () => {
      // Of two STARTs of one instant only the first opts in.
      const { lastStart } = number;
      const isFirst = lastStart?.atMs !== atMs || lastStart.replyId === reply.replyId;
      const who = await whomToOptIn(services, people, reached, isFirst ? atMs : null);
      if (who.length === 0) return inbox();
      const optedIn = await optIn(services, messenger, who, numberKey, { atMs, replyId: reply.replyId });
      return optedIn ? answer('OPT_IN_CONFIRM') : undefined;
    },
    help: async () => (silent ? undefined : answer('HELP')),
    book: () => (people.some((person) => person.preference?.status === 'OPT_IN') ? answer('BOOKING_OFFER') : inbox()),
    inbox,
  });
  return answered;
}

/** By a reply, which can have come from this number only. */
function isStoppedBy(numberKey: string, { preference, campaigns }: PersonRow): boolean {
  const isOnly = Object.values(campaigns).every((place) => place.numberKey === numberKey);
  return isOnly && preference?.status === 'OPT_OUT' && preference.source === 'REPLY';
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

/** By patientId, then campaign; a person enrolled twice is reached twice. */
async function reachedOn(services: Services, people: readonly PersonRow[], numberKey: string): Promise<Reached[]> {
  const reached: Reached[] = [];
  for (const person of people)
    for (const [campaignId, place] of Object.entries(person.campaigns)) {
      if (place.numberKey !== numberKey) continue;
      const outreach = await services.store.outreach.get(outreachPk(campaignId, place.bucket), person.patientId);
      if (outreach) reached.push({ person, campaignId, outreach });
    }
  return reached;
}

/** Whom an earlier handling of this reply, cut off since, answered: others may have been texted meanwhile. */
async function answeredBefore(
  services: Services,
  reached: readonly Reached[],
  replyId: string,
): Promise<Reached | undefined> {
  if (reached.length < 2) return undefined;
  const keys = reached.map(({ person, campaignId, outreach }) => ({
    pk: outreachPk(campaignId, outreach.bucket),
    rk: ledgerKey(person.patientId, answerWave(replyId), 0),
  }));
  const rows = await getAll(services.store.ledger, keys);
  return reached.find((_, i) => rows[i] !== undefined);
}

/** The patient last texted, else the lowest patientId; in a campaign that still answers, where there is one. */
async function whomToAnswer(
  services: Services,
  reached: readonly Reached[],
  atMs: number,
): Promise<Reached | undefined> {
  if (reached.length < 2) return reached[0];
  const last = (await lastTexted(services, reached)) ?? reached[0];
  const campaigns = new Set(reached.map(({ campaignId }) => campaignId));
  // Only one campaign: there is no choice.
  if (!last || campaigns.size === 1) return last;
  for (const campaignId of campaigns)
    if (!(await isAnswering(services, campaignId, atMs))) campaigns.delete(campaignId);
  const live = reached.filter(({ campaignId }) => campaigns.has(campaignId));
  const same = live.filter(({ person }) => person.patientId === last.person.patientId);
  return (await lastTexted(services, same)) ?? same[0] ?? (await lastTexted(services, live)) ?? live[0] ?? last;
}

/** Whom the number's newest text went to; answers are no texts. */
async function lastTexted(services: Services, reached: readonly Reached[]): Promise<Reached | undefined> {
  let newest: Reached | undefined;
  let newestAtMs = -Infinity;
  for (const one of reached) {
    const atMs = await lastTextAtMs(services, one);
    if (atMs > newestAtMs) [newest, newestAtMs] = [one, atMs];
  }
  return newest;
}

/** By the ledger: the patient's own row may count a text that was held back, until the campaign looks again. */
async function lastTextAtMs(services: Services, { person, campaignId, outreach }: Reached): Promise<number> {
  const { patientId, bucket } = outreach;
  const rows = await allRows(services.store.ledger, { pk: outreachPk(campaignId, bucket), ...ledgerRange(patientId) });
  const left = rows.filter(
    ({ value: { phase, status, recalled } }) => phase !== 'REPLY' && status !== 'REFUSED' && !recalled,
  );
  const times = [...left.map(({ value }) => value.sentAtMs ?? -Infinity), ...person.pastTexts.map(({ atMs }) => atMs)];
  return Math.max(-Infinity, ...times);
}

/**
 * Everyone whom a STOP opted out (or whom this START, cut off before, opted in `atMs`; null: it did not), else the one last
 * texted, else nobody (formats.md, rule 13).
 */
async function whomToOptIn(
  services: Services,
  people: readonly PersonRow[],
  reached: readonly Reached[],
  atMs: number | null,
): Promise<readonly PersonRow[]> {
  const stopped = people.filter(
    ({ preference }) =>
      preference?.source === 'REPLY' && (preference.status === 'OPT_OUT' || preference.effectiveAtMs === atMs),
  );
  if (stopped.length > 0) return stopped;
  const last = await lastTexted(services, reached);
  return last ? [last.person] : [];
}

async function putInInbox(services: Services, to: Reached, replyId: string, atMs: number): Promise<void> {
  const { patientId, tier } = to.outreach;
  await services.store.inbox.upsert({ pk: to.campaignId, rk: replyId, value: { patientId, tier, atMs } });
}
