/**
 * Instances and entities as the management API shows them: status, and history with scheduled events merged into their
 * completions. Source: contract F (Status JSON), recorded status.json files.
 */
import { type EntityRecord, EventType, type Instance } from './types';

export interface StatusOptions {
  showInput: boolean;
  showHistory: boolean;
  showHistoryOutput: boolean;
}

export interface StatusJson {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  input: unknown;
  customStatus: unknown;
  output: unknown;
  createdTime: string;
  lastUpdatedTime: string;
  version?: string;
  historyEvents?: Record<string, unknown>[];
}

export function instanceStatus(record: Instance, options: StatusOptions): StatusJson {
  const status: StatusJson = {
    name: record.name,
    instanceId: record.id,
    runtimeStatus: record.status,
    input: options.showInput ? parsed(record.input) : null,
    customStatus: parsed(record.customStatus),
    output: parsed(record.output),
    createdTime: seconds(record.createdAt),
    lastUpdatedTime: seconds(record.updatedAt),
  };
  if (record.version !== null) status.version = record.version;
  if (options.showHistory) status.historyEvents = historyView(record, options);
  return status;
}

/** An entity looks like an instance that never ends. */
export function entityStatus(record: EntityRecord, options: StatusOptions): StatusJson {
  const input = record.exists ? { exists: true, state: record.state, sorter: {} } : { sorter: {} };
  const status: StatusJson = {
    name: record.id,
    instanceId: record.id,
    runtimeStatus: record.status,
    input: options.showInput ? input : null,
    customStatus: record.exists ? { entityExists: true } : {},
    output: parsed(record.output),
    createdTime: seconds(record.createdAt),
    lastUpdatedTime: seconds(record.updatedAt),
  };
  if (options.showHistory) status.historyEvents = [];
  return status;
}

/** The raw events of the current execution. */
export function rawHistory(record: Instance): Record<string, unknown>[] {
  return JSON.parse(`[${record.history}]`) as Record<string, unknown>[];
}

const NAMES: Record<number, string> = Object.fromEntries(
  Object.entries({
    ...EventType,
    SubOrchestrationCreated: undefined,
    SubOrchestrationCompleted: undefined,
    SubOrchestrationFailed: undefined,
    SubOrchestrationInstanceCreated: 7,
    SubOrchestrationInstanceCompleted: 8,
    SubOrchestrationInstanceFailed: 9,
  })
    .filter(([, v]) => v !== undefined)
    .map(([k, v]) => [v as number, k]),
);

function historyView(record: Instance, options: StatusOptions): Record<string, unknown>[] {
  const events = rawHistory(record);
  const scheduled = new Map<string, Record<string, unknown>>();
  const view: Record<string, unknown>[] = [];
  for (const e of events) {
    const type = e.EventType as number;
    if (type === EventType.OrchestratorStarted || type === EventType.OrchestratorCompleted) continue;
    const shown = showEvent(e, type, scheduled, options);
    if (type === EventType.TaskScheduled) scheduled.set(`t${String(e.EventId)}`, shown);
    if (type === EventType.SubOrchestrationCreated) scheduled.set(`s${String(e.EventId)}`, shown);
    view.push(shown);
  }
  const merged = new Set([...scheduled.values()].filter((s) => s.merged));
  return view.filter((e) => !merged.has(e));
}

function showEvent(
  e: Record<string, unknown>,
  type: number,
  scheduled: Map<string, Record<string, unknown>>,
  options: StatusOptions,
): Record<string, unknown> {
  const shown: Record<string, unknown> = { EventType: NAMES[type] ?? String(type), ...e };
  for (const key of ['EventId', 'IsPlayed', 'Timestamp']) delete shown[key];
  shown.EventType = NAMES[type] ?? String(type);
  shown.Timestamp = e.Timestamp;
  if (type === EventType.ExecutionStarted) {
    for (const key of ['OrchestrationInstance', 'ParentInstance', 'Name', 'Version', 'Tags']) delete shown[key];
    shown.FunctionName = e.Name;
    if (!options.showInput) delete shown.Input;
    return shown;
  }
  if (type === EventType.TimerFired) delete shown.TimerId;
  if (type === EventType.ExecutionCompleted) shown.Result = parsed(e.Result as string | null);
  if ('TaskScheduledId' in e) {
    delete shown.TaskScheduledId;
    if ('Result' in e) shown.Result = parsed(e.Result as string | null);
    const sub = type === EventType.SubOrchestrationCompleted || type === EventType.SubOrchestrationFailed;
    const begun = scheduled.get(`${sub ? 's' : 't'}${String(e.TaskScheduledId)}`);
    if (begun) {
      Object.defineProperty(begun, 'merged', { value: true, enumerable: false, configurable: true });
      shown.ScheduledTime = String(begun.Timestamp).replace('Z', '+00:00');
      shown.FunctionName = begun.Name;
      if (sub) shown.InstanceId = begun.InstanceId;
      shown.Input = null;
    }
  }
  if (!options.showHistoryOutput && 'Result' in shown) delete shown.Result;
  return shown;
}

/** JSON text as a value; text that is no JSON stays text. */
export function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const seconds = (ms: number): string => new Date(ms).toISOString().slice(0, 19) + 'Z';
