/**
 * Receiving links that want a session: one by name, or the next that has messages and nobody holds. The attach is
 * answered only when the session is there or the client's patience (`com.microsoft:timeout`) is over; rhea would answer
 * at once, so its `open` is held back for links that ask for the next session.
 */
import { BrokerError, notAllowed } from '../core/errors';
import { Holder } from '../core/holder';
import type { Queue } from '../core/queue';
import type { Session } from '../core/session';
import { SessionQueue } from '../core/sessionQueue';
import { Consumer } from './consumer';
import type { Sender } from './rheaTypes';
import { types } from './rheaTypes';
import type { Service } from './service';

const FILTER = 'com.microsoft:session-filter';
const TIMEOUT = 'com.microsoft:timeout';
const LOCKED_UNTIL = 'com.microsoft:locked-until-utc';
/** Below the client's own 60 s, so that it hears our answer. */
const PATIENCE_MS_MAX = 59_000;
const TICKS_AT_1970 = 621_355_968_000_000_000n;
const TICKS_PER_MS = 10_000n;

export type SessionWish = { readonly id: string } | 'next' | null;

/** What a link asks for; null: it does not want a session. */
export function sessionWish(link: Sender): SessionWish {
  const filter = link.remote.attach?.source?.filter ?? link.source?.filter;
  if (!filter || !(FILTER in filter)) return null;
  const value = filter[FILTER] as { value?: unknown } | string | null;
  const id = typeof value === 'object' && value !== null ? value.value : value;
  return typeof id === 'string' ? { id } : 'next';
}

/** Opens the link on its session, now or later. `opened` gets the consumer, `refused` the reason. */
export function attachSession(
  link: Sender,
  queue: Queue,
  wish: { readonly id: string } | 'next',
  service: Service,
  opened: (consumer: Consumer) => void,
  refused: (error: unknown) => void,
): void {
  if (!(queue instanceof SessionQueue)) {
    refused(
      notAllowed(`A sessionful message receiver cannot be created on '${queue.path}': it does not require sessions.`),
    );
    return;
  }
  const open = (id: string | null): boolean => {
    const holder = new Holder();
    const session = queue.acceptSession(id, service.now(), holder);
    if (!session) return false;
    answer(link, queue, session);
    opened(new Consumer(link, queue, session, holder, service));
    return true;
  };
  if (wish !== 'next') open(wish.id);
  else waitForNext(link, queue, service, () => open(null), refused);
}

function waitForNext(
  link: Sender,
  queue: SessionQueue,
  service: Service,
  open: () => boolean,
  refused: (error: unknown) => void,
): void {
  const given = Number(link.properties?.[TIMEOUT] ?? PATIENCE_MS_MAX);
  const patienceMs = Math.min(Number.isFinite(given) ? given : PATIENCE_MS_MAX, PATIENCE_MS_MAX);
  const stop = (): void => {
    clearTimeout(timer);
    service.dispatcher.giveUp(queue, waiter);
    service.touched();
  };
  const waiter = {
    wake: () => {
      if (isGone(link)) stop();
      else if (open()) stop();
    },
  };
  const timer = setTimeout(() => {
    stop();
    if (isGone(link)) return;
    const description = `No session of '${queue.path}' became available within ${patienceMs} ms.`;
    refused(new BrokerError('com.microsoft:timeout', description));
  }, patienceMs);
  timer.unref();
  link.once('sender_close', stop);
  link.session.once('session_close', stop);
  link.connection.once('disconnected', stop);
  service.dispatcher.wait(queue, waiter);
}

function isGone(link: Sender): boolean {
  return !link.is_remote_open();
}

function answer(link: Sender, queue: SessionQueue, session: Session): void {
  link.set_source({ address: queue.path, filter: { [FILTER]: session.id } });
  link.set_target({ address: link.target?.address ?? link.name });
  const ticks = Buffer.alloc(8);
  ticks.writeBigInt64BE(BigInt(Math.round(session.lock!.until)) * TICKS_PER_MS + TICKS_AT_1970);
  link.local.attach['properties'] = { [LOCKED_UNTIL]: types.wrap_long(ticks) };
  link.attach();
}
