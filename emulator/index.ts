/**
 * The emulator as a library: startHost() loads a Functions v4 app in a worker thread of its own, with its durable host,
 * its virtual clock and its HTTP listeners. Run from TypeScript (jest), it starts the BUILT worker from its dist/, so
 * build first. Knows nothing of any app. See README.md.
 */
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Worker } from 'node:worker_threads';
import { hostClient } from './hostClient';
import { KeptThread, newWorker } from './hostThread';
import { noteOpen, noteStopped } from './openHosts';
import { durationMs } from './realm/durations';
import type { Command, ExternalQuestion, FromRealm, ManageAnswer, RealmData } from './realm/protocol';
import type {
  ClockMode,
  Fault,
  FunctionSummary,
  Host,
  HostKeys,
  HostStats,
  HostThread,
  LogLine,
  StartHostOptions,
  Status,
} from './types';

export type * from './types';
export { HistoryFileError, replayHistory, replayText } from './replay/index';
export type { HistoryFile, ReplayDifference, ReplayOptions, ReplayReport, ReplayResult } from './replay/index';
export { stopAllHosts } from './openHosts';

const CLOCK_MODES: readonly ClockMode[] = ['real', 'auto', 'manual'];

/** A thread for hosts that run one after the other: `startHost({ app, thread })`. Close it when all are stopped. */
export function keepThread(): HostThread {
  return new KeptThread();
}

/** Starts a host. Rejects when the app does not load (saying why) or the port is in use. */
export async function startHost(options: StartHostOptions): Promise<Host> {
  checkOptions(options);
  const thread = options.thread as KeptThread | undefined;
  const data = realmData(options);
  const worker = thread ? thread.take(data) : newWorker(data, options.console === 'log');
  if (options.console === 'log') logConsole(worker, options);
  const link = new RealmLink(worker, options, thread);
  const port = await link.ready;
  const host = hostHandle(link, port);
  noteOpen(host);
  return host;
}

/** For callers without types. */
function checkOptions(options: Partial<StartHostOptions> | undefined): void {
  if (typeof options?.app !== 'string') {
    throw new Error(`startHost needs the app's folder, as in startHost({ app: '.' }); app is ${String(options?.app)}.`);
  }
  const { clock, thread } = options;
  if (thread !== undefined && !(thread instanceof KeptThread))
    throw new Error('thread is not one that keepThread() made.');
  if (thread !== undefined && options.console === 'log')
    throw new Error("console: 'log' needs a thread of the host's own; leave out thread.");
  if (clock !== undefined && !CLOCK_MODES.includes(clock)) {
    throw new Error(`clock is '${String(clock)}'. Expected: ${CLOCK_MODES.join(', ')}.`);
  }
}

/** What the app writes to its console, line by line. */
function logConsole(worker: Worker, options: StartHostOptions): void {
  const pipe = (stream: NodeJS.ReadableStream, level: LogLine['level']): void => {
    createInterface({ input: stream }).on('line', (message) => options.log?.({ level, category: 'user', message }));
  };
  pipe(worker.stdout, 'information');
  pipe(worker.stderr, 'warning');
}

function realmData(o: StartHostOptions): RealmData {
  return {
    app: path.resolve(o.app),
    clock: o.clock ?? 'real',
    startAtMs: instant(o.startAt, 'startAt'),
    stopAtMs: instant(o.stopAt, 'stopAt'),
    port: o.port ?? null,
    env: o.env ?? {},
    outside: o.outside ? { module: path.resolve(o.outside.module), options: o.outside.options } : null,
    earlyTimersMs: o.earlyTimersMs ?? 0,
    seed: o.seed ?? 1,
    data: o.data === undefined ? null : path.resolve(o.data),
    faults: o.faults ?? null,
    strict: o.strict ?? true,
    logs: o.log !== undefined,
    logLevel: o.logLevel ?? 'trace',
    keys: o.keys ?? false,
    externals: Object.keys(o.externals ?? {}),
    captureTo: o.captureTo ?? null,
    activityConcurrency: o.activityConcurrency ?? null,
    directClient: o.directClient ?? true,
  };
}

function instant(value: Date | string | undefined, name: string): number | null {
  if (value === undefined) return null;
  const ms = new Date(value).getTime();
  if (Number.isNaN(ms)) throw new Error(`${name} is '${String(value)}', which is no date.`);
  return ms;
}

/** Commands to the realm and their answers. */
class RealmLink {
  readonly ready: Promise<number>;
  private readonly pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private readonly listeners: (() => void)[] = [];
  private stopping: Promise<void> | null = null;
  private nextId = 1;
  private broken: Error | null = null;

