/**
 * One instance's timeline on the host's clock, as bars or as a table. Bars are elements, so that each can be reached and
 * read; only as many as asked for are drawn. Leaves out the rows themselves (spans).
 */
import { axisOf, betterScale, type Axis, type Scale } from './axis.js';
import { Problem } from './bits.js';
import { useKept } from './hooks.js';
import type { Timeline } from './shapes.js';
import { KINDS, MarkRow, STATES, SpanRow } from './spans.js';
import { durationText, instantText } from './time.js';
import { useTimeline } from './useTimeline.js';

export function TimelineView({ id, version, refresh }: { id: string; version: string; refresh: boolean }) {
  const { value, error, more } = useTimeline(id, version, refresh);
  const [scaleKept, setScale] = useKept('scale', '');
  const [view, setView] = useKept('view', 'bars');
  if (!value) return error ? <Problem text={error} /> : <p>Loading the timeline…</p>;
  const { spans, marks, from, to } = value;
  const scale = (scaleKept || betterScale(value)) as Scale;
  const axis = axisOf(scale, value);
  const left = value.spansTotal - spans.length;
  return (
    <section aria-labelledby="timeline-title">
      <div class="headline">
        <h2 id="timeline-title">
          Timeline <span class="quiet">{durationText(to - from)}</span>
        </h2>
        <div class="choices" role="group" aria-label="Axis">
          <Choice name="By time" on={scale === 'time'} pick={() => setScale('time')} />
          <Choice name="By steps" on={scale === 'steps'} pick={() => setScale('steps')} />
        </div>
        <div class="choices" role="group" aria-label="View">
          <Choice name="Bars" on={view === 'bars'} pick={() => setView('bars')} />
          <Choice name="Table" on={view === 'table'} pick={() => setView('table')} />
        </div>
      </div>
      {error && <Problem text={error} />}
      {spans.length === 0 && marks.length === 0 && <p class="empty">Nothing was scheduled and no event came.</p>}
      {view === 'table' ? (
        <SpanTable timeline={value} />
      ) : (
        <div class="timeline">
          <AxisRow axis={axis} from={from} />
          <EpisodeRow timeline={value} axis={axis} />
          {marks.length > 0 && <MarkRow marks={marks} axis={axis} />}
          <ul>
            {spans.map((s) => (
              <SpanRow key={s.event} id={id} span={s} axis={axis} to={to} depth={0} />
            ))}
          </ul>
        </div>
      )}
      {left > 0 && (
        <button type="button" onClick={more}>
          Show more ({left.toLocaleString('en')} left)
        </button>
      )}
      {value.marksTotal > marks.length && (
        <p class="quiet">
          The first {marks.length} of {value.marksTotal.toLocaleString('en')} events are marked.
        </p>
      )}
    </section>
  );
}

const Choice = ({ name, on, pick }: { name: string; on: boolean; pick: () => void }) => (
  <button type="button" class="small" aria-pressed={on} onClick={pick}>
    {name}
  </button>
);

function AxisRow({ axis, from }: { axis: Axis; from: number }) {
  return (
    <div class="row axis" aria-hidden="true">
      <span class="what">{instantText(from).slice(0, 19)}</span>
      <div class="lane">
        {axis.ticks.map((t, i) => (
          <span
            key={i}
            class={i > 0 && i === axis.ticks.length - 1 ? 'tick last' : 'tick'}
            style={{ left: `${t.percent}%` }}
          >
            {i === 0 ? '0' : `+${durationText(t.ms - from)}`}
          </span>
        ))}
      </div>
    </div>
  );
}

function EpisodeRow({ timeline, axis }: { timeline: Timeline; axis: Axis }) {
  const n = timeline.episodesTotal;
  // what falls on one another is drawn once
  const places = new Set(timeline.episodes.map((ms, step) => axis.place({ ms, step }).toFixed(1)));
  return (
    <div class="row episodes">
      <span class="what quiet">
        {n.toLocaleString('en')} {n === 1 ? 'episode' : 'episodes'}
      </span>
      <div class="lane" aria-hidden="true">
        {[...places].map((left) => (
          <i key={left} style={{ left: `${left}%` }} />
        ))}
      </div>
    </div>
  );
}

function SpanTable({ timeline }: { timeline: Timeline }) {
  const rows = [
    ...timeline.spans.map((s) => ({
      key: s.event,
      at: s.from,
      kind: KINDS[s.kind],
      name: s.kind === 'timer' ? '' : s.name,
      target: s.target,
      took: s.kind === 'signal' ? '' : durationText((s.to ?? timeline.to) - s.from),
      state: STATES[s.state],
    })),
    ...timeline.marks.map((m) => ({
      key: m.event,
      at: m.at,
      kind: m.kind === 'event' ? 'event' : m.name,
      name: m.kind === 'event' ? m.name : '',
      target: null,
      took: '',
      state: '',
    })),
  ].sort((a, b) => a.key - b.key);
  return (
    <table class="list">
      <caption class="hidden">Timeline</caption>
      <thead>
        <tr>
          <th scope="col">Begun (UTC)</th>
          <th scope="col">Kind</th>
          <th scope="col">Name</th>
          <th scope="col">Took</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.key}>
            <td class="number">{instantText(r.at)}</td>
            <td>{r.kind}</td>
            <td class="id">
              {r.name} {r.target !== null && <a href={`#/instance/${encodeURIComponent(r.target)}`}>{r.target}</a>}
            </td>
            <td class="number">{r.took}</td>
            <td>{r.state}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
