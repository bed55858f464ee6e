/**
 * The data store's tables in an LMDB file. A write is one transaction, committed in this thread: it is in the operating
 * system's hands when write() returns, so that the end of the process loses nothing. Flushing to the disk follows by
 * itself shortly after. Leaves out whether the folder may be opened at all (folder).
 */
import { createHash } from 'node:crypto';
import { open, type Database, type RootDatabase } from 'lmdb';
import { TABLES, type Backend, type Key, type Table, type Write } from './backend';

/** LMDB's TransactionFlags: committed when the call returns, flushed to the disk later. */
const COMMIT_NOW: number = 0x10002;
/** Longest id kept as a key as it is; LMDB takes keys of up to 1,978 bytes. */
const KEY_MAX = 600;
/** Flushes at most this often. */
const FLUSH_AFTER_MS = 200;
/** Rows read by the first step of a range, which may be left early, and by later ones. */
const READ_FIRST = 101;
const READ_AHEAD = 2000;

export class LmdbBackend implements Backend {
  private readonly root: RootDatabase<string, string>;
  private readonly tables: Record<Table, Database<string, Key>>;
  private flushing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.root = open<string, string>({ path: folder, maxDbs: TABLES.length + 2, overlappingSync: false });
    const entries = TABLES.map((t) => [t, this.root.openDB<string, Key>(t, { encoding: 'string' })] as const);
    this.tables = Object.fromEntries(entries) as unknown as Record<Table, Database<string, Key>>;
  }

  get(table: Table, key: Key): string | undefined {
    return this.tables[table].get(fitting(key));
  }

  *range(table: Table, from?: Key, after = false): Iterable<{ key: Key; value: string }> {
    let start = from === undefined ? undefined : fitting(from);
    let exclusive = after;
    for (let limit = READ_FIRST; ; limit = READ_AHEAD) {
      // in steps, each read in full: nothing is left open when the caller stops early
      const options = { limit, ...(start === undefined ? {} : { start, exclusiveStart: exclusive }) };
      const rows = this.tables[table].getRange(options).asArray as unknown as { key: Key; value: string }[];
      yield* rows;
      if (rows.length < limit) return;
      start = (rows[rows.length - 1] as { key: Key }).key;
      exclusive = true;
    }
  }

  /** The first row of each table whose rows are JSON. */
  *firstRows(): Iterable<{ key: Key; value: string }> {
    for (const table of TABLES) {
      if (table === 'history' || table === 'inputs') continue;
      for (const row of this.range(table)) {
        yield row;
        break;
      }
    }
  }

  write(writes: readonly Write[]): void {
    this.root.transactionSync(() => {
      for (const w of writes) {
        if (w.value === undefined) this.tables[w.table].removeSync(fitting(w.key));
        else this.tables[w.table].putSync(fitting(w.key), w.value);
      }
    }, COMMIT_NOW);
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref();
  }

  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const running = this.flushing;
    const next: Promise<void> = (running ?? Promise.resolve()).then(() => this.sync());
    this.flushing = next;
    return next;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.root.close();
  }

  private sync(): Promise<void> {
    const env = this.root as unknown as { sync(done: (error?: Error) => void): void };
    return new Promise((resolve, reject) => env.sync((error) => (error ? reject(error) : resolve())));
  }
}

/** Long ids keep their beginning, and with it nearly their place in the order. */
function fitting(key: Key): Key {
  if (typeof key === 'number' || key.length <= KEY_MAX) return key;
  return `${key.slice(0, KEY_MAX - 64)}${createHash('sha256').update(key).digest('hex')}`;
}
