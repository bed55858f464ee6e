/** Which of two replies that a gateway gave one id is the reply of that id. */
import type { Reply } from '../domain/input';
import { fingerprint, firstReplyKey, spreadKey } from '../services/rows';
import type { Services } from '../services/services';
import { insertMissing } from '../services/tables';

export interface FirstReply {
  /** The instant of the reply, epoch ms. */
  readonly atMs: number;
  /** Somebody began to handle it before, and may have been cut off anywhere. */
  readonly isAgain: boolean;
}

/**
 * Null: another came first under its id, and this one changes nothing. That holds also when the first was cut off and this
 * comes before its retry: half of each would be neither. The same reply sent again is the first, at its instant, whatever it
 * says of its own. Only a fingerprint of it is kept.
 */
export async function firstOfItsId(services: Services, reply: Reply, numberKey: string): Promise<FirstReply | null> {
  const [pk, rk] = [spreadKey(reply.replyId), firstReplyKey(reply.replyId)];
  const value = { atMs: Date.parse(reply.at), first: fingerprint(`${numberKey}|${reply.text}`) };
  const existing = await insertMissing(services.store.replies, [{ pk, rk, value }]);
  if (existing.length === 0) return { atMs: value.atMs, isAgain: false };
  const stored = await services.store.replies.get(pk, rk);
  return stored?.first === value.first ? { atMs: stored.atMs, isAgain: true } : null;
}
