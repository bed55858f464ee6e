/** Contents and namespaces for tests of the core, without AMQP. */
import type { FilterValue } from '../../core/filter/values';
import type { Content, PropertyChanges } from '../../core/message';
import { Namespace } from '../../core/namespace';
import type { QueueSettings } from '../../core/settings';

export class TestContent implements Content {
  readonly sizeBytes = 100;
  readonly sessionId: string | null;
  readonly timeToLiveMs: number | null;
  readonly scheduledFor: number | null;

  constructor(
    readonly messageId: string,
    readonly user: Readonly<Record<string, unknown>> = {},
    readonly system: Readonly<Record<string, unknown>> = {},
  ) {
    this.sessionId = (system['sessionid'] as string | undefined) ?? null;
    this.timeToLiveMs = (system['timetolive'] as number | undefined) ?? null;
    this.scheduledFor = (system['scheduledfor'] as number | undefined) ?? null;
  }

  systemProperty(name: string): FilterValue | null {
    if (name === 'subject') return this.systemProperty('label');
    return (this.system[name] as FilterValue | undefined) ?? (name === 'messageid' ? this.messageId : null);
  }

  userProperty(name: string): FilterValue | null {
    return (this.user[name] as FilterValue | undefined) ?? null;
  }

  withProperties({ user, system }: PropertyChanges): TestContent {
    return new TestContent(this.messageId, { ...this.user, ...user }, { ...this.system, ...system });
  }
}

export const QUEUE: QueueSettings = {
  name: 'q',
  lockDurationMs: 1_000,
  maxDeliveryCount: 3,
  defaultTimeToLiveMs: Infinity,
  deadLetterOnExpiry: false,
  requiresSession: false,
  duplicateWindowMs: 0,
  forwardTo: null,
  forwardDeadLettersTo: null,
  sizeBytesMax: Infinity,
};

export function namespaceWith(...queues: Partial<QueueSettings>[]): Namespace {
  return new Namespace({ name: 'test', queues: queues.map((queue) => ({ ...QUEUE, ...queue })), topics: [] });
}
