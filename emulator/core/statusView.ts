/**
 * Instances and entities as the management API shows them: status, and history with scheduled events merged into their
 * completions. Source: contract F (Status JSON), recorded status.json files.
 */
import { type EntityMessage, type EntityRecord, EventType, type Instance, type Sorter } from './types';
import { iso } from './history';

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
  if (options.showHistory && record.history !== '') status.historyEvents = historyView(record, options);
  return status;
}

/** An entity looks like an instance that never ends. */
export function entityStatus(record: EntityRecord, options: StatusOptions): StatusJson {
  const input = schedulerState(record);
  const status: StatusJson = {
    name: record.id,
    instanceId: record.id,
    runtimeStatus: record.status,
    input: options.showInput ? input : null,
    customStatus: schedulerStatus(record),
    output: parsed(record.output),
    createdTime: seconds(record.createdAt),
    lastUpdatedTime: seconds(record.updatedAt),
  };
  if (options.showHistory) status.historyEvents = entityHistory(record, input, options);
  return status;
}

/** The state of the entity's scheduler, which is what the real host keeps as its input. */
function schedulerState(record: EntityRecord): Record<string, unknown> {
  const waiting = record.lock ? record.inbox.filter((m) => m.type !== 'release').map(requestView) : [];
  return {
    ...(record.exists ? { exists: true, ...(record.state === null ? {} : { state: record.state }) } : {}),
    ...(waiting.length > 0 ? { queue: waiting } : {}),
    ...(record.lock ? { lockedBy: record.lock.parent } : {}),
    sorter: sorterView(record.sorter ?? {}),
  };
}

function schedulerStatus(record: EntityRecord): Record<string, unknown> {
  const waiting = record.lock ? record.inbox.filter((m) => m.type !== 'release').length : 0;
  return {
    ...(record.exists ? { entityExists: true } : {}),
    ...(waiting > 0 ? { queueSize: waiting } : {}),
    ...(record.lock ? { lockedBy: record.lock.parent } : {}),
  };
}

/** In the order of the real host's members. */
function sorterView(s: Sorter): Sorter {
  return {
    ...(s.LastSentToInstance ? { LastSentToInstance: s.LastSentToInstance } : {}),
    ...(s.ReceivedFromInstance ? { ReceivedFromInstance: s.ReceivedFromInstance } : {}),
    ...(s.ReceiveHorizon ? { ReceiveHorizon: s.ReceiveHorizon } : {}),
    ...(s.SendHorizon ? { SendHorizon: s.SendHorizon } : {}),
  };
}

const NEVER = '0001-01-01T00:00:00';

function requestView(m: EntityMessage): Record<string, unknown> {
  const stamp = m.type === 'release' ? undefined : m.stamp;
  const times = { Timestamp: stamp?.timestamp ?? NEVER, Predecessor: stamp?.predecessor ?? NEVER };
  if (m.type === 'release') return { id: m.id, parent: m.parent };
  const sender = m.parent === null ? {} : { parent: m.parent };
  const execution = m.parentExecution === null ? {} : { parentExecution: m.parentExecution };
  if (m.type === 'lock') {
    const place = m.position > 0 ? { pos: m.position } : {};
    return { op: null, id: m.id, ...sender, ...execution, ...times, lockset: m.lockset, ...place };
  }
  return {
    op: m.name,
    ...(m.signal ? { signal: true } : {}),
    ...(m.input === null ? {} : { input: m.input }),
    id: m.id,
    ...sender,
    ...execution,
    ...times,
    ...(stamp?.requestedAt === undefined ? {} : { requestTime: `${iso(stamp.requestedAt).slice(0, 23)}+00:00` }),
  };
}

/** An entity continues as new after each batch: its history is its start. */
function entityHistory(record: EntityRecord, input: unknown, options: StatusOptions): Record<string, unknown>[] {
  const started = {
    EventType: 'ExecutionStarted',
    ...(options.showInput ? { Input: JSON.stringify(input) } : {}),
    Correlation: null,
    ParentTraceContext: null,
    ScheduledStartTime: null,
    Generation: null,
    GenerateNewTrace: false,
    Timestamp: iso(record.updatedAt),
    FunctionName: record.id,
  };
  return [started];
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

/** Two tasks under one id, after non-determinism: the real host cannot show such a history. */
export class SpoiltHistory extends Error {
  constructor(key: string) {
    super(`An item with the same key has already been added. Key: ${key}`);
  }
}

function historyView(record: Instance, options: StatusOptions): Record<string, unknown>[] {
  const events = rawHistory(record);
  const scheduled = new Map<string, Record<string, unknown>>();
  const view: Record<string, unknown>[] = [];
  for (const e of events) {
    const type = e.EventType as number;
    if (type === EventType.OrchestratorStarted || type === EventType.OrchestratorCompleted) continue;
    const shown = showEvent(e, type, scheduled, options);
    if (type === EventType.TaskScheduled || type === EventType.SubOrchestrationCreated) {
      const key = `${type === EventType.TaskScheduled ? 't' : 's'}${String(e.EventId)}`;
      if (scheduled.has(key)) throw new SpoiltHistory(`${NAMES[type] ?? ''}_${String(e.EventId)}`);
      scheduled.set(key, shown);
    }
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
  if (type === EventType.TaskScheduled || type === EventType.SubOrchestrationCreated) delete shown.Version;
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
      shown.Input = begun.Input ?? null;
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
