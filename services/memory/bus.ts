/** The queue in memory: hands each text straight to the gateway, at most once for each id. */
import type { Bus } from '../bus';
import type { Sms, SmsOutcome } from '../sms';

export function createMemoryBus(sms: Sms): Bus {
  const seen = new Map<string, SmsOutcome>();
  return {
    async sendTexts(texts) {
      const fresh = texts.filter((text) => !seen.has(text.messageId));
      const outcomes = await sms.send(fresh);
      fresh.forEach((text, i) => seen.set(text.messageId, outcomes[i]!));
      return texts.map((text) => (fresh.includes(text) ? seen.get(text.messageId)! : 'DUPLICATE'));
    },
  };
}
