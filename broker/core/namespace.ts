/**
 * The namespace: all entities, what is due in them, and the way of a message between them (publishing to subscriptions,
 * forwarding, dead-lettering). It has no clock and no I/O: every operation is told the instant, and `tick` does what is
 * due by then. What must survive a restart is told to a `ChangeSink`.
 */
import { noChanges, type ChangeSink } from './changes';
import { DueHeap } from './dueHeap';
import { BrokerError, entityNotFound, notAllowed } from './errors';
import {
  TOPIC_QUEUE,
  duplicatesOf,
  rulesOf,
  withReason,
  type Entity,
  type QueueEntity,
  type TopicEntity,
} from './entities';
import type { Rules } from './filter/rule';
import type { Holder } from './holder';
import type { Arrival, Content, Message } from './message';
import { Queue } from './queue';
import type { DeadLetterChanges, QueueKind, QueueOwner } from './queueOwner';
import { SessionQueue } from './sessionQueue';
import type { NamespaceSettings, QueueSettings, TopicSettings } from './settings';

export const DEAD_LETTER = '$DeadLetterQueue';
export const TRANSFER_DEAD_LETTER = '$Transfer/$DeadLetterQueue';
/** As in Azure: a message forwarded more often goes to the dead-letter queue. */
const HOPS_MAX = 4;

export class Namespace implements QueueOwner {
  readonly due = new DueHeap();
  changes: ChangeSink = noChanges;
  /** Told when something waits in a queue that did not before. */
  onReady: (queue: Queue) => void = () => undefined;
  /** Message locks of holders that are still there. */
  heldLocks = 0;
  readonly entities = new Map<string, Entity>();
  private readonly owners = new Map<Queue, QueueEntity>();
  private lastLockId = 0;

  constructor(settings: NamespaceSettings) {
    for (const queue of settings.queues) this.addEntity(this.queueEntity('queue', queue.name, queue, null));
    for (const topic of settings.topics) this.addTopic(topic);
  }

  private addEntity<T extends Entity>(entity: T): T {
    this.entities.set(entity.path.toLowerCase(), entity);
    return entity;
  }

  private addTopic(settings: TopicSettings): void {
    const subscriptions = settings.subscriptions.map((subscription) => {
      const path = `${settings.name}/Subscriptions/${subscription.name}`;
      return this.addEntity(this.queueEntity('subscription', path, subscription, rulesOf(subscription)));
    });
    const schedule = this.queue(settings.name, 'schedule', { ...TOPIC_QUEUE, name: settings.name });
    const duplicates = duplicatesOf(settings.duplicateWindowMs);
    this.addEntity({ kind: 'topic', path: settings.name, settings, schedule, duplicates, subscriptions });
  }

  private queueEntity(
    kind: 'queue' | 'subscription',
    path: string,
    settings: QueueSettings,
    rules: Rules | null,
  ): QueueEntity {
    const entity: QueueEntity = {
      kind,
      path,
      settings,
      main: this.queue(path, 'main', settings),
      deadLetters: this.queue(`${path}/${DEAD_LETTER}`, 'deadLetter', settings),
      transferDeadLetters: this.queue(`${path}/${TRANSFER_DEAD_LETTER}`, 'transferDeadLetter', settings),
      duplicates: duplicatesOf(settings.duplicateWindowMs),
      rules,
    };
    for (const queue of [entity.main, entity.deadLetters, entity.transferDeadLetters]) this.owners.set(queue, entity);
    return entity;
  }

  private queue(path: string, kind: QueueKind, settings: QueueSettings): Queue {
    const isSessions = kind === 'main' && settings.requiresSession;
    return isSessions ? new SessionQueue(path, kind, settings, this) : new Queue(path, kind, settings, this);
  }

  // --- finding

  /** By the address of a queue, topic or `topic/Subscriptions/name`. @throws BrokerError when there is none. */
  entity(path: string): Entity {
    const entity = this.entities.get(path.toLowerCase());
    if (!entity) throw entityNotFound(path);
    return entity;
  }

