/**
 * A message as a queue holds it, and what the core knows of its content. The content itself (AMQP sections) is opaque
 * here: the core asks it for the few properties that decide something and otherwise hands it on unread. Times are
 * milliseconds since 1970 on the broker's clock.
 */
import type { FilterValue } from './filter/values';
import type { Holder } from './holder';
import type { Session } from './session';
import type { Timer } from './dueHeap';

/** What travels: immutable; changes give a new content. */
export interface Content {
  /** The id in the form duplicate detection compares. */
  readonly messageId: string;
  readonly sessionId: string | null;
  readonly timeToLiveMs: number | null;
  readonly scheduledFor: number | null;
  readonly sizeBytes: number;
  /** A system property by its name in lower case; undefined: there is no such property; null: not set. */
  systemProperty(name: string): FilterValue | null | undefined;
  /** An application property; null: not set. */
  userProperty(name: string): FilterValue | null;
  /** The same message with properties set (or, with null, removed). Values may be typed AMQP values. */
  withProperties(changes: PropertyChanges): Content;
}

export interface PropertyChanges {
  readonly user?: Readonly<Record<string, unknown>>;
  readonly system?: Readonly<Record<string, unknown>>;
}

export type MessageState = 'active' | 'deferred' | 'scheduled';

export interface Lock {
  readonly id: number;
  readonly holder: Holder;
  /** Of a message of a session the session's own lock counts instead. */
  until: number;
  timer: Timer | null;
}

export interface Message {
  readonly sequence: number;
  /** The number given where the message first entered the namespace. */
  readonly enqueuedSequence: number;
  content: Content;
  readonly enqueuedAt: number;
  /** Infinity when it does not expire. */
  readonly expiresAt: number;
  readonly scheduledFor: number | null;
  /** Deliveries that failed so far: 0 on the first delivery. */
  deliveryCount: number;
  state: MessageState;
  readonly deadLetterSource: string | null;
  /** How often it was forwarded by the broker. */
  readonly hops: number;
  lock: Lock | null;
  /** Of its expiry, or of its schedule while scheduled. */
  timer: Timer | null;
  /** True while it waits in a ready list. */
  isReady: boolean;
  isGone: boolean;
  session: Session | null;
}

/** What is given of a message when it enters a queue; the rest follows from the queue. */
export interface Arrival {
  readonly content: Content;
  readonly enqueuedSequence?: number;
  readonly deadLetterSource?: string | null;
  readonly deliveryCount?: number;
  readonly hops?: number;
}
