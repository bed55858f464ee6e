/** The host's clock: now and mode in the header, all controls on a page of their own. */
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { Problem } from './bits.js';
import { say, type Loaded } from './hooks.js';
import type { ClockReading } from './shapes.js';
import { fieldToIso, instantText, isoToField } from './time.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Props {
  clock: Loaded<ClockReading>;
}

/** Sends one change and says where the clock stands then. */
function useChange(clock: Loaded<ClockReading>): [boolean, (change: Record<string, unknown>) => void] {
  const [busy, setBusy] = useState(false);
  const change = (body: Record<string, unknown>): void => {
    setBusy(true);
    api
      .setClock(body)
      .then(
        (now) => say(`The clock stands at ${instantText(Date.parse(now.now))} UTC (${now.mode}).`),
        (error: Error) => say(error.message, true),
      )
      .finally(() => {
        setBusy(false);
        clock.reload();
      });
  };
  return [busy, change];
}

export function ClockBar({ clock }: Props) {
  const [busy, change] = useChange(clock);
  const { value } = clock;
  if (!value) return <div class="clock">{clock.error ? <span class="bad">{clock.error}</span> : '…'}</div>;
  return (
    <div class="clock" role="group" aria-label="Clock">
      <a href="#/clock" class="now" title="Clock of the host, UTC">
        <time dateTime={value.now}>{instantText(Date.parse(value.now)).slice(0, 19)}</time>
        <span class="mode">{value.mode}</span>
      </a>
      {value.mode === 'manual' && (
        <>
          <button type="button" class="small" disabled={busy} onClick={() => change({ advanceBy: HOUR })}>
            +1 h
          </button>
          <button type="button" class="small" disabled={busy} onClick={() => change({ advanceBy: DAY })}>
            +1 d
          </button>
        </>
      )}
    </div>
  );
}

const UNITS: readonly [string, number][] = [
  ['seconds', 1000],
  ['minutes', 60_000],
  ['hours', HOUR],
  ['days', DAY],
];

export function ClockPage({ clock }: Props) {
  const [busy, change] = useChange(clock);
  const { value } = clock;
  if (!value) return clock.error ? <Problem text={clock.error} /> : <p>Loading…</p>;
  return (
    <>
      <h1>Clock</h1>
      <p class="big">
        <time dateTime={value.now}>{instantText(Date.parse(value.now))}</time> <span class="quiet">UTC</span>{' '}
        <span class="mode">{value.mode}</span>
      </p>
      {value.mode === 'real' ? (
        <p class="card">
          The clock is the machine's and cannot be moved. Start the host with <code>--clock manual</code> or{' '}
          <code>--clock auto</code> to let weeks pass in milliseconds.
        </p>
      ) : (
        <>
          <ModeCard mode={value.mode} change={change} />
          <div class="cards">
            <ByCard busy={busy} manual={value.mode === 'manual'} change={change} />
            <ToCard busy={busy} manual={value.mode === 'manual'} now={value.now} change={change} />
            <section class="card">
              <h2>Run until idle</h2>
              <p class="quiet">Does everything that is due now.</p>
              <button type="button" disabled={busy} onClick={() => change({ runUntilIdle: true })}>
                Run until idle
              </button>
            </section>
          </div>
        </>
      )}
    </>
  );
}

type Change = (body: Record<string, unknown>) => void;

function ModeCard({ mode, change }: { mode: string; change: Change }) {
  return (
    <fieldset class="card">
      <legend>Mode</legend>
      {[
        ['manual', 'Manual: time stands until you advance it'],
        ['auto', 'Auto: time jumps to the next due timer when all is idle'],
      ].map(([value, text]) => (
        <label key={value} class="choice">
          <input type="radio" name="mode" checked={mode === value} onChange={() => change({ mode: value })} /> {text}
        </label>
      ))}
    </fieldset>
  );
}

function ByCard({ busy, manual, change }: { busy: boolean; manual: boolean; change: Change }) {
  const submit = (e: Event): void => {
    e.preventDefault();
    const form = new FormData(e.target as HTMLFormElement);
    change({ advanceBy: Math.round(Number(form.get('amount')) * Number(form.get('unit'))) });
  };
  return (
    <form class="card" onSubmit={submit}>
      <h2>Advance by</h2>
      <div class="inline">
        <label>
          Amount
          <input name="amount" type="number" min="0" step="any" value="1" required />
        </label>
        <label>
          Unit
          <select name="unit">
            {UNITS.map(([name, ms]) => (
              <option key={name} value={ms} selected={name === 'hours'}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <button type="submit" class="primary" disabled={busy || !manual}>
        Advance
      </button>
      {!manual && <p class="quiet">Only a manual clock can be advanced.</p>}
    </form>
  );
}

function ToCard(props: { busy: boolean; manual: boolean; now: string; change: Change }) {
  const { busy, manual, now, change } = props;
  const [at, setAt] = useState(isoToField(now));
  const submit = (e: Event): void => {
    e.preventDefault();
    change({ advanceTo: fieldToIso(at) });
  };
  return (
    <form class="card" onSubmit={submit}>
      <h2>Advance to</h2>
      <label>
        Instant (UTC)
        <input type="datetime-local" step="1" value={at} required onInput={(e) => setAt(e.currentTarget.value)} />
      </label>
      <button type="submit" class="primary" disabled={busy || !manual}>
        Advance to
      </button>
    </form>
  );
}
