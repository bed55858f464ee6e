/**
 * History events as JSON text. Each event's own members are written once, when the event is made; an episode's payload
 * is then a join of strings. Leaves out which events are made when (hostRun, episode).
 * Source: contract C and I; member order and null members as in durable-host/recorded/.
 */
import { EventType, type HistoryEvent, type ParentLink } from './types';

const str = (s: string | null): string => (s === null ? 'null' : JSON.stringify(s));

let isoMs = Number.NaN;
let isoText = '';

/** ISO text of an instant in ms; the last one is remembered, since most events of an episode share it. */
export function iso(ms: number): string {
  if (ms !== isoMs) {
    isoText = new Date(ms).toISOString();
    isoMs = ms;
  }
  return isoText;
}

/** The event as JSON text. */
export function eventText(e: HistoryEvent, played: boolean): string {
  return `{${e.body}"EventId":${e.eventId},"IsPlayed":${played},"Timestamp":"${iso(e.at)}"}`;
}

/** Kinds that the real host marks as played once a later episode begins (I, completions). */
export const turnsPlayed = (type: number): boolean =>
  type === EventType.ExecutionStarted ||
  type === EventType.TaskCompleted ||
  type === EventType.TaskFailed ||
  type === EventType.SubOrchestrationCompleted ||
  type === EventType.SubOrchestrationFailed ||
  type === EventType.TimerFired ||
  type === EventType.EventRaised ||
  type === EventType.GenericEvent ||
  type === EventType.ExecutionSuspended ||
  type === EventType.ExecutionResumed;

export const orchestratorStarted = (at: number): HistoryEvent => plain(EventType.OrchestratorStarted, at);
export const orchestratorCompleted = (at: number): HistoryEvent => plain(EventType.OrchestratorCompleted, at);

function plain(type: number, at: number): HistoryEvent {
  return { type, eventId: -1, at, body: `"EventType":${type},` };
}

export interface ExecutionStart {
  name: string;
  version: string | null;
  input: string | null;
  instanceId: string;
  executionId: string;
  parent: ParentLink | null;
  generation: number | null;
}

export function executionStarted(at: number, s: ExecutionStart): HistoryEvent {
  const instance = `"OrchestrationInstance":{"InstanceId":${str(s.instanceId)},"ExecutionId":"${s.executionId}"}`;
  const parent = s.parent
    ? `{"Name":${str(s.parent.name)},"OrchestrationInstance":{"InstanceId":${str(s.parent.instanceId)},` +
      `"ExecutionId":"${s.parent.executionId}"},"TaskScheduleId":${s.parent.taskId},` +
      `"Version":${str(s.parent.version ?? null)}}`
    : 'null';
  return {
    type: EventType.ExecutionStarted,
    eventId: -1,
    at,
    body:
      `${instance},"EventType":0,"ParentInstance":${parent},"Name":${str(s.name)},"Version":${str(s.version)},` +
      `"Input":${str(s.input)},"Tags":null,"Correlation":null,"ParentTraceContext":null,"ScheduledStartTime":null,` +
      `"Generation":${s.generation},"GenerateNewTrace":false,`,
  };
}

export function executionCompleted(
  at: number,
  eventId: number,
  status: string,
  result: string | null,
  failureDetails: string | null,
): HistoryEvent {
  return {
    type: EventType.ExecutionCompleted,
    eventId,
    at,
    body: `"EventType":1,"OrchestrationStatus":"${status}","Result":${str(result)},"FailureDetails":${failureDetails},`,
  };
}

/** `input` is JSON text; it stands in the history only when host.json asks for inputs there. */
export function taskScheduled(at: number, eventId: number, name: string, input: string | null = null): HistoryEvent {
  const body = `"EventType":4,"Name":${str(name)},"Version":"","Input":${str(input)},"ParentTraceContext":null,"Tags":null,`;
  return { type: EventType.TaskScheduled, eventId, at, body };
}

