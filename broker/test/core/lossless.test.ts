/**
 * Whatever receivers do, and whenever the broker dies, each message is in exactly one place: waiting, locked, deferred,
 * scheduled, dead-lettered, or completed once. Random operations on the core, with a journal kept as a model of the disk.
 */
import fc from 'fast-check';
import type { ChangeSink } from '../../core/changes';
import { noChanges } from '../../core/changes';
import { Holder } from '../../core/holder';
import type { Message } from '../../core/message';
import type { Namespace } from '../../core/namespace';
import { SessionQueue } from '../../core/sessionQueue';
import type { QueueSettings } from '../../core/settings';
import { TestContent, namespaceWith } from './support';

type Step =
  | { readonly kind: 'send' | 'schedule' | 'receive' | 'crash' | 'receiveDeferred' | 'releaseSession' }
  | { readonly kind: 'complete' | 'abandon' | 'defer' | 'deadLetter' | 'renew'; readonly pick: number }
  | { readonly kind: 'pass'; readonly ms: number };

const pick = fc.nat(50);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'send' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'schedule' }, { kind: 'crash' }, { kind: 'releaseSession' }) },
  { weight: 5, arbitrary: fc.constantFrom<Step>({ kind: 'receive' }, { kind: 'receiveDeferred' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'complete' as const,
        'abandon' as const,
        'defer' as const,
        'deadLetter' as const,
        'renew' as const,
      ),
      pick,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(1_500) }) },
);

/** What a journal would hold: each queue's messages by number. */
class Disk implements ChangeSink {
  readonly stored = new Map<string, Map<number, Message>>();
  update = noChanges.update;
  sessionState = noChanges.sessionState;
  seen = noChanges.seen;
  sequence = noChanges.sequence;
  rule = noChanges.rule;

  put(queue: string, message: Message): void {
    if (!this.stored.has(queue)) this.stored.set(queue, new Map());
    this.stored.get(queue)!.set(message.sequence, message);
  }

  remove(queue: string, sequence: number): void {
    this.stored.get(queue)!.delete(sequence);
  }
}

class World {
  namespace: Namespace;
  disk = new Disk();
  now = 0;
  sent = 0;
  readonly completed: string[] = [];
  private locks: { id: number; message: Message }[] = [];
  private holder = new Holder();

  constructor(private readonly settings: Partial<QueueSettings>) {
    this.namespace = namespaceWith(settings);
    this.namespace.changes = this.disk;
  }

  private get queue() {
    return this.namespace.queueAt('q');
  }

  run(step: Step): void {
    switch (step.kind) {
      case 'send':
      case 'schedule':
        return this.send(step.kind === 'schedule');
      case 'receive':
        return this.receive();
      case 'receiveDeferred':
        return this.receiveDeferred();
      case 'pass':
        this.now += step.ms;
        this.namespace.tick(this.now);
        return;
      case 'crash':
        return this.crash();
      case 'releaseSession':
        if (this.queue instanceof SessionQueue)
          for (const id of this.queue.sessionIds()) this.queue.closeSession(id, this.holder, this.now);
        return;
      default:
        return this.settle(step.kind, step.pick);
    }
  }

  private send(isScheduled: boolean): void {
    const id = `m${this.sent++}`;
    const session = this.settings.requiresSession ? { sessionid: `s${this.sent % 3}` } : {};
    const schedule = isScheduled ? { scheduledfor: this.now + 700 } : {};
    this.namespace.send('q', [new TestContent(id, {}, { ...session, ...schedule })], this.now);
  }

  private receive(): void {
    const { queue } = this;
    if (queue instanceof SessionQueue) {
      const session = queue.acceptSession(null, this.now, this.holder);
      for (let message = session && queue.lockNextOf(session, this.now, this.holder); message;) {
        this.locks.push({ id: message.lock!.id, message });
        message = queue.lockNextOf(session!, this.now, this.holder);
      }
      return;
    }
    const message = queue.lockNext(this.now, this.holder);
    if (message) this.locks.push({ id: message.lock!.id, message });
  }

  private receiveDeferred(): void {
    if (this.queue instanceof SessionQueue) return;
    const deferred = this.queue.peek(0, 1_000, null).find(({ state, lock }) => state === 'deferred' && !lock);
    if (!deferred) return;
    const [message] = this.queue.lockDeferred([deferred.sequence], this.now, this.holder);
    this.locks.push({ id: message!.lock!.id, message: message! });
  }

  private settle(kind: 'complete' | 'abandon' | 'defer' | 'deadLetter' | 'renew', pick: number): void {
    if (this.locks.length === 0) return;
    const { id, message } = this.locks.splice(pick % this.locks.length, 1)[0]!;
    const isHeld = this.queue.findLocked(id) !== null;
    const act = (): unknown =>
      kind === 'renew' ? this.queue.renew(id, this.now) : this.queue.settle(id, { kind }, this.now);
    if (!isHeld) {
      expect(act).toThrow();
      return;
    }
    act();
    if (kind === 'renew') this.locks.push({ id, message });
    if (kind === 'complete') this.completed.push(message.content.messageId);
  }

  /** A new broker with what the disk has. */
  private crash(): void {
    const before = this.disk;
    this.namespace = namespaceWith(this.settings);
    this.disk = new Disk();
    for (const queue of this.namespace.queues()) {
      const messages = [...(before.stored.get(queue.path)?.values() ?? [])].sort((a, b) => a.sequence - b.sequence);
      for (const message of messages) {
        const fresh = { ...message, lock: null, timer: null, isReady: false, isGone: false, session: null };
        queue.insert(fresh);
        this.disk.put(queue.path, fresh);
      }
    }
    this.namespace.changes = this.disk;
    this.holder = new Holder();
    this.locks = [];
    this.namespace.tick(this.now);
  }

  /** Every message once, in memory and on disk alike. */
  check(): void {
    const inMemory: string[] = [];
    for (const queue of this.namespace.queues()) {
      for (const message of queue.messages.values()) inMemory.push(message.content.messageId);
      const onDisk = [...(this.disk.stored.get(queue.path)?.keys() ?? [])].sort((a, b) => a - b);
      expect(onDisk).toEqual([...queue.messages.from(0)].map(({ sequence }) => sequence));
    }
    const all = [...inMemory, ...this.completed].sort();
    expect(all).toEqual(Array.from({ length: this.sent }, (_, index) => `m${index}`).sort());
    expect(this.namespace.heldLocks).toBe(this.queue.lockedCount);
  }
}

test.each([
  ['a queue', {}],
  ['a queue with sessions', { requiresSession: true }],
  ['a queue whose messages expire into its dead letters', { defaultTimeToLiveMs: 2_000, deadLetterOnExpiry: true }],
])('no message of %s is lost or doubled', (_, settings) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const world = new World(settings);
      for (const one of steps) {
        world.run(one);
        world.check();
      }
    }),
    { numRuns: 300 },
  );
});
