/**
 * Keeps the namespace on disk: changes are gathered while the disk is busy and then written and synced together (group
 * commit); whoever waits for them is told after that. When the file has grown well beyond what it describes, it is
 * replaced by a snapshot: written beside it, synced, renamed over it.
 */
import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ChangeSink } from '../core/changes';
import type { Message } from '../core/message';
import type { Namespace } from '../core/namespace';
import { frame, readFrames } from './frames';
import { JournalError } from './journalError';
import { lockFolder } from './folderLock';
import { encodeRecord } from './records';
import { Restoration, type DecodeContent } from './restore';
import { encodePut, snapshot } from './snapshot';

const FILE = 'messages.journal';
const NEW_FILE = 'messages.journal.new';
/** Growth beyond the last snapshot that makes a new one worth while. */
const COMPACT_BYTES = 64 * 1_048_576;
const SNAPSHOT_FRAME_BYTES = 4 * 1_048_576;

const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);

export interface JournalLimits {
  /** Default 64 MB. */
  readonly compactBytes?: number;
}

export class Journal implements ChangeSink {
  private descriptor = -1;
  private frames = 0;
  private size = 0;
  private snapshotSize = 0;
  private pending: Buffer[] = [];
  private waiting: (() => void)[] = [];
  private inFlightWaiting: (() => void)[] = [];
  private flushing: Promise<void> | null = null;
  private readonly changedRules: Set<string>;

  /** @throws JournalError when the folder is in use, damaged or does not fit the namespace. */
  static open(folder: string, namespace: Namespace, decode: DecodeContent, limits: JournalLimits = {}): Journal {
    const unlock = lockFolder(folder);
    try {
      return new Journal(folder, namespace, decode, unlock, limits);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  private constructor(
    private readonly folder: string,
    private readonly namespace: Namespace,
    decode: DecodeContent,
    private readonly unlock: () => void,
    private readonly limits: JournalLimits,
  ) {
    const restoration = new Restoration(namespace, folder);
    this.changedRules = restoration.changedRules;
    rmSync(path.join(folder, NEW_FILE), { force: true });
    this.read(restoration);
    restoration.finish(decode);
    if (this.frames === 0) this.compact();
    namespace.changes = this;
  }

  private get file(): string {
    return path.join(this.folder, FILE);
  }

  private read(restoration: Restoration): void {
    const bytes = readIfThere(this.file);
    if (!bytes) return;
    const { payloads, goodBytes, damageAt } = readFrames(bytes);
    if (damageAt !== null || (payloads.length === 0 && bytes.length > 0)) {
      throw new JournalError(
        `The journal ${this.file} is damaged at byte ${damageAt ?? 0} of ${bytes.length}, before its end: messages that ` +
          'were acknowledged may be lost. Restore the folder from a copy, or move it away and start with an empty one.',
      );
    }
    for (const payload of payloads) restoration.apply(payload);
    this.descriptor = openSync(this.file, 'r+');
    if (goodBytes < bytes.length) ftruncateSync(this.descriptor, goodBytes);
    this.frames = payloads.length;
    this.size = goodBytes;
    this.snapshotSize = goodBytes;
  }

  // --- changes

  put(queue: string, message: Message): void {
    this.append(encodePut(queue, message));
  }

  update(queue: string, message: Message): void {
    this.append(encodeRecord(['update', queue, message.sequence, message.deliveryCount, message.state]));
  }

  remove(queue: string, sequence: number): void {
    this.append(encodeRecord(['remove', queue, sequence]));
  }

  sessionState(queue: string, sessionId: string, state: Buffer | null): void {
    this.append(encodeRecord(['state', queue, sessionId, state !== null], state ?? undefined));
  }

  seen(entity: string, id: string, at: number): void {
    this.append(encodeRecord(['seen', entity, id, at]));
  }

  sequence(entity: string, last: number): void {
    this.append(encodeRecord(['sequence', entity, last]));
  }

  rule(subscription: string): void {
    const entity = this.namespace.entity(subscription);
    if (entity.kind !== 'subscription' || !entity.rules) return;
    this.changedRules.add(entity.path);
    this.append(encodeRecord(['rules', entity.path, entity.rules.entries()]));
  }

  private append(record: Buffer): void {
    this.pending.push(record);
    this.flushing ??= new Promise((resolve, reject) => setImmediate(() => void this.run().then(resolve, reject))).catch(
      (error: Error) => this.failed(error),
    ) as Promise<void>;
  }

  /** Without its disk the broker can promise nothing any more: the error ends the process, unless it is caught there. */
  private failed(error: Error): never {
    throw new JournalError(
      `The journal ${this.file} cannot be written: ${error.message}. Nothing more is acknowledged.`,
    );
  }

  // --- writing

  /** Changes not yet on disk. */
  get unsaved(): number {
    return this.pending.length + (this.flushing ? 1 : 0);
  }

  /** Calls back when every change made so far is on disk. */
  whenDurable(then: () => void): void {
    if (this.pending.length > 0) this.waiting.push(then);
    else if (this.flushing) this.inFlightWaiting.push(then);
    else then();
  }

  /** Writes until nothing is left. */
  async flush(): Promise<void> {
    while (this.flushing) await this.flushing;
  }

  private async run(): Promise<void> {
    while (this.pending.length > 0) {
      const bytes = frame(this.frames, Buffer.concat(this.pending));
      this.pending = [];
      this.inFlightWaiting = this.waiting;
      this.waiting = [];
      await writeAsync(this.descriptor, bytes, 0, bytes.length, this.size);
      await syncAsync(this.descriptor);
      this.frames++;
      this.size += bytes.length;
      const waiters = this.inFlightWaiting;
      this.inFlightWaiting = [];
      for (const waiter of waiters) waiter();
      if (this.size - this.snapshotSize > Math.max(this.limits.compactBytes ?? COMPACT_BYTES, this.snapshotSize))
        this.compact();
    }
    this.flushing = null;
    const late = this.inFlightWaiting;
    this.inFlightWaiting = [];
    for (const waiter of late) waiter();
  }

  /** Replaces the file by a snapshot. What was still pending is in it. */
  private compact(): void {
    const fresh = path.join(this.folder, NEW_FILE);
    const descriptor = openSync(fresh, 'w');
    this.frames = 0;
    this.size = 0;
    let chunk: Buffer[] = [];
    let chunkBytes = 0;
    const writeChunk = (): void => {
      const bytes = frame(this.frames++, Buffer.concat(chunk));
      writeSync(descriptor, bytes, 0, bytes.length, this.size);
      this.size += bytes.length;
      chunk = [];
      chunkBytes = 0;
    };
    for (const record of snapshot(this.namespace, this.changedRules)) {
      chunk.push(record);
      chunkBytes += record.length;
      if (chunkBytes > SNAPSHOT_FRAME_BYTES) writeChunk();
    }
    if (chunk.length > 0) writeChunk();
    fsyncSync(descriptor);
    renameSync(fresh, this.file);
    syncFolder(this.folder);
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = descriptor;
    this.snapshotSize = this.size;
    this.pending = [];
    const waiters = this.waiting;
    this.waiting = [];
    for (const waiter of waiters) waiter();
  }

  async close(): Promise<void> {
    await this.flush();
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
    this.unlock();
  }
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
