/** Entities: their list, one entity's state on demand, and signals. */
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { Dialog, OnDemand, Paging, Problem, requireJson } from './bits.js';
import { say, setQuery, useLoaded, useTrail } from './hooks.js';
import type { EntityRow, InstanceFacts } from './shapes.js';
import { instantText, sizeText } from './time.js';

const PAGE_SIZE = 50;

export function EntitiesPage({ query, refresh }: { query: URLSearchParams; refresh: boolean }) {
  const text = query.get('text') ?? '';
  const trail = useTrail(text);
  const { after } = trail;
  const { value, error, reload } = useLoaded(
    `${text} ${after}`,
    () => api.entities({ text, after, top: PAGE_SIZE }),
    refresh,
  );
  const [signal, setSignal] = useState<{ name: string; entityKey: string } | null>(null);
  return (
    <>
      <div class="headline">
        <h1>Entities</h1>
        <button type="button" onClick={() => setSignal({ name: '', entityKey: '' })}>
          Signal…
        </button>
      </div>
      <form class="filters" role="search" aria-label="Filters" onSubmit={(e) => e.preventDefault()}>
        <label class="grow">
          Name or key starts with
          <input type="search" value={text} onInput={(e) => setQuery({ text: e.currentTarget.value })} />
        </label>
      </form>
      {error && <Problem text={error} />}
      {value && value.items.length === 0 && (
        <p class="empty">{text ? 'No entity matches.' : 'No entity yet. A signal makes one.'}</p>
      )}
      {value && value.items.length > 0 && <Table rows={value.items} signal={setSignal} />}
      {value && (value.next !== null || trail.page > 1) && <Paging trail={trail} next={value.next} />}
      {signal && <SignalDialog {...signal} done={reload} close={() => setSignal(null)} />}
    </>
  );
}

function Table({ rows, signal }: { rows: EntityRow[]; signal: (to: { name: string; entityKey: string }) => void }) {
  return (
    <table class="list">
      <caption class="hidden">Entities</caption>
      <thead>
        <tr>
          <th scope="col">Entity</th>
          <th scope="col">State</th>
          <th scope="col">Last operation (UTC)</th>
          <th scope="col">
            <span class="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.id}>
            <td class="id">
              <a href={`#/instance/${encodeURIComponent(r.id)}`}>
                {r.name} <strong>{r.key}</strong>
              </a>
              {r.lockedBy !== null && <span class="tag">locked</span>}
              {r.status !== 'Running' && <span class="tag">{r.status}</span>}
              {r.waiting > 0 && <span class="tag">{r.waiting} waiting</span>}
            </td>
            <td class="number">{r.exists ? sizeText(r.stateChars) : <span class="quiet">deleted</span>}</td>
            <td class="number">{instantText(r.updatedAt)}</td>
            <td>
              <button
                type="button"
                class="small"
                aria-label={`Signal ${r.name} ${r.key}`}
                onClick={() => signal({ name: r.name, entityKey: r.key })}
              >
                Signal…
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The part of an entity's page below its facts. */
export function EntityState(props: { facts: InstanceFacts; version: string; reload: () => void }) {
  const { facts, version, reload } = props;
  const [open, setOpen] = useState(false);
  const at = facts.id.indexOf('@', 1);
  return (
    <>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => setOpen(true)}>
          Signal…
        </button>
      </div>
      <section class="data" aria-label="Data">
        <OnDemand key={version} label="State" chars={facts.outputChars} load={() => api.data(facts.id, 'state')} />
      </section>
      {open && (
        <SignalDialog
          name={facts.id.slice(1, at)}
          entityKey={facts.id.slice(at + 1)}
          done={reload}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}

function SignalDialog(props: { name: string; entityKey: string; done: () => void; close: () => void }) {
  const submit = async (v: Record<string, string>): Promise<void> => {
    const input = v.input?.trim() ?? '';
    await api.signal(v.name ?? '', v.key ?? '', v.operation ?? '', input === '' ? '' : requireJson(input, 'input'));
    say(`Signalled ${v.operation} to ${v.name} ${v.key}.`);
    setTimeout(props.done, 250);
  };
  const known = props.name !== '';
  return (
    <Dialog title="Signal an entity" action="Signal" submit={submit} close={props.close}>
      <label>
        Name
        <input name="name" required value={props.name} readOnly={known} autocomplete="off" />
      </label>
      <label>
        Key
        <input name="key" required value={props.entityKey} readOnly={known} autocomplete="off" />
      </label>
      <label>
        Operation
        <input name="operation" required autocomplete="off" data-focus />
      </label>
      <label>
        Input <span class="quiet">(JSON)</span>
        <textarea name="input" rows={3} spellcheck={false} />
      </label>
    </Dialog>
  );
}
