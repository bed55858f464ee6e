/** A status with history (management API, contract F) as a timeline of lines. Pure. */
import type { Status } from '../types';

const VALUE_MAX = 100;
const NAME_WIDTH = 32;

type Shown = Record<string, unknown>;

/** Several lines, without a last line break. */
export function historyText(status: Status): string {
  const events = status.historyEvents ?? [];
  const start = Date.parse(String(events[0]?.ScheduledTime ?? events[0]?.Timestamp ?? status.createdTime));
  const lines = [
    `${status.instanceId}  ${status.name}  ${status.runtimeStatus}`,
    `created ${status.createdTime}, last change ${status.lastUpdatedTime}`,
  ];
  if (status.input !== null && status.input !== undefined) lines.push(`input   ${value(status.input)}`);
  if (status.customStatus !== null && status.customStatus !== undefined)
    lines.push(`status  ${value(status.customStatus)}`);
  if (status.output !== null && status.output !== undefined) lines.push(`output  ${value(status.output)}`);
  lines.push('');
  const asked = new Map<string, string>();
  for (const e of events) lines.push(eventLine(e, start, asked));
  if (events.length === 0) lines.push('no history: it has not run yet, or it is an entity');
  return lines.join('\n');
}

/** `asked` remembers what was asked of entities, by request id. */
function eventLine(e: Shown, start: number, asked: Map<string, string>): string {
  // the event's own Timestamp is that of the timer's creation
  const at = Date.parse(String(e.EventType === 'TimerFired' ? e.FireAt : e.Timestamp));
  const [name, detail] = entityWords(e, asked) ?? words(e);
  return `  ${`+${duration(at - start)}`.padEnd(13)} ${name.padEnd(NAME_WIDTH)} ${detail}`.trimEnd();
}

/** A message to an entity or its answer; null for anything else. */
function entityWords(e: Shown, asked: Map<string, string>): [string, string] | null {
  if (e.EventType !== 'EventSent' && e.EventType !== 'EventRaised') return null;
  const message = parsed(e.Input) as Record<string, unknown> | null;
  if (e.EventType === 'EventRaised') {
    const call = asked.get(String(e.Name));
    if (call === undefined) return null;
    const failed = message?.exceptionType === undefined ? '' : 'FAILED ';
    return [`answer ${call}`, `${failed}${value(parsed(message?.result) ?? message?.result)}`];
  }
  const target = String(e.InstanceId);
  if (e.Name === 'release') return [`release ${target}`, ''];
  const operation = message?.op === null ? 'lock' : String(message?.op ?? e.Name);
  const call = `${operation} ${target}`;
  asked.set(String(message?.id), call);
  return [`${message?.signal === true ? 'signal' : 'call'} ${call}`, message?.input ? value(message.input) : ''];
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return null;
  }
}

/** What happened, and to what effect. */
function words(e: Shown): [string, string] {
  const fn = String(e.FunctionName ?? e.Name ?? '');
  switch (String(e.EventType)) {
    case 'ExecutionStarted':
      return [`started ${fn}`, ''];
    case 'TaskScheduled':
      return [`activity ${fn}`, 'scheduled, no answer yet'];
    case 'TaskCompleted':
      return [`activity ${fn}`, `${took(e)}${'Result' in e ? value(e.Result) : ''}`];
    case 'TaskFailed':
      return [`activity ${fn}`, `${took(e)}FAILED ${value(e.Reason)}`];
    case 'SubOrchestrationInstanceCreated':
      return [`sub-orchestration ${fn}`, `${String(e.InstanceId ?? '')} no answer yet`];
    case 'SubOrchestrationInstanceCompleted':
      return [`sub-orchestration ${fn}`, `${took(e)}${'Result' in e ? value(e.Result) : ''}`];
    case 'SubOrchestrationInstanceFailed':
      return [`sub-orchestration ${fn}`, `${took(e)}FAILED ${value(e.Reason)}`];
    case 'TimerCreated':
      return ['timer set', `to ${String(e.FireAt)}`];
    case 'TimerFired':
      return ['timer fired', `set to ${String(e.FireAt)}`];
    case 'EventRaised':
      return [`event ${fn}`, value(e.Input)];
    case 'ExecutionCompleted':
      return [String(e.OrchestrationStatus), 'Result' in e ? value(e.Result) : ''];
    case 'ExecutionTerminated':
      return ['terminated', value(e.Input ?? e.Reason)];
    case 'ExecutionSuspended':
      return ['suspended', value(e.Reason)];
    case 'ExecutionResumed':
      return ['resumed', value(e.Reason)];
    default:
      return [String(e.EventType), fn];
  }
}

const took = (e: Shown): string =>
  e.ScheduledTime === undefined
    ? ''
    : `${duration(Date.parse(String(e.Timestamp)) - Date.parse(String(e.ScheduledTime)))}  `;

function value(v: unknown): string {
  if (v === undefined || v === null) return 'null';
  const text = (typeof v === 'string' ? v : JSON.stringify(v)).replace(/\s*\n\s*/g, ' ');
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX - 1)}…` : text;
}

const UNITS: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** `0 ms`, `1.2 s`, `3 d 4 h`. */
function duration(ms: number): string {
  if (!(ms >= 1000)) return `${Math.max(0, Math.round(ms) || 0)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))} s`;
  const i = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[i] as [string, number];
  const [smaller, smallerSize] = UNITS[i + 1] as [string, number];
  const rest = Math.floor((ms % size) / smallerSize);
  return `${Math.floor(ms / size)} ${unit}${rest > 0 ? ` ${rest} ${smaller}` : ''}`;
}
