/**
 * The rows of a timeline: a bar for each thing that took time, opened in place for its data and, of a sub-orchestration,
 * for its own rows; and marks for what came. Leaves out the frame around them (timeline).
 */
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { childAxis, type Axis } from './axis.js';
import { Json, Problem } from './bits.js';
import type { Mark, Span } from './shapes.js';
import { durationText, instantText } from './time.js';
import { useTimeline } from './useTimeline.js';

const MARK_SIGNS: Record<Mark['kind'], string> = {
  event: '◆',
  suspended: '‖',
  resumed: '▶',
  terminated: '■',
  rewound: '↺',
};

export function MarkRow({ marks, axis }: { marks: Mark[]; axis: Axis }) {
  return (
    <div class="row marks">
      <span class="what">Events</span>
      <div class="lane" role="list" aria-label="Events">
        {marks.map((m) => (
          <span
            key={m.event}
            role="listitem"
            class={`mark mark-${m.kind}`}
            style={{ left: `${axis.place({ ms: m.at, step: m.step })}%` }}
            title={`${m.name} at ${instantText(m.at)}`}
          >
            <span aria-hidden="true">{MARK_SIGNS[m.kind]}</span>
            <span class="hidden">
              {m.kind === 'event' ? `event ${m.name}` : m.name} at {instantText(m.at)}
            </span>
          </span>
        ))}
      </div>
    </div>
  );
}

export const KINDS: Record<Span['kind'], string> = {
  activity: 'activity',
  timer: 'timer',
  sub: 'sub-orchestration',
  entity: 'entity call',
  lock: 'entity lock',
  signal: 'signal',
  http: 'HTTP call',
};

export const STATES: Record<Span['state'], string> = {
  completed: 'completed',
  failed: 'failed',
  open: 'still open',
  unheard: 'never heard of',
  sent: 'sent',
};

/** Room for the words beside a bar, in percent of the lane. */
const WORDS = 22;

function besides(start: number, end: number): { side: string; style: Record<string, string> } {
  if (end <= 100 - WORDS) return { side: 'behind', style: { left: `${end}%` } };
  if (start >= WORDS) return { side: 'before', style: { right: `${100 - start}%` } };
  return { side: 'inside', style: { left: `${start}%` } };
}

/** Children within children on one page; deeper ones have a page of their own. */
const DEPTH_MAX = 6;

export function SpanRow(props: { id: string; span: Span; axis: Axis; to: number; depth: number }) {
  const { id, span, axis, to, depth } = props;
  const [open, setOpen] = useState(false);
  const start = axis.place({ ms: span.from, step: span.fromStep });
  const end = axis.place(span.to === null || span.toStep === null ? null : { ms: span.to, step: span.toStep });
  const length = durationText((span.to ?? to) - span.from);
  const took = besides(start, end);
  const word = span.kind === 'timer' && span.state === 'completed' ? 'fired' : STATES[span.state];
  const name = span.kind === 'timer' ? 'timer' : span.name;
  return (
    <li>
      <div class="row">
        <button
          type="button"
          class={`what depth${depth}`}
          aria-expanded={open}
          aria-label={`${KINDS[span.kind]} ${name}, ${word}${span.kind === 'signal' ? '' : `, ${length}`}`}
          onClick={() => setOpen(!open)}
        >
          <span class="fold" aria-hidden="true">
            {open ? '▾' : '▸'}
          </span>
          <span class="name">{name}</span>
          <span class="quiet">{span.kind === 'timer' ? '' : KINDS[span.kind]}</span>
        </button>
        <div class="lane" aria-hidden="true">
          <div class={`span ${span.kind} ${span.state}`} style={{ left: `${start}%`, width: `${end - start}%` }} />
          <span class={`took ${took.side}`} style={took.style}>
            {span.state === 'failed' ? '✕ ' : ''}
            {span.kind === 'signal' ? 'sent' : span.state === 'completed' ? length : `${length}, ${word}`}
          </span>
        </div>
      </div>
      {open && <SpanDetail id={id} span={span} axis={axis} to={to} depth={depth} place={[start, end]} />}
    </li>
  );
}

function SpanDetail(props: Parameters<typeof SpanRow>[0] & { place: [number, number] }) {
  const { id, span, axis, to, depth, place } = props;
  const [text, setText] = useState<string | null>(null);
  const show = (): void => {
    if (text !== null) return setText(null);
    Promise.all([api.event(id, span.event), span.endEvent === null ? null : api.event(id, span.endEvent)]).then(
      ([begun, ended]) => setText(JSON.stringify(ended === null ? begun : [begun, ended], null, 2)),
      (e: Error) => setText(e.message),
    );
  };
  return (
    <div class="detail">
      <p>
        #{span.id} · {instantText(span.from)} → {span.to === null ? 'open' : instantText(span.to)}
        {span.dueAt !== null && ` · set to ${instantText(span.dueAt)}`}
        {span.target !== null && (
          <>
            {' · '}
            <a href={`#/instance/${encodeURIComponent(span.target)}`}>{span.target}</a>
          </>
        )}
      </p>
      <button type="button" class="small" aria-expanded={text !== null} onClick={show}>
        {text === null ? 'Show data' : 'Hide data'}
      </button>
      {text !== null && <Json text={text} label="Data" />}
      {span.kind === 'sub' && span.target !== null && depth < DEPTH_MAX && (
        <Child id={span.target} axis={axis} to={to} depth={depth + 1} place={place} />
      )}
    </div>
  );
}

/** A child's spans below its parent's bar. */
function Child(props: { id: string; axis: Axis; to: number; depth: number; place: [number, number] }) {
  const { id, to, depth, place } = props;
  const { value, error, more } = useTimeline(id, '', false);
  if (error) return <Problem text={`The timeline of ${id} cannot be had: ${error}`} />;
  if (!value) return <p>Loading…</p>;
  const axis = childAxis(props.axis, value, ...place);
  const left = value.spansTotal - value.spans.length;
  return (
    <div class="child">
      {value.marks.length > 0 && <MarkRow marks={value.marks} axis={axis} />}
      {value.spans.length === 0 && <p class="quiet">It scheduled nothing.</p>}
      <ul aria-label={`Timeline of ${id}`}>
        {value.spans.map((s) => (
          <SpanRow key={s.event} id={id} span={s} axis={axis} to={to} depth={depth} />
        ))}
      </ul>
      {left > 0 && (
        <button type="button" class="small" onClick={more}>
          Show more ({left} left)
        </button>
      )}
    </div>
  );
}
