/**
 * The durable store: records in memory while somebody works on them, everything in a backend. commit() writes whatever has
 * changed since the last one, of all records together, as one transaction: what is stored is always the state between two
 * steps, never half of one. Leaves out when a commit is due (engine) and how a record is written (entries).
 */
import type { SeededIds } from '../core/guid';
import type { RunHost } from '../core/hostRun';
import type { Store, StoredRecord } from '../core/store';
import type { ActivityTask, EntityRecord, HistoryEvent, Instance, Message } from '../core/types';
import type { Backend, Write } from './backend';
import { CHUNKS_MAX, Entry, type InboxRow, type Row } from './entries';
import { LoadedInstance } from './loaded';
import { Pending } from './pending';
import { restoreRun } from './runState';

/** Records without work that stay in memory. */
const IDLE_MAX = 10_000;

/** What a host that starts on the store goes on with, in the order in which it came. */
export interface Unfinished {
  instances: Instance[];
  entities: EntityRecord[];
  activities: ActivityTask[];
  timed: { at: number; message: Message }[];
}

/** The host's own state. */
interface Meta {
  /** the clock, epoch ms, and what a real one adds to the machine's */
  now: number;
  offset: number | null;
  /** last number given */
  number: number;
  /** hosts that have started on this store */
  starts: number;
  /** state of the id generator */
  ids: object;
}

interface TimedRow {
  at: number;
  message: Message;
}

export class DataStore implements Store {
  private readonly live = new Map<string, Entry>();
  private dirty = new Set<Entry>();
  private readonly tasks = new Pending<ActivityTask>('tasks');
  private readonly timers = new Pending<Message>('timers');
  /** writes that removals and replacements have asked for */
  private doomed: Write[] = [];
  private removed = new Set<string>();
  private notes: Write[] = [];
  private letGoAbove = IDLE_MAX * 2;
  private number: number;
  private readonly stored: Meta | null;
  private savedNow = Number.NaN;
  private ids: SeededIds | null = null;
  private readClock: () => { now: number; offset: number | null } = () => ({ now: 0, offset: null });
  /** what a run needs of the host; set before the first record is asked for */
  runHost!: RunHost;

  /** `closeAll`: closes the backend and what belongs to it. */
  constructor(
    private readonly backend: Backend,
    private readonly closeAll: () => Promise<void> = () => backend.close(),
  ) {
    const text = backend.get('meta', 'host');
    this.stored = text === undefined ? null : (JSON.parse(text) as Meta);
    this.number = this.stored?.number ?? 0;
  }

  /** Hosts that have started on this store before. */
  get starts(): number {
    return this.stored?.starts ?? 0;
  }

  /** The clock's instant, and a real clock's distance from the machine's, when the store was last written. */
  get clock(): { now: number; offset: number | null } | null {
    return this.stored;
  }

  /** The clock is stored with every commit; `offset` null: it is virtual, and its moving is a change of its own. */
  attachClock(read: () => { now: number; offset: number | null }): void {
    this.readClock = read;
  }

  /** The generator that goes on where the last host's stood; it is written with every commit. */
  attachIds(ids: SeededIds): SeededIds {
    if (this.stored) Object.assign(ids, this.stored.ids);
    return (this.ids = ids);
  }

  instance(id: string): Instance | undefined {
    const record = this.entry(id)?.record;
    return record && 'run' in record ? record : undefined;
  }

  entity(id: string): EntityRecord | undefined {
    const record = this.entry(id)?.record;
    return record && !('run' in record) ? record : undefined;
  }

  putInstance(record: Instance): void {
    this.put(record);
  }

  putEntity(record: EntityRecord): void {
    this.put(record);
  }

  /** New, or in the place of another one. A record that is there already counts as touched. */
  private put(record: Instance | EntityRecord): void {
    const known = this.entry(record.id);
    if (known?.record === record) return this.touch(record);
    if (known) this.clear(known);
    const entry = new Entry(record, ++this.number);
    this.live.set(record.id, entry);
    this.dirty.add(entry);
  }

  remove(id: string): boolean {
    const known = this.entry(id);
    if (!known) return false;
    this.clear(known);
    this.live.delete(id);
    this.doomed.push({ table: 'records', key: id });
    this.removed.add(id);
    return true;
  }