  /** Where one receives: also dead-letter queues. @throws BrokerError when there is none, or it is a topic. */
  queueAt(path: string): Queue {
    const lower = path.toLowerCase();
    const transfer = `/${TRANSFER_DEAD_LETTER.toLowerCase()}`;
    const dead = `/${DEAD_LETTER.toLowerCase()}`;
    if (lower.endsWith(transfer)) return this.receivable(path.slice(0, -transfer.length)).transferDeadLetters;
    if (lower.endsWith(dead)) return this.receivable(path.slice(0, -dead.length)).deadLetters;
    return this.receivable(path).main;
  }

  private receivable(path: string): QueueEntity {
    const entity = this.entity(path);
    if (entity.kind !== 'topic') return entity;
    throw notAllowed(`A receiver cannot be opened on the topic '${path}': name one of its subscriptions.`);
  }

  /** Every queue, also dead-letter queues and the schedules of topics. */
  *queues(): IterableIterator<Queue> {
    for (const entity of this.entities.values()) {
      if (entity.kind === 'topic') yield entity.schedule;
      else yield* [entity.main, entity.deadLetters, entity.transferDeadLetters];
    }
  }

  // --- sending

  /**
   * Takes messages into a queue or topic: all of them or, when one may not be sent there, none.
   * @throws BrokerError which says why.
   */
  send(path: string, contents: readonly Content[], now: number): void {
    const entity = this.sendable(path, contents, now);
    for (const content of contents) {
      if (this.isDuplicate(entity, content, now)) continue;
      if (content.scheduledFor !== null && content.scheduledFor > now) this.schedule(entity, content, now);
      else this.arrive(entity, { content }, now);
    }
  }

  /** Takes messages to be delivered later; gives their sequence numbers (of the schedule). */
  sendScheduled(path: string, contents: readonly Content[], now: number): number[] {
    const entity = this.sendable(path, contents, now);
    return contents.map((content) => {
      if (this.isDuplicate(entity, content, now)) return this.scheduleQueue(entity).lastSequence;
      return this.schedule(entity, content, now).sequence;
    });
  }

  private sendable(path: string, contents: readonly Content[], now: number): Entity {
    this.tick(now);
    const entity = this.entity(path);
    if (entity.kind === 'subscription') {
      throw notAllowed(`Messages cannot be sent to the subscription '${path}': send to its topic.`);
    }
    for (const content of contents) this.check(entity, content);
    return entity;
  }

  private check(entity: Entity, content: Content): void {
    if (entity.kind === 'topic') return;
    const { settings, main, path } = entity;
    if (settings.requiresSession && content.sessionId === null) {
      throw notAllowed(
        `The SessionId was not set on a message, and it cannot be sent to the entity '${path}'. ` +
          'Entities that have session support enabled can only receive messages that have the SessionId set.',
      );
    }
    if (main.sizeBytes + content.sizeBytes > settings.sizeBytesMax) {
      throw new BrokerError(
        'amqp:resource-limit-exceeded',
        `The maximum entity size has been reached or exceeded for '${path}': it holds ${main.sizeBytes} of ` +
          `${settings.sizeBytesMax} bytes. Receive messages from it to make room.`,
      );
    }
  }

  private isDuplicate(entity: Entity, content: Content, now: number): boolean {
    if (!entity.duplicates) return false;
    if (entity.duplicates.isDuplicate(content.messageId, now)) return true;
    this.changes.seen(entity.path, content.messageId, now);
    return false;
  }

  /** Where the scheduled messages of an entity wait. */
  scheduleQueue(entity: Entity): Queue {
    return entity.kind === 'topic' ? entity.schedule : entity.main;
  }

  private schedule(entity: Entity, content: Content, now: number): Message {
    return this.scheduleQueue(entity).put(now, { content }, content.scheduledFor ?? now);
  }

  private arrive(entity: Entity, arrival: Arrival, now: number): void {
    if (entity.kind === 'topic') {
      this.publish(entity, arrival, now);
      return;
    }
    const { forwardTo } = entity.settings;
    if (forwardTo === null) entity.main.put(now, arrival);
    else this.forward(entity, forwardTo, arrival, now);
  }

