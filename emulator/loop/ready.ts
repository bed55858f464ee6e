/**
 * What can run now, and in which order: activities first, then entities, then orchestrators, deepest first. Within a
 * class it is the order of arrival. A class is drained as one round before the next is chosen, so that all completions
 * and signals of one instant for one receiver form one episode or batch.
 */
import type { ActivityTask, EntityRecord, Instance } from '../core/types';

/** A function call of the host's own (timer triggers). */
export interface HostCall {
  kind: 'call';
  run(): Promise<void>;
}

export class ReadyQueue {
  private calls: (ActivityTask | HostCall)[] = [];
  private callsAt = 0;
  private entities: EntityRecord[] = [];
  private byDepth: Instance[][] = [];
  private count = 0;

  get empty(): boolean {
    return this.count === 0 && this.callsAt >= this.calls.length && this.entities.length === 0;
  }

  get hasCalls(): boolean {
    return this.callsAt < this.calls.length;
  }

  pushCall(task: ActivityTask | HostCall): void {
    this.calls.push(task);
  }

  /** The next activity, or undefined. */
  shiftCall(): ActivityTask | HostCall | undefined {
    const task = this.calls[this.callsAt];
    if (task === undefined) return undefined;
    this.callsAt++;
    if (this.callsAt === this.calls.length) {
      this.calls = [];
      this.callsAt = 0;
    }
    return task;
  }

  /** Puts what waits to be called in another order. */
  reorderCalls(reorder: (calls: (ActivityTask | HostCall)[]) => void): void {
    const waiting = this.calls.slice(this.callsAt);
    reorder(waiting);
    this.calls = waiting;
    this.callsAt = 0;
  }

  /** Forgets everything of the durable store; calls of the host's own stay. */
  forget(): void {
    this.calls = this.calls.slice(this.callsAt).filter((c) => c.kind === 'call');
    this.callsAt = 0;
    this.entities = [];
    this.byDepth = [];
    this.count = 0;
  }

  pushEntity(record: EntityRecord): void {
    if (record.queued) return;
    record.queued = true;
    this.entities.push(record);
  }

  takeEntities(): EntityRecord[] {
    const round = this.entities;
    this.entities = [];
    return round;
  }

  pushInstance(record: Instance): void {
    if (record.queued) return;
    record.queued = true;
    this.count++;
    while (this.byDepth.length <= record.depth) this.byDepth.push([]);
    (this.byDepth[record.depth] as Instance[]).push(record);
  }

  /** The waiting orchestrators of the greatest depth. */
  takeInstances(): Instance[] {
    for (let depth = this.byDepth.length - 1; depth >= 0; depth--) {
      const round = this.byDepth[depth] as Instance[];
      if (round.length === 0) continue;
      this.byDepth[depth] = [];
      this.count -= round.length;
      return round;
    }
    return [];
  }
}
