/** One instance: facts, data on demand, actions, timeline, history. */
import { api } from './api.js';
import { Actions, ENDED } from './actions.js';
import { Badge, OnDemand, Problem } from './bits.js';
import { EntityState } from './entities.js';
import { HistoryList } from './history.js';
import { useLoaded } from './hooks.js';
import type { InstanceFacts } from './shapes.js';
import { durationText, instantText } from './time.js';
import { TimelineView } from './timeline.js';

export function InstancePage({ id, refresh }: { id: string; refresh: boolean }) {
  const { value, error, reload, pause } = useLoaded(id, () => api.facts(id), refresh);
  if (!value) {
    return (
      <>
        <Back />
        <h1 class="id">{id}</h1>
        {error ? <Problem text={error} /> : <p>Loading…</p>}
      </>
    );
  }
  // asked for anew whenever the instance changed
  const version = `${value.updatedAt} ${value.historyEvents} ${value.status} ${value.executionId}`;
  return (
    <>
      <Back />
      <div class="headline">
        <h1 class="id">{id}</h1>
        <Badge status={value.status} />
      </div>
      {error && <Problem text={error} />}
      <Facts facts={value} />
      {value.kind === 'entity' ? (
        <EntityState facts={value} version={version} reload={reload} />
      ) : (
        <>
          <Actions facts={value} reload={reload} pause={pause} />
          <section class="data" aria-label="Data">
            <OnDemand label="Input" chars={value.inputChars} load={() => api.data(id, 'input')} />
            <OnDemand
              key={version}
              label={value.status === 'Failed' ? 'Error' : 'Output'}
              chars={value.outputChars}
              load={() => api.data(id, 'output')}
            />
            <OnDemand
              key={`${version}s`}
              label="Custom status"
              chars={value.customStatusChars}
              load={() => api.data(id, 'customStatus')}
            />
          </section>
          <TimelineView id={id} version={version} refresh={refresh} />
          <HistoryList id={id} version={version} total={value.historyEvents} />
        </>
      )}
    </>
  );
}

const Back = () => (
  <p class="back">
    <a href="#/instances">← Instances</a>
  </p>
);

function Facts({ facts }: { facts: InstanceFacts }) {
  const rows: [string, preact.ComponentChildren][] = [
    ['Function', facts.name],
    ['Created', `${instantText(facts.createdAt)} UTC`],
    ['Last change', `${instantText(facts.updatedAt)} UTC`],
  ];
  if (ENDED.includes(facts.status)) rows.push(['Took', durationText(facts.updatedAt - facts.createdAt)]);
  if (facts.parentId !== null) {
    rows.push(['Parent', <a href={`#/instance/${encodeURIComponent(facts.parentId)}`}>{facts.parentId}</a>]);
  }
  if (facts.executionId !== null) rows.push(['Execution', <span class="id">{facts.executionId}</span>]);
  if (facts.version !== null) rows.push(['Version', facts.version]);
  if (facts.waiting > 0) rows.push(['Messages waiting', String(facts.waiting)]);
  if (facts.lockedBy !== null) {
    rows.push(['Locked by', <a href={`#/instance/${encodeURIComponent(facts.lockedBy)}`}>{facts.lockedBy}</a>]);
  }
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
