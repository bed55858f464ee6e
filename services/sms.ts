/**
 * The SMS gateway. Every text has an id, and a gateway with a memory of ids sends each once: the same id again is answered
 * DUPLICATE, so that a retry after a crash cannot text twice. Receipts and replies come back by other ways (triggers/).
 * Implementations: memory/sms.ts, sms/communicationServices.ts, sms/webhook.ts.
 */
import type { MessageKind } from '../domain/messages';
import { ServiceError, type ServiceErrorCode } from './errors';

export interface OutboundText {
  readonly messageId: string;
  readonly patientId: string;
  readonly kind: MessageKind;
  /** E.164. */
  readonly to: string;
  readonly body: string;
  readonly sentAtMs: number;
  /** When it was reserved: the same at each attempt; absent: `sentAtMs`. */
  readonly reservedAtMs?: number;
}

/** OPTED_OUT: the carrier's own list has the number, whatever ours says. */
export const REJECTIONS = ['INVALID_NUMBER', 'OPTED_OUT', 'OTHER'] as const;
export type Rejection = (typeof REJECTIONS)[number];

/**
 * ACCEPTED: the gateway has it. DUPLICATE: it had it before. REJECTED: it will never be sent. UNKNOWN: perhaps sent and
 * nobody can say; only a person may decide to try again.
 */
export type SmsOutcome = 'ACCEPTED' | 'DUPLICATE' | `REJECTED_${Rejection}` | 'UNKNOWN';

/** What a gateway knows of an id. UNKNOWN: it does not remember ids, or does not say. */
export type SmsFate = 'ACCEPTED' | 'NEVER_SEEN' | 'UNKNOWN';

export interface Sms {
  /**
   * One outcome a text, in order. Throws `SendInterrupted` when some are not settled: not sent, or to be asked for. The
   * same texts may be given again with the same ids.
   */
  send(texts: readonly OutboundText[]): Promise<SmsOutcome[]>;
  /**
   * What became of ids, in order: for reservations left behind by a crash. Sends nothing. Throws a `ServiceError` when the
   * gateway does not answer now, which is not the same as UNKNOWN.
   */
  lookup(messageIds: readonly string[]): Promise<SmsFate[]>;
}

/** Some texts are not settled; the outcomes of the others are known. */
export class SendInterrupted extends ServiceError {
  constructor(
    failure: ServiceError,
    /** One a text, in order; null: give it again. */
    readonly outcomes: readonly (SmsOutcome | null)[],
  ) {
    const missing = outcomes.filter((outcome) => outcome === null).length;
    const code: ServiceErrorCode = failure.code;
    super(code, `${missing} of ${outcomes.length} texts are not settled: ${failure.message}`, {
      cause: failure.cause,
      ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
    });
    this.name = 'SendInterrupted';
  }
}

export function rejectionOf(outcome: SmsOutcome): Rejection | null {
  return REJECTIONS.find((rejection) => outcome === `REJECTED_${rejection}`) ?? null;
}
