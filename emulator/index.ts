/**
 * The emulator as a library: startHost() loads a Functions v4 app in a worker thread of its own, with its durable host,
 * its virtual clock and its HTTP listeners. Run from TypeScript (jest), it starts the BUILT worker from its dist/, so
 * build first. Knows nothing of any app. See README.md.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Command, FromRealm, RealmData } from './realm/protocol';
import type { Host, HostStats, StartHostOptions, Status } from './types';

export type * from './types';

/** Room for 100,000s of records; a worker's default depends on the machine. */
const HEAP_MAX_MB = 4096;

/** Starts a host. Rejects when the app does not load (saying why) or the port is in use. */
export async function startHost(options: StartHostOptions): Promise<Host> {
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MAX_MB };
  const worker = new Worker(workerFile(), { workerData: realmData(options), resourceLimits });
  const link = new RealmLink(worker, options);
  const port = await link.ready;
  return hostHandle(link, port);
}

/** This file's built worker, also when this file runs as TypeScript. */
function workerFile(): string {
  if (!__filename.endsWith('.ts')) return path.join(__dirname, 'realm', 'worker.js');
  const built = path.join(__dirname, 'dist', 'realm', 'worker.js');
  if (existsSync(built)) return built;
  throw new Error(`The emulator runs its worker from ${built}, which does not exist. Run "npm run build" first.`);
}

function realmData(o: StartHostOptions): RealmData {
  return {
    app: path.resolve(o.app),
    clock: o.clock ?? 'real',
    startAtMs: instant(o.startAt, 'startAt'),
    stopAtMs: instant(o.stopAt, 'stopAt'),
    port: o.port ?? 7071,
    env: o.env ?? {},
    outside: o.outside ? { module: path.resolve(o.outside.module), options: o.outside.options } : null,
    earlyTimersMs: o.earlyTimersMs ?? 0,
    seed: o.seed ?? 1,
    strict: o.strict ?? true,
    logs: o.log !== undefined,
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
  private nextId = 1;
  private broken: Error | null = null;

  constructor(
    private readonly worker: Worker,
    private readonly options: StartHostOptions,
  ) {
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (m: FromRealm) => {
        if (m.kind === 'ready') resolve(m.port);
        else if (m.kind === 'failed') {
          reject(new Error(m.message));
          void worker.terminate();
        } else this.take(m);
      });
      worker.on('error', (error) => {
        reject(error);
        this.fail(error);
      });
      worker.on('exit', () => {
        const error = new Error('The host has stopped.');
        reject(error);
        this.fail(error);
      });
    });
  }

  ask(command: Command): Promise<unknown> {
    if (this.broken) return Promise.reject(this.broken);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ id, command });
    });
  }

  async stop(): Promise<void> {
    if (!this.broken) await this.ask({ op: 'stop' }).catch(() => undefined);
    await this.worker.terminate();
  }

  private take(m: FromRealm): void {
    if (m.kind === 'answer') {
      const waiting = this.pending.get(m.id);
      this.pending.delete(m.id);
      if (m.error === undefined) waiting?.resolve(m.result);
      else waiting?.reject(new Error(m.error));
    } else if (m.kind === 'post') this.options.onMessage?.(m.message);
    else if (m.kind === 'log') this.options.log?.(m.line);
    else if (m.kind === 'fatal') {
      this.options.log?.({ level: 'critical', category: 'host', message: m.message });
      this.fail(new Error(`The host failed: ${m.message}`));
    }
  }

  private fail(error: Error): void {
    this.broken ??= error;
    for (const waiting of this.pending.values()) waiting.reject(error);
    this.pending.clear();
  }
}

function hostHandle(link: RealmLink, port: number): Host {
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    now: async () => new Date((await link.ask({ op: 'now' })) as number),
    setClock: async (mode) => void (await link.ask({ op: 'setClock', mode })),
    advanceBy: async (ms) => void (await link.ask({ op: 'advanceBy', ms })),
    advanceTo: async (at) => void (await link.ask({ op: 'advanceTo', atMs: new Date(at).getTime() })),
    runUntilIdle: async () => void (await link.ask({ op: 'runUntilIdle' })),
    waitFor: async (instanceId) => (await link.ask({ op: 'waitFor', instanceId })) as Status,
    stats: async () => (await link.ask({ op: 'stats' })) as HostStats,
    dump: () => link.ask({ op: 'dump' }),
    call: (name, payload) => link.ask({ op: 'call', name, payload }),
    stop: () => link.stop(),
  };
}