  constructor(
    private readonly worker: Worker,
    private readonly options: StartHostOptions,
    private readonly thread: KeptThread | undefined,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.listen('message', (m: FromRealm) => {
        if (m.kind === 'ready') resolve(m.port);
        else if (m.kind === 'failed') {
          reject(new Error(m.message));
          void this.end();
        } else this.take(m);
      });
      this.listen('error', (error: Error) => {
        reject(error);
        this.fail(error);
      });
      this.listen('exit', () => {
        const error = new Error('The host has stopped.');
        reject(error);
        this.fail(error);
      });
    });
  }

  private listen<Event extends 'message' | 'error' | 'exit'>(event: Event, listener: (arg: never) => void): void {
    this.worker.on(event, listener as never);
    this.listeners.push(() => this.worker.off(event, listener as never));
  }

  ask(command: Command): Promise<unknown> {
    if (this.broken) return Promise.reject(this.broken);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ id, command });
    });
  }

  /** Asked twice it stops once. */
  stop(): Promise<void> {
    return (this.stopping ??= this.stopNow());
  }

  private async stopNow(): Promise<void> {
    const isSound =
      !this.broken &&
      (await this.ask({ op: 'stop' }).then(
        () => true,
        () => false,
      ));
    if (!this.thread || !isSound) return this.end();
    this.fail(new Error('The host has stopped.'));
    for (const stopListening of this.listeners.splice(0)) stopListening();
    this.thread.release();
  }

  private async end(): Promise<void> {
    await (this.thread ? this.thread.discard(this.worker) : this.worker.terminate());
  }

  private take(m: FromRealm): void {
    if (m.kind === 'answer') {
      const waiting = this.pending.get(m.id);
      this.pending.delete(m.id);
      if (m.error === undefined) waiting?.resolve(m.result);
      else waiting?.reject(new Error(m.error));
    } else if (m.kind === 'post') this.options.onMessage?.(m.message);
    else if (m.kind === 'log') this.options.log?.(m.line);
    else if (m.kind === 'external') void this.external(m.id, m.name, m.question);
    else if (m.kind === 'fatal') {
      this.options.log?.({ level: 'critical', category: 'host', message: m.message });
      const error = new Error(`The host failed: ${m.message}`);
      this.fail(error);
      this.options.onFailure?.(error);
    }
  }

  private async external(externalId: number, name: string, question: ExternalQuestion): Promise<void> {
    const external = this.options.externals?.[name];
    try {
      const result =
        question.ask === 'isIdle'
          ? await external?.isIdle()
          : question.ask === 'nextDueMs'
            ? await external?.nextDueMs?.()
            : void (await external?.moveTo?.(question.atMs));
      this.worker.postMessage({ externalId, result });
    } catch (error) {
      this.worker.postMessage({ externalId, result: null, error: (error as Error).message });
    }
  }

  private fail(error: Error): void {
    this.broken ??= error;
    for (const waiting of this.pending.values()) waiting.reject(error);
    this.pending.clear();
  }
}

function hostHandle(link: RealmLink, port: number): Host {
  const manage = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    (await link.ask({ op: 'manage', method, path, headers, body: body ?? null })) as ManageAnswer;
  const client = hostClient(manage);
  const host: Host = {
    url: `http://127.0.0.1:${port}`,
    port,
    now: async () => new Date((await link.ask({ op: 'now' })) as number),
    setClock: async (mode) => void (await link.ask({ op: 'setClock', mode })),
    advanceBy: async (ms) => void (await link.ask({ op: 'advanceBy', ms })),
    advanceTo: async (at) => void (await link.ask({ op: 'advanceTo', atMs: new Date(at).getTime() })),
    advance: async (by) => void (await link.ask({ op: 'advanceBy', ms: durationMs(by) })),
    idle: async () => void (await link.ask({ op: 'runUntilIdle' })),
    history: async (id) =>
      (await client.getStatus(id, { showHistory: true, showHistoryOutput: true })).historyEvents ?? [],
    client,
    keys: async () => (await link.ask({ op: 'keys' })) as HostKeys,
    functions: async () => (await link.ask({ op: 'functions' })) as FunctionSummary[],
    runUntilIdle: async () => void (await link.ask({ op: 'runUntilIdle' })),
    waitFor: async (instanceId) => (await link.ask({ op: 'waitFor', instanceId })) as Status,
    stats: async () => (await link.ask({ op: 'stats' })) as HostStats,
    dump: () => link.ask({ op: 'dump' }),
    faults: async () => (await link.ask({ op: 'faults' })) as Fault[],
    setFaults: async (faults) => void (await link.ask({ op: 'setFaults', options: faults })),
    call: (name, payload) => link.ask({ op: 'call', name, payload }),
    async stop() {
      noteStopped(host);
      await link.stop();
    },
  };
  return host;
}
