/**
 * One queue: of a queue, a subscription, a topic's schedule or any of their dead-letter queues. It keeps messages, hands
 * them out under locks and takes their settlement. Sessions are in sessionQueue.ts; what happens to a message that
 * leaves (dead-letter, forward, publish) is decided by the namespace through `QueueOwner`.
 */
import { BrokerError, messageLockLost } from './errors';
import type { Holder } from './holder';
import type { Arrival, Message, MessageState, PropertyChanges } from './message';
import { createMessage } from './createMessage';
import { MessageIndex } from './messageIndex';
import { ReadyList } from './readyList';
import type { DeadLetterChanges, QueueKind, QueueOwner, Settlement } from './queueOwner';
import type { QueueSettings } from './settings';

export class Queue {
  readonly messages = new MessageIndex();
  protected readonly ready = new ReadyList();
  protected readonly locks = new Map<number, Message>();
  lastSequence = 0;
  sizeBytes = 0;

  constructor(
    /** Its address, as clients spell it. */
    readonly path: string,
    readonly kind: QueueKind,
    readonly settings: QueueSettings,
    protected readonly owner: QueueOwner,
  ) {}

  get readyCount(): number {
    return this.ready.count;
  }

  get lockedCount(): number {
    return this.locks.size;
  }

  /** Takes a message in: to wait at once, or until it is due when `scheduledFor` is given. */
  put(now: number, arrival: Arrival, scheduledFor: number | null = null): Message {
    const ttl = Math.min(arrival.content.timeToLiveMs ?? Infinity, this.settings.defaultTimeToLiveMs);
    const expiresAt = this.kind === 'main' && scheduledFor === null ? now + ttl : Infinity;
    const message = createMessage(++this.lastSequence, arrival, now, expiresAt, scheduledFor);
    this.owner.changes.put(this.path, message);
    this.insert(message);
    return message;
  }

  /** Puts a message in place as it is: a new one, or one read back from a journal (in order of sequence numbers). */
  insert(message: Message): void {
    this.lastSequence = Math.max(this.lastSequence, message.sequence);
    this.sizeBytes += message.content.sizeBytes;
    this.messages.add(message);
    if (message.state === 'scheduled') {
      message.timer = this.owner.due.arm(message.scheduledFor ?? 0, (now) => this.activate(message, now));
    } else if (message.state === 'active') {
      if (message.expiresAt !== Infinity) {
        message.timer = this.owner.due.arm(message.expiresAt, (now) => this.expire(message, now));
      }
      this.makeReady(message);
    }
  }

  protected makeReady(message: Message): void {
    this.ready.add(message);
    this.owner.becameReady(this);
  }

  protected unready(message: Message): void {
    this.ready.remove(message);
  }

  /** The next message under a lock of `holder`; null when none waits. */
  lockNext(now: number, holder: Holder): Message | null {
    const message = this.ready.take();
    if (message) this.lock(message, now, holder);
    return message;
  }

  /** The next message, gone for good (receive and delete). */
  takeNext(): Message | null {
    const message = this.ready.take();
    if (message) this.removeMessage(message);
    return message;
  }

  protected lock(message: Message, now: number, holder: Holder): void {
    const until = now + this.settings.lockDurationMs;
    const lock = { id: this.owner.nextLockId(), holder, until, timer: null };
    message.lock = lock;
    this.locks.set(lock.id, message);
    this.owner.lockTaken(holder);
    this.armLock(message, until);
  }

  protected armLock(message: Message, until: number): void {
    const lock = message.lock!;
    this.owner.due.disarm(lock.timer);
    lock.until = until;
    lock.timer = this.owner.due.arm(until, (now) => this.lockExpired(message, now));
  }

  private lockExpired(message: Message, now: number): void {
    this.unlock(message);
    this.countFailure(message, now);
  }

  protected unlock(message: Message): void {
    const lock = message.lock;
    if (!lock) return;
    this.owner.due.disarm(lock.timer);
    this.locks.delete(lock.id);
    this.owner.lockGone(lock.holder);
    message.lock = null;
  }

  /** One more delivery came to nothing: back to wait, or dead-lettered after the last one allowed. */
  protected countFailure(message: Message, now: number): void {
    message.deliveryCount++;
    const isSpent = this.kind === 'main' && message.deliveryCount >= this.settings.maxDeliveryCount;
    if (message.state === 'active' && isSpent) {
      this.deadLetter(message, now, {
        reason: 'MaxDeliveryCountExceeded',
        description: `Message could not be consumed after ${this.settings.maxDeliveryCount} delivery attempts.`,
      });
      return;
    }
    this.owner.changes.update(this.path, message);
    this.giveBack(message, now);
  }

  /** An unlocked message waits again, unless it expired meanwhile. A deferred one stays deferred. */
  protected giveBack(message: Message, now: number): void {
    if (message.state !== 'active') return;
    if (message.expiresAt <= now) this.expire(message, now);
    else this.makeReady(message);
  }

