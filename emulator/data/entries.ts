/**
 * One record of the store while it is in memory: what of it is stored already, and the writes that bring the store up to
 * date. Histories are appended to, not written anew. A turn that has not ended is written as if it had not begun: what it
 * took from the inbox stands there again. Leaves out when that happens (dataStore).
 */
import type { EntityMessage, EntityRecord, InboxEntry, Instance } from '../core/types';
import { isTerminal } from '../core/types';
import type { Write } from './backend';
import { LoadedInstance } from './loaded';
import { saveRun } from './runState';

/** Pieces that the history of one execution can have: their keys are its row times this, plus the piece's number. */
export const CHUNKS_MAX = 2 ** 20;
/** Longer inputs are stored apart, once. */
const INPUT_MAX = 4096;
/** Fields of records that are stored elsewhere, or not at all. */
const APART = new Set(['history', 'run', 'inbox', 'queued', 'input']);

/** The row of the records table: everything that a list shows. */
export interface Row {
  kind: 'instance' | 'entity';
  row: number;
  /** pieces of its history */
  chunks: number;
  /** characters of its history */
  length: number;
  /** the input is in the inputs table */
  apart: boolean;
  input: string | null;
  fields: Record<string, unknown>;
}

export interface InboxRow {
  id: string;
  /** order of arrival among all inboxes */
  arrival: number;
  /** the events begin a generation in the same work item as the last one ended */
  closed: boolean;
  entries: unknown[];
}

export class Entry {
  chunks = 0;
  length = 0;
  arrival = 0;
  closed = false;
  /** the record or its history differ from what is stored, not only the inbox */
  changed = true;
  /** the history is written anew */
  rewritten = false;
  /** what a turn has taken from an instance's inbox */
  taken: InboxEntry[] | null = null;
  /** an entity before the turn that is running, and how many messages that turn left waiting */
  before: { inbox: EntityMessage[]; lock: EntityRecord['lock']; left: number } | null = null;
  private executionId: string | null = null;
  private apart = false;
  private savedInput: string | null = null;
  private savedInbox = false;
  private savedRun = false;

  constructor(
    readonly record: Instance | EntityRecord,
    public row: number,
  ) {}

  /** An entry for a record that stands in the store. */
  static loaded(record: Instance | EntityRecord, row: Row, inbox: InboxRow | null): Entry {
    const entry = new Entry(record, row.row);
    entry.changed = false;
    entry.chunks = row.chunks;
    entry.length = row.length;
    entry.apart = row.apart;
    entry.savedInbox = inbox !== null;
    entry.arrival = inbox?.arrival ?? 0;
    entry.closed = inbox?.closed ?? false;
    entry.savedRun = true;
    if ('run' in record) entry.executionId = record.executionId;
    return entry;
  }

  /** Nobody may hold the record: it can be read again when it is needed. */
  get idle(): boolean {
    return !this.record.queued && this.taken === null && this.before === null && this.record.inbox.length === 0;
  }

  get ended(): boolean {
    return 'run' in this.record && isTerminal(this.record.status);
  }

  write(out: Write[]): void {
    if ('run' in this.record) this.writeInstance(this.record, out);
    else this.writeEntity(this.record, out);
    this.changed = false;
  }

  /** Removes everything but the record itself. */
  static clear(row: number, chunks: number, out: Write[]): void {
    for (let n = 0; n < chunks; n++) out.push({ table: 'history', key: row * CHUNKS_MAX + n });
    for (const table of ['runs', 'inboxes', 'inputs'] as const) out.push({ table, key: row });
  }

  private writeInstance(record: Instance, out: Write[]): void {
    if (this.changed) {
      this.writeHistory(record, out);
      this.writeRun(record, out);
      this.writeInput(record, out);
      this.writeRecord('instance', record, out);
    }
    const inbox = this.taken ? [...this.taken, ...record.inbox] : record.inbox;
    this.writeInbox(record.id, inbox, out);
  }

  private writeEntity(record: EntityRecord, out: Write[]): void {
    const { before } = this;
    if (this.changed) this.writeRecord('entity', before ? { ...record, lock: before.lock } : record, out);
    this.writeInbox(record.id, before ? [...before.inbox, ...record.inbox.slice(before.left)] : record.inbox, out);
  }

  private writeRecord(kind: Row['kind'], record: object, out: Write[]): void {
    const fields: Record<string, unknown> = {};
    for (const key of Object.keys(record)) {
      if (!APART.has(key)) fields[key] = (record as Record<string, unknown>)[key];
    }
    const { row, chunks, length, apart } = this;
    const input = kind === 'instance' && !apart ? (record as Instance).input : null;
    const value = JSON.stringify({ kind, row, chunks, length, apart, input, fields } satisfies Row);
    out.push({ table: 'records', key: this.record.id, value });
  }

  private writeHistory(record: Instance, out: Write[]): void {
    const text = LoadedInstance.historyOf(record);
    if (record.executionId !== this.executionId) this.rewritten = this.executionId !== null;
    this.executionId = record.executionId;
    if (text === undefined || (text.length === this.length && !this.rewritten)) return;
    if (this.rewritten || text.length < this.length) {
      for (let n = 0; n < this.chunks; n++) out.push({ table: 'history', key: this.row * CHUNKS_MAX + n });
      this.chunks = 0;
      this.length = 0;
    }
    if (text.length > 0) {
      const value = this.length === 0 ? text : text.slice(this.length + 1);
      out.push({ table: 'history', key: this.row * CHUNKS_MAX + this.chunks++, value });
    }
    this.length = text.length;
    this.rewritten = false;
  }

  private writeRun(record: Instance, out: Write[]): void {
    const run = LoadedInstance.runOf(record);
    if (run === undefined || (run === null && !this.savedRun)) return;
    out.push(run === null ? { table: 'runs', key: this.row } : { table: 'runs', key: this.row, value: saveRun(run) });
    this.savedRun = run !== null;
  }

  private writeInput(record: Instance, out: Write[]): void {
    const input = LoadedInstance.inputOf(record);
    if (input === undefined || (this.apart && input === this.savedInput)) return;
    const apart = input !== null && input.length > INPUT_MAX;
    if (apart) out.push({ table: 'inputs', key: this.row, value: input });
    else if (this.apart) out.push({ table: 'inputs', key: this.row });
    this.apart = apart;
    this.savedInput = apart ? input : null;
  }

  private writeInbox(id: string, entries: unknown[], out: Write[]): void {
    if (entries.length > 0) {
      const inbox: InboxRow = { id, arrival: this.arrival, closed: this.closed, entries };
      out.push({ table: 'inboxes', key: this.row, value: JSON.stringify(inbox) });
    } else if (this.savedInbox) out.push({ table: 'inboxes', key: this.row });
    this.savedInbox = entries.length > 0;
  }
}
