/** Runs the built `vip` as a stranger does: its own process, its exit code and its two streams. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const VIP = path.resolve(__dirname, '..', '..', 'dist', 'cli', 'vip.js');

/** A process of a second may take ten on a busy machine. */
jest.setTimeout(60_000);

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `cwd`: where it is called. */
export function vip(args: readonly string[], env: Record<string, string> = {}, cwd?: string): Promise<Outcome> {
  const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024, cwd };
  return new Promise((resolve) => {
    execFile(process.execPath, [VIP, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

/** A folder of its own; nothing is in it. */
export function scratch(): string {
  return mkdtempSync(path.join(tmpdir(), 'vip-test-'));
}
