/** The list of instances: filters in the address, counts by status, pages by continuation token. */
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { Badge, Dialog, Paging, Problem, requireJson } from './bits.js';
import { triggerOf } from './host.js';
import { say, setQuery, useLoaded, useTrail } from './hooks.js';
import type { Counts, InstanceRow } from './shapes.js';
import { durationText, fieldToIso, instantText } from './time.js';

const PAGE_SIZE = 50;
const STATUSES = ['Running', 'Pending', 'Suspended', 'Completed', 'Failed', 'Terminated'];

interface Props {
  query: URLSearchParams;
  refresh: boolean;
}

export function InstancesPage({ query, refresh }: Props) {
  const filter = {
    kind: query.get('kind') ?? '',
    status: query.get('status') ?? '',
    text: query.get('text') ?? '',
    createdFrom: fieldToIso(query.get('from') ?? ''),
    createdTo: fieldToIso(query.get('to') ?? ''),
  };
  const key = JSON.stringify(filter);
  const trail = useTrail(key);
  const { after } = trail;
  // a store that was too large to be sorted or counted is not asked to try again every time
  const [large, setLarge] = useState(false);
  const order = large ? 'id' : '';
  const load = async () => {
    const found = await api.instances({ ...filter, after, order, top: PAGE_SIZE });
    setLarge(found.order === 'id');
    return found;
  };
  const page = useLoaded(key + after, load, refresh);
  const counts = useLoaded('counts', api.counts, refresh && !large);
  const [starting, setStarting] = useState(false);
  const { value, error } = page;
  return (
    <>
      <div class="headline">
        <h1>Instances</h1>
        <button type="button" onClick={() => setStarting(true)}>
          Start…
        </button>
      </div>
      <StatusChips counts={counts.value} chosen={filter.status} />
      <Filters query={query} />
      {error && <Problem text={error} />}
      {value && value.items.length === 0 && (
        <p class="empty">
          {filter.kind || filter.status || filter.text || filter.createdFrom || filter.createdTo
            ? 'No instance matches these filters.'
            : 'No instance yet. Start one here, or by a request to your app.'}
        </p>
      )}
      {value && value.items.length > 0 && <Table rows={value.items} />}
      {value && (
        <Paging
          trail={trail}
          next={value.next}
          note={
            (value.order === 'created' ? ', newest first' : ', by id (too many to sort by time)') +
            (value.partial ? '; the search goes on with Next' : '')
          }
        />
      )}
      {starting && <StartDialog close={() => setStarting(false)} />}
    </>
  );
}

function StatusChips({ counts, chosen }: { counts: Counts | null; chosen: string }) {
  const known = Object.keys(counts?.byStatus ?? {});
  const shown = STATUSES.filter((s) => known.includes(s) || s === chosen);
  const more = counts && !counts.complete ? '+' : '';
  const chip = (status: string, name: string, count: number | undefined) => (
    <button
      type="button"
      key={name}
      class={`chip ${status.toLowerCase()}`}
      aria-pressed={chosen === status}
      onClick={() => setQuery({ status: chosen === status ? '' : status })}
    >
      {name} {counts && <strong>{(count ?? 0).toLocaleString('en') + more}</strong>}
    </button>
  );
  return (
    <div class="chips" role="group" aria-label="Status">
      {chip('', 'All', counts ? counts.orchestrations + counts.entities : undefined)}
      {shown.map((s) => chip(s, s, counts?.byStatus[s]))}
    </div>
  );
}

function Filters({ query }: { query: URLSearchParams }) {
  const field = (name: string) => ({
    value: query.get(name) ?? '',
    onInput: (e: { currentTarget: HTMLInputElement | HTMLSelectElement }) =>
      setQuery({ [name]: e.currentTarget.value }),
  });
  return (
    <form class="filters" role="search" aria-label="Filters" onSubmit={(e) => e.preventDefault()}>
      <label class="grow">
        Name or id starts with
        <input type="search" {...field('text')} />
      </label>
      <label>
        Kind
        <select {...field('kind')}>
          <option value="">All</option>
          <option value="orchestration">Orchestrations</option>
          <option value="entity">Entities</option>
        </select>
      </label>
      <label>
        Created from (UTC)
        <input type="datetime-local" {...field('from')} />
      </label>
      <label>
        to (UTC)
        <input type="datetime-local" {...field('to')} />
      </label>
    </form>
  );
}

function Table({ rows }: { rows: InstanceRow[] }) {
  return (
    <table class="list">
      <caption class="hidden">Instances</caption>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Instance</th>
          <th scope="col">Function</th>
          <th scope="col">Created (UTC)</th>
          <th scope="col">Last change after</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.id}>
            <td>
              <Badge status={r.status} />
            </td>
            <td class="id">
              <a href={`#/instance/${encodeURIComponent(r.id)}`}>{r.id}</a>
            </td>
            <td>
              {r.name !== r.id && r.name}{' '}
              {r.kind === 'entity' ? <span class="tag">entity</span> : r.parentId && <span class="tag">child</span>}
            </td>
            <td class="number">{instantText(r.createdAt)}</td>
            <td class="number">{durationText(r.updatedAt - r.createdAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StartDialog({ close }: { close: () => void }) {
  const functions = useLoaded('functions', api.functions, false);
  const names = (functions.value ?? [])
    .filter((f) => /^orchestration/i.test(triggerOf(f)?.type ?? ''))
    .map((f) => f.name);
  const submit = async (v: Record<string, string>): Promise<void> => {
    const input = v.input?.trim() ?? '';
    if (v.id?.includes('/'))
      throw new Error('An instance id cannot hold a slash: the host would look for another route.');
    const id = await api.start(v.name ?? '', v.id ?? '', input === '' ? '' : requireJson(input, 'input'));
    say(`Started ${v.name} as ${id}.`);
    location.hash = `#/instance/${encodeURIComponent(id)}`;
  };
  return (
    <Dialog title="Start an orchestration" action="Start" submit={submit} close={close}>
      <label>
        Orchestrator
        <select name="name" required>
          {names.map((n) => (
            <option key={n}>{n}</option>
          ))}
        </select>
      </label>
      <label>
        Instance id <span class="quiet">(empty: a new one)</span>
        <input name="id" autocomplete="off" />
      </label>
      <label>
        Input <span class="quiet">(JSON)</span>
        <textarea name="input" rows={4} spellcheck={false} />
      </label>
    </Dialog>
  );
}
