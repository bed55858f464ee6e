/**
 * /admin routes about instances: lists and counts, one instance's facts, timeline, events, data on demand, and its raw
 * history as a file to be replayed. Read only. Leaves out what a list finds (adminList) and a timeline shows (timeline).
 * Routes: docs/ui.md.
 */
import { version } from '../cli/version';
import type { Store } from '../core/store';
import { rawHistory } from '../core/statusView';
import { type Instance, isTerminal } from '../core/types';
import type { RawEvent } from '../replay/events';
import { FORMAT, FORMAT_VERSION, type ExportedInstance, type HistoryFile } from '../replay/historyFile';
import type { InstanceFacts } from '../ui/shapes';
import { TOP_MAX, counts, instanceRow, listEntities, listInstances, type ListFilter } from './adminList';
import { type HttpAnswer, type HttpMessage, emptyAnswer, jsonAnswer, jsonText } from './message';
import { decode } from './query';
import { eventRows, timelineOf } from './timeline';

export interface InstancesHost {
  store: Store;
  now(): number;
  strict: boolean;
}

/** Children of children and so on in one file; a fan-out of more is exported instance by instance. */
const EXPORTED_MAX = 10_000;
const TOP_DEFAULT = 50;

/** Answers `/admin/counts`, `/admin/entities` and `/admin/instances…`, or returns null for another path. */
export function adminInstances(host: InstancesHost, m: HttpMessage, path: string): HttpAnswer | null {
  const parts = path.split('/').slice(2).map(decode);
  if (!['counts', 'instances', 'entities'].includes(parts[0] as string)) return null;
  if (m.method !== 'GET' && m.method !== 'HEAD') return emptyAnswer(405);
  const at = m.target.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : m.target.slice(at));
  const top = number(query, 'top', TOP_DEFAULT, TOP_MAX);
  const text = (query.get('text') ?? '').toLowerCase();
  if (parts[0] === 'counts') return parts.length === 1 ? jsonAnswer(200, counts(host.store)) : emptyAnswer(404);
  if (parts[0] === 'entities') {
    return parts.length === 1
      ? jsonAnswer(200, listEntities(host.store, text, top, query.get('after')))
      : emptyAnswer(404);
  }
  const id = parts[1];
  if (!id) {
    const order = query.get('order') === 'id' ? 'id' : 'created';
    return jsonAnswer(200, listInstances(host.store, filterOf(query, text), top, query.get('after'), order));
  }
  return one(host, id, parts.slice(2), query);
}

function filterOf(query: URLSearchParams, text: string): ListFilter {
  const kind = query.get('kind');
  const instant = (name: string, otherwise: number): number => {
    const ms = Date.parse(query.get(name) ?? '');
    return Number.isNaN(ms) ? otherwise : ms;
  };
  return {
    kind: kind === 'orchestration' || kind === 'entity' ? kind : null,
    text,
    statuses: new Set((query.get('status') ?? '').split(',').filter((s) => s !== '')),
    createdFrom: instant('createdFrom', -Infinity),
    createdTo: instant('createdTo', Infinity),
  };
}

function number(query: URLSearchParams, name: string, otherwise: number, max: number): number {
  const text = query.get(name) ?? '';
  return /^\d+$/.test(text) ? Math.min(Number(text), max) : otherwise;
}

function one(host: InstancesHost, id: string, rest: string[], query: URLSearchParams): HttpAnswer {
  const found = facts(host.store, id);
  if (!found) return jsonAnswer(404, { Message: `There is no instance and no entity with the id '${id}'.` });
  const record = host.store.instance(id);
  const [what, index] = rest;
  if (what === undefined) return jsonAnswer(200, found);
  if (rest.length > 2 || (index !== undefined && what !== 'events')) return emptyAnswer(404);
  if (what === 'input' || what === 'output' || what === 'customStatus') {
    return jsonText(200, asJson(record?.[what] ?? null));
  }
  if (what === 'state') return jsonText(200, asJson(host.store.entity(id)?.state ?? null));
  if (what === 'history') return exported(host, id, query.get('children') === 'true');
  const events = record ? (rawHistory(record) as RawEvent[]) : [];
  const after = number(query, 'after', 0, events.length);
  const top = number(query, 'top', 200, TOP_MAX);
  if (what === 'timeline') return jsonAnswer(200, timelineOf(events, frame(host, found), after, top));
  if (what !== 'events') return emptyAnswer(404);
  if (index === undefined) return jsonAnswer(200, eventRows(events, after, top));
  const event = events[Number(index)];
  return event ? jsonAnswer(200, event) : emptyAnswer(404);
}

function facts(store: Store, id: string): InstanceFacts | null {
  const i = store.instance(id);
  const none = { executionId: null, version: null, generation: null, historyEvents: 0, inputChars: null };
  if (!i) {
    const e = store.entity(id);
    if (!e) return null;
    const held = { lockedBy: e.lock?.parent ?? null, waiting: e.inbox.length };
    return { ...instanceRow(e), ...none, outputChars: e.state?.length ?? null, customStatusChars: null, ...held };
  }
  return {
    ...instanceRow(i),
    executionId: i.executionId,
    version: i.version,
    generation: i.generation,
    historyEvents: i.historyCount,
    inputChars: i.input?.length ?? null,
    outputChars: i.output?.length ?? null,
    customStatusChars: i.customStatus?.length ?? null,
    lockedBy: null,
    waiting: i.inbox.length,
  };
}

function frame(host: InstancesHost, found: InstanceFacts): { from: number; to: number; ended: boolean } {
  const ended = isTerminal(found.status as Instance['status']);
  return { from: found.createdAt, to: ended ? found.updatedAt : Math.max(host.now(), found.updatedAt), ended };
}

/** Failures and reasons are plain text. */
function asJson(text: string | null): string {
  if (text === null) return 'null';
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

function exported(host: InstancesHost, id: string, children: boolean): HttpAnswer {
  if (!host.store.instance(id)) {
    return jsonAnswer(400, { Message: `'${id}' is an entity; only orchestrations have a history to replay.` });
  }
  const instances: ExportedInstance[] = [];
  const ids = [id];
  const seen = new Set(ids);
  for (let i = 0; i < ids.length; i++) {
    const record = host.store.instance(ids[i] as string);
    if (!record) continue;
    if (instances.length === EXPORTED_MAX) {
      return jsonAnswer(400, {
        Message: `'${id}' has more than ${EXPORTED_MAX} descendants; export without children.`,
      });
    }
    const one = exportedInstance(record);
    instances.push(one);
    if (!children) break;
    for (const e of one.history) {
      const child = e.EventType === 7 ? String(e.InstanceId) : null;
      if (child === null || seen.has(child)) continue;
      seen.add(child);
      ids.push(child);
    }
  }
  const file: HistoryFile = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    exportedAt: new Date(host.now()).toISOString(),
    host: { name: 'durable-emulator', version: version(), strict: host.strict },
    instances,
  };
  return jsonAnswer(200, file);
}

const exportedInstance = (r: Instance): ExportedInstance => ({
  instanceId: r.id,
  name: r.name,
  version: r.version,
  executionId: r.executionId,
  parentInstanceId: r.parent?.instanceId ?? null,
  runtimeStatus: r.status,
  createdTime: new Date(r.createdAt).toISOString(),
  lastUpdatedTime: new Date(r.updatedAt).toISOString(),
  history: rawHistory(r) as RawEvent[],
});
