/**
 * Preloaded into a pilot on real parts (docs/benchmarks.md): prints which requests a thread made of storage, by table, and
 * for how long none, one and several of them were under way. The SDKs all go through `http.request`.
 */
import http from 'node:http';
import { writeSync } from 'node:fs';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const TELL_MS = 200;

const counts = new Map<string, number>();
const underWayMs = { none: 0, one: 0, several: 0 };
let [underWay, sinceMs] = [0, 0];

function changeBy(difference: number): void {
  const nowMs = performance.now();
  underWayMs[underWay === 0 ? 'none' : underWay === 1 ? 'one' : 'several'] += nowMs - sinceMs;
  [underWay, sinceMs] = [underWay + difference, nowMs];
}

/** `/account/table(PartitionKey=…)?…` or `/account/$batch`. */
function tableOf(path: string): string {
  return /^\/[^/]+\/([^(?/]*)/.exec(path)?.[1] ?? path;
}

const send = http.request.bind(http) as (...parts: unknown[]) => http.ClientRequest;
http.request = ((...parts: unknown[]) => {
  const request = send(...parts);
  const table = tableOf(request.path);
  counts.set(table, (counts.get(table) ?? 0) + 1);
  changeBy(1);
  request.once('close', () => changeBy(-1));
  return request;
}) as typeof http.request;

function summary(): string {
  const tables = [...counts].sort(([, a], [, b]) => b - a).map(([table, n]) => `${table} ${n}`);
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
  const waits = Object.entries(underWayMs).map(([many, ms]) => `${many} ${(ms / 1000).toFixed(1)} s`);
  return `requests ${total}: ${tables.join(', ')}\nunder way: ${waits.join(', ')}\n`;
}

// A thread that is ended hears nothing of it, so it tells what it knows every now and then.
const channel = new BroadcastChannel('requests of a pilot');
channel.unref();
let latest = '';
channel.onmessage = ({ data }: { readonly data: unknown }) => (latest = String(data));
if (isMainThread) process.on('exit', () => writeSync(2, latest));
else setInterval(() => counts.size > 0 && channel.postMessage(summary()), TELL_MS).unref();
