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
}

export interface OutsideOptions {
  /** path of a CommonJS module, loaded in the realm with ordinary require after the app; exports createOutside */
  module: string;
  options?: unknown;
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
  /** default 7071; 0 takes any free port; throws when the port is in use */
  port?: number;
  /** set in the realm's process.env before the app loads */
  env?: Record<string, string>;
  outside?: OutsideOptions;
  /** what the outside module passes to realm.post() */
  onMessage?: (message: unknown) => void;
  /** fault: durable timers fire up to this much early, in [0, 1000] as the real host does; default 0 */
  earlyTimersMs?: number;
  /** default 1 */
  seed?: number;
  /** default true: traps of the contract end the instance with a message */
  strict?: boolean;
  /** default: quiet */
  log?: (line: LogLine) => void;
  /** file that gets every trigger payload in order, one JSON line each */
  captureTo?: string;
  /** activities at once: default 1 on a virtual clock (fixed order), 32 on the real one */
  activityConcurrency?: number;
  /** default true: calls of the durable client skip TCP; false sends them over loopback HTTP */
  directClient?: boolean;
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
  /** Resolves when the instance is terminal; it need not exist yet. */
  waitFor(instanceId: string): Promise<Status>;
  stats(): Promise<HostStats>;
  /** every instance with history, input, output and custom status, and every entity state */
  dump(): Promise<unknown>;
  /** Passes a request to the outside module's call() and returns its result. */
  call(name: string, payload?: unknown): Promise<unknown>;
  stop(): Promise<void>;
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
}

export interface OutsideModule {
  createOutside(realm: RealmHost, options: unknown): Outside | Promise<Outside>;
}
