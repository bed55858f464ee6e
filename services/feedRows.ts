/** Rows of the feed: what triggers took in, for each campaign to learn (activities/feed.ts). */
import type { KnownPreference } from '../domain/consent';
import type { Known } from '../domain/outreach';
import type { RefusalReason } from '../domain/report';

/**
 * What triggers tell of a person, to every campaign alike: `booked` says whether a booking stands; whether a visit attended
 * counts too depends on when the campaign began.
 */
export type KnownNews = Partial<Known> & { readonly attendedAtMs?: number | null };

/** `feed`: pk campaignId, rk by time. What triggers took in, for the campaign to learn. */
export type FeedChange =
  | {
      readonly kind: 'known';
      readonly atMs: number;
      readonly patients: readonly {
        readonly patientId: string;
        readonly bucket: string;
        readonly known: KnownNews;
      }[];
    }
  | { readonly kind: 'receipts'; readonly atMs: number; readonly delivered: number; readonly undelivered: number }
  | ({ readonly kind: 'held'; readonly atMs: number } & HeldText)
  | ({ readonly kind: 'late'; readonly atMs: number } & LateText);

/** Tells a text apart in its patient's list. */
export interface OrderedText {
  readonly patientId: string;
  readonly orderedAtMs: number;
}

/** A text that left at `atMs`, later than it was ordered. */
export interface LateText extends OrderedText {
  readonly bucket: string;
  /** Of an answer, which counts in no list of texts: kept for the rebuild of its ledger row. */
  readonly messageId?: string;
}

/** A text that was granted and ordered but did not leave. */
export interface HeldText extends OrderedText {
  readonly bucket: string;
  readonly phase: 'PILOT' | 'ADAPTIVE';
  readonly touch: number;
  /** Refused at the last moment; null: it came too late in the day, and may be tried again. */
  readonly reason: RefusalReason | null;
  /** Known then, of one that is refused; absent in what the first release wrote. */
  readonly consent?: KnownPreference;
  /** By which the gate knows it, and when it was to leave; absent in what earlier releases wrote. */
  readonly messageId?: string;
  readonly sentAtMs?: number;
}