  /** A record was changed in another way than by a message or a turn. */
  touch(record: Instance | EntityRecord): void {
    const entry = this.live.get(record.id);
    if (entry?.record !== record) return;
    entry.changed = true;
    entry.rewritten = true;
    this.dirty.add(entry);
  }

  sortedIds(): readonly string[] {
    return [...this.records(null)].map((r) => r.id);
  }

  *records(after: string | null, prefix = '', statuses?: ReadonlySet<string>): IterableIterator<StoredRecord> {
    this.commit();
    const from = after !== null && after >= prefix ? after : prefix || undefined;
    const marks = [...(statuses ?? [])].map((s) => `"status":"${s}"`);
    for (const { value } of this.backend.range('records', from, from === after)) {
      // most rows of a long list are told apart without parsing them
      if (marks.length > 0 && prefix === '' && !marks.some((m) => value.includes(m))) continue;
      const row = JSON.parse(value) as Row;
      const id = row.fields.id as string;
      if (!id.startsWith(prefix)) return;
      yield this.live.get(id)?.record ?? this.read(row, null).record;
    }
  }

  *instances(): IterableIterator<Instance> {
    for (const record of this.records(null)) if ('run' in record) yield record;
  }

  *entities(): IterableIterator<EntityRecord> {
    for (const record of this.records(null)) if (!('run' in record)) yield record;
  }

  /** A message came into the inbox of a record. */
  delivered(record: Instance | EntityRecord): void {
    const entry = this.live.get(record.id);
    if (entry?.record !== record) return;
    if (record.inbox.length === 1 && entry.taken === null && entry.before === null) entry.arrival = ++this.number;
    this.dirty.add(entry);
  }

  /** A turn has taken these events; until turned() the store keeps them in the inbox. */
  taken(record: Instance, events: readonly HistoryEvent[], closed: boolean): void {
    const entry = this.live.get(record.id);
    if (entry?.record !== record) return;
    const { executionId } = record;
    entry.taken = events.map((event) => ({ executionId, event }));
    entry.closed = closed;
    entry.changed = true;
    this.dirty.add(entry);
  }

  /** The events of an instance that came back begin a generation in the work item that ended the last one. */
  beganClosed(record: Instance): boolean {
    return this.live.get(record.id)?.closed ?? false;
  }

  /** As taken(), for an entity: its inbox and lock before the turn. */
  takenEntity(record: EntityRecord, inbox: EntityRecord['inbox'], lock: EntityRecord['lock']): void {
    const entry = this.live.get(record.id);
    if (entry?.record === record) entry.before = { inbox, lock, left: record.inbox.length };
  }

  /** A turn has ended and its record is as it shall be stored. */
  turned(record: Instance | EntityRecord): void {
    const entry = this.live.get(record.id);
    if (entry?.record !== record) return;
    entry.taken = null;
    entry.before = null;
    entry.closed = false;
    entry.changed = true;
    this.dirty.add(entry);
  }

  taskAdded(task: ActivityTask): void {
    this.tasks.add(task, ++this.number);
  }

  taskDone(task: ActivityTask): void {
    this.tasks.remove(task);
  }

  timerAdded(at: number, message: Message): void {
    this.timers.add(message, ++this.number, { at, message } satisfies TimedRow);
  }

  timerDone(message: Message): void {
    this.timers.remove(message);
  }

  /** A word of the host's own under a name, such as when a timer function last ran. */
  note(name: string, text: string): void {
    this.notes.push({ table: 'meta', key: `note ${name}`, value: text });
  }

  noted(name: string): string | null {
    const key = `note ${name}`;
    return this.notes.findLast((w) => w.key === key)?.value ?? this.backend.get('meta', key) ?? null;
  }

  /** Stores everything that has changed. Returns false when nothing has. */
  commit(): boolean {
    const { now, offset } = this.readClock();
    if (!this.changed && (offset !== null || now === this.savedNow)) return false;
    const writes = [...this.doomed, ...this.notes];
    for (const entry of this.dirty) entry.write(writes);
    this.tasks.write(writes);
    this.timers.write(writes);
    writes.push({ table: 'meta', key: 'host', value: JSON.stringify(this.meta(now, offset)) });
    this.backend.write(writes);
    this.savedNow = now;
    this.settle();
    return true;
  }

