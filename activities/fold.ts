/** Brings an open day's row up to date: what the last pass did, and the call spells since (formats.md, rule 10). */
import { startOfSecond } from '../domain/calendar';
import type { Campaign } from '../domain/policy';
import { afterInterval, afterTexts } from '../domain/throttle';
import type { OrderedText } from '../services/feedRows';
import { timeKey, timeOf, type BatchOutcome, type BatchRow, type Books, type DayRow } from '../services/rows';
import { currentMessenger } from '../services/messenger';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';
import { concludeBatch } from './counted';
import { APART_MAX_MS, type KeyedInterval } from './takeIntervals';

export interface Folded {
  readonly day: DayRow;
  readonly books: Books;
  /** Of the last pass: asked and done, and asked but still waiting. */
  readonly done: ReadonlySet<string>;
}

/**
 * A batch without an outcome never ran to its end: what it did is in the ledger, and the rest stays on the agenda.
 * `nowMs`: no gate is asked for these batches from then on.
 */
export async function foldPass(
  services: Services,
  campaign: Campaign,
  day: DayRow,
  books: Books,
  nowMs: number,
): Promise<Folded> {
  const { campaignId } = campaign;
  const done = new Set<string>();
  let sent = 0;
  let adaptiveSent = 0;
  const refused: Record<string, number> = { ...books.progress.refused };
  for (const batch of day.batches) {
    const row = await services.store.batches.get(campaignId, batch);
    if (!row) continue;
    const outcome = row.outcome ?? (await conclude(services, campaign, day.date, { rk: batch, value: row }, nowMs));
    const waiting = new Set(outcome.waiting);
    for (const { patientId } of row.asks) if (!waiting.has(patientId)) done.add(patientId);
    sent += outcome.sent;
    adaptiveSent += outcome.adaptiveSent;
    for (const [reason, n] of Object.entries(outcome.refused)) refused[reason] = (refused[reason] ?? 0) + n;
  }
  const progress = { ...books.progress, sent: books.progress.sent + sent, refused };
  return {
    day: {
      ...day,
      batches: [],
      throttle: afterTexts(day.throttle, sent),
      adaptiveLeft: Math.max(0, day.adaptiveLeft - adaptiveSent),
    },
    books: day.batches.length === 0 ? books : { ...books, progress },
    done,
  };
}

async function conclude(
  services: Services,
  campaign: Campaign,
  date: string,
  { rk, value }: { readonly rk: string; readonly value: BatchRow },
  nowMs: number,
): Promise<BatchOutcome> {
  const outcome = await concludeBatch(services, campaign, date, value);
  // Its gate was asked before now: what is granted from now on stands.
  for (const { patientId, messageId } of outcome.withdrawn ?? [])
    await currentMessenger()?.signalPatient(patientId, 'withdraw', { messageId, atMs: nowMs - 1 });
  await services.store.batches.upsert({ pk: campaign.campaignId, rk, value: { ...value, outcome } });
  return outcome;
}

/**
 * Which of the texts that the day's batches counted did not leave: they caused no calls. Each once. `unsent`: whatever was
 * ordered that day and did not, by runs of a batch that were cut off too.
 */
export async function unsentOf<Text extends OrderedText>(
  services: Services,
  campaignId: string,
  date: string,
  unsent: readonly Text[],
): Promise<Text[]> {
  if (unsent.length === 0) return [];
  const batches = await allRows(services.store.batches, { pk: campaignId, rkAfter: `${date}-`, rkBefore: `${date}.` });
  // What the first release wrote does not say which.
  const isCounted = ({ patientId, orderedAtMs }: OrderedText) =>
    batches.some(
      ({ value: { outcome } }) => outcome && (outcome.ordered?.[patientId] === orderedAtMs || !outcome.ordered),
    );
  const byOrder = new Map(unsent.map((text) => [`${text.patientId}|${text.orderedAtMs}`, text]));
  return [...byOrder.values()].filter(isCounted);
}

/**
 * Keys of judged intervals that a day remembers: a table's property holds 32,000 characters, a key has 25. More than one
 * each eight seconds is no call centre of ours, and then only the time of these is looked back upon.
 */
const JUDGED_MAX = 500;

/**
 * Judges every call spell that `told`, the day's intervals so far, completes. Only those reported once it was open count.
 * They stand in order of arrival, and one may wait in its queue while later ones are judged: so they are known by key.
 */
export function afterIntervals(day: DayRow, told: readonly KeyedInterval[]): DayRow {
  if (day.openedAtMs === null) return day;
  // What the first release judged it did not write down: nothing before the cursor is judged again.
  const [since, ...judged] = day.judgedLast ?? [day.intervalCursor];
  const known = new Set(judged);
  // An interval's `at` is in whole seconds: told right after the opening it would seem to lie before it.
  const fromMs = startOfSecond(day.openedAtMs);
  const news = told.filter(({ key, interval }) => key > since! && !known.has(key) && Date.parse(interval.at) >= fromMs);
  if (news.length === 0) return day;
  const throttle = news.reduce((now, { interval }) => afterInterval(now, interval, day.callCentre), day.throttle);
  const keys = [...judged, ...news.map(({ key }) => key)].sort();
  const intervalCursor = keys.at(-1)!;
  return { ...day, throttle, intervalCursor, judgedLast: lastOf(keys, since!) };
}

/** Those that may still be found beside one that is stored late, and from where on these are all. */
function lastOf(keys: readonly string[], since: string): string[] {
  const early = timeKey(Math.max(0, timeOf(keys.at(-1)!) - APART_MAX_MS), 0);
  const from = early > since ? early : since;
  const last = keys.filter((key) => key > from);
  return last.length > JUDGED_MAX ? last.slice(-JUDGED_MAX - 1) : [from, ...last];
}
