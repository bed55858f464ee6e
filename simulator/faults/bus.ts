/**
 * Queues that deliver at least once and not in order: some messages come twice, orders of texts may come late or
 * shuffled, and what its receiver failed on comes again later, until it is dead. Late ones wait for `deliverDue`.
 */
import type { Reply } from '../../domain/input';
import { ServiceError } from '../../services/errors';
import { answerWave } from '../../services/rows';
import {
  DELIVERIES_MAX,
  DETECTS_DUPLICATES,
  messageIdOfBody,
  type DomainEvent,
  type QueueBodies,
  type QueueName,
  type TextOrder,
} from '../../services/messaging';
import type { MemoryMessaging } from '../../services/memory/messaging';
import type { Ambush } from './ambush';
import type { Faults } from './plan';

/** Of an order: one that waited longer is gone (infra/servicebus.config.json). */
const TIME_TO_LIVE_MS = 3_600_000;
/** Before a message that failed comes again: the lock must expire. */
const REDELIVERED_MS = 30_000;

interface Waiting {
  readonly queue: QueueName;
  readonly bodies: readonly never[];
  readonly sentAtMs: number;
  readonly dueMs: number;
  /** Of the message, its copies included, as the service counts them; and whether one of them was taken. */
  readonly deliveries: { made: number; taken: boolean };
}

type Handler = (bodies: readonly never[], delivery: number) => Promise<void>;

/** What was held up that no receiver can make up for. */
export interface HeldUp {
  /** Replies that came again, after others, by id. */
  readonly replies: string[];
  /** Answers that came late, and those that were gone by then, by reply id. */
  readonly answers: string[];
  readonly lostAnswers: string[];
  /** Texts and answers whose orders came late; since when, epoch ms. */
  readonly orders: HeldUpOrder[];
  readonly inputs: HeldUpInput[];
}

export interface HeldUpOrder {
  readonly messageId: string;
  readonly patientId: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of an answer. */
  readonly replyId?: string;
}

/** Between its coming and its being taken in, epoch ms, nobody could know of it. */
export interface HeldUpInput {
  readonly fromMs: number;
  readonly untilMs: number;
  /** When its receiver failed on it. */
  readonly failedAtMs: number;
  /** As it came, in JSON. */
  readonly text: string;
  readonly queue: QueueName;
}

export class FaultyBus implements MemoryMessaging {
  readonly dead: { queue: QueueName; why: string }[] = [];
  readonly heldUp: HeldUp = { replies: [], answers: [], lostAnswers: [], orders: [], inputs: [] };
  private readonly handlers = new Map<QueueName, Handler>();
  private waiting: Waiting[] = [];
  /** Ids of orders that were taken: duplicate detection. */
  private readonly taken = new Set<string>();

  constructor(
    private readonly faults: Faults,
    private readonly ambush: Ambush,
    private readonly nowMs: () => number,
  ) {}

  async send<Q extends QueueName>(queue: Q, bodies: readonly QueueBodies[Q][]): Promise<void> {
    if (this.faults.strikes('busBefore', queue)) throw new ServiceError('UNAVAILABLE', 'simulated: the bus is away');
    if (queue === 'outbound-texts') this.ambush.onOrders(bodies as readonly TextOrder[]);
    for (const group of this.groupsOf(queue, this.fresh(queue, bodies) as readonly never[])) {
      const late = queue === 'outbound-texts' && this.faults.strikes('busLate', queue);
      const delayMs = late ? 1 + Math.floor(this.faults.luck('late') * this.faults.plan.rates.busLateMs) : 0;
      const sentAtMs = this.nowMs();
      const message: Waiting = {
        queue,
        bodies: group,
        sentAtMs,
        dueMs: sentAtMs + delayMs,
        deliveries: { made: 0, taken: false },
      };
      if (late) this.hold(message);
      else await this.deliver(message);
      if (queue !== 'call-intervals' && this.faults.strikes('busTwice', queue)) await this.deliver(message);
    }
    // An interval has no id: a sender that is not sure whether it was taken cannot send it again (formats.md).
    if (queue !== 'call-intervals' && this.faults.strikes('busAfter', queue))
      throw new ServiceError('TIMED_OUT', 'simulated: the bus did not answer');
  }

