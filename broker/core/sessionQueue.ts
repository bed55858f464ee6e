/**
 * A queue whose messages belong to sessions. A receiver holds a whole session: the session's lock covers its messages.
 * When that lock expires, a delivery is counted for each message handed out; when the holder closes it, none is (as
 * Azure documents it).
 */
import { sessionCannotBeLocked, sessionLockLost } from './errors';
import type { Holder } from './holder';
import type { Message } from './message';
import { Queue } from './queue';
import { Session } from './session';

export class SessionQueue extends Queue {
  private readonly sessions = new Map<string, Session>();
  /** Sessions with waiting messages that nobody holds, in the order in which they became so. */
  private readonly available = new Set<Session>();
  private waiting = 0;

  override get readyCount(): number {
    return this.waiting;
  }

  get availableCount(): number {
    return this.available.size;
  }

  protected override makeReady(message: Message): void {
    const session = this.session(message.content.sessionId ?? '');
    message.session = session;
    session.ready.add(message);
    this.waiting++;
    if (!session.lock) this.available.add(session);
    this.owner.becameReady(this);
  }

  protected override unready(message: Message): void {
    const session = message.session;
    if (!session || !message.isReady) return;
    session.ready.remove(message);
    this.waiting--;
    if (session.ready.count === 0) this.available.delete(session);
    this.forget(session);
  }

  /** Locks a session: the one named, or with null the next one with waiting messages (null: there is none). */
  acceptSession(sessionId: string | null, now: number, holder: Holder): Session | null {
    const session = sessionId === null ? this.available.values().next().value : this.session(sessionId);
    if (!session) return null;
    if (session.lock) throw sessionCannotBeLocked(session.id);
    session.lock = { holder, until: 0, timer: null };
    this.available.delete(session);
    this.armSession(session, now);
    return session;
  }

  private armSession(session: Session, now: number): void {
    const lock = session.lock!;
    this.owner.due.disarm(lock.timer);
    lock.until = now + this.settings.lockDurationMs;
    lock.timer = this.owner.due.arm(lock.until, (at) => this.sessionExpired(session, at));
  }

  private sessionExpired(session: Session, now: number): void {
    const holder = session.lock!.holder;
    this.unlockSession(session, (message) => this.countFailure(message, now));
    holder.onSessionLost(session.id);
  }

  /** The holder lets the session go; does nothing when it does not hold it any more. */
  closeSession(sessionId: string, holder: Holder, now: number): void {
    const session = this.sessions.get(sessionId);
    if (session?.lock?.holder !== holder) return;
    this.unlockSession(session, (message) => this.giveBack(message, now));
  }

  private unlockSession(session: Session, then: (message: Message) => void): void {
    const messages = [...session.locked].sort((a, b) => a.sequence - b.sequence);
    for (const message of messages) this.unlock(message);
    this.owner.due.disarm(session.lock!.timer);
    session.lock = null;
    for (const message of messages) then(message);
    if (session.ready.count > 0) {
      this.available.add(session);
      this.owner.becameReady(this);
    }
    this.forget(session);
  }

  /** @throws BrokerError when the holder does not hold the session (any more). */
  renewSession(sessionId: string, holder: Holder | null, now: number): number {
    const session = this.held(sessionId, holder);
    this.armSession(session, now);
    return session.lock!.until;
  }

  /** The session, held by `holder` (null: by anyone). @throws BrokerError otherwise. */
  held(sessionId: string, holder: Holder | null): Session {
    const session = this.sessions.get(sessionId);
    if (!session?.lock || (holder && session.lock.holder !== holder)) throw sessionLockLost(sessionId);
    return session;
  }

  setState(sessionId: string, state: Buffer | null): void {
    const session = this.session(sessionId);
    session.state = state;
    this.owner.changes.sessionState(this.path, sessionId, state);
    this.forget(session);
  }

  state(sessionId: string): Buffer | null {
    return this.sessions.get(sessionId)?.state ?? null;
  }

  /** Every stored session state. */
  *states(): IterableIterator<[string, Buffer]> {
    for (const session of this.sessions.values()) if (session.state) yield [session.id, session.state];
  }

  lockNextOf(session: Session, now: number, holder: Holder): Message | null {
    const message = session.ready.take();
    if (!message) return null;
    this.waiting--;
    this.lock(message, now, holder);
    return message;
  }

  takeNextOf(session: Session): Message | null {
    const message = session.ready.first();
    if (message) this.removeMessage(message);
    return message;
  }

  protected override lock(message: Message, now: number, holder: Holder): void {
    const session = this.session(message.content.sessionId ?? '');
    message.session = session;
    session.locked.add(message);
    super.lock(message, now, holder);
  }

  /** The session's lock counts, so a message has no timer of its own. */
  protected override armLock(): void {}

  protected override unlock(message: Message): void {
    const { session } = message;
    session?.locked.delete(message);
    super.unlock(message);
    if (session) this.forget(session);
  }

  override locked(lockId: number): Message {
    const message = this.locks.get(lockId);
    if (!message) throw sessionLockLost('of the message');
    return message;
  }

  override renew(lockId: number, now: number): number {
    const message = this.locked(lockId);
    this.armSession(message.session!, now);
    return message.session!.lock!.until;
  }

  override lockedUntil(message: Message): number | null {
    return message.lock ? (message.session?.lock?.until ?? null) : null;
  }

  /** Ids of the sessions that have messages or state, in order of their first use. */
  sessionIds(): string[] {
    return [...this.sessions.keys()];
  }

  private session(id: string): Session {
    let session = this.sessions.get(id);
    if (!session) this.sessions.set(id, (session = new Session(id)));
    return session;
  }

  private forget(session: Session): void {
    if (session.isEmpty && this.sessions.get(session.id) === session) this.sessions.delete(session.id);
  }
}
