/**
 * Reads recorded histories: our own export, the orchestration trigger's payload (alone, or one JSON line per call, as
 * recordings and the host's capture have them), and the management API's status with its history. Says what is missing.
 * Leaves out replaying (run). Format: docs/replay.md.
 */
import { readFileSync } from 'node:fs';
import type { RawEvent } from './events';
import { fromStatus, type StatusForm } from './statusForm';

export const FORMAT = 'durable-history';
export const FORMAT_VERSION = 1;

/** One execution of one orchestration, ready to be replayed. */
export interface RecordedHistory {
  instanceId: string;
  name: string;
  executionId: string;
  parentInstanceId: string | null;
  version: string | null;
  /** JSON text */
  input: string | null;
  events: RawEvent[];
  /** recorded by a host that ends instances at traps */
  strict: boolean;
  /** the last episode was under way: what it scheduled is not known */
  open: boolean;
  /** rebuilt from the condensed form: instants and episodes are only roughly known */
  approximate: boolean;
}

export interface HistoryFile {
  format: typeof FORMAT;
  formatVersion: number;
  exportedAt: string;
  host: { name: string; version: string; strict: boolean };
  instances: ExportedInstance[];
}

export interface ExportedInstance {
  instanceId: string;
  name: string;
  version: string | null;
  executionId: string;
  parentInstanceId: string | null;
  runtimeStatus: string;
  createdTime: string;
  lastUpdatedTime: string;
  history: RawEvent[];
}

/** A file that cannot be replayed; the message says what came and what was expected. */
export class HistoryFileError extends Error {
  override name = 'HistoryFileError';
}

