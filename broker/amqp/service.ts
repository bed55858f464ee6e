/**
 * What every part of the AMQP layer works with: the namespace, the instant, and when something is safe on disk. One per
 * broker.
 */
import type { Namespace } from '../core/namespace';
import type { LockTokens } from './lockTokens';
import type { Dispatcher } from './dispatcher';

/** Standard tier: a message or batch may have this many bytes. */
export const MESSAGE_BYTES_MAX = 262_144;

export interface Service {
  readonly namespace: Namespace;
  readonly tokens: LockTokens;
  readonly dispatcher: Dispatcher;
  readonly now: () => number;
  /** Calls back when all changes made so far are on disk: at once where there is no journal. */
  readonly whenDurable: (then: () => void) => void;
  /** Something was done: timers and waiters for idleness are to look again. */
  readonly touched: () => void;
}
