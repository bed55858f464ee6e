/** Values of triggers and outputs between SDKs and the worker's typed data, and `{name}` parts in the paths of bindings. */
import { randomUUID } from 'node:crypto';
import type { TriggerParts, TypedData } from '../realm/invoke';

/** Metadata by name; texts stay texts, all else becomes JSON. Undefined is left out. */
export function metadataOf(values: Record<string, unknown>): Record<string, TypedData> {
  const out: Record<string, TypedData> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    out[key] = typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) };
  }
  return out;
}

/** The messages that an output stands for: a list is one each, null none. */
export function messagesOf(data: unknown): (string | Buffer)[] {
  if (data === null || data === undefined) return [];
  const d = data as TypedData & { double?: number };
  if (d.bytes !== undefined) return [Buffer.from(d.bytes)];
  if (d.string !== undefined) return [d.string];
  if (d.int !== undefined || d.double !== undefined) return [String(d.int ?? d.double)];
  if (d.json === undefined) return [];
  const value = JSON.parse(d.json) as unknown;
  if (!Array.isArray(value)) return [d.json];
  return value.map((v) => (typeof v === 'string' ? v : JSON.stringify(v)));
}

/** The content of an output that is one thing, a blob. Null: nothing is written. */
export function contentOf(data: unknown): Buffer | null {
  if (data === null || data === undefined) return null;
  const d = data as TypedData & { double?: number };
  if (d.bytes !== undefined) return Buffer.from(d.bytes);
  return Buffer.from(d.string ?? d.json ?? String(d.int ?? d.double ?? ''));
}

/**
 * Replaces `{name}` by trigger metadata, members of a JSON trigger value, route parameters, and {rand-guid} and {DateTime}.
 * Throws, naming the part that nothing is known of.
 */
export function resolvePath(path: string, trigger: TriggerParts, now: Date): string {
  return path.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const lower = name.toLowerCase();
    if (lower === 'rand-guid') return randomUUID();
    if (lower === 'datetime')
      return now
        .toISOString()
        .replace(/\.\d+Z$/, 'Z')
        .replaceAll(':', '-');
    const value = partOf(lower.split('.'), trigger);
    if (value !== undefined) return String(value);
    throw new Error(`The path '${path}' asks for {${name}}, of which the trigger says nothing.`);
  });
}

function partOf(names: string[], trigger: TriggerParts): unknown {
  const known: unknown[] = [];
  if (trigger.metadata) known.push(Object.fromEntries(Object.entries(trigger.metadata).map(([k, v]) => [k, plain(v)])));
  const value = plain(trigger.inputs[0]?.data);
  const http = (trigger.inputs[0]?.data.http ?? null) as { params?: unknown; query?: unknown } | null;
  known.push(http?.params, http?.query, value);
  for (const source of known) {
    const found = member(source, names);
    if (found !== undefined && typeof found !== 'object') return found;
  }
  return undefined;
}

function member(value: unknown, names: string[]): unknown {
  let current = value;
  for (const name of names) {
    if (typeof current !== 'object' || current === null) return undefined;
    const key = Object.keys(current).find((k) => k.toLowerCase() === name);
    current = key === undefined ? undefined : (current as Record<string, unknown>)[key];
  }
  return current;
}

function plain(data: TypedData | undefined): unknown {
  const text = data?.json ?? data?.string;
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
