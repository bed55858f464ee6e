/**
 * A gateway in memory. Whoever plays the carrier subscribes to what leaves; without a subscriber texts are only
 * remembered by id.
 */
import type { OutboundText, Sms } from '../sms';

export interface MemorySms extends Sms {
  subscribe(listener: (text: OutboundText) => void): void;
  /** When each id left: once, or the gateway has forgotten it. */
  left(): ReadonlyMap<string, readonly number[]>;
}

export function createMemorySms(): MemorySms {
  const seen = new Map<string, number[]>();
  const listeners: ((text: OutboundText) => void)[] = [];
  return {
    async send(texts) {
      return texts.map((text) => {
        if (seen.has(text.messageId)) return 'DUPLICATE';
        seen.set(text.messageId, [...(seen.get(text.messageId) ?? []), text.sentAtMs]);
        for (const listener of listeners) listener(text);
        return 'ACCEPTED';
      });
    },
    async lookup(messageIds) {
      return messageIds.map((id) => (seen.has(id) ? 'ACCEPTED' : 'NEVER_SEEN'));
    },
    left: () => seen,
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}
