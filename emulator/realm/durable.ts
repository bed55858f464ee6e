/**
 * The durable side of a realm: its data folder (or, for faults alone, tables in memory), the clock and the ids that go on
 * where an earlier host's stood, and the plan of faults. Without `data` and `faults` there is none of it.
 */
import { SeededIds } from '../core/guid';
import type { RunHost } from '../core/hostRun';
import { damaged, openFolder } from '../data/folder';
import { DataStore } from '../data/dataStore';
import { MemoryBackend } from '../data/memoryBackend';
import { FaultPlan } from '../faults/plan';
import { Clock } from '../loop/clock';
import type { Engine } from '../loop/engine';
import type { Fault, FaultOptions, LogLine } from '../types';
import type { RealmData } from './protocol';
import { realNow } from './virtualTime';

export interface DurableStart {
  store: DataStore | null;
  clock: Clock;
  ids: SeededIds;
  /** seed of the invocation ids: another one at each start, for none may come again */
  invocationSeed: number;
  /** gives the folder back when no host came of it */
  abandon(): Promise<void>;
}

/** Rejects when the data folder cannot be used, saying why and what to do. */
export async function openDurable(data: RealmData): Promise<DurableStart> {
  const opened = data.data === null ? null : await openFolder(data.data);
  const backend = opened?.backend ?? (data.faults ? new MemoryBackend() : null);
  try {
    const store = backend && new DataStore(backend, opened?.close);
    const clock = new Clock(data.clock, startInstant(data, store));
    store?.attachClock(() => ({ now: clock.now(), offset: data.clock === 'real' ? clock.now() - realNow() : null }));
    const ids = new SeededIds(data.seed);
    return {
      store,
      clock,
      ids: store?.attachIds(ids) ?? ids,
      invocationSeed: data.seed ^ 0x5bd1e995 ^ Math.imul(store?.starts ?? 0, 0x9e3779b1),
      abandon: async () => void (await opened?.close()),
    };
  } catch (error) {
    await opened?.close();
    throw data.data === null ? error : damaged(data.data, (error as Error).message);
  }
}

/** The stored instant wins over `startAt`. A real clock has gone on meanwhile. */
function startInstant(data: RealmData, store: DataStore | null): number {
  const stored = store?.clock;
  if (!stored) return data.startAtMs ?? realNow();
  return data.clock === 'real' && stored.offset !== null ? realNow() + stored.offset : stored.now;
}

/** Takes up the work that stands in the store. Call once the engine has its turns, before it starts. */
export function resumeWork(engine: Engine, host: RunHost, data: RealmData): void {
  const store = engine.durability?.data;
  if (!store) return;
  store.runHost = host;
  try {
    engine.resume(store);
  } catch (error) {
    throw data.data === null ? error : damaged(data.data, (error as Error).message);
  }
}

/** Sets or ends the plan of faults. Each one made is logged. Throws when the host was started without faults. */
export function setFaults(
  engine: Engine,
  options: FaultOptions | null,
  log: ((line: LogLine) => void) | undefined,
): void {
  if (!engine.durability) {
    throw new Error('Faults need a host that was started with the option faults (its rates may be 0) or data.');
  }
  const say = (message: string): void => log?.({ level: 'information', category: 'host', message });
  const text = (f: Fault): string => `fault ${f.number}: ${f.kind} at ${new Date(f.atMs).toISOString()}, ${f.target}`;
  const now = (): number => engine.now();
  engine.faultPlan = options && new FaultPlan(options, { now, made: (fault) => say(text(fault)) });
  if (options) say(`faults with ${JSON.stringify(options)}`);
}

/** An answer leaves only when what it tells of is stored; `outward`: it leaves this process, so it must be on the disk. */
export function answered<T>(engine: Engine, work: () => Promise<T>, outward: boolean): Promise<T> {
  const { durability } = engine;
  return durability ? afterwards(work(), () => (outward ? durability.flushed() : durability.stored())) : work();
}

async function afterwards<T>(work: Promise<T>, then: () => Promise<void>): Promise<T> {
  const result = await work;
  await then();
  return result;
}