  private get changed(): boolean {
    if (this.dirty.size + this.doomed.length + this.notes.length > 0) return true;
    return this.tasks.changed || this.timers.changed;
  }

  /** Nothing is waiting to be stored any more. Ended records leave the memory. */
  private settle(): void {
    for (const { record, ended, idle } of this.dirty) if (ended && idle) this.live.delete(record.id);
    this.dirty = new Set();
    this.doomed = [];
    this.removed = new Set();
    this.notes = [];
    this.letGo();
  }

  flush(): Promise<void> {
    return this.backend.flush();
  }

  close(): Promise<void> {
    return this.closeAll();
  }

  /** Everything that has not been stored is lost, as when the process ends. */
  forget(): void {
    this.live.clear();
    this.dirty = new Set();
    this.tasks.forget();
    this.timers.forget();
    this.doomed = [];
    this.removed = new Set();
    this.notes = [];
    const meta = JSON.parse(this.backend.get('meta', 'host') ?? '{}') as Partial<Meta>;
    this.number = meta.number ?? 0;
    if (this.ids && meta.ids) Object.assign(this.ids, meta.ids);
  }

  /** What was going on when the store was last written. */
  unfinished(): Unfinished {
    const out: Unfinished = { instances: [], entities: [], activities: [], timed: [] };
    const inboxes = [...this.backend.range('inboxes')].map((r) => JSON.parse(r.value) as InboxRow);
    for (const { id } of inboxes.sort((a, b) => a.arrival - b.arrival)) {
      const record = this.entry(id)?.record;
      if (!record) continue;
      if ('run' in record) out.instances.push(record);
      else out.entities.push(record);
    }
    for (const { key, value } of this.backend.range('tasks')) {
      const task = JSON.parse(value) as ActivityTask;
      this.tasks.known(task, key as number);
      out.activities.push(task);
    }
    for (const { key, value } of this.backend.range('timers')) {
      const timed = JSON.parse(value) as TimedRow;
      this.timers.known(timed.message, key as number);
      out.timed.push(timed);
    }
    return out;
  }

  private meta(now: number, offset: number | null): Meta {
    return { now, offset, number: this.number, starts: this.starts + 1, ids: { ...this.ids } };
  }

  private entry(id: string): Entry | undefined {
    const live = this.live.get(id);
    if (live) return live;
    if (this.removed.has(id)) return undefined;
    const text = this.backend.get('records', id);
    if (text === undefined) return undefined;
    const row = JSON.parse(text) as Row;
    const inbox = this.backend.get('inboxes', row.row);
    const entry = this.read(row, inbox === undefined ? null : (JSON.parse(inbox) as InboxRow));
    this.live.set(id, entry);
    this.letGo();
    return entry;
  }

  private read(row: Row, inbox: InboxRow | null): Entry {
    const fields = { ...row.fields, inbox: inbox?.entries ?? [], queued: false };
    if (row.kind === 'entity') return Entry.loaded(fields as unknown as EntityRecord, row, inbox);
    const record = new LoadedInstance(fields, {
      history: () => this.readHistory(row),
      run: () => this.readRun(row),
      input: () => (row.apart ? (this.backend.get('inputs', row.row) ?? null) : row.input),
    }) as unknown as Instance;
    return Entry.loaded(record, row, inbox);
  }

  private readHistory(row: Row): string {
    const pieces: string[] = [];
    for (let n = 0; n < row.chunks; n++) pieces.push(this.backend.get('history', row.row * CHUNKS_MAX + n) ?? '');
    return pieces.join(',');
  }

  private readRun(row: Row) {
    const text = this.backend.get('runs', row.row);
    return text === undefined ? null : restoreRun(text, this.runHost);
  }

  private clear(entry: Entry): void {
    this.dirty.delete(entry);
    Entry.clear(entry.row, entry.chunks, this.doomed);
  }

  /** Records without work need not stay in memory when there are many. */
  private letGo(): void {
    if (this.live.size <= this.letGoAbove) return;
    let surplus = this.live.size - IDLE_MAX;
    for (const [id, entry] of this.live) {
      if (surplus <= 0) break;
      if (!entry.idle || this.dirty.has(entry)) continue;
      this.live.delete(id);
      surplus--;
    }
    // when all are at work they are not gone through for each new one
    this.letGoAbove = Math.max(IDLE_MAX * 2, this.live.size + 1000);
  }
}
