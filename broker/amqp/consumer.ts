/**
 * One receiving link of a client. Sends messages as long as the link has credit, keeps each under a lock until it is
 * settled (or, in receive-and-delete, removes it first) and passes dispositions on to the queue.
 */
import type { Holder } from '../core/holder';
import type { Message } from '../core/message';
import type { Queue } from '../core/queue';
import type { Settlement } from '../core/queueOwner';
import type { Session } from '../core/session';
import { SessionQueue } from '../core/sessionQueue';
import { sessionLockLost } from '../core/errors';
import { encodeDelivery } from './encodeDelivery';
import { accept, refuse } from './outcomes';
import type { Delivery, Sender } from './rheaTypes';
import type { Service } from './service';
import { settlementOfModified, settlementOfRejected } from './settlements';

const SETTLED = 1;
/** How long a link outlives its lost session. */
const DETACH_AFTER_MS = 50;

export class Consumer {
  readonly isDeleting: boolean;
  /** Taken from the queue but not handed to the link: waiting for the journal. */
  private pending = 0;
  private isClosed = false;

  constructor(
    readonly link: Sender,
    readonly queue: Queue,
    readonly session: Session | null,
    readonly holder: Holder,
    private readonly service: Service,
  ) {
    holder.onSessionLost = (sessionId) => this.sessionLost(sessionId);
    this.isDeleting = link.snd_settle_mode === SETTLED;
    answerDrainAtZeroCredit(link);
    const settle = (settlement: (delivery: Delivery) => Settlement) => (context: { delivery: Delivery }) =>
      this.settle(context.delivery, settlement(context.delivery));
    link.on(
      'accepted',
      settle(() => ({ kind: 'complete' })),
    );
    link.on(
      'released',
      settle(() => ({ kind: 'abandon' })),
    );
    link.on('modified', settle(settlementOfModified));
    link.on('rejected', settle(settlementOfRejected));
    link.on('sender_flow', () => this.flow());
    link.on('sendable', () => service.dispatcher.serve(this));
    setImmediate(() => this.flow());
  }

  /** Whether a message could be sent now. */
  get hasCredit(): boolean {
    if (this.isClosed || isUnanswered(this.link)) return false;
    return this.credit() > 0 && this.link.session.outgoing.available() > 0;
  }

  /** Credit less what is on its way to the wire: rhea takes credit off only when it writes. */
  private credit(): number {
    const { next_delivery_id: next, next_pending_delivery: pending } = this.link.session.outgoing;
    return this.link.credit - (next - pending) - this.pending;
  }

  /** Messages that wait for this receiver alone (those of its session). */
  get waitingCount(): number {
    return this.session?.ready.count ?? 0;
  }

  /** Sends the next message if there is one and credit for it. */
  sendNext(now: number): boolean {
    if (!this.hasCredit) return false;
    return this.isDeleting ? this.takeAndSend() : this.lockAndSend(now);
  }

  private lockAndSend(now: number): boolean {
    const message = this.session
      ? (this.queue as SessionQueue).lockNextOf(this.session, now, this.holder)
      : this.queue.lockNext(now, this.holder);
    if (!message) return false;
    const payload = encodeDelivery(message, this.queue.lockedUntil(message));
    this.link.send(payload, this.service.tokens.tag(message.lock!.id), 0);
    return true;
  }

  private takeAndSend(): boolean {
    const message = this.session ? (this.queue as SessionQueue).takeNextOf(this.session) : this.queue.takeNext();
    if (!message) return false;
    this.pending++;
    this.service.whenDurable(() => this.sendTaken(message));
    return true;
  }

  private sendTaken(message: Message): void {
    this.pending--;
    if (this.isClosed) return;
    const tag = this.service.tokens.tag(this.service.namespace.nextLockId());
    this.link.send(encodeDelivery(message, null), tag, 0).settled = true;
    this.answerDrain();
  }

  private flow(): void {
    this.service.dispatcher.serve(this);
    this.answerDrain();
    this.service.touched();
  }

  private answerDrain(): void {
    if (this.link._draining && this.pending === 0) {
      this.link.set_drained(true);
      this.link.connection._register();
    }
  }

  private settle(delivery: Delivery, settlement: Settlement): void {
    if (delivery.settled) return;
    const { service } = this;
    const now = service.now();
    try {
      service.namespace.tick(now);
      this.queue.settle(service.tokens.lockOfTag(delivery.tag), settlement, now);
      service.whenDurable(() => accept(delivery));
    } catch (error) {
      refuse(delivery, this.session && !this.session.lock ? sessionLockLost(this.session.id) : error);
    }
    service.touched();
  }

  /** Settlements already on their way are refused first: after a detach the client would wait for them in vain. */
  private sessionLost(sessionId: string): void {
    this.close();
    const { condition, message } = sessionLockLost(sessionId);
    setTimeout(() => {
      if (this.link.is_open()) this.link.close({ condition, description: message });
    }, DETACH_AFTER_MS).unref();
  }

  /** The link is gone: what was never sent goes back, a session is let go, other locks run out. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { namespace, now, dispatcher, touched } = this.service;
    dispatcher.remove(this);
    this.releaseUnsent(now());
    if (this.session) (this.queue as SessionQueue).closeSession(this.session.id, this.holder, now());
    namespace.disconnect(this.holder);
    touched();
  }

  private releaseUnsent(now: number): void {
    const { outgoing } = this.link.session;
    for (let id = outgoing.next_pending_delivery; id < outgoing.next_delivery_id; id++) {
      const delivery = outgoing.deliveries.by_id(id);
      if (delivery?.link === this.link) this.queue.release(this.service.tokens.lockOfTag(delivery.tag), now);
    }
  }
}

/** The answer to the attach is not written yet: rhea would write a message before it. */
function isUnanswered(link: Sender): boolean {
  return link.state.open_requests > 0;
}

/** rhea answers a drain only while it has credit; a client that has just got its last message waits for the answer. */
function answerDrainAtZeroCredit(link: Sender): void {
  link._get_drain = () => {
    if (!link._draining || !link._drained) return false;
    link.delivery_count += link.credit;
    link.credit = 0;
    link._drained = false;
    return true;
  };
}
