/**
 * Writes every trigger payload in order to a file, one JSON line each, for the overhead bench. Bytes are base64. A line:
 * {"atMs","name","kind","inputs":[{"name","data"}],"metadata"}; durable client inputs are left out (they hold addresses).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { InvocationInput, TypedData } from './invoke';
import type { AppFunction } from './functionTable';

/** Lines kept before they are written. */
const BUFFERED_MAX = 2000;

export class Capture {
  private readonly fd: number;
  private lines: string[] = [];

  constructor(file: string) {
    this.fd = openSync(file, 'w');
  }

  add(fn: AppFunction, inputs: InvocationInput[], metadata: Record<string, TypedData> | null): void {
    const own = inputs.filter((i) => i.name === fn.triggerName);
    // Date is the virtual one here (virtualTime.ts), so a feeder can give the app the same time.
    const line = { atMs: Date.now(), name: fn.name, kind: fn.kind, inputs: own, metadata };
    this.lines.push(
      JSON.stringify(line, (key, v: unknown) =>
        key === 'nativeRequest'
          ? undefined
          : typeof v === 'object' && v !== null && (v as { type?: string }).type === 'Buffer'
            ? { base64: Buffer.from((v as unknown as { data: number[] }).data).toString('base64') }
            : v,
      ),
    );
    if (this.lines.length >= BUFFERED_MAX) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.fd);
  }

  private flush(): void {
    if (this.lines.length > 0) writeSync(this.fd, this.lines.join('\n') + '\n');
    this.lines = [];
  }
}
