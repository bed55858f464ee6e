/**
 * Rewinding a failed instance: failures in its history become generic events, and so does the scheduling of failed
 * activities; then its run is brought back from what is left. A retry that failed earlier and succeeded later breaks
 * here as on the real host: its first failure goes too, and the replay no longer fits the history.
 * Source: contract I 5 and completions; DurableTask.AzureStorage RewindHistoryAsync; recorded/rewind.
 */
import type { Action, Signature } from './actions';
import { HostRun, type RunHost, type RunScope } from './hostRun';
import { NonDeterminismError, words } from './nonDeterminism';
import { type Effects, EventType, type HistoryEvent, type Instance } from './types';

interface RawEvent {
  EventType: number;
  EventId: number;
  IsPlayed: boolean;
  Timestamp: string;
  [member: string]: unknown;
}

const FAILED = new Set<number>([EventType.TaskFailed, EventType.SubOrchestrationFailed]);

/** Rewrites the history; the instance is Pending afterwards. Returns the ids of the children that failed it. */
export function rewindHistory(record: Instance): string[] {
  const events = rawEvents(record);
  const children: string[] = [];
  const failedTasks = new Set<unknown>();
  for (const e of events) {
    if (e.EventType === EventType.TaskFailed) failedTasks.add(e.TaskScheduledId);
    if (e.EventType !== EventType.SubOrchestrationFailed) continue;
    const created = events.find(
      (c) => c.EventType === EventType.SubOrchestrationCreated && c.EventId === e.TaskScheduledId,
    );
    if (created) children.push(String(created.InstanceId));
  }
  const rewound = events.map((e) => {
    const failedEnd = e.EventType === EventType.ExecutionCompleted && e.OrchestrationStatus === 'Failed';
    const scheduled = e.EventType === EventType.TaskScheduled && failedTasks.has(e.EventId);
    return failedEnd || scheduled || FAILED.has(e.EventType) ? generic(e) : e;
  });
  record.history = rewound.map((e) => JSON.stringify(e)).join(',');
  record.run = null;
  record.status = 'Pending';
  record.failureDetails = null;
  return children;
}

const generic = (e: RawEvent): RawEvent => ({
  Data: null,
  EventType: EventType.GenericEvent,
  EventId: e.EventId,
  IsPlayed: e.IsPlayed,
  Timestamp: e.Timestamp,
});

const rawEvents = (record: Instance): RawEvent[] => JSON.parse(`[${record.history}]`) as RawEvent[];

/**
 * The run of a rewound instance, with everything scheduled that its history no longer holds. Throws NonDeterminismError
 * when the history holds something that the code does not schedule (any more).
 */
export function reliveRun(record: Instance, now: number, actions: Action[], scope: RunScope, host: RunHost): HostRun {
  const events = rawEvents(record);
  const ids = requestIds(events);
  const run = new HostRun(
    scope,
    Object.assign(Object.create(host) as RunHost, { guid: () => ids.shift() ?? host.guid() }),
  );
  const drawn = run.relive(episodes(events), actions);
  const held = events.filter((e) => e.EventId >= 0 && SCHEDULED.has(e.EventType));
  const drawnIds = new Set(drawn.scheduled.map((e) => e.eventId));
  const missing = held.find((e) => !drawnIds.has(e.EventId));
  if (missing) throw new NonDeterminismError(words(signatureOfRaw(missing), null), null);
  run.goOn(now, without(drawn, new Set(held.map((e) => e.EventId))));
  return run;
}

const SCHEDULED = new Set<number>([
  EventType.TaskScheduled,
  EventType.SubOrchestrationCreated,
  EventType.TimerCreated,
  EventType.EventSent,
]);

/** Ids of entity requests, in the order in which they were made. */
const requestIds = (events: readonly RawEvent[]): string[] =>
  events.flatMap((e) => {
    if (e.EventType !== EventType.EventSent || e.Name === 'release') return [];
    return [(JSON.parse(String(e.Input)) as { id: string }).id];
  });

interface Drawn {
  scheduled: HistoryEvent[];
  effects: Effects;
}

/** What was drawn without what already stands in the history. */
function without(drawn: Drawn, known: ReadonlySet<number>): Drawn {
  const fresh = (id: number | undefined): boolean => id !== undefined && !known.has(id);
  const { activities, messages, timed } = drawn.effects;
  return {
    scheduled: drawn.scheduled.filter((e) => fresh(e.eventId)),
    effects: {
      activities: activities.filter((a) => fresh(a.taskId)),
      messages: messages.filter((m) => m.kind === 'start' && fresh(m.parent?.taskId)),
      timed: timed.filter((t) => t.message.kind === 'event' && fresh(t.message.event.taskId)),
    },
  };
}

function episodes(events: readonly RawEvent[]): { now: number; events: HistoryEvent[] }[] {
  const out: { now: number; events: HistoryEvent[] }[] = [];
  for (const e of events) {
    const at = Date.parse(e.Timestamp);
    if (e.EventType === EventType.OrchestratorStarted) out.push({ now: at, events: [] });
    else if (e.EventId < 0) out.at(-1)?.events.push(hostEvent(e, at));
  }
  return out;
}

function hostEvent(e: RawEvent, at: number): HistoryEvent {
  const event: HistoryEvent = { type: e.EventType, eventId: e.EventId, at, body: '' };
  const taskId = e.TaskScheduledId ?? e.TimerId;
  if (typeof taskId === 'number') event.taskId = taskId;
  if (typeof e.Name === 'string') event.name = e.Name;
  event.value = (e.EventType === EventType.EventRaised ? e.Input : (e.Result ?? null)) as string | null;
  return event;
}

/** Action types that stand for each kind of event. */
const ACTION_OF: Record<number, number> = {
  [EventType.TaskScheduled]: 0,
  [EventType.SubOrchestrationCreated]: 2,
  [EventType.TimerCreated]: 5,
  [EventType.EventSent]: 7,
};

function signatureOfRaw(e: RawEvent): Signature {
  const type = ACTION_OF[e.EventType] ?? 0;
  const name = String((e.EventType === EventType.EventSent ? e.InstanceId : e.Name) ?? '');
  return { type, name, id: e.EventId, instanceId: String(e.InstanceId ?? '') };
}
