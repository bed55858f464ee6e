/**
 * A history as spans (activities, timers, sub-orchestrations, entity calls), marks and episodes, for drawing; and its
 * events as rows without their data. Pure. Source: contract C (events), E (entity messages), I (TimerFired.Timestamp).
 */
import type { RawEvent } from '../replay/events';
import type { EventPage, EventRow, Mark, Span, SpanState, Timeline } from '../ui/shapes';

/** More than this on one axis cannot be told apart. */
const MARKS_MAX = 500;
const EPISODES_MAX = 2000;

const NAMES: Record<number, string> = {
  0: 'ExecutionStarted',
  1: 'ExecutionCompleted',
  3: 'ExecutionTerminated',
  4: 'TaskScheduled',
  5: 'TaskCompleted',
  6: 'TaskFailed',
  7: 'SubOrchestrationInstanceCreated',
  8: 'SubOrchestrationInstanceCompleted',
  9: 'SubOrchestrationInstanceFailed',
  10: 'TimerCreated',
  11: 'TimerFired',
  12: 'OrchestratorStarted',
  13: 'OrchestratorCompleted',
  14: 'EventSent',
  15: 'EventRaised',
  16: 'ContinueAsNew',
  17: 'GenericEvent',
  19: 'ExecutionSuspended',
  20: 'ExecutionResumed',
  21: 'ExecutionRewound',
};

const DATA_MEMBERS = ['Input', 'Result', 'Reason', 'Details', 'FailureDetails', 'Data'];

interface Whole {
  spans: Span[];
  marks: Mark[];
  episodes: number[];
}

/** The part of the timeline that a page shows: `top` spans from the one at `after` on. */
export function timelineOf(
  events: readonly RawEvent[],
  frame: { from: number; to: number; ended: boolean },
  after: number,
  top: number,
): Timeline {
  const { spans, marks, episodes } = read(events);
  // what is still open when the instance has ended was never heard
  if (frame.ended) for (const s of spans) if (s.state === 'open') s.state = 'unheard';
  return {
    ...frame,
    spans: spans.slice(after, after + top),
    spansTotal: spans.length,
    marks: marks.slice(0, MARKS_MAX),
    marksTotal: marks.length,
    episodes: episodes.slice(0, EPISODES_MAX),
    episodesTotal: episodes.length,
  };
}

function read(events: readonly RawEvent[]): Whole {
  const out: Whole = { spans: [], marks: [], episodes: [] };
  const byTask = new Map<number, Span>();
  const byRequest = new Map<string, Span>();
  let now = 0;
  const step = (): number => Math.max(0, out.episodes.length - 1);
  const end = (span: Span | undefined, state: SpanState, to: number, event: number): void => {
    if (span) Object.assign(span, { state, to, toStep: step(), endEvent: event });
  };
  events.forEach((e, i) => {
    const at = Date.parse(e.Timestamp);
    const mark = (kind: Mark['kind'], name: string): void =>
      void out.marks.push({ at, kind, name, step: step(), event: i });
    switch (e.EventType) {
      case 12:
        now = at;
        out.episodes.push(at);
        break;
      case 4:
      case 7:
      case 10:
      case 14: {
        const made = begun(e, at, i, step());
        if (!made) break;
        out.spans.push(made.span);
        byTask.set(e.EventId, made.span);
        if (made.request) byRequest.set(made.request, made.span);
        break;
      }
      case 5:
      case 8:
        end(byTask.get(e.TaskScheduledId as number), 'completed', at, i);
        break;
      case 6:
      case 9:
        end(byTask.get(e.TaskScheduledId as number), 'failed', at, i);
        break;
      case 11:
        // the event's own Timestamp is that of the timer's creation
        end(byTask.get(e.TimerId as number), 'completed', now, i);
        break;
      case 15: {
        const asked = byRequest.get(String(e.Name));
        const failed = typeof e.Input === 'string' && e.Input.includes('"exceptionType":');
        if (asked) end(asked, failed ? 'failed' : 'completed', at, i);
        else mark('event', String(e.Name));
        break;
      }
      case 3:
        mark('terminated', 'terminated');
        break;
      case 19:
        mark('suspended', 'suspended');
        break;
      case 20:
        mark('resumed', 'resumed');
        break;
      case 21:
        mark('rewound', 'rewound');
        break;
    }
  });
  return out;
}

function begun(e: RawEvent, at: number, event: number, fromStep: number): { span: Span; request?: string } | null {
  const steps = { fromStep, toStep: null, event, endEvent: null };
  const base = { id: e.EventId, from: at, to: null, dueAt: null, target: null, ...steps };
  const name = String(e.Name ?? '');
  if (e.EventType === 4) {
    const kind = name === 'BuiltIn::HttpActivity' ? ('http' as const) : ('activity' as const);
    return { span: { ...base, kind, name: kind === 'http' ? 'callHttp' : name, state: 'open' } };
  }
  if (e.EventType === 7) {
    return { span: { ...base, kind: 'sub', name, target: String(e.InstanceId ?? ''), state: 'open' } };
  }
  if (e.EventType === 10) {
    return { span: { ...base, kind: 'timer', name: 'timer', dueAt: Date.parse(String(e.FireAt)), state: 'open' } };
  }
  // a signal that is due later is sent as op@<instant>
  if (!/^op(@|$)/.test(name)) return null;
  const target = String(e.InstanceId);
  const request = parsedRequest(e.Input);
  const sent = { ...base, target, name: request.op ?? 'lock' };
  if (request.signal) return { span: { ...sent, kind: 'signal', to: at, toStep: fromStep, state: 'sent' } };
  const span: Span = { ...sent, kind: request.op === null ? 'lock' : 'entity', state: 'open' };
  return request.id === undefined ? { span } : { span, request: request.id };
}

function parsedRequest(input: unknown): { op: string | null; signal?: boolean; id?: string } {
  try {
    return { op: null, ...(JSON.parse(String(input)) as object) };
  } catch {
    return { op: 'operation' };
  }
}

/** Rows from the one at `after` on, `top` of them. */
export function eventRows(events: readonly RawEvent[], after: number, top: number): EventPage {
  const items = events.slice(after, after + top).map((e, i) => row(e, after + i));
  return { items, total: events.length };
}

function row(e: RawEvent, index: number): EventRow {
  const answered = e.TaskScheduledId ?? e.TimerId;
  return {
    index,
    type: NAMES[e.EventType] ?? `type ${e.EventType}`,
    at: Date.parse(e.Timestamp),
    taskId: typeof answered === 'number' ? answered : e.EventId >= 0 ? e.EventId : null,
    name: String(e.Name ?? e.FireAt ?? e.OrchestrationStatus ?? ''),
    data: DATA_MEMBERS.some((m) => e[m] !== undefined && e[m] !== null),
  };
}
