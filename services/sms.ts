/**
 * The SMS gateway. A gateway remembers the ids it was given: the same id again is answered DUPLICATE and nothing is sent,
 * so that a retry after a crash cannot text twice. Receipts and replies come back over HTTP (triggers/).
 */
import type { MessageKind } from '../domain/messages';

export interface OutboundText {
  readonly messageId: string;
  readonly patientId: string;
  readonly kind: MessageKind;
  /** E.164. */
  readonly to: string;
  readonly body: string;
  readonly sentAtMs: number;
}

export type SmsOutcome = 'ACCEPTED' | 'DUPLICATE';

export interface Sms {
  /** One outcome a text, in order. Throws when the gateway cannot say what became of them. */
  send(texts: readonly OutboundText[]): Promise<SmsOutcome[]>;
}
