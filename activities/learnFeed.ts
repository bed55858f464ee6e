/**
 * Learns from the feed what triggers took in since the last look. Changes are applied in order of time, and what had
 * expired before a change is decided with what was known before it, so that looking late gives the same rows as looking
 * at once.
 */
import { newerPreference } from '../domain/consent';
import { expireUntil, refuseTouch, textHeld, textLate, withKnown, type Known, type Outreach } from '../domain/outreach';
import type { Campaign } from '../domain/policy';
import { hasAttended } from '../domain/patient';
import { startsAtMs } from '../domain/schedule';
import type { FeedChange, HeldText, KnownNews } from '../services/feedRows';
import { timeKey, writtenSince, type Books, type Progress } from '../services/rows';
import { currentMessenger } from '../services/messenger';
import type { Services } from '../services/services';
import { allRows, type Row } from '../services/tables';
import { readOutreach, type Changes } from './docs';

export interface Learned {
  readonly books: Books;
  /** Patients whose known facts changed, as they are now. */
  readonly patients: ReadonlyMap<string, Outreach>;
  /** Texts that were counted and did not leave; perhaps such as an earlier look has learnt of. */
  readonly held: readonly HeldText[];
}

/**
 * Everything that arrived up to and including `untilMs`, but for inputs of an instant after `happenedByMs`: those are left
 * to whoever looks next. A text that did not leave is no input: whenever that was found out, its touch is open again.
 * Writes go to `changes`.
 */
export async function learnFeed(
  services: Services,
  campaign: Campaign,
  books: Books,
  untilMs: number,
  changes: Changes,
  happenedByMs = Infinity,
): Promise<Learned> {
  const arrived = await allRows(services.store.feed, {
    pk: campaign.campaignId,
    rkAfter: writtenSince(books.feedCursor),
    rkBefore: timeKey(untilMs + 1, 0),
  });
  const isLater = ({ kind, atMs }: FeedChange) => atMs > happenedByMs && (kind === 'known' || kind === 'receipts');
  const later = arrived.findIndex(({ rk, value }) => isLater(value) && rk > books.feedCursor);
  const inTurn = later < 0 ? arrived : arrived.slice(0, later);
  const last = inTurn.at(-1);
  const feedCursor = last && last.rk > books.feedCursor ? last.rk : books.feedCursor;
  // What is read twice, before the cursor or after it, may be learnt twice; but for counts.
  const isCounted = ({ rk }: Row<FeedChange>) => rk > books.feedCursor && rk <= feedCursor;
  const rows = arrived.filter((row) => !isLater(row.value) && (row.value.kind !== 'receipts' || isCounted(row)));
  const before = await readOutreach(services, campaign.campaignId, bucketsOf(rows.map(({ value }) => value)));
  changes.basedOn(before);
  const patients = new Map<string, Outreach>();
  const held: HeldText[] = [];
  let progress = books.progress;
  for (const { value } of rows) {
    if (value.kind === 'receipts')
      progress = {
        ...progress,
        delivered: progress.delivered + value.delivered,
        undelivered: progress.undelivered + value.undelivered,
      };
    else if (value.kind === 'held') {
      const stored = before.get(value.patientId);
      if (!stored) continue;
      const old = changes.current(patients.get(value.patientId) ?? stored);
      const news = heldBack(old, value.atMs > happenedByMs ? { ...value, reason: null } : value, campaign, changes);
      held.push(value);
      if (news === old) continue;
      patients.set(value.patientId, news);
      await forgetGrant(value);
      progress = { ...progress, sent: progress.sent - 1 };
    } else if (value.kind === 'late') {
      const stored = before.get(value.patientId);
      if (!stored || value.messageId !== undefined) continue;
      const news = textLate(changes.current(patients.get(value.patientId) ?? stored), value.orderedAtMs, value.atMs);
      changes.put(news);
      patients.set(value.patientId, news);
    } else
      for (const { patientId, known } of value.patients) {
        const stored = before.get(patientId);
        if (!stored) continue;
        const old = changes.current(patients.get(patientId) ?? stored);
        const settled = expireUntil(old, value.atMs - 1, campaign);
        changes.decide(old, settled.outreach, settled.decisions);
        const news = withKnown(settled.outreach, seenBy(campaign, known));
        changes.put(news);
        patients.set(patientId, news);
        progress = counted(progress, old, news);
      }
  }
  return { books: { ...books, feedCursor, progress }, patients, held };
}

/** A visit attended before the campaign began is none of its business. */
function seenBy(campaign: Campaign, { attendedAtMs = null, ...known }: KnownNews): Partial<Known> {
  if (known.booked === undefined) return known;
  return { ...known, booked: known.booked || hasAttended({ attendedAtMs }, startsAtMs(campaign)) };
}

/** The text did not leave: its touch is open again, or refused where a reason stood against it at the last moment. */
function heldBack(old: Outreach, held: HeldText & { atMs: number }, campaign: Campaign, changes: Changes): Outreach {
  const { phase, touch, reason, consent, orderedAtMs, atMs } = held;
  const open = textHeld(old, { phase, touch, atMs: orderedAtMs }, campaign);
  if (open === old) return old;
  changes.put(open);
  if (phase === 'ADAPTIVE' || reason === null) return open;
  // As it was then: the campaign may have heard of a later word first, or hear of this one only later.
  const then = consent === undefined ? open : { ...open, preference: consent };
  const refused = refuseTouch(then, { touch, reason, decidedAtMs: atMs }, campaign);
  const preference = consent ? newerPreference(open.preference, consent) : open.preference;
  const after = { ...refused.outreach, preference };
  changes.decide(then, after, refused.decisions);
  return after;
}

/** The patient's entity granted a text that did not leave: it must not count there either. */
async function forgetGrant({ patientId, messageId, sentAtMs }: HeldText): Promise<void> {
  if (messageId === undefined || sentAtMs === undefined) return;
  await currentMessenger()?.signalPatient(patientId, 'withdraw', { messageId, atMs: sentAtMs });
}

function bucketsOf(feed: readonly FeedChange[]): Map<string, string> {
  const buckets = new Map<string, string>();
  for (const change of feed)
    if (change.kind === 'known') for (const { patientId, bucket } of change.patients) buckets.set(patientId, bucket);
    else if (change.kind === 'held' || change.kind === 'late') buckets.set(change.patientId, change.bucket);
  return buckets;
}

function counted(progress: Progress, old: Outreach, news: Outreach): Progress {
  const optedOut = Number(news.preference?.status === 'OPT_OUT') - Number(old.preference?.status === 'OPT_OUT');
  const booked = Number(news.booked) - Number(old.booked);
  return { ...progress, optedOut: progress.optedOut + optedOut, booked: progress.booked + booked };
}
