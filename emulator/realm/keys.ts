/**
 * Function, host, system and master keys, and whether a request brings the right one: `--keys` asks for them as Azure
 * does. Keys are kept in the data folder, else they follow from the seed, so that they stay the same from run to run.
 * Source: Azure Functions "Work with access keys"; recorded/management-errors (401).
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HttpMessage } from '../http/message';

const FILE = 'keys.json';
const MASTER = '_master';
/** The system key of the durable webhooks. */
const DURABLE = 'durabletask_extension';

export interface KeyRing {
  master: string;
  /** for every function */
  host: string;
  durable: string;
  of(functionName: string): string;
}

/** Keys from the data folder (made there when missing) or, without one, from the seed. */
export function keyRing(dataFolder: string | null, seed: number): KeyRing {
  const stored = dataFolder === null ? null : readKeys(dataFolder);
  const keys: Record<string, string> = stored ?? {};
  const key = (name: string): string => {
    const found = keys[name];
    if (found !== undefined) return found;
    const made = dataFolder === null ? fromSeed(seed, name) : randomBytes(40).toString('base64url');
    keys[name] = made;
    if (dataFolder !== null) writeKeys(dataFolder, keys);
    return made;
  };
  return {
    master: key(MASTER),
    host: key('default'),
    durable: key(DURABLE),
    of: (name) => key(`function:${name.toLowerCase()}`),
  };
}

/** Whether the request carries one of the keys, in `code` or in x-functions-key. */
export function hasKey(m: HttpMessage, ...keys: readonly string[]): boolean {
  const at = m.target.indexOf('?');
  const code = at < 0 ? null : new URLSearchParams(m.target.slice(at + 1)).get('code');
  const given = m.headers['x-functions-key'] ?? code;
  return given !== null && keys.includes(given);
}

/** Which keys open a function of this level; null: none is needed. */
export function keysFor(ring: KeyRing, authLevel: unknown, functionName: string): readonly string[] | null {
  const level = typeof authLevel === 'string' ? authLevel.toLowerCase() : 'function';
  if (level === 'anonymous') return null;
  return level === 'admin' ? [ring.master] : [ring.of(functionName), ring.host, ring.master];
}

const fromSeed = (seed: number, name: string): string =>
  createHash('sha256').update(`${seed}:${name}`).digest('base64url');

function readKeys(folder: string): Record<string, string> | null {
  const file = path.join(folder, FILE);
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch (error) {
    throw new Error(`${file} is not valid JSON (${(error as Error).message}). Delete it to have new keys made.`, {
      cause: error,
    });
  }
}

function writeKeys(folder: string, keys: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, FILE), JSON.stringify(keys, null, 2), { mode: 0o600 });
}