/** Reads a file. Throws HistoryFileError that names it. */
export function readHistoryFile(file: string): RecordedHistory[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new HistoryFileError(`${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    return parseHistories(text);
  } catch (error) {
    throw new HistoryFileError(`${file}: ${(error as Error).message}`);
  }
}

/** Reads the text of a file. Throws HistoryFileError. */
export function parseHistories(text: string): RecordedHistory[] {
  const values = parseText(text);
  const histories = values.length === 1 ? fromValue(values[0]) : longest(values.flatMap(fromLine));
  if (histories.length === 0) throw new HistoryFileError('It holds no history of an orchestration.');
  for (const h of histories) check(h);
  return histories;
}

function parseText(text: string): unknown[] {
  try {
    return [JSON.parse(text) as unknown];
  } catch (whole) {
    const lines = text.split('\n').filter((l) => l.trim() !== '');
    try {
      if (lines.length < 2) throw whole;
      return lines.map((l) => JSON.parse(l) as unknown);
    } catch {
      throw new HistoryFileError(`It is neither JSON nor JSON lines: ${(whole as Error).message}`);
    }
  }
}

const EXPECTED =
  `Expected a file of "durable-emulator export" ("format": "${FORMAT}"), an orchestration trigger's payload ` +
  '("history": [...]), or a status with "historyEvents".';

function fromValue(value: unknown): RecordedHistory[] {
  if (Array.isArray(value)) return longest(value.flatMap(fromLine));
  if (typeof value !== 'object' || value === null) throw new HistoryFileError(`It holds ${typeOf(value)}. ${EXPECTED}`);
  const v = value as Record<string, unknown>;
  if (v.format !== undefined) return fromExport(v);
  if (Array.isArray(v.historyEvents)) return [fromStatus(v as unknown as StatusForm)];
  if ('runtimeStatus' in v)
    throw new HistoryFileError(
      'It is a status without "historyEvents". Ask with showHistory=true&showHistoryOutput=true.',
    );
  const found = fromLine(value);
  if (found.length === 0)
    throw new HistoryFileError(`It has the members ${Object.keys(v).slice(0, 8).join(', ')}. ${EXPECTED}`);
  return found;
}

const typeOf = (value: unknown): string => (value === null ? 'null' : `a ${typeof value}`);

function fromExport(v: Record<string, unknown>): RecordedHistory[] {
  if (v.format !== FORMAT) throw new HistoryFileError(`Its format is ${JSON.stringify(v.format)}. ${EXPECTED}`);
  if (v.formatVersion !== FORMAT_VERSION) {
    throw new HistoryFileError(
      `Its format version is ${JSON.stringify(v.formatVersion)}; this program reads version ${FORMAT_VERSION}.`,
    );
  }
  if (!Array.isArray(v.instances)) throw new HistoryFileError('It has no list "instances".');
  const strict = (v.host as { strict?: boolean } | undefined)?.strict === true;
  return (v.instances as ExportedInstance[]).map((i) => ({
    ...fromEvents(i.instanceId, i.parentInstanceId ?? null, i.history),
    strict,
    open: false,
  }));
}

/** A payload, or a line that holds one; other lines (activities, entities) give nothing. */
function fromLine(value: unknown): RecordedHistory[] {
  const payload = payloadIn(value);
  if (!payload) return [];
  return [fromEvents(String(payload.instanceId), (payload.parentInstanceId as string) ?? null, payload.history)];
}

function payloadIn(value: unknown): { instanceId: unknown; parentInstanceId?: unknown; history: unknown } | null {
  if (typeof value !== 'object' || value === null) return null;
  const v = value as Record<string, unknown>;
  if (Array.isArray(v.history) && 'instanceId' in v) return v as never;
  const captured = (v.inputs as { data?: { string?: string } }[] | undefined)?.[0]?.data;
  const text = (v.payload as { string?: string } | undefined)?.string ?? captured?.string;
  if (typeof text !== 'string' || !text.includes('"history"')) return null;
  try {
    return payloadIn(JSON.parse(text));
  } catch {
    return null;
  }
}

/** An orchestrator is called once an episode: of each execution the last payload holds the others. */
function longest(histories: RecordedHistory[]): RecordedHistory[] {
  const byExecution = new Map<string, RecordedHistory>();
  for (const h of histories) {
    const key = `${h.instanceId}\n${h.executionId}`;
    if ((byExecution.get(key)?.events.length ?? 0) <= h.events.length) byExecution.set(key, h);
  }
  return [...byExecution.values()];
}

function fromEvents(instanceId: string, parentInstanceId: string | null, history: unknown): RecordedHistory {
  const events = (Array.isArray(history) ? history : []) as RawEvent[];
  const started = events.find((e) => e.EventType === 0);
  const execution = started?.OrchestrationInstance as { ExecutionId?: string } | undefined;
  const parent = (started?.ParentInstance as { OrchestrationInstance?: { InstanceId?: string } } | null | undefined)
    ?.OrchestrationInstance?.InstanceId;
  return {
    instanceId,
    name: String(started?.Name ?? ''),
    executionId: execution?.ExecutionId ?? '',
    parentInstanceId: parentInstanceId ?? parent ?? null,
    version: (started?.Version as string | null) ?? null,
    input: (started?.Input as string | null) ?? null,
    events,
    strict: false,
    open: true,
    approximate: false,
  };
}

function check(h: RecordedHistory): void {
  const where = `The history of '${h.instanceId}'`;
  if (h.events.length === 0) throw new HistoryFileError(`${where} is empty: it has not run yet, or it is an entity.`);
  const odd = h.events.findIndex((e) => typeof e?.EventType !== 'number' || Number.isNaN(Date.parse(e.Timestamp)));
  if (odd >= 0) {
    throw new HistoryFileError(
      `${where} has at position ${odd} ${JSON.stringify(h.events[odd]).slice(0, 80)}; ` +
        'expected an event with a numeric EventType and a Timestamp.',
    );
  }
  if (!h.events.some((e) => e.EventType === 12))
    throw new HistoryFileError(`${where} has no OrchestratorStarted event, so its episodes are not known.`);
  if (!h.name) throw new HistoryFileError(`${where} has no ExecutionStarted event with the function's Name.`);
}
