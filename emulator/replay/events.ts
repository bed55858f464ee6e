/**
 * Raw history events as the orchestrator trigger receives them, cut into episodes: what woke the orchestrator and what
 * it scheduled then. Leaves out what an event means to the host (core). Source: contract C, executor rule 1.
 */
import { EventType, type HistoryEvent } from '../core/types';

/** One event with the member names of the trigger's payload. */
export interface RawEvent {
  EventType: number;
  EventId: number;
  Timestamp: string;
  [member: string]: unknown;
}

export interface Episode {
  /** of OrchestratorStarted */
  now: number;
  delivered: RawEvent[];
  scheduled: RawEvent[];
  /** position of OrchestratorStarted in the history */
  start: number;
  /** the first payload of a continued generation ends with OrchestratorCompleted before anything is scheduled */
  closed: boolean;
  /** OrchestratorCompleted was recorded, so what was scheduled is known */
  finished: boolean;
}

const SCHEDULED: readonly number[] = [
  EventType.TaskScheduled,
  EventType.SubOrchestrationCreated,
  EventType.TimerCreated,
  EventType.EventSent,
  EventType.ExecutionCompleted,
];

const isScheduled = (e: RawEvent): boolean => SCHEDULED.includes(e.EventType);

/** Cuts a history at its OrchestratorStarted events. What stands before the first one is dropped. */
export function episodesOf(events: readonly RawEvent[]): Episode[] {
  const episodes: Episode[] = [];
  events.forEach((e, start) => {
    const last = episodes.at(-1);
    if (e.EventType === EventType.OrchestratorStarted) {
      const now = Date.parse(e.Timestamp);
      episodes.push({ now, delivered: [], scheduled: [], start, closed: false, finished: false });
    } else if (!last) return;
    else if (e.EventType === EventType.OrchestratorCompleted) {
      if (last.finished) last.closed = true;
      last.finished = true;
    } else if (isScheduled(e)) {
      if (last.finished) last.closed = true;
      last.scheduled.push(e);
    } else last.delivered.push(e);
  });
  return episodes;
}

/** The event as the core keeps it. */
export function coreEvent(e: RawEvent): HistoryEvent {
  const { EventId, IsPlayed, Timestamp, ...members } = e;
  void IsPlayed;
  const event: HistoryEvent = {
    type: e.EventType,
    eventId: EventId,
    at: Date.parse(Timestamp),
    body: JSON.stringify(members).slice(1, -1) + ',',
  };
  const taskId = e.EventType === EventType.TimerFired ? e.TimerId : e.TaskScheduledId;
  if (typeof taskId === 'number') {
    event.taskId = taskId;
    event.failed = e.EventType === EventType.TaskFailed || e.EventType === EventType.SubOrchestrationFailed;
    event.value = (e.Result ?? null) as string | null;
  }
  if (e.EventType === EventType.EventRaised) {
    event.name = String(e.Name);
    event.value = (e.Input ?? null) as string | null;
  }
  if (e.EventType === EventType.ExecutionTerminated) event.reason = (e.Input ?? null) as string | null;
  if (typeof e.Reason === 'string') event.reason = e.Reason;
  return event;
}
