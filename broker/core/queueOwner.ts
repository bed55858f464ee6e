/**
 * What a queue needs from the namespace around it, and the ways in which a message can be settled.
 */
import type { ChangeSink } from './changes';
import type { DueHeap } from './dueHeap';
import type { Holder } from './holder';
import type { Message } from './message';
import type { Queue } from './queue';

/** The namespace, as a queue sees it. */
export interface QueueOwner {
  readonly due: DueHeap;
  readonly changes: ChangeSink;
  nextLockId(): number;
  /** Something waits that did not before. */
  becameReady(queue: Queue): void;
  deadLetter(queue: Queue, message: Message, changes: DeadLetterChanges, now: number): void;
  /** The instant of a scheduled message has come: it was taken out and is to arrive. */
  activate(queue: Queue, message: Message, now: number): void;
  lockTaken(holder: Holder): void;
  lockGone(holder: Holder): void;
}

export interface DeadLetterChanges {
  readonly reason?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly properties?: Readonly<Record<string, unknown>> }
  | { readonly kind: 'defer'; readonly properties?: Readonly<Record<string, unknown>> }
  | ({ readonly kind: 'deadLetter' } & DeadLetterChanges);

export type QueueKind = 'main' | 'deadLetter' | 'transferDeadLetter' | 'schedule';
