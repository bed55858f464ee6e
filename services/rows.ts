/**
 * What each table holds, and how its keys are made. Two writers never share a row: triggers write `people`, `numbers`,
 * `files`, `intervals` and the feed; the campaign's activities alone write `outreach`, `days`, `weeks` and the agenda, and
 * learn from the feed what the triggers took in. Keys travel in URLs on Azure, so phones are hashed.
 */
import type { KnownPreference } from '../domain/consent';
import type { CallInterval, RECEIPT_CODES } from '../domain/input';
import type { MessageKind } from '../domain/messages';
import type { Outreach } from '../domain/outreach';
import type { AgendaEntry } from '../domain/passes';
import type { Appointments } from '../domain/patient';
import type { CallCentre, Campaign, Policy } from '../domain/policy';
import type { PreferencesState, RefusalReason } from '../domain/report';
import type { RosterPatient } from '../domain/roster';
import type { CallRateState, DayThrottle } from '../domain/throttle';
import type { Tier } from '../domain/tiers';
import type { FeedChange } from './feedRows';

/** `rosters` and `definitions` (campaign.json with its defaults): pk campaignId, rk `row`. */
export interface RosterInfo {
  readonly rows: number;
  readonly accepted: number;
  readonly quarantined: number;
  readonly buckets: number;
  readonly zones: readonly string[];
  /** No date of a row was taken that lies after this one. */
  readonly datesUpTo: string;
  /** The latest date in a quarantined row; empty: none. */
  readonly latestOfBad: string;
}

/** `controls`: pk campaignId, rk `control`. Written by the control triggers alone. */
export interface Control {
  readonly paused: boolean;
  readonly cancelledAtMs: number | null;
  /** An id; absent in what earlier releases wrote. */
  readonly cancelledBy?: string;
  readonly policy: Policy;
  /** Instants of resumes and policy changes: a pass may follow at once. */
  readonly nudges: readonly number[];
  /** Policies that were in force before, oldest first, the latest few; absent in what earlier releases wrote. */
  readonly replaced?: readonly ReplacedPolicy[];
}

export interface ReplacedPolicy {
  readonly policy: Policy;
  readonly untilMs: number;
}

/** `states`: pk EVERYWHERE, rk campaignId. */
export interface CampaignState {
  readonly status: 'WAITING' | 'RUNNING' | 'COMPLETED' | 'CANCELLED';
  /** The orchestration that sleeps now and must be woken by controls and files. */
  readonly listener: string;
  readonly endedAtMs: number | null;
  /** While the start is under way: since when. One that was cut off may be taken over. */
  readonly preparingSinceMs?: number;
}

/** `days`: pk campaignId, rk date. */
export interface DayRow {
  readonly date: string;
  readonly preferences: PreferencesState;
  /** Null while not opened. */
  readonly openedAtMs: number | null;
  readonly callCentre: CallCentre;
  readonly forecast: number;
  readonly callRate: number;
  readonly throttle: DayThrottle;
  readonly adaptiveLeft: number;
  /** Adaptive texts that were counted as sent and did not leave after all; absent: none. */
  readonly adaptiveReturned?: number;
  readonly passes: number;
  readonly lastPassAtMs: number;
  /** When the last pass wants the next one. */
  readonly nextPassMs: number | null;
  /** Batches of the last pass, not yet folded in. */
  readonly batches: readonly string[];
  /** On the agenda at the last pass, its batches included; absent in what the first release wrote. */
  readonly waiting?: number;
  readonly agendaPages: number;
  readonly intervalCursor: string;
  /** From where on it lists what was judged, then the keys of that; earlier releases wrote fewer, the first none. */
  readonly judgedLast?: readonly string[];
}

/** `weeks`: pk campaignId, rk week, padded. */
export interface WeekRow {
  readonly week: number;
  readonly wave: number | null;
  readonly threshold: number;
  readonly eligible: number;
  readonly cap: number;
  readonly admitted: number;
}

/** `books`: pk campaignId, rk `books`: what the campaign's activities carry from step to step. */
export interface Books {
  readonly feedCursor: string;
  readonly callRate: CallRateState;
  /** The last date whose calls have taught the call rate. */
  readonly taughtThrough: string;
  /** The last date at whose 00:00 the critical were handed over. */
  readonly handedThrough: string;
  readonly progress: Progress;
}

export interface Progress {
  readonly admitted: number;
  readonly sent: number;
  readonly delivered: number;
  readonly undelivered: number;
  readonly refused: Partial<Record<RefusalReason, number>>;
  readonly optedOut: number;
  readonly booked: number;
}

/**
 * `reservations`: pk campaignId, rk by time. Texts ordered together, from before their ledger rows until every one is
 * confirmed: what a crash leaves behind is found here (activities/settle.ts).
 */
export interface Reservation {
  readonly atMs: number;
  readonly texts: readonly ReservedText[];
}

export interface ReservedText {
  readonly pk: string;
  readonly rk: string;
  readonly messageId: string;
  readonly bucket: string;
}
export interface PersonRow extends Appointments {
  readonly patientId: string;
  /** Where this person is enrolled. */
  readonly campaigns: Readonly<Record<string, { readonly bucket: string; readonly numberKey: string }>>;
  readonly preference: KnownPreference;
  /** When an appointment last changed, or just after: it grows with every change, in whatever order they come. */
  readonly bookingAtMs?: number;
  readonly bookings: readonly { readonly atMs: number; readonly channel: 'link' | 'phone' | 'reply' | 'other' }[];
  /** Instants at which the preference turned to OPT_OUT. */
  readonly optOuts: readonly number[];
  readonly noMobile: boolean;
  /** Texts sent before this system knew the person (initial.jsonl). */
  readonly pastTexts: readonly { readonly atMs: number }[];
}

