/**
 * The public types of the emulator library: options, host handle, and the contract of the outside hook.
 * All instants are epoch milliseconds or ISO text in UTC; all durations are milliseconds.
 */

export type ClockMode = 'auto' | 'manual' | 'real';

export interface LogLine {
  level: 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';
  category: 'user' | 'system' | 'host';
  message: string;
  functionName?: string;
  invocationId?: string;
  /** the real host's category where it does not follow from the function, such as Host.Startup */
  source?: string;
  /** on the host's clock, ISO text in UTC */
  at?: string;
}

/**
 * Something beside the host that a virtual clock must not run past: a message broker, a simulated partner. Asked before
 * the clock moves. A broker with a clock of its own takes the instant from moveTo().
 */
export interface External {
  /** false while something is queued for the app or in flight: the clock stands */
  isIdle(): boolean | Promise<boolean>;
  /** the next instant at which something happens there by itself, epoch ms; the clock goes there and no further */
  nextDueMs?(): number | null | undefined | Promise<number | null | undefined>;
  /** the clock stands at this instant now: do what is due */
  moveTo?(atMs: number): void | Promise<void>;
}

export interface OutsideOptions {
  /** path of a CommonJS module, loaded in the realm with ordinary require after the app; exports createOutside */
  module: string;
  options?: unknown;
}

/** Seeded faults. Rates are probabilities in [0, 1], each 0 unless given; the same seed makes the same faults. */
export interface FaultOptions {
  seed: number;
  /** of each durable step: the host loses what it had in memory, before or after the step was stored, and recovers */
  crash?: number;
  /** of each activity: it is run twice, or its completion arrives twice */
  duplicate?: number;
  /** of each completion or answer to an orchestration: it comes after everything else that is due at the instant */
  delay?: number;
  /** a delayed message comes up to this much later on the host's clock; default 0: at the same instant */
  delayMs?: number;
  /** of each round: the receivers that are ready run in another order */
  reorder?: number;
  /** of each durable timer: it fires up to a second early */
  earlyTimers?: number;
  /** of each move of a virtual clock to the next due instant: it goes past it, as after a suspended machine; all is late */
  clockJumps?: number;
  /** how far past at most, in ms; default a minute */
  clockJumpMs?: number;
  /** of each activity: it throws instead of running */
  failActivities?: number;
  /** of each write: it takes 1 to 20 ms longer, in real time; its place among the other faults may vary */
  slowStorage?: number;
}

export interface Fault {
  /** counts the faults of a run from 1 */
  number: number;
  kind:
    | 'crashBefore'
    | 'crashAfter'
    | 'runTwice'
    | 'deliverTwice'
    | 'delay'
    | 'reorder'
    | 'early'
    | 'jump'
    | 'fail'
    | 'slow';
  /** on the host's clock, epoch ms */
  atMs: number;
  /** what it happened to: an instance, a task, a function */
  target: string;
}

