/** The events of a history as a list, page after page; an event's data is asked for when wanted. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from './api.js';
import { Json, Problem } from './bits.js';
import type { EventRow } from './shapes.js';
import { instantText } from './time.js';

const PAGE = 200;

export function HistoryList({ id, version, total }: { id: string; version: string; total: number }) {
  const [open, setOpen] = useState(false);
  return (
    <section aria-labelledby="history-title">
      <div class="headline">
        <h2 id="history-title">
          History <span class="quiet">{total.toLocaleString('en')} events</span>
        </h2>
        <button type="button" class="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide' : 'Show'} events
        </button>
      </div>
      {open && <Events id={id} version={version} />}
    </section>
  );
}

function Events({ id, version }: { id: string; version: string }) {
  const [rows, setRows] = useState<EventRow[]>([]);
  const [total, setTotal] = useState(0);
  const [error, setError] = useState<string | null>(null);
  const stale = useRef(0);
  /** The first `count` rows, or all when there are fewer. */
  const load = async (count: number): Promise<void> => {
    const turn = ++stale.current;
    const found: EventRow[] = [];
    let all = count;
    while (found.length < Math.min(count, all)) {
      const page = await api.events(id, found.length, Math.min(PAGE, count - found.length));
      if (turn !== stale.current || page.items.length === 0) break;
      found.push(...page.items);
      all = page.total;
    }
    if (turn !== stale.current) return;
    setError(null);
    setRows(found);
    setTotal(all);
  };
  const reload = (count: number): void => void load(count).catch((e: Error) => setError(e.message));
  useEffect(() => reload(Math.max(PAGE, rows.length)), [id, version]);
  return (
    <>
      {error && <Problem text={error} />}
      <ol class="events">
        {rows.map((r) => (
          <Event key={r.index} id={id} row={r} />
        ))}
      </ol>
      {rows.length < total && (
        <button type="button" onClick={() => reload(rows.length + PAGE)}>
          Show more ({(total - rows.length).toLocaleString('en')} left)
        </button>
      )}
    </>
  );
}

function Event({ id, row }: { id: string; row: EventRow }) {
  const [text, setText] = useState<string | null>(null);
  const toggle = (): void => {
    if (text !== null) return setText(null);
    api.event(id, row.index).then(
      (e) => setText(JSON.stringify(e, null, 2)),
      (e: Error) => setText(e.message),
    );
  };
  const quiet = row.type.startsWith('Orchestrator');
  return (
    <li class={quiet ? 'event quiet' : 'event'}>
      <span class="number">{row.index + 1}</span>
      <time dateTime={new Date(row.at).toISOString()}>{instantText(row.at)}</time>
      <span class="type">
        {row.type}
        {row.taskId !== null && <span class="quiet"> #{row.taskId}</span>}
      </span>
      <span class="name">{row.name}</span>
      {quiet ? (
        <span />
      ) : (
        <button
          type="button"
          class="small"
          aria-expanded={text !== null}
          aria-label={`${text === null ? 'Show' : 'Hide'} event ${row.index + 1}`}
          onClick={toggle}
        >
          {text === null ? (row.data ? 'Data' : 'Event') : 'Hide'}
        </button>
      )}
      {text !== null && <Json text={text} label={`Event ${row.index + 1}`} />}
    </li>
  );
}