export interface NumberRow {
  readonly patients: readonly string[];
  /** The last STOP; without a replyId the carrier said so. `closed`: an opt-in came after it. */
  readonly stop: { readonly atMs: number; readonly closed: boolean; readonly replyId?: string } | null;
  /** The first START of the latest instant at which one opted in; absent in what earlier releases wrote. */
  readonly lastStart?: { readonly atMs: number; readonly replyId: string };
  readonly noMobile: boolean;
}

export interface LedgerRow {
  readonly messageId: string;
  readonly campaignId: string;
  readonly patientId: string;
  readonly tier: Tier;
  readonly category: 'SERIOUS' | 'VIP';
  readonly phase: 'PILOT' | 'ADAPTIVE' | 'REPLY';
  readonly kind: MessageKind;
  readonly wave: string;
  readonly touch: number;
  readonly plannedFor: string | null;
  readonly decidedAtMs: number;
  readonly sentAtMs: number | null;
  readonly timeZone: string;
  readonly consent: KnownPreference;
  /** Row key of the reservation that the text was ordered with; null of a refusal. */
  readonly reservation: string | null;
  /** RESERVED: about to be sent. UNKNOWN: perhaps sent, and the gateway cannot say. */
  readonly status: 'RESERVED' | 'SENT' | 'UNKNOWN' | 'REFUSED';
  readonly reason: RefusalReason | null;
  readonly segments: number;
  /** Of a RESERVED row: it was decided then that the text does not leave; the campaign may not have been told yet. */
  readonly recalled?: Recall | undefined;
}

export interface Recall {
  readonly atMs: number;
  /** Refused for good, under the consent that was known; null: free to be chosen again. */
  readonly refusal: { readonly reason: RefusalReason; readonly consent: KnownPreference } | null;
}

/** `messages`: pk by messageId, rk messageId. What receipts say, apart from the ledger that the senders write. */
export interface MessageRow {
  readonly campaignId: string;
  readonly phase: LedgerRow['phase'];
  readonly numberKey: string;
  /** What the carrier said last. Inserted as null before the text leaves; only receipts change it. */
  readonly receipt: 'DELIVERED' | 'UNDELIVERED' | null;
  /** When it said so; absent: no receipt yet, and in what earlier releases wrote. */
  readonly receiptAtMs?: number;
}

export type ReceiptCode = (typeof RECEIPT_CODES)[number];

/** `batches`: pk campaignId, rk `<date>-<pass>-<fingerprint>-<n>`. At most 100 asks and what came of them. */
export interface BatchRow {
  readonly asks: readonly AgendaEntry[];
  readonly outcome: BatchOutcome | null;
}

export interface WithdrawnGrant {
  readonly patientId: string;
  readonly messageId: string;
  /** Of an order that waited in the queue and was refused then: its grant may have been moved on up to here. */
  readonly refusedAtMs?: number;
}

export interface BatchOutcome {
  readonly sent: number;
  readonly adaptiveSent: number;
  /** When each text that is counted was ordered, by patient; absent in what the first release wrote. */
  readonly ordered?: Readonly<Record<string, number>>;
  readonly refused: Partial<Record<RefusalReason, number>>;
  /** Patients who stay on the agenda. */
  readonly waiting: readonly string[];
  /** Granted by the gate but not sent after all; absent in what the first release wrote. */
  readonly withdrawn?: readonly WithdrawnGrant[];
}

export interface FileRow {
  readonly receivedAtMs: number;
  readonly sound: boolean;
  /** It is still being taken in: sound, as far as is known, and not yet a reason to open. */
  readonly underWay?: boolean;
}

export interface AuditRow {
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: string;
}

export interface IncidentRow {
  readonly atMs: number;
  readonly type: string;
  readonly detail: string;
}

export interface QuarantineRow {
  readonly source: string;
  readonly line: number;
  readonly patientId: string;
  readonly field: string;
  readonly reason: string;
}

export interface InboxRow {
  readonly patientId: string;
  readonly tier: Tier;
  readonly atMs: number;
}

/**
 * `replies`: pk by replyId, rk replyId: a reply that was handled. Beside it, under `firstReplyKey`, from before it was
 * handled, what it was: `first`, a fingerprint.
 */
export interface ReplyRow {
  readonly atMs: number;
  /** What it was answered with, as the ledger has it; absent: nothing, or not remembered by the first release. */
  readonly answer?: Pick<LedgerRow, 'campaignId' | 'patientId' | 'messageId' | 'kind' | 'consent'>;
  readonly first?: string;
}

export interface TableValues {
  /** pk as `outreach`; only until the campaign starts. */
  readonly roster: RosterPatient;
  readonly rosters: RosterInfo;
  readonly definitions: Campaign;
  readonly controls: Control;
  readonly states: CampaignState;
  readonly outreach: Outreach;
  readonly people: PersonRow;
  readonly numbers: NumberRow;
  readonly ledger: LedgerRow;
  readonly reservations: Reservation;
  readonly messages: MessageRow;
  readonly days: DayRow;
  readonly weeks: WeekRow;
  readonly books: Books;
  readonly agenda: { readonly entries: readonly AgendaEntry[] };
  readonly batches: BatchRow;
  readonly feed: FeedChange;
  readonly intervals: CallInterval;
  readonly files: FileRow;
  readonly audit: AuditRow;
  readonly incidents: IncidentRow;
  readonly quarantine: QuarantineRow;
  readonly inbox: InboxRow;
  readonly replies: ReplyRow;
}

export * from './rowKeys';
