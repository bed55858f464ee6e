/**
 * Puts a broker together: settings, clock, journal, namespace and listener. The clock's owner asks `nextDueMs` and
 * `isIdle`, moves the clock and calls `tick`; with the default clock the broker wakes itself.
 */
import { AmqpServer } from './amqp/server';
import { AmqpContent } from './amqp/content';
import { Dispatcher } from './amqp/dispatcher';
import { LockTokens } from './amqp/lockTokens';
import type { Service } from './amqp/service';
import { systemClock, type Clock } from './clock';
import { readConfig } from './config/readConfig';
import { Namespace } from './core/namespace';
import { Idleness, isIdle, type InFlight } from './idleness';
import { Journal } from './journal/journal';

export interface BrokerOptions {
  /** The parsed content of a configuration file in the official emulator's format. */
  readonly config: unknown;
  /** 0 (the default) takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly clock?: Clock;
  /** A folder to keep messages in; without it they are in memory only. */
  readonly journal?: string;
  /** Refuse what the official emulator refuses. */
  readonly isStrict?: boolean;
}

/** How many messages of each kind an entity holds. */
export interface EntityCounts {
  readonly active: number;
  readonly deferred: number;
  readonly scheduled: number;
  readonly deadLettered: number;
  readonly locked: number;
}

export interface Broker {
  readonly connectionString: string;
  readonly port: number;
  /** The earliest instant at which something changes by itself; null when nothing will. */
  nextDueMs(): number | null;
  /** Does what is due at the clock's present instant; gives how many things were. */
  tick(): number;
  /** The same as `tick`. */
  advance(): number;
  /** True when nothing is queued for a connected receiver, in flight or due. */
  isIdle(): boolean;
  inFlight(): InFlight;
  whenIdle(): Promise<void>;
  /** Calls back each time it becomes idle; the result ends that. */
  onIdle(callback: () => void): () => void;
  /** Of a queue, subscription (`topic/Subscriptions/name`) or topic. @throws BrokerError when there is none. */
  counts(entity: string): EntityCounts;
  /** Stops listening, lets clients go and closes the journal. */
  stop(): Promise<void>;
}

/** @throws ConfigError, JournalError, or the system's error when the port cannot be had. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { clock = systemClock, host = '127.0.0.1', port = 0 } = options;
  const namespace = new Namespace(readConfig(options.config, { isStrict: options.isStrict ?? false }));
  const now = (): number => clock.now();
  const journal = options.journal === undefined ? null : Journal.open(options.journal, namespace, AmqpContent.decode);
  const dispatcher = new Dispatcher(now);
  namespace.onReady = (queue) => dispatcher.becameReady(queue);

  const inFlight = (): InFlight => ({
    queued: dispatcher.queuedForReceivers(),
    locked: namespace.heldLocks,
    ...server.busy(),
    unsaved: journal?.unsaved ?? 0,
    due: isDue(namespace, now()) ? 1 : 0,
  });
  const idleness = new Idleness(inFlight);
  const alarm = new Alarm(clock, namespace, () => tick());
  const touched = (): void => {
    alarm.set();
    idleness.touched();
  };
  const tick = (): number => {
    const done = namespace.tick(now());
    touched();
    return done;
  };
  const whenDurable = journal
    ? (then: () => void) => journal.whenDurable(() => (then(), touched()))
    : (then: () => void) => then();
  const service: Service = { namespace, tokens: new LockTokens(), dispatcher, now, whenDurable, touched };
  const server = new AmqpServer(service);
  const stop = async (): Promise<void> => {
    alarm.clear();
    await journal?.flush();
    await server.stop();
    await journal?.close();
  };
  const actualPort = await server.listen(host, port).catch(async (error: unknown) => {
    await journal?.close();
    throw error;
  });
  tick();
  return {
    connectionString: connectionString(host, actualPort),
    port: actualPort,
    nextDueMs: () => namespace.due.nextAt(),
    tick,
    advance: tick,
    isIdle: () => isIdle(inFlight()),
    inFlight,
    whenIdle: () => idleness.whenIdle(),
    onIdle: (callback) => idleness.onIdle(callback),
    counts: (entity) => countsOf(namespace, entity),
    stop,
  };
}

function isDue(namespace: Namespace, now: number): boolean {
  const next = namespace.due.nextAt();
  return next !== null && next <= now;
}

export function connectionString(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return (
    `Endpoint=sb://${reachable}:${port};SharedAccessKeyName=RootManageSharedAccessKey;` +
    'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;'
  );
}

function countsOf(namespace: Namespace, path: string): EntityCounts {
  const entity = namespace.entity(path);
  const queue = entity.kind === 'topic' ? entity.schedule : entity.main;
  return {
    active: queue.count('active'),
    deferred: queue.count('deferred'),
    scheduled: queue.count('scheduled'),
    deadLettered: entity.kind === 'topic' ? 0 : entity.deadLetters.messages.size,
    locked: queue.lockedCount,
  };
}

/** Wakes the broker at the next instant at which something is due, where the clock can do that. */
class Alarm {
  private at: number | null = null;
  private cancel: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly namespace: Namespace,
    private readonly ring: () => void,
  ) {}

  set(): void {
    const next = this.namespace.due.nextAt();
    if (next === this.at || !this.clock.setTimer) return;
    // A later instant need not move the alarm: it rings once for nothing and is set anew.
    if (next !== null && this.at !== null && next > this.at) return;
    this.clear();
    if (next === null) return;
    this.at = next;
    this.cancel = this.clock.setTimer(next, () => {
      this.at = null;
      this.cancel = null;
      this.ring();
    });
  }

  clear(): void {
    this.cancel?.();
    this.at = null;
    this.cancel = null;
  }
}
