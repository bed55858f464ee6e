/** The entities of a namespace: queues, topics and subscriptions with the queues, rules and ids that belong to them. */
import { Duplicates } from './duplicates';
import { DEFAULT_RULE, EVERYTHING, Rules } from './filter/rule';
import type { Content } from './message';
import type { Queue } from './queue';
import type { DeadLetterChanges } from './queueOwner';
import type { QueueSettings, SubscriptionSettings, TopicSettings } from './settings';

/** A queue or subscription with what belongs to it. */
export interface QueueEntity {
  readonly kind: 'queue' | 'subscription';
  readonly path: string;
  readonly settings: QueueSettings;
  readonly main: Queue;
  readonly deadLetters: Queue;
  readonly transferDeadLetters: Queue;
  readonly duplicates: Duplicates | null;
  /** Of a subscription. */
  readonly rules: Rules | null;
}

export interface TopicEntity {
  readonly kind: 'topic';
  readonly path: string;
  readonly settings: TopicSettings;
  readonly schedule: Queue;
  readonly duplicates: Duplicates | null;
  readonly subscriptions: readonly QueueEntity[];
}

export type Entity = QueueEntity | TopicEntity;

/** Of the queue in which a topic's scheduled messages wait. */
export const TOPIC_QUEUE: Omit<QueueSettings, 'name'> = {
  lockDurationMs: 60_000,
  maxDeliveryCount: 10,
  defaultTimeToLiveMs: Infinity,
  deadLetterOnExpiry: false,
  requiresSession: false,
  duplicateWindowMs: 0,
  forwardTo: null,
  forwardDeadLettersTo: null,
  sizeBytesMax: Infinity,
};

export function duplicatesOf(windowMs: number): Duplicates | null {
  return windowMs > 0 ? new Duplicates(windowMs) : null;
}

export function rulesOf(subscription: SubscriptionSettings): Rules {
  const rules = new Rules();
  const given = Object.entries(subscription.rules);
  for (const [name, rule] of given.length > 0 ? given : [[DEFAULT_RULE, EVERYTHING] as const]) rules.add(name, rule);
  return rules;
}

export function withReason(content: Content, changes: DeadLetterChanges): Content {
  const user: Record<string, unknown> = { ...changes.properties };
  if (changes.reason !== undefined) user['DeadLetterReason'] = changes.reason;
  if (changes.description !== undefined) user['DeadLetterErrorDescription'] = changes.description;
  return Object.keys(user).length > 0 ? content.withProperties({ user }) : content;
}
