/**
 * Recorded and present events side by side: what makes two of them the same, and one line of text for each. The same is
 * what the real host checks on replay (kind, task id, name, target) and how the instance ends; instants, inputs of entity
 * operations and outputs are remarked on, and count only when asked to. Source: contract C 6, G.
 */
import { EventType } from '../core/types';
import type { RawEvent } from './events';

/** Two instants of one timer may differ by what is cut off below a millisecond. */
const INSTANT_TOLERANCE_MS = 1;

interface EntityRequest {
  op?: string | null;
  signal?: boolean;
  input?: string | null;
  id?: string;
}

/** What the real host would stumble over, or null. */
export function difference(recorded: RawEvent, now: RawEvent): string | null {
  if (recorded.EventType !== now.EventType) return 'another kind of event';
  if (recorded.EventType === EventType.ExecutionCompleted) {
    return recorded.OrchestrationStatus === now.OrchestrationStatus ? null : 'another end';
  }
  if (recorded.EventId !== now.EventId) return 'another task id';
  if (nameOf(recorded) !== nameOf(now)) return 'another name';
  if (recorded.InstanceId !== undefined && now.InstanceId !== undefined && !sameTarget(recorded, now))
    return 'another target';
  if (recorded.EventType === EventType.EventSent) {
    const [r, n] = [requestOf(recorded), requestOf(now)];
    if ((r.op ?? null) !== (n.op ?? null)) return 'another operation';
    if ((r.signal === true) !== (n.signal === true)) return 'a call instead of a signal, or the reverse';
  }
  return null;
}

/** What an instance in flight would not notice, or null. */
export function remark(recorded: RawEvent, now: RawEvent, approximate: boolean): string | null {
  if (recorded.EventType === EventType.TimerCreated && !approximate) {
    const apart = Math.abs(Date.parse(String(recorded.FireAt)) - Date.parse(String(now.FireAt)));
    if (apart > INSTANT_TOLERANCE_MS) {
      return `timer ${recorded.EventId} was set to ${String(recorded.FireAt)}, now to ${String(now.FireAt)}`;
    }
  }
  if (recorded.EventType === EventType.EventSent) {
    const [r, n] = [requestOf(recorded), requestOf(now)];
    if (r.input !== undefined && (r.input ?? null) !== (n.input ?? null)) {
      return `${String(recorded.InstanceId)} was sent ${r.op ?? ''} with ${short(r.input)}, now with ${short(n.input)}`;
    }
  }
  if (recorded.EventType === EventType.ExecutionCompleted && recorded.Result !== now.Result) {
    return `the output was ${short(recorded.Result)}, now ${short(now.Result)}`;
  }
  return null;
}

function requestOf(e: RawEvent): EntityRequest {
  try {
    return JSON.parse(String(e.Input)) as EntityRequest;
  } catch {
    return {};
  }
}

/** Ids of entity requests in the order of sending: today's run must use the same for the answers to find it. */
export const requestIds = (events: readonly RawEvent[]): string[] =>
  events
    .flatMap((e) => (e.EventType === EventType.EventSent && isOperation(e) ? [requestOf(e)] : []))
    .flatMap((r) => r.id ?? []);

/** `op`, or `op@<instant>` for a signal that is due later. */
const isOperation = (e: RawEvent): boolean => /^op(@|$)/.test(String(e.Name));

/** When a delayed signal is due is no part of its name. */
const nameOf = (e: RawEvent): string =>
  e.EventType === EventType.EventSent && isOperation(e) ? 'op' : typeof e.Name === 'string' ? e.Name.toLowerCase() : '';

/** A child without an id of its own is named by its parent's execution, which the condensed form does not tell. */
function sameTarget(recorded: RawEvent, now: RawEvent): boolean {
  if (recorded.InstanceId === now.InstanceId) return true;
  const unknown = `:${now.EventId}`;
  return now.InstanceId === unknown && String(recorded.InstanceId).endsWith(unknown);
}

const SHOWN_MAX = 60;

function short(value: unknown): string {
  const text = value === undefined || value === null ? 'nothing' : String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text;
}

/** One line: kind, task id, name, target. */
export function eventLine(e: RawEvent): string {
  switch (e.EventType) {
    case EventType.TaskScheduled:
      return `activity #${e.EventId} ${String(e.Name)}`;
    case EventType.SubOrchestrationCreated:
      return `sub-orchestration #${e.EventId} ${String(e.Name)} ${String(e.InstanceId ?? '')}`.trim();
    case EventType.TimerCreated:
      return `timer #${e.EventId} until ${String(e.FireAt)}`;
    case EventType.EventSent: {
      const r = requestOf(e);
      const what = !isOperation(e)
        ? String(e.Name)
        : r.op === null
          ? 'lock'
          : `${r.signal ? 'signal' : 'call'} ${r.op}`;
      return `entity #${e.EventId} ${what} ${String(e.InstanceId)}`;
    }
    case EventType.ExecutionCompleted:
      return `ends ${String(e.OrchestrationStatus)}: ${short(e.Result)}`;
    case EventType.ExecutionStarted:
      return `started ${String(e.Name)}`;
    case EventType.TaskCompleted:
      return `activity #${String(e.TaskScheduledId)} completed: ${short(e.Result)}`;
    case EventType.TaskFailed:
      return `activity #${String(e.TaskScheduledId)} failed: ${short(e.Reason)}`;
    case EventType.SubOrchestrationCompleted:
      return `sub-orchestration #${String(e.TaskScheduledId)} completed: ${short(e.Result)}`;
    case EventType.SubOrchestrationFailed:
      return `sub-orchestration #${String(e.TaskScheduledId)} failed: ${short(e.Reason)}`;
    case EventType.TimerFired:
      return `timer #${String(e.TimerId)} fired`;
    case EventType.EventRaised:
      return `event ${String(e.Name)}: ${short(e.Input)}`;
    case EventType.ExecutionTerminated:
      return 'terminated';
    case EventType.ExecutionSuspended:
      return 'suspended';
    case EventType.ExecutionResumed:
      return 'resumed';
    default:
      return `event of type ${e.EventType}`;
  }
}