  private publish(topic: TopicEntity, arrival: Arrival, now: number): void {
    const enqueuedSequence = arrival.enqueuedSequence ?? ++topic.schedule.lastSequence;
    this.changes.sequence(topic.path, topic.schedule.lastSequence);
    const ttl = Math.min(arrival.content.timeToLiveMs ?? Infinity, topic.settings.defaultTimeToLiveMs);
    const isCapped = ttl !== Infinity && ttl !== arrival.content.timeToLiveMs;
    const content = isCapped ? arrival.content.withProperties({ system: { timetolive: ttl } }) : arrival.content;
    for (const subscription of topic.subscriptions) {
      for (const copy of subscription.rules!.copiesOf(content)) {
        const { requiresSession } = subscription.settings;
        // As in Azure: a subscription with sessions cannot take a message without one; it goes to the dead letters.
        if (requiresSession && copy.sessionId === null)
          this.refuseCopy(subscription, { ...arrival, content: copy }, now);
        else this.arrive(subscription, { ...arrival, content: copy, enqueuedSequence }, now);
      }
    }
  }

  private refuseCopy(subscription: QueueEntity, arrival: Arrival, now: number): void {
    const content = withReason(arrival.content, {
      reason: 'Session id is null.',
      description: "Session enabled entity doesn't allow a message whose session identifier is null.",
    });
    subscription.deadLetters.put(now, { ...arrival, content, deadLetterSource: subscription.path });
  }

  private forward(source: QueueEntity, target: string, arrival: Arrival, now: number): void {
    const hops = (arrival.hops ?? 0) + 1;
    const enqueuedSequence = arrival.enqueuedSequence ?? ++source.main.lastSequence;
    this.changes.sequence(source.path, source.main.lastSequence);
    try {
      if (hops > HOPS_MAX) throw notAllowed(`The message was forwarded more than ${HOPS_MAX} times.`);
      const entity = this.entity(target);
      this.check(entity, arrival.content);
      if (this.isDuplicate(entity, arrival.content, now)) return;
      this.arrive(entity, { ...arrival, enqueuedSequence, hops }, now);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      const content = withReason(arrival.content, { reason: 'TransferFailed', description: error.message });
      const deadLetterSource = source.path;
      source.transferDeadLetters.put(now, { ...arrival, content, enqueuedSequence, deadLetterSource });
    }
  }

  // --- as the owner of queues

  nextLockId(): number {
    return ++this.lastLockId;
  }

  becameReady(queue: Queue): void {
    this.onReady(queue);
  }

  activate(queue: Queue, message: Message, now: number): void {
    this.arrive(this.entity(queue.path), { content: message.content }, now);
  }

  deadLetter(queue: Queue, message: Message, changes: DeadLetterChanges, now: number): void {
    const entity = this.owners.get(queue);
    if (!entity) return;
    const arrival: Arrival = {
      content: withReason(message.content, changes),
      enqueuedSequence: message.enqueuedSequence,
      deadLetterSource: entity.path,
      deliveryCount: message.deliveryCount,
      hops: message.hops,
    };
    const target = entity.settings.forwardDeadLettersTo;
    if (target === null || queue.kind !== 'main')
      (queue.kind === 'main' ? entity.deadLetters : queue).put(now, arrival);
    else this.forward(entity, target, { ...arrival, deliveryCount: 0 }, now);
  }

  lockTaken(holder: Holder): void {
    holder.locks++;
    if (holder.isConnected) this.heldLocks++;
  }

  lockGone(holder: Holder): void {
    holder.locks--;
    if (holder.isConnected) this.heldLocks--;
  }

  /** The holder has gone: its locks are not waited for any more. */
  disconnect(holder: Holder): void {
    if (!holder.isConnected) return;
    holder.isConnected = false;
    this.heldLocks -= holder.locks;
  }

  // --- time

  /** Does everything that is due at `now`; gives how many things were. */
  tick(now: number): number {
    let done = 0;
    while (this.due.fireNext(now)) done++;
    return done;
  }
}
