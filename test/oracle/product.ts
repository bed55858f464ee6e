/**
 * The product as a stranger uses it: `node dist/cli/vip.js replay RECORDING --out DIR`, its exit code and its two streams,
 * which must hold no personal data (rule 11).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { filesUnder } from './rules/privacy';

/** Another build can be examined by naming its vip.js in VIP_CLI. */
const CLI = process.env['VIP_CLI'] ?? join(__dirname, '..', '..', 'dist', 'cli', 'vip.js');
/** A replay of a small recording takes about a second; a hang must not stop the suite. */
const REPLAY_MS_MAX = 120_000;

export const productIsBuilt = existsSync(CLI);

export interface Replay {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  out: string;
}

export function replay(recording: string, zone = 'UTC'): Replay {
  const out = join(mkdtempSync(join(tmpdir(), 'replay-')), 'out');
  const run = spawnSync(process.execPath, [CLI, 'replay', recording, '--out', out], {
    encoding: 'utf8',
    timeout: REPLAY_MS_MAX,
    env: { ...process.env, TZ: zone },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { exitCode: run.status, stdout: run.stdout, stderr: run.stderr, out };
}

/** Files that differ between two output folders, by name. */
export function differences(first: string, second: string): string[] {
  const contents = (folder: string): Map<string, string> =>
    new Map(filesUnder(folder).map((path) => [relative(folder, path), readFileSync(path).toString('base64')]));
  const [a, b] = [contents(first), contents(second)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
}
