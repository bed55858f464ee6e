/**
 * A worker thread kept for several hosts, one after the other: the libraries stay loaded, and each app is loaded anew
 * (realm/keptThread.ts). Starting a host in it takes a fraction of the time; for those who run hundreds.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RealmData } from './realm/protocol';
import type { HostThread } from './types';

/** Room for 100,000s of records; a worker's default depends on the machine. */
const HEAP_MAX_MB = 4096;

export function newWorker(workerData: RealmData | null, captureOutput = false): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MAX_MB };
  const output = captureOutput ? { stdout: true, stderr: true } : {};
  return new Worker(workerFile(), { workerData, resourceLimits, ...output });
}

export class KeptThread implements HostThread {
  private worker: Worker | null = null;
  private busy = false;

  /** Throws while another host runs in it. */
  take(data: RealmData): Worker {
    if (this.busy) throw new Error('The thread has a host that runs. Stop that one first, or keep another thread.');
    const worker = this.worker ?? this.newOne();
    // Throws for options that cannot be sent to a thread.
    worker.postMessage({ start: data });
    worker.ref();
    this.busy = true;
    return worker;
  }

  private newOne(): Worker {
    const worker = newWorker(null);
    worker.once('exit', () => this.forget(worker));
    // Between two hosts nobody else listens.
    worker.on('error', () => this.forget(worker));
    worker.unref();
    this.worker = worker;
    return worker;
  }

  /** Its host has stopped. An idle thread keeps no process alive. */
  release(): void {
    this.busy = false;
    this.worker?.unref();
  }

  async close(): Promise<void> {
    if (this.worker) await this.discard(this.worker);
  }

  /** The next host gets another worker, at once; a worker of a later host is let be. */
  async discard(worker: Worker): Promise<void> {
    this.forget(worker);
    await worker.terminate();
  }

  private forget(worker: Worker): void {
    if (worker !== this.worker) return;
    this.worker = null;
    this.busy = false;
  }
}

/** This file's built worker, also when this file runs as TypeScript. */
function workerFile(): string {
  if (!__filename.endsWith('.ts')) return path.join(__dirname, 'realm', 'worker.js');
  const built = path.join(__dirname, 'dist', 'realm', 'worker.js');
  if (existsSync(built)) return built;
  throw new Error(`The emulator runs its worker from ${built}, which does not exist. Run "npm run build" first.`);
}
