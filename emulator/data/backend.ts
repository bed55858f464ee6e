/**
 * What the data store asks of the place where it keeps things: tables of text under ordered keys, and writes of which all
 * or none are there after a crash. Two implementations: lmdbBackend (a folder) and memoryBackend (faults without a folder).
 */

export const TABLES = ['meta', 'records', 'history', 'runs', 'inboxes', 'inputs', 'tasks', 'timers'] as const;
export type Table = (typeof TABLES)[number];
export type Key = string | number;

export interface Write {
  table: Table;
  key: Key;
  /** absent: the key is removed */
  value?: string;
}

export interface Backend {
  get(table: Table, key: Key): string | undefined;
  /** In key order, from a key on (`after`: without it). Must not be written to meanwhile. */
  range(table: Table, from?: Key, after?: boolean): Iterable<{ key: Key; value: string }>;
  /** All or none; survives the end of the process once it has returned. */
  write(writes: readonly Write[]): void;
  /** Resolves when what was written survives the end of the machine, too. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
