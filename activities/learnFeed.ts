/**
 * Learns from the feed what triggers took in since the last look. Changes are applied in order of time, and what had
 * expired before a change is decided with what was known before it, so that looking late gives the same rows as looking
 * at once.
 */
import { expireUntil, withKnown, type Outreach } from '../domain/outreach';
import type { Campaign } from '../domain/policy';
import { timeKey, type Books, type FeedChange, type Progress } from '../services/rows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';
import { readOutreach, type Changes } from './docs';

export interface Learned {
  readonly books: Books;
  /** Patients whose known facts changed, as they are now. */
  readonly patients: ReadonlyMap<string, Outreach>;
}

/** Everything taken in up to and including `untilMs`. Writes go to `changes`. */
export async function learnFeed(
  services: Services,
  campaign: Campaign,
  books: Books,
  untilMs: number,
  changes: Changes,
): Promise<Learned> {
  const rows = await allRows(services.store.feed, {
    pk: campaign.campaignId,
    rkAfter: books.feedCursor,
    rkBefore: timeKey(untilMs + 1, 0),
  });
  const last = rows.at(-1);
  if (!last) return { books, patients: new Map() };
  const before = await readOutreach(services, campaign.campaignId, bucketsOf(rows.map(({ value }) => value)));
  const patients = new Map<string, Outreach>();
  let progress = books.progress;
  for (const { value } of rows) {
    if (value.kind === 'receipts')
      progress = {
        ...progress,
        delivered: progress.delivered + value.delivered,
        undelivered: progress.undelivered + value.undelivered,
      };
    else
      for (const { patientId, known } of value.patients) {
        const stored = before.get(patientId);
        if (!stored) continue;
        const old = changes.current(patients.get(patientId) ?? stored);
        const settled = expireUntil(old, value.atMs - 1, campaign);
        changes.decide(old, settled.outreach, settled.decisions);
        const news = withKnown(settled.outreach, known);
        changes.put(news);
        patients.set(patientId, news);
        progress = counted(progress, old, news);
      }
  }
  return { books: { ...books, feedCursor: last.rk, progress }, patients };
}

function bucketsOf(feed: readonly FeedChange[]): Map<string, string> {
  const buckets = new Map<string, string>();
  for (const change of feed)
    if (change.kind === 'known') for (const { patientId, bucket } of change.patients) buckets.set(patientId, bucket);
  return buckets;
}

function counted(progress: Progress, old: Outreach, news: Outreach): Progress {
  const optedOut = Number(news.preference?.status === 'OPT_OUT') - Number(old.preference?.status === 'OPT_OUT');
  const booked = Number(news.booked) - Number(old.booked);
  return { ...progress, optedOut: progress.optedOut + optedOut, booked: progress.booked + booked };
}