  async publish(events: readonly DomainEvent[]): Promise<void> {
    void events;
    if (this.faults.strikes('busBefore', 'domain-events')) throw new ServiceError('UNAVAILABLE', 'simulated');
  }

  handle<Q extends QueueName>(
    queue: Q,
    handler: (bodies: readonly QueueBodies[Q][], delivery: number) => Promise<void>,
  ): void {
    this.handlers.set(queue, handler as unknown as Handler);
  }

  subscribe(): void {}

  /** When the next late message is due. */
  nextAt(): number | undefined {
    return this.waiting.length === 0 ? undefined : Math.min(...this.waiting.map(({ dueMs }) => dueMs));
  }

  async deliverDue(atMs: number): Promise<void> {
    const due = this.waiting.filter(({ dueMs }) => dueMs <= atMs);
    this.waiting = this.waiting.filter(({ dueMs }) => dueMs > atMs);
    for (const message of due) await this.deliver(message);
  }

  private hold(message: Waiting): void {
    this.wait(message);
    this.ambush.onHeld(message.bodies as readonly TextOrder[], this.nowMs(), message.dueMs);
  }

  private fresh<Q extends QueueName>(queue: Q, bodies: readonly QueueBodies[Q][]): readonly QueueBodies[Q][] {
    if (queue !== DETECTS_DUPLICATES) return bodies;
    const ids = bodies.map((body) => messageIdOfBody(queue, body));
    const fresh = bodies.filter((_, i) => !this.taken.has(ids[i]!));
    for (const id of ids) this.taken.add(id);
    return fresh;
  }

  private groupsOf(queue: QueueName, bodies: readonly never[]): readonly (readonly never[])[] {
    if (queue !== 'outbound-texts' || bodies.length < 2 || !this.faults.strikes('busShuffled', queue)) return [bodies];
    return bodies
      .map((body) => ({ body, at: this.faults.luck('shuffle') }))
      .sort((a, b) => a.at - b.at)
      .map(({ body }) => [body]);
  }

  private async deliver(message: Waiting): Promise<void> {
    const { queue, bodies, sentAtMs, deliveries } = message;
    if (queue === 'outbound-texts' && this.nowMs() - sentAtMs > TIME_TO_LIVE_MS)
      return void this.heldUp.lostAnswers.push(...answersIn(message));
    deliveries.made += 1;
    try {
      await this.handlers.get(queue)!(bodies, deliveries.made);
      deliveries.taken = true;
    } catch (error) {
      if (deliveries.made >= DELIVERIES_MAX) this.dead.push({ queue, why: String(error) });
      else this.wait({ ...message, dueMs: this.nowMs() + REDELIVERED_MS });
    }
  }

  private wait(message: Waiting): void {
    this.waiting.push(message);
    // A copy that comes again changes nothing that was known.
    if (message.deliveries.taken) return;
    const { queue, bodies, sentAtMs: fromMs, dueMs: untilMs } = message;
    const { heldUp } = this;
    heldUp.answers.push(...answersIn(message));
    if (queue === 'outbound-texts')
      for (const { text, row } of bodies as readonly TextOrder[]) {
        const answer = row.value.phase === 'REPLY' ? { replyId: repliedTo(row.value.wave) } : {};
        heldUp.orders.push({ messageId: text.messageId, patientId: text.patientId, fromMs, untilMs, ...answer });
      }
    else heldUp.inputs.push({ fromMs, untilMs, failedAtMs: this.nowMs(), text: JSON.stringify(bodies), queue });
    if (queue === 'sms-replies') heldUp.replies.push(...(bodies as readonly Reply[]).map(({ replyId }) => replyId));
  }
}

/** Ids of the replies that a message with orders answers. */
function answersIn({ queue, bodies }: Waiting): readonly string[] {
  if (queue !== 'outbound-texts') return [];
  const rows = (bodies as readonly TextOrder[]).map(({ row }) => row.value);
  return rows.filter(({ phase }) => phase === 'REPLY').map(({ wave }) => repliedTo(wave));
}

function repliedTo(wave: string): string {
  return wave.slice(answerWave('').length);
}
