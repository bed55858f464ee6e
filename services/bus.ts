/**
 * Outbound texts leave through a queue with duplicate detection by `messageId` (design.md, "Exactly once"), so that a
 * batch activity that is run again puts nothing on it twice. One consumer hands them to the gateway.
 */
import type { OutboundText, SmsOutcome } from './sms';

export interface Bus {
  /** Resolves once every text was handed on; one outcome a text, in order. */
  sendTexts(texts: readonly OutboundText[]): Promise<SmsOutcome[]>;
}
