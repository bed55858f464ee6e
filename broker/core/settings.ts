/**
 * What an entity is configured to do, in the core's own units: milliseconds, Infinity for "never". The configuration file
 * (config/) is turned into this; defaults are there.
 */
import type { RuleDescription } from './filter/rule';

export interface QueueSettings {
  readonly name: string;
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly defaultTimeToLiveMs: number;
  readonly deadLetterOnExpiry: boolean;
  readonly requiresSession: boolean;
  /** 0: no duplicate detection. */
  readonly duplicateWindowMs: number;
  readonly forwardTo: string | null;
  readonly forwardDeadLettersTo: string | null;
  /** Messages and their content beyond this many bytes are refused; Infinity: no quota. */
  readonly sizeBytesMax: number;
}

export interface SubscriptionSettings extends QueueSettings {
  readonly rules: Readonly<Record<string, RuleDescription>>;
}

export interface TopicSettings {
  readonly name: string;
  readonly defaultTimeToLiveMs: number;
  readonly duplicateWindowMs: number;
  readonly subscriptions: readonly SubscriptionSettings[];
}

export interface NamespaceSettings {
  readonly name: string;
  readonly queues: readonly QueueSettings[];
  readonly topics: readonly TopicSettings[];
}