export interface StartHostOptions {
  /** app folder: package.json `main` (globby patterns allowed) and host.json */
  app: string;
  /** default 'real' */
  clock?: ClockMode;
  /** virtual start, default now */
  startAt?: Date | string;
  /** an auto clock goes no further than this instant */
  stopAt?: Date | string;
  /** default 7071, or any free port where that is taken; 0 takes any; one that is given and in use is refused */
  port?: number;
  /** set in the realm's process.env before the app loads */
  env?: Record<string, string>;
  outside?: OutsideOptions;
  /** what holds a virtual clock besides the app, by name (used in messages); lives in the caller's thread */
  externals?: Record<string, External>;
  /** what the outside module passes to realm.post() */
  onMessage?: (message: unknown) => void;
  /** fault: durable timers fire up to this much early, in [0, 1000] as the real host does; default 0 */
  earlyTimersMs?: number;
  /** default 1 */
  seed?: number;
  /**
   * folder that keeps instances, histories, entities, timers and queued messages; made when missing, one host at a time.
   * A host that starts on it goes on where the last one stopped or was killed, at the clock's instant of then.
   * default: in memory
   */
  data?: string;
  /** default: none */
  faults?: FaultOptions;
  /** default true: traps of the contract end the instance with a message */
  strict?: boolean;
  /** default: quiet. Which lines come is decided by host.json logging.logLevel and `logLevel`. */
  log?: (line: LogLine) => void;
  /** nothing below this level is logged; default 'trace', so that host.json alone decides */
  logLevel?: LogLine['level'];
  /** 'log' turns what the app writes to the console into log lines; default 'inherit', to this process's output */
  console?: 'inherit' | 'log';
  /** the host failed while it ran (an unhandled rejection in the app, a bug): it answers nothing more */
  onFailure?: (error: Error) => void;
  /** ask for function, system and master keys as Azure does; default false, as Core Tools. See Host.keys(). */
  keys?: boolean;
  /** file that gets every trigger payload in order, one JSON line each */
  captureTo?: string;
  /** activities at once: default 1 on a virtual clock (fixed order), 32 on the real one */
  activityConcurrency?: number;
  /** default true: calls of the durable client skip TCP; false sends them over loopback HTTP */
  directClient?: boolean;
  /** one that keepThread() made, for hosts that run one after the other; default a thread of its own */
  thread?: HostThread;
}

export interface HostThread {
  /** Ends it, and the host that may run in it. A host that is started in it later gets a new one. */
  close(): Promise<void>;
}

export interface HostStats {
  /** orchestration instances created */
  instances: number;
  /** events appended to orchestration histories */
  historyEvents: number;
  /** orchestrator invocations */
  replays: number;
  /** activity invocations */
  activities: number;
  /** entity batches */
  entityTurns: number;
  entityOperations: number;
  /** durable messages enqueued: starts, events, completions, entity messages, timers */
  messages: number;
  /** durable storage transactions: one per committed orchestration episode, entity batch, activity completion */
  commits: number;
  /** HTTP function invocations */
  httpRequests: number;
  /** calls of the durable client and the webhook API */
  managementRequests: number;
  /** messages of traps that ended no instance (entities, logs) */
  traps: string[];
}

export interface Status {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  input: unknown;
  customStatus: unknown;
  output: unknown;
  createdTime: string;
  lastUpdatedTime: string;
  historyEvents?: Record<string, unknown>[];
}

export interface Host {
  readonly url: string;
  readonly port: number;
  now(): Promise<Date>;
  /** manual to auto starts the jumping; 'real' cannot be entered or left */
  setClock(mode: 'auto' | 'manual'): Promise<void>;
  /** Moves a manual clock, running everything due on the way in order. */
  advanceBy(ms: number): Promise<void>;
  advanceTo(at: Date | string): Promise<void>;
  /** Does all work due now without moving time. */
  runUntilIdle(): Promise<void>;
  /** Moves a manual clock: ms, '7d', '90m', 'PT1H30M', '00:05:00'. */
  advance(by: number | string): Promise<void>;
  /** Resolves when nothing is left to do at the instants that the clock may reach by itself; the same as runUntilIdle. */
  idle(): Promise<void>;
  /** The events of an instance's present run, with results. Throws when there is no such instance. */
  history(instanceId: string): Promise<Record<string, unknown>[]>;
  /** Starts, asks and ends instances as the durable client in an app does. */
  readonly client: HostClient;
  /** The app's functions, with what triggers each. */
  functions(): Promise<FunctionSummary[]>;
  /** The keys that `keys: true` asks for. */
  keys(): Promise<HostKeys>;
  /** Resolves when the instance is terminal; it need not exist yet. */
  waitFor(instanceId: string): Promise<Status>;
  stats(): Promise<HostStats>;
  /** every instance with history, input, output and custom status, and every entity state */
  dump(): Promise<unknown>;
  /** Passes a request to the outside module's call() and returns its result. */
  call(name: string, payload?: unknown): Promise<unknown>;
  /** Faults made so far under the current plan, in order. */
  faults(): Promise<Fault[]>;
  /** Replaces the plan of faults from here on, or ends it. Needs a host that was started with `faults`. */
  setFaults(options: FaultOptions | null): Promise<void>;
  stop(): Promise<void>;
}