/** `result` is JSON text or null. */
export function taskCompleted(at: number, taskId: number, result: string | null): HistoryEvent {
  const body = `"EventType":5,"TaskScheduledId":${taskId},"Result":${str(result)},`;
  return { type: EventType.TaskCompleted, eventId: -1, at, body, taskId, failed: false, value: result };
}

export interface FailureText {
  reason: string | null;
  details: string | null;
  /** JSON text */
  failureDetails: string | null;
}

export function taskFailed(at: number, taskId: number, f: FailureText): HistoryEvent {
  return failed(EventType.TaskFailed, at, taskId, f);
}

function failed(type: number, at: number, taskId: number, f: FailureText): HistoryEvent {
  const body =
    `"EventType":${type},"TaskScheduledId":${taskId},"Reason":${str(f.reason)},"Details":${str(f.details)},` +
    `"FailureDetails":${f.failureDetails},`;
  return { type, eventId: -1, at, body, taskId, failed: true };
}

export function subOrchestrationCreated(
  at: number,
  eventId: number,
  name: string,
  version: string | null,
  instanceId: string,
  input: string | null = null,
): HistoryEvent {
  const body =
    `"EventType":7,"Name":${str(name)},"Version":${str(version)},"InstanceId":${str(instanceId)},"Input":${str(input)},` +
    `"ClientSpanId":null,"Tags":null,`;
  return { type: EventType.SubOrchestrationCreated, eventId, at, body };
}

export function subOrchestrationCompleted(at: number, taskId: number, result: string | null): HistoryEvent {
  const body = `"EventType":8,"TaskScheduledId":${taskId},"Result":${str(result)},`;
  return { type: EventType.SubOrchestrationCompleted, eventId: -1, at, body, taskId, failed: false };
}

export function subOrchestrationFailed(at: number, taskId: number, f: FailureText): HistoryEvent {
  return failed(EventType.SubOrchestrationFailed, at, taskId, f);
}

export function timerCreated(at: number, eventId: number, fireAt: number): HistoryEvent {
  return { type: EventType.TimerCreated, eventId, at, body: `"EventType":10,"FireAt":"${isoShort(fireAt)}",` };
}

/** `at` is the creation time of the timer, as on the real host (I, completions). */
export function timerFired(at: number, taskId: number, fireAt: number): HistoryEvent {
  const body = `"EventType":11,"TimerId":${taskId},"FireAt":"${isoShort(fireAt)}",`;
  return { type: EventType.TimerFired, eventId: -1, at, body, taskId, failed: false };
}

export function eventSent(at: number, eventId: number, to: string, name: string, input: string): HistoryEvent {
  const body = `"EventType":14,"InstanceId":${str(to)},"Name":"${name}","Input":${str(input)},`;
  return { type: EventType.EventSent, eventId, at, body };
}

/** `input` is JSON text or null. */
export function eventRaised(at: number, name: string, input: string | null): HistoryEvent {
  const body = `"EventType":15,"Name":${str(name)},"Input":${str(input)},"ParentTraceContext":null,`;
  return { type: EventType.EventRaised, eventId: -1, at, body, name, value: input };
}

export function terminated(at: number, reason: string | null): HistoryEvent {
  const body = `"EventType":3,"Input":${str(reason)},`;
  return { type: EventType.ExecutionTerminated, eventId: -1, at, body, reason };
}

/** Left in the place of what a rewind took out, and to say why (contract I 5). */
export function generic(at: number, data: string | null): HistoryEvent {
  const body = `"Data":${str(data)},"EventType":17,`;
  return { type: EventType.GenericEvent, eventId: -1, at, body };
}

export function suspended(at: number, reason: string | null): HistoryEvent {
  const body = `"EventType":19,"Reason":${str(reason)},`;
  return { type: EventType.ExecutionSuspended, eventId: -1, at, body, reason };
}

export function resumed(at: number, reason: string | null): HistoryEvent {
  const body = `"EventType":20,"Reason":${str(reason)},`;
  return { type: EventType.ExecutionResumed, eventId: -1, at, body, reason };
}

const isoShort = (ms: number): string => new Date(ms).toISOString();
