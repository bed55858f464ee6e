/**
 * The shape of `report.json` (formats.md, "Out") and of what its evaluation is computed from. Shapes only: the rows are
 * gathered by `activities/outputs.ts`, the evaluation is computed in `evaluation.ts`, the page is drawn in `report/`.
 */
import type { Campaign } from './policy';

export const OUTCOMES = [
  'ATTENDED',
  'MISSED',
  'BOOKED',
  'OPTED_OUT',
  'NO_CONSENT',
  'UNREACHABLE',
  'HANDED_TO_CALL',
  'NO_RESPONSE',
  'NOT_REACHED',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const REFUSAL_REASONS = ['OPTED_OUT', 'NO_CONSENT', 'BOOKED', 'EXPIRED', 'CANCELLED', 'NO_MOBILE'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export type PreferencesState = 'TAKEN' | 'MISSING' | 'REFUSED' | 'NOT_REQUIRED';

export interface WeekReport {
  readonly week: number;
  readonly startsAt: string;
  /** E_w of rule 1. */
  readonly eligible: number;
  readonly capCumulative: number;
  /** The wave's number (= week), null where no send day of the week opened. */
  readonly wave: number | null;
  readonly admittedCumulative: number;
  /** Patients with at least one pilot text by the end of the week. */
  readonly textedCumulative: number;
  readonly booked: number;
  readonly optedOut: number;
  readonly carriedOver: number;
}

export interface DayReport {
  readonly date: string;
  readonly preferences: PreferencesState;
  readonly forecastCalls: number;
  readonly callRate: number;
  readonly budget: number;
  readonly sent: number;
  readonly refused: Partial<Record<RefusalReason, number>>;
  readonly halvings: number;
  readonly offered: number;
  readonly abandoned: number;
}

export interface Incident {
  readonly at: string;
  readonly type: string;
  readonly detail: string;
}

/** A proportion with its 95 % Wilson interval; `rate`, `low`, `high` in [0, 1], null where `of` is 0. */
export interface Proportion {
  readonly n: number;
  readonly of: number;
  readonly rate: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** One tier, one wave (null = never admitted), or everybody. */
export interface GroupOutcomes {
  readonly tier?: 1 | 2 | 3;
  readonly wave?: number | null;
  readonly patients: number;
  readonly texted: Proportion;
  readonly booked: Proportion;
  readonly attended: Proportion;
  readonly optedOut: Proportion;
  readonly outcomes: Partial<Record<Outcome, number>>;
}

/** A difference with its 95 % interval; nulls where it cannot be computed. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Evaluation {
  readonly overall: GroupOutcomes;
  readonly byTier: readonly GroupOutcomes[];
  readonly byWave: readonly GroupOutcomes[];
  readonly byTierAndWave: readonly GroupOutcomes[];
  /**
   * Stepped wedge: difference in the probability of booking within a week between patients already admitted and
   * patients of the same lot (tier, category, score band: there the order is drawn at random) not yet admitted, in the
   * same week (Mantel-Haenszel over lot x week).
   */
  readonly steppedWedge: {
    readonly method: string;
    readonly riskDifferencePerWeek: Estimate;
    readonly strata: number;
    readonly treatedPatientWeeks: number;
    readonly controlPatientWeeks: number;
  };
  /** Cumulative bookings known at the end of each org date, by tier, for the chart. */
  readonly bookingsByDay: readonly {
    readonly date: string;
    readonly tier1: number;
    readonly tier2: number;
    readonly tier3: number;
  }[];
  readonly calls: {
    readonly offered: number;
    /** Offered calls over what the forecast expected, on days that opened. */
    readonly causedByTexts: number;
    /** Patients who booked by link or reply and so did not need to call. */
    readonly sparedByLinkOrReply: number;
    readonly daysOverCapacity: number;
  };
  readonly refusals: Partial<Record<RefusalReason, number>>;
}

export interface Runtime {
  readonly instances: number;
  readonly historyEvents: number;
  readonly replays: number;
  readonly storageOperations: number;
}

export interface Report {
  readonly campaignId: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly endState: 'COMPLETED' | 'CANCELLED';
  readonly policy: Campaign;
  readonly roster: { readonly rows: number; readonly accepted: number; readonly quarantined: number };
  readonly weeks: readonly WeekReport[];
  readonly days: readonly DayReport[];
  readonly outcomes: Partial<Record<Outcome, number>>;
  readonly incidents: readonly Incident[];
  readonly evaluation: Evaluation;
  readonly runtime: Runtime;
}

/** `patients.csv` as rows. */
export interface PatientOutcome {
  readonly patientId: string;
  readonly tier: 1 | 2 | 3;
  readonly category: 'SERIOUS' | 'VIP';
  readonly score: number;
  readonly band: number;
  readonly rank: number;
  readonly wave: number | null;
  readonly touchesSent: number;
  readonly preference: 'OPT_IN' | 'OPT_OUT' | 'UNKNOWN';
  readonly booked: boolean;
  readonly attended: boolean;
  readonly outcome: Outcome;
}

/** A booking as the evaluation sees it. `admittedAtMs` null: booked while never admitted. */
export interface BookingFact {
  readonly patientId: string;
  readonly tier: 1 | 2 | 3;
  readonly bookedAtMs: number;
  readonly channel: 'link' | 'phone' | 'reply' | 'other';
}

/** `worklist.csv` as rows. */
export interface WorklistRow {
  readonly patientId: string;
  readonly tier: 1 | 2 | 3;
  readonly reason: 'CRITICAL_NO_RESPONSE' | 'INBOX' | 'SEND_UNKNOWN';
  readonly since: string;
}
