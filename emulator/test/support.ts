/**
 * What the emulator's tests share: a host over the fixture app, shorthand for requests, and the cleaning up.
 * The host runs from emulator/dist: build first.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startHost, type Host, type StartHostOptions } from '../index';

export const APP = path.join(__dirname, 'apps', 'basic');
export const START = '2026-01-05T09:00:00.000Z';
export const DAY_MS = 86_400_000;
export const MANAGEMENT = '/runtime/webhooks/durabletask';

// a host starts in 0.4 s; on a busy machine several at once take their time
jest.setTimeout(30_000);

/**
 * Where the hosts of these tests keep their state: EMULATOR_STORE=data gives each a data folder of its own, =tables the
 * data store's tables in memory. Every suite must pass with each.
 */
const STORE = process.env.EMULATOR_STORE ?? 'memory';
const folders: string[] = [];

function storeOptions(): Partial<StartHostOptions> {
  if (STORE === 'tables') return { faults: { seed: 1 } };
  return STORE === 'data' ? { data: newFolder() } : {};
}

/** An empty folder, removed by stopAll(). */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'emulator-data-'));
  folders.push(folder);
  return folder;
}

const open: Promise<Host>[] = [];

/** A host over the fixture app on a manual clock and any free port, stopped by stopAll(). */
export function host(options: Partial<StartHostOptions> = {}): Promise<Host> {
  const starting = startHost({ app: APP, clock: 'manual', startAt: START, port: 0, ...storeOptions(), ...options });
  // also those whose test gave up on them, or jest would not end
  open.push(starting);
  return starting;
}

export async function stopAll(): Promise<void> {
  for (const h of await Promise.allSettled(open.splice(0))) if (h.status === 'fulfilled') await h.value.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

export async function send(h: Host, method: string, target: string, body?: unknown): Promise<Reply> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = typeof body === 'string' ? body : JSON.stringify(body);
    init.headers = { 'content-type': 'application/json' };
  }
  const response = await fetch(h.url + target, init);
  const text = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // not every answer is JSON
  }
  return { status: response.status, headers: response.headers, text, json };
}

/** Starts an orchestration over the management API; its id is the function's name unless given. */
export async function begin(h: Host, name: string, input?: unknown, id = name): Promise<void> {
  const reply = await send(
    h,
    'POST',
    `${MANAGEMENT}/orchestrators/${name}/${id}`,
    input === undefined ? '' : JSON.stringify(input),
  );
  if (reply.status !== 202) throw new Error(`start of ${name}: ${reply.status} ${reply.text}`);
}

/** Starts an orchestration, does what is due now and returns its status. */
export async function run(h: Host, name: string, input?: unknown, id = name): Promise<Record<string, unknown>> {
  await begin(h, name, input, id);
  await h.runUntilIdle();
  return status(h, id);
}

export async function status(h: Host, id: string, query = ''): Promise<Record<string, unknown>> {
  return (await send(h, 'GET', `${MANAGEMENT}/instances/${id}${query}`)).json as Record<string, unknown>;
}

export async function raise(h: Host, id: string, name: string, data: unknown): Promise<number> {
  return (await send(h, 'POST', `${MANAGEMENT}/instances/${id}/raiseEvent/${name}`, JSON.stringify(data))).status;
}
