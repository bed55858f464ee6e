/** Messages between the main thread and the realm's worker thread. */
import type { ClockMode, LogLine } from '../types';

export interface RealmData {
  app: string;
  clock: ClockMode;
  startAtMs: number | null;
  stopAtMs: number | null;
  port: number;
  env: Record<string, string>;
  outside: { module: string; options: unknown } | null;
  earlyTimersMs: number;
  seed: number;
  strict: boolean;
  logs: boolean;
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
  | { op: 'call'; name: string; payload: unknown }
  | { op: 'stop' };

export interface ToRealm {
  id: number;
  command: Command;
}

export type FromRealm =
  | { kind: 'ready'; port: number }
  | { kind: 'failed'; message: string }
  | { kind: 'answer'; id: number; result?: unknown; error?: string }
  | { kind: 'post'; message: unknown }
  | { kind: 'log'; line: LogLine }
  | { kind: 'fatal'; message: string };
