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
  type LedgerRow,
  type NumberRow,
  type PersonRow,
  type ReplyRow,
} from '../services/rows';
import type { Services } from '../services/services';
import { allRows, getAll, insertMissing } from '../services/tables';
import { firstOfItsId, type FirstReply } from './firstReply';
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
  const first = await firstOfItsId(services, reply, numberKey);
  if (first === null) return;
  const { atMs } = first;
  const number = await getNumber(services, numberKey);
  let answer: ReplyRow['answer'];
  if (!number) await reportUnknown(services, atMs, reply.type, `reply ${reply.replyId} from a number of no patient`);
  else answer = await handle(services, messenger, reply, first, numberKey, number);
  const { replies } = services.store;
  const handled = { pk: spreadKey(reply.replyId), rk: reply.replyId };
  // Of two hosts that handle it at once the one that knows of an answer is right.
  if (answer) await replies.upsert({ ...handled, value: { atMs, answer } });
  else await insertMissing(replies, [{ ...handled, value: { atMs } }]);
}

/** Returns what was answered, now or before it was cut off. */
async function handle(
  services: Services,
  messenger: Messenger,
  reply: Reply,
  { atMs, isAgain }: FirstReply,
  numberKey: string,
  number: NumberRow,
): Promise<ReplyRow['answer']> {
  let answered: ReplyRow['answer'];
  const people = await peopleOn(services, number, numberKey);
  if (people.length === 0) {
    await reportUnknown(services, atMs, reply.type, `reply ${reply.replyId} from a number of no patient`);
    // A roster may be in the making that puts them back on it.
    if (meaningOf(reply.text).kind === 'OPT_OUT') await optOut(services, messenger, [], numberKey, atMs, reply.replyId);
    return undefined;
  }
  const reached = await reachedOn(services, people, numberKey);
  const to =
    (await chosenBefore(services, reached, reply.replyId, isAgain)) ?? (await whomToAnswer(services, reached, atMs));
  // A STOP writes the people first.
  const silent = number.stop?.closed === false || people.every((person) => isStoppedBy(numberKey, person));
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
      const { stop } = await optOut(services, messenger, people, numberKey, atMs, reply.replyId);
      // Another's there: that one is confirmed, and this one came while it stood.
      if (stop?.replyId === reply.replyId) await answer('STOP_CONFIRM');
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
  // What it answered before it was cut off may be out of place by now, and was sent for all that.
  return answered ?? (isAgain ? answerBefore(services, reached, reply.replyId) : undefined);
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

/** The ledger's answers to this reply, for each of `reached` in order. */
async function answersTo(
  services: Services,
  reached: readonly Reached[],
  replyId: string,
): Promise<(LedgerRow | undefined)[]> {
  const keys = reached.map(({ person, campaignId, outreach }) => ({
    pk: outreachPk(campaignId, outreach.bucket),
    rk: ledgerKey(person.patientId, answerWave(replyId), 0),
  }));
  return getAll(services.store.ledger, keys);
}

async function answerBefore(
  services: Services,
  reached: readonly Reached[],
  replyId: string,
): Promise<ReplyRow['answer']> {
  const row = (await answersTo(services, reached, replyId)).find((one) => one !== undefined);
  if (!row) return undefined;
  const { campaignId, patientId, messageId, kind, consent } = row;
  return { campaignId, patientId, messageId, kind, consent };
}

/**
 * Whom an earlier handling of this reply, cut off since, answered, or put into the inbox: others may have been texted
 * meanwhile.
 */
async function chosenBefore(
  services: Services,
  reached: readonly Reached[],
  replyId: string,
  isAgain: boolean,
): Promise<Reached | undefined> {
  if (reached.length < 2) return undefined;
  const answers = await answersTo(services, reached, replyId);
  const answered = reached.find((_, i) => answers[i] !== undefined);
  if (answered || !isAgain) return answered;
  const keys = reached.map(({ campaignId }) => ({ pk: campaignId, rk: replyId }));
  const inboxes = await getAll(services.store.inbox, keys);
  return reached.find(({ person }, i) => inboxes[i]?.patientId === person.patientId);
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
