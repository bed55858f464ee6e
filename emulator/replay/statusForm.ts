/**
 * A history rebuilt from the management API's condensed form, where that is possible: task ids come from the order of
 * scheduling, one episode is assumed per arriving event. Refused, with what is missing, when results are left out or the
 * order of scheduling cannot be told. Source: contract F (status JSON with history), recorded status.json files.
 */
import type { RawEvent } from './events';
import { HistoryFileError, type RecordedHistory } from './historyFile';

export interface StatusForm {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  version?: string;
  historyEvents: ShownEvent[];
}

type ShownEvent = Record<string, unknown> & { EventType: string; Timestamp: string };

interface Planned {
  at: string;
  event: RawEvent;
  label: string;
  /** arrivals before it in the list; null for what was merged into its completion and so lost its place */
  after: number | null;
}

const ASK = 'Ask with showHistory=true&showHistoryOutput=true&showInput=true, or use "durable-emulator export".';

/** Throws HistoryFileError that says what is missing. */
export function fromStatus(status: StatusForm): RecordedHistory {
  const shown = status.historyEvents;
  const fail = (what: string): never => {
    throw new HistoryFileError(
      `The status of '${status.instanceId}' does not hold enough to replay it. Missing: ${what}`,
    );
  };
  const started = shown.find((e) => e.EventType === 'ExecutionStarted');
  if (!started) return fail(`the ExecutionStarted event. ${ASK}`);
  if (!('Input' in started)) fail(`the input. ${ASK}`);
  const unsaid = shown.find((e) => /^(Task|SubOrchestrationInstance)Completed$/.test(e.EventType) && !('Result' in e));
  if (unsaid) fail(`the result of '${String(unsaid.FunctionName)}'. ${ASK}`);

  const { planned, arrivals } = sortedOut(shown);
  const same = planned.find((p, i) => i > 0 && p.at === planned[i - 1]?.at);
  if (same) {
    fail(
      `the order of the tasks scheduled at ${same.at} ('${same.label}' and others). ` +
        'Only a whole history tells it: use "durable-emulator export".',
    );
  }
  planned.forEach((p, id) => (p.event.EventId = id));
  return {
    instanceId: status.instanceId,
    name: String(started.FunctionName ?? status.name),
    executionId: '',
    parentInstanceId: null,
    version: status.version ?? null,
    input: (started.Input as string | null) ?? null,
    events: laidOut(status, started, planned, arrivals),
    strict: false,
    open: true,
    approximate: true,
  };
}

