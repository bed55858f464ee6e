/**
 * What a journal has to keep: everything that must outlive the process. Locks and timers are not among it: a restart
 * releases every lock without counting a delivery.
 */
import type { Message } from './message';
import type { RuleDescription } from './filter/rule';

export interface ChangeSink {
  /** The message is in the queue, as it now stands (also after a change of state, count or properties). */
  put(queue: string, message: Message): void;
  /** Its state or count changed, its content did not. */
  update(queue: string, message: Message): void;
  remove(queue: string, sequence: number): void;
  sessionState(queue: string, sessionId: string, state: Buffer | null): void;
  /** An id was seen by duplicate detection. */
  seen(entity: string, id: string, at: number): void;
  /** The highest sequence number given out so far. */
  sequence(entity: string, last: number): void;
  /** Null: the rule was removed. */
  rule(subscription: string, name: string, rule: RuleDescription | null): void;
}

const nothing = (): void => undefined;

export const noChanges: ChangeSink = {
  put: nothing,
  update: nothing,
  remove: nothing,
  sessionState: nothing,
  seen: nothing,
  sequence: nothing,
  rule: nothing,
};
