/**
 * Brings a namespace back to what the journal says. Messages go into their queues in the order of their sequence numbers,
 * unlocked; a queue that the configuration no longer has but that still holds messages is an error, not a loss.
 */
import { BrokerError } from '../core/errors';
import type { Content, Message } from '../core/message';
import type { Entity } from '../core/entities';
import type { Namespace } from '../core/namespace';
import type { Queue } from '../core/queue';
import { SessionQueue } from '../core/sessionQueue';
import { JournalError } from './journalError';
import { FORMAT, VERSION, recordsOf, type JournalRecord } from './records';

export type DecodeContent = (bytes: Buffer) => Content;

interface Stored {
  readonly put: Extract<JournalRecord, readonly ['put', ...unknown[]]>;
  readonly bytes: Buffer;
  deliveryCount: number;
  state: Message['state'];
}

export class Restoration {
  private readonly messages = new Map<string, Map<number, Stored>>();
  private readonly sequences = new Map<string, number>();
  private readonly states = new Map<string, Map<string, Buffer>>();
  /** Subscriptions whose rules were changed while running. */
  readonly changedRules = new Set<string>();
  private isFirst = true;

  constructor(
    private readonly namespace: Namespace,
    private readonly folder: string,
  ) {}

  apply(payload: Buffer): void {
    for (const [record, bytes] of recordsOf(payload)) {
      if (this.isFirst) this.checkFormat(record);
      else this.applyRecord(record, bytes);
      this.isFirst = false;
    }
  }

  private checkFormat(record: JournalRecord): void {
    if (record[0] === 'format' && record[1] === FORMAT && record[2] === VERSION) return;
    throw new JournalError(
      `The journal in ${this.folder} begins with ${JSON.stringify(record)}, but this broker reads only ` +
        `${JSON.stringify(['format', FORMAT, VERSION])}. Use the version that wrote it, or give an empty folder.`,
    );
  }

  private applyRecord(record: JournalRecord, bytes: Buffer): void {
    switch (record[0]) {
      case 'put':
        this.queue(record[1]).set(record[2], { put: record, bytes, deliveryCount: record[7], state: record[8] });
        this.sequence(record[1], record[2]);
        return;
      case 'update': {
        const stored = this.queue(record[1]).get(record[2]);
        if (stored) Object.assign(stored, { deliveryCount: record[3], state: record[4] });
        return;
      }
      case 'remove':
        this.queue(record[1]).delete(record[2]);
        return;
      case 'state':
        this.sessionState(record[1], record[2], record[3] ? Buffer.from(bytes) : null);
        return;
      case 'seen':
        this.entity(record[1])?.duplicates?.remember(record[2], record[3]);
        return;
      case 'sequence':
        this.sequence(record[1], record[2]);
        return;
      case 'rules':
        this.rules(record[1], record[2]);
        return;
      case 'format':
        return;
    }
  }

  private queue(path: string): Map<number, Stored> {
    let queue = this.messages.get(path);
    if (!queue) this.messages.set(path, (queue = new Map<number, Stored>()));
    return queue;
  }

  private sequence(path: string, last: number): void {
    this.sequences.set(path, Math.max(last, this.sequences.get(path) ?? 0));
  }

  private sessionState(path: string, id: string, state: Buffer | null): void {
    let states = this.states.get(path);
    if (!states) this.states.set(path, (states = new Map<string, Buffer>()));
    if (state) states.set(id, state);
    else states.delete(id);
  }

  private rules(path: string, rules: readonly (readonly [string, Parameters<NonNullable<RulesOf>['add']>[1]])[]): void {
    const entity = this.entity(path);
    if (entity?.kind !== 'subscription' || !entity.rules) return;
    entity.rules.clear();
    for (const [name, rule] of rules) entity.rules.add(name, rule);
    this.changedRules.add(entity.path);
  }

  private entity(path: string): Entity | undefined {
    return this.namespace.entities.get(path.toLowerCase());
  }

  /** Puts everything in place. @throws JournalError when the configuration lacks a queue that holds messages. */
  finish(decode: DecodeContent): void {
    const queues = new Map([...this.namespace.queues()].map((queue) => [queue.path, queue]));
    const missing = [...this.messages].filter(([path, messages]) => messages.size > 0 && !queues.has(path));
    if (missing.length > 0) {
      const held = missing.map(([path, messages]) => `${path} (${messages.size})`).join(', ');
      throw new JournalError(
        `The journal in ${this.folder} holds messages of queues that the configuration does not have: ${held}. ` +
          'Put these entities back, or give an empty folder.',
      );
    }
    for (const [path, queue] of queues) this.fill(queue, [...(this.messages.get(path) ?? [])], decode);
    for (const [path, last] of this.sequences) {
      const queue = queues.get(path);
      if (queue) queue.lastSequence = Math.max(queue.lastSequence, last);
    }
    for (const [path, states] of this.states) {
      const queue = queues.get(path);
      if (queue instanceof SessionQueue) for (const [id, state] of states) queue.setState(id, state);
    }
  }

  private fill(queue: Queue, stored: [number, Stored][], decode: DecodeContent): void {
    stored.sort(([a], [b]) => a - b);
    for (const [, message] of stored) {
      try {
        queue.insert(toMessage(message, decode));
      } catch (error) {
        if (error instanceof BrokerError || error instanceof Error) {
          throw new JournalError(
            `The journal in ${this.folder} has an unreadable message in ${queue.path}: ${error.message}`,
          );
        }
        throw error;
      }
    }
  }
}

type RulesOf = Extract<Entity, { kind: 'queue' | 'subscription' }>['rules'];

function toMessage({ put, bytes, deliveryCount, state }: Stored, decode: DecodeContent): Message {
  const [, , sequence, enqueuedSequence, enqueuedAt, expiresAt, scheduledFor, , , deadLetterSource, hops] = put;
  return {
    sequence,
    enqueuedSequence,
    content: decode(Buffer.from(bytes)),
    enqueuedAt,
    expiresAt: expiresAt ?? Infinity,
    scheduledFor,
    deliveryCount,
    state,
    deadLetterSource,
    hops,
    lock: null,
    timer: null,
    isReady: false,
    isGone: false,
    session: null,
  };
}