/** What was scheduled, in the order of scheduling, and what arrived, in the order of the history. */
function sortedOut(shown: ShownEvent[]): { planned: Planned[]; arrivals: RawEvent[] } {
  const planned: Planned[] = [];
  const arrivals: RawEvent[] = [];
  const plan = (at: unknown, type: number, e: ShownEvent, members: Record<string, unknown>): RawEvent => {
    const after = at === e.Timestamp ? arrivals.length : null;
    const time = ticks(String(at));
    const event = { EventType: type, EventId: -1, IsPlayed: false, Timestamp: time, ...members };
    planned.push({ at: time, event, label: String(e.FunctionName ?? e.Name ?? e.EventType), after });
    return event;
  };
  const timers: RawEvent[] = [];
  const links: (() => void)[] = [];
  const arrive = (type: number, e: ShownEvent, members: Record<string, unknown>): RawEvent => {
    const event = { EventType: type, EventId: -1, IsPlayed: false, Timestamp: e.Timestamp, ...members };
    arrivals.push(event);
    return event;
  };
  const ends = (e: ShownEvent, scheduledType: number, type: number, members: Record<string, unknown>): void => {
    const id = e.InstanceId === undefined ? {} : { InstanceId: e.InstanceId };
    const begun = plan(e.ScheduledTime, scheduledType, e, { Name: e.FunctionName, Version: null, Input: null, ...id });
    const end = arrive(type, e, { TaskScheduledId: -1, ...members });
    links.push(() => (end.TaskScheduledId = begun.EventId));
  };
  const failure = (e: ShownEvent) => ({
    Reason: e.Reason ?? null,
    Details: e.Details ?? null,
    FailureDetails: e.FailureDetails ?? null,
  });
  for (const e of shown) {
    switch (e.EventType) {
      case 'TaskScheduled':
        plan(e.Timestamp, 4, e, { Name: e.Name ?? e.FunctionName, Version: '', Input: null });
        break;
      case 'SubOrchestrationInstanceCreated':
        plan(e.Timestamp, 7, e, { Name: e.Name ?? e.FunctionName, Version: null, InstanceId: e.InstanceId });
        break;
      case 'TaskCompleted':
        ends(e, 4, 5, { Result: text(e.Result) });
        break;
      case 'TaskFailed':
        ends(e, 4, 6, failure(e));
        break;
      case 'SubOrchestrationInstanceCompleted':
        ends(e, 7, 8, { Result: text(e.Result) });
        break;
      case 'SubOrchestrationInstanceFailed':
        ends(e, 7, 9, failure(e));
        break;
      case 'TimerCreated':
        timers.push(plan(e.Timestamp, 10, e, { FireAt: e.FireAt }));
        break;
      case 'TimerFired': {
        const i = timers.findIndex((t) => t.FireAt === e.FireAt);
        const [timer] = timers.splice(Math.max(0, i), 1);
        const fired = arrive(11, { ...e, Timestamp: String(e.FireAt) }, { TimerId: -1, FireAt: e.FireAt });
        links.push(() => (fired.TimerId = timer?.EventId ?? -1));
        break;
      }
      case 'EventSent':
        plan(e.Timestamp, 14, e, { InstanceId: e.InstanceId, Name: e.Name, Input: e.Input });
        break;
      case 'EventRaised':
        arrive(15, e, { Name: e.Name, Input: e.Input ?? null });
        break;
      case 'ExecutionTerminated':
        arrive(3, e, { Input: e.Input ?? e.Reason ?? null });
        break;
      case 'ExecutionSuspended':
        arrive(19, e, { Reason: e.Reason ?? null });
        break;
      case 'ExecutionResumed':
        arrive(20, e, { Reason: e.Reason ?? null });
        break;
    }
  }
  planned.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  planned.forEach((p, id) => (p.event.EventId = id));
  for (const link of links) link();
  return { planned, arrivals };
}

/** One episode per arrival, holding what was scheduled before the next one. */
function laidOut(status: StatusForm, started: ShownEvent, planned: Planned[], arrivals: RawEvent[]): RawEvent[] {
  const parts: RawEvent[] = [];
  const rest = [...planned];
  let now = ticks(started.Timestamp);
  const first: RawEvent = {
    EventType: 0,
    EventId: -1,
    IsPlayed: false,
    Timestamp: started.Timestamp,
    Name: started.FunctionName ?? status.name,
    Version: status.version ?? null,
    Input: started.Input ?? null,
    ParentInstance: null,
    OrchestrationInstance: { InstanceId: status.instanceId, ExecutionId: '' },
  };
  [first, ...arrivals].forEach((arrival, i) => {
    const next = arrivals[i];
    const at = ticks(arrival.Timestamp);
    if (at > now) now = at;
    parts.push(mark(12, now), arrival);
    const until = next ? ticks(next.Timestamp) : '~';
    const fits = (p: Planned): boolean => (p.after === null ? p.at <= until : p.after <= i);
    while (rest[0] && fits(rest[0])) parts.push((rest.shift() as Planned).event);
    parts.push(mark(13, now));
  });
  const end = status.historyEvents.find((e) => e.EventType === 'ExecutionCompleted');
  if (end) {
    const Result = text(end.Result);
    const completed: RawEvent = {
      EventType: 1,
      EventId: planned.length,
      IsPlayed: false,
      Timestamp: end.Timestamp,
      OrchestrationStatus: end.OrchestrationStatus,
      Result,
    };
    parts.splice(-1, 0, completed);
  }
  return parts;
}

const mark = (type: number, at: string): RawEvent => ({
  EventType: type,
  EventId: -1,
  IsPlayed: false,
  Timestamp: at,
});

const text = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value));

/** ISO text with seven fraction digits, so that texts sort as instants do. */
function ticks(iso: string): string {
  const m = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(iso);
  return m ? `${m[1]}.${(m[2] ?? '').padEnd(7, '0').slice(0, 7)}Z` : iso;
}