export interface FunctionSummary {
  name: string;
  type: string;
  isDisabled: boolean;
  /** of HTTP functions: upper-case methods and the path as a template */
  methods?: readonly string[];
  path?: string;
}

export interface HostKeys {
  master: string;
  /** opens every function */
  host: string;
  /** of the durable webhooks */
  durable: string;
  functions: Record<string, string>;
}

export interface InstanceQuery {
  createdTimeFrom?: Date | string;
  createdTimeTo?: Date | string;
  runtimeStatus?: readonly string[];
  instanceIdPrefix?: string;
}

export interface EntityName {
  name: string;
  key: string;
}

/** Methods are named as in durable-functions; ids and names may hold any character but `/`. */
export interface HostClient {
  /** Returns the instance id. */
  startNew(orchestrator: string, options?: { instanceId?: string; input?: unknown; version?: string }): Promise<string>;
  /** Throws when there is no such instance. */
  getStatus(
    instanceId: string,
    options?: { showHistory?: boolean; showHistoryOutput?: boolean; showInput?: boolean },
  ): Promise<Status>;
  getStatusAll(): Promise<Status[]>;
  getStatusBy(query: InstanceQuery): Promise<Status[]>;
  raiseEvent(instanceId: string, eventName: string, data?: unknown): Promise<void>;
  terminate(instanceId: string, reason?: string): Promise<void>;
  suspend(instanceId: string, reason?: string): Promise<void>;
  resume(instanceId: string, reason?: string): Promise<void>;
  rewind(instanceId: string, reason?: string): Promise<void>;
  /** Returns the id of the new run: another one unless `restartWithNewInstanceId` is false. */
  restart(instanceId: string, restartWithNewInstanceId?: boolean): Promise<string>;
  purgeInstanceHistory(instanceId: string): Promise<{ instancesDeleted: number }>;
  /** Refuses a query without createdTimeFrom or without statuses of ended instances, which would delete running ones. */
  purgeInstanceHistoryBy(query: InstanceQuery): Promise<{ instancesDeleted: number }>;
  readEntityState<T = unknown>(entity: EntityName): Promise<{ entityExists: boolean; entityState?: T }>;
  signalEntity(entity: EntityName, operation: string, input?: unknown): Promise<void>;
  listEntities(query?: { name?: string; fetchState?: boolean }): Promise<unknown[]>;
}

export interface RealmRequest {
  method: string;
  /** path and query, such as `/api/orders?x=1` */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface RealmResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What the outside module gets. Lives in the app's realm. */
export interface RealmHost {
  now(): number;
  /** Through the HTTP trigger pipeline and the webhook API, without TCP. */
  request(r: RealmRequest): Promise<RealmResponse>;
  stats(): HostStats;
  /** To the main thread's onMessage. */
  post(message: unknown): void;
}

export interface Outside {
  /** The instant of the next outside input, or undefined when there is none for now. Asked anew each time. */
  nextAt(): number | undefined;
  /** Runs all inputs of this instant. Durable work is held until it resolves. */
  run(atMs: number): Promise<void>;
  call?(name: string, payload: unknown): Promise<unknown>;
  /** what else in this thread holds a virtual clock, by name */
  externals?: Record<string, External>;
  /** Called after a crash made by `faults.crash`: the durable host has forgotten what it had not stored. */
  crashed?(): void;
}

export interface OutsideModule {
  createOutside(realm: RealmHost, options: unknown): Outside | Promise<Outside>;
}
