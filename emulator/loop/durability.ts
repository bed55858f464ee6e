/**
 * When what has changed is stored. Many turns form one commit: before activities start, before an answer leaves, and when
 * nothing is ready. What came after the last commit is lost when the process ends, and nobody has seen it. Also makes the
 * crashes of a fault plan: the host forgets and takes up again what is stored.
 */
import type { Instance } from '../core/types';
import type { DataStore } from '../data/dataStore';
import { realNow } from '../realm/virtualTime';
import type { Engine } from './engine';

export class Durability {
  /** crashes so far; a turn that finds another number than at its beginning has been forgotten */
  lives = 0;
  /** instances whose end is not stored yet */
  ended: Instance[] = [];
  private next: Promise<void> | null = null;
  private closed = false;

  constructor(
    readonly data: DataStore,
    private readonly engine: Engine,
  ) {}

  /** Resolves when all that has happened so far is stored; everyone who asks at one time shares one commit. */
  stored(): Promise<void> {
    return (this.next ??= Promise.resolve().then(() => this.store()));
  }

  /** As stored(), and it survives the end of the machine as well. */
  async flushed(): Promise<void> {
    await this.stored();
    if (!this.closed) await this.data.flush();
  }

  commit(): boolean {
    if (this.closed) return false;
    let written: boolean;
    const began = realNow();
    try {
      written = this.data.commit();
      this.engine.excuse(realNow() - began);
    } catch (error) {
      // part of what has changed is no longer known as such: going on would store half of it
      this.closed = true;
      this.engine.stop();
      this.engine.options.onFatal(error);
      throw error;
    }
    for (const record of this.ended.splice(0)) this.engine.tellEnd(record);
    return written;
  }

  /** A turn has ended and sent what it had to send. */
  stepDone(target: string): void {
    const crash = this.engine.faultPlan?.crash(target) ?? null;
    if (crash === null) return;
    if (crash === 'after') this.commit();
    this.crash();
  }

  /** Stores what has changed and gives the folder back. */
  async close(): Promise<void> {
    this.commit();
    this.closed = true;
    await this.data.close();
  }

  private async store(): Promise<void> {
    this.next = null;
    if (!this.commit()) return;
    const plan = this.engine.faultPlan;
    plan?.stored();
    const slowMs = plan?.slowMs() ?? 0;
    if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
  }

  private crash(): void {
    this.lives++;
    this.ended = [];
    this.engine.forget();
    this.data.forget();
    this.engine.resume(this.data);
    this.engine.outside?.crashed?.();
  }
}
