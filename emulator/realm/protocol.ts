/** Messages between the main thread and the realm's worker thread. */
import type { ClockMode, FaultOptions, LogLine } from '../types';

export interface RealmData {
  app: string;
  clock: ClockMode;
  startAtMs: number | null;
  stopAtMs: number | null;
  /** null: the usual one, or any where that is taken */
  port: number | null;
  env: Record<string, string>;
  outside: { module: string; options: unknown } | null;
  earlyTimersMs: number;
  seed: number;
  /** absolute folder, or null for memory */
  data: string | null;
  faults: FaultOptions | null;
  strict: boolean;
  logs: boolean;
  logLevel: LogLine['level'];
  keys: boolean;
  /** names of what holds the clock in the main thread */
  externals: readonly string[];
  captureTo: string | null;
  activityConcurrency: number | null;
  directClient: boolean;
}

export type Command =
  | { op: 'now' }
  | { op: 'setClock'; mode: 'auto' | 'manual' }
  | { op: 'advanceBy'; ms: number }
  | { op: 'advanceTo'; atMs: number }
  | { op: 'runUntilIdle' }
  | { op: 'waitFor'; instanceId: string }
  | { op: 'stats' }
  | { op: 'dump' }
  | { op: 'keys' }
  | { op: 'functions' }
  | { op: 'manage'; method: string; path: string; headers: Record<string, string>; body: string | null }
  | { op: 'faults' }
  | { op: 'setFaults'; options: FaultOptions | null }
  | { op: 'call'; name: string; payload: unknown }
  | { op: 'stop' };

/** What the realm asks of something in the main thread that holds the clock. */
export type ExternalQuestion = { ask: 'isIdle' } | { ask: 'nextDueMs' } | { ask: 'moveTo'; atMs: number };

export type ToRealm =
  /** to a thread that is kept, and that has no host now */
  | { start: RealmData }
  | { id: number; command: Command }
  | { externalId: number; result: boolean | number | null | undefined; error?: string };

export interface ManageAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
}

export type FromRealm =
  | { kind: 'ready'; port: number }
  | { kind: 'failed'; message: string }
  | { kind: 'answer'; id: number; result?: unknown; error?: string }
  | { kind: 'external'; id: number; name: string; question: ExternalQuestion }
  | { kind: 'post'; message: unknown }
  | { kind: 'log'; line: LogLine }
  | { kind: 'fatal'; message: string };
