/**
 * What the real host keeps of a timer between restarts: when it ran last and when it is due next, so that a run missed
 * while the host was down is made up for. One small file in the data folder; without a folder it is kept in memory.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface TimerStatus {
  /** null before the first run */
  last: number | null;
  next: number;
  updated: number | null;
}

export class TimerStatuses {
  private readonly file: string | null;
  private readonly all: Record<string, TimerStatus>;

  constructor(dataFolder: string | null) {
    this.file = dataFolder === null ? null : path.join(dataFolder, 'timers.json');
    this.all = this.file !== null && existsSync(this.file) ? read(this.file) : {};
  }

  of(functionName: string): TimerStatus | undefined {
    return this.all[functionName];
  }

  put(functionName: string, status: TimerStatus): void {
    this.all[functionName] = status;
    if (this.file === null) return;
    mkdirSync(path.dirname(this.file), { recursive: true });
    // a file half written by a kill would keep the host from starting
    writeFileSync(`${this.file}.new`, JSON.stringify(this.all));
    renameSync(`${this.file}.new`, this.file);
  }
}

function read(file: string): Record<string, TimerStatus> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, TimerStatus>;
  } catch (error) {
    const text = `${file} is not valid JSON: ${(error as Error).message}. Delete it to have missed timers forgotten.`;
    throw new Error(text, { cause: error });
  }
}