  /** Returns a message that never reached its receiver, without counting a delivery. */
  release(lockId: number, now: number): void {
    const message = this.locks.get(lockId);
    if (!message) return;
    this.unlock(message);
    this.giveBack(message, now);
  }

  /** The message under this lock. @throws BrokerError when the lock is not held any more. */
  locked(lockId: number): Message {
    const message = this.locks.get(lockId);
    if (!message) throw messageLockLost();
    return message;
  }

  /** The message under this lock, if it is held. */
  findLocked(lockId: number): Message | null {
    return this.locks.get(lockId) ?? null;
  }

  lockedUntil(message: Message): number | null {
    return message.lock?.until ?? null;
  }

  /** @throws BrokerError when the lock is not held any more. */
  settle(lockId: number, settlement: Settlement, now: number): void {
    const message = this.locked(lockId);
    this.unlock(message);
    switch (settlement.kind) {
      case 'complete':
        this.removeMessage(message);
        return;
      case 'abandon':
        this.change(message, settlement.properties);
        this.countFailure(message, now);
        return;
      case 'defer':
        message.state = 'deferred';
        this.owner.due.disarm(message.timer);
        if (!this.change(message, settlement.properties)) this.owner.changes.update(this.path, message);
        return;
      case 'deadLetter':
        this.deadLetter(message, now, settlement);
        return;
    }
  }

  private change(message: Message, user: PropertyChanges['user']): boolean {
    if (!user || Object.keys(user).length === 0) return false;
    this.sizeBytes -= message.content.sizeBytes;
    message.content = message.content.withProperties({ user });
    this.sizeBytes += message.content.sizeBytes;
    this.owner.changes.put(this.path, message);
    return true;
  }

  /** Renews the lock; gives the new end. @throws BrokerError when it is not held any more. */
  renew(lockId: number, now: number): number {
    const message = this.locked(lockId);
    this.armLock(message, now + this.settings.lockDurationMs);
    return message.lock!.until;
  }

  /** Deferred messages by number, under locks. @throws BrokerError when one of them is not there to be received. */
  lockDeferred(sequences: readonly number[], now: number, holder: Holder): Message[] {
    const messages = this.deferred(sequences);
    for (const message of messages) this.lock(message, now, holder);
    return messages;
  }

  takeDeferred(sequences: readonly number[]): Message[] {
    const messages = this.deferred(sequences);
    for (const message of messages) this.removeMessage(message);
    return messages;
  }

  protected deferred(sequences: readonly number[]): Message[] {
    return [...new Set(sequences)].map((sequence) => {
      const message = this.messages.get(sequence);
      if (message?.state === 'deferred' && !message.lock) return message;
      throw new BrokerError(
        'com.microsoft:message-not-found',
        `Failed to lock one or more specified messages: there is no deferred message ${sequence} to be received here.`,
      );
    });
  }

  /** Takes scheduled messages back. @throws BrokerError when one is not scheduled any more; then none is cancelled. */
  cancelScheduled(sequences: readonly number[]): void {
    const messages = sequences.map((sequence) => {
      const message = this.messages.get(sequence);
      if (message?.state === 'scheduled') return message;
      throw new BrokerError('com.microsoft:message-not-found', `There is no scheduled message ${sequence} here.`);
    });
    for (const message of messages) this.removeMessage(message);
  }

  /** At most `count` messages from a number on, whatever their state. */
  peek(from: number, count: number, sessionId: string | null): Message[] {
    const found: Message[] = [];
    for (const message of this.messages.from(from)) {
      if (found.length >= count) break;
      if (sessionId === null || message.content.sessionId === sessionId) found.push(message);
    }
    return found;
  }

  /** Removes up to `count` waiting messages that entered before an instant; gives how many. */
  deleteBatch(count: number, enqueuedBefore: number): number {
    let deleted = 0;
    for (const message of this.messages.from(0)) {
      if (deleted >= count || message.enqueuedAt > enqueuedBefore) break;
      if (message.lock || message.state === 'scheduled') continue;
      this.removeMessage(message);
      deleted++;
    }
    return deleted;
  }

  private activate(message: Message, now: number): void {
    this.removeMessage(message);
    this.owner.activate(this, message, now);
  }

  private expire(message: Message, now: number): void {
    if (message.lock || message.state !== 'active') return;
    if (!this.settings.deadLetterOnExpiry) {
      this.removeMessage(message);
      return;
    }
    const description = 'The message expired and was dead lettered.';
    this.deadLetter(message, now, { reason: 'TTLExpiredException', description });
  }

  protected deadLetter(message: Message, now: number, changes: DeadLetterChanges): void {
    this.removeMessage(message);
    this.owner.deadLetter(this, message, changes, now);
  }

  protected removeMessage(message: Message): void {
    this.unready(message);
    this.owner.due.disarm(message.timer);
    message.isGone = true;
    this.sizeBytes -= message.content.sizeBytes;
    this.messages.delete(message);
    this.owner.changes.remove(this.path, message.sequence);
  }

  /** How many messages are in a state. */
  count(state: MessageState): number {
    let count = 0;
    for (const message of this.messages.values()) if (message.state === state) count++;
    return count;
  }
}
