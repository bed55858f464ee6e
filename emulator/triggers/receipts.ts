/** Which versions of blobs a function has seen: one line of JSON each, appended to a file in the data folder, if there is one. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export class Receipts {
  private readonly seen = new Map<string, string>();
  private readonly file: string | null;

  constructor(dataFolder: string | null, functionName: string) {
    this.file = dataFolder === null ? null : path.join(dataFolder, 'blobs', `${functionName.toLowerCase()}.jsonl`);
    if (this.file === null || !existsSync(this.file)) return;
    for (const line of readFileSync(this.file, 'utf8').split('\n')) {
      if (!line.endsWith(']')) continue; // cut off by a kill: that blob comes again
      const [name, etag] = JSON.parse(line) as [string, string];
      this.seen.set(name, etag);
    }
  }

  has(name: string, etag: string): boolean {
    return this.seen.get(name) === etag;
  }

  put(name: string, etag: string): void {
    this.seen.set(name, etag);
    if (this.file === null) return;
    mkdirSync(path.dirname(this.file), { recursive: true });
    appendFileSync(this.file, `${JSON.stringify([name, etag])}\n`);
  }
}
