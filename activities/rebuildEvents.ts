/** What happened to a campaign as far as events tell: the feed, the replies handled, receipts, reservations. */
import type { KnownPreference } from '../domain/consent';
import type { KnownNews } from '../services/feedRows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';
import type { Answered, Held } from './rebuildRows';

export interface Events {
  readonly held: ReadonlyMap<string, readonly Held[]>;
  /** When an answer left that was held up, by message id. */
  readonly lateAnswers: ReadonlyMap<string, number>;
  readonly answers: ReadonlyMap<string, readonly Answered[]>;
  /** What triggers told of each patient, in order of arrival. */
  readonly news: ReadonlyMap<string, readonly { readonly atMs: number; readonly known: KnownNews }[]>;
  /** By message id; null: no receipt yet. */
  readonly receipts: ReadonlyMap<string, 'DELIVERED' | 'UNDELIVERED' | null>;
  /** Row keys of reservations that stand, by message id. */
  readonly reservations: ReadonlyMap<string, string>;
}

export async function gatherEvents(services: Services, campaignId: string): Promise<Events> {
  const held = new Map<string, Held[]>();
  const lateAnswers = new Map<string, number>();
  const answers = new Map<string, Answered[]>();
  const news = new Map<string, { atMs: number; known: KnownNews }[]>();
  const receipts = new Map<string, 'DELIVERED' | 'UNDELIVERED' | null>();
  const reservations = new Map<string, string>();
  for await (const page of services.store.feed.pages({ pk: campaignId }))
    for (const { value } of page)
      if (value.kind === 'held') add(held, value.patientId, value);
      else if (value.kind === 'late' && value.messageId !== undefined) lateAnswers.set(value.messageId, value.atMs);
      else if (value.kind === 'known')
        for (const { patientId, known } of value.patients) add(news, patientId, { atMs: value.atMs, known });
  for await (const page of services.store.replies.pages({}))
    for (const { rk, value } of page)
      if (value.answer?.campaignId === campaignId)
        add(answers, value.answer.patientId, { replyId: rk, atMs: value.atMs, answer: value.answer });
  for await (const page of services.store.messages.pages({}))
    for (const { rk, value } of page) if (value.campaignId === campaignId) receipts.set(rk, value.receipt);
  for (const { rk, value } of await allRows(services.store.reservations, { pk: campaignId }))
    for (const { messageId } of value.texts) reservations.set(messageId, rk);
  return { held, lateAnswers, answers, news, receipts, reservations };
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Instants at which the preference turned to OPT_OUT, as the news tell. */
export function optOutsIn(news: readonly { readonly atMs: number; readonly known: KnownNews }[]): number[] {
  let status: NonNullable<KnownPreference>['status'] | undefined;
  return news.flatMap(({ atMs, known }) => {
    const before = status;
    status = known.preference?.status ?? status;
    return known.preference?.status === 'OPT_OUT' && before !== 'OPT_OUT' ? [atMs] : [];
  });
}
