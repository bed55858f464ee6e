/** What the host runs: its state and the app's functions. */
import { api } from './api.js';
import { Problem } from './bits.js';
import { useLoaded } from './hooks.js';
import type { FunctionRow } from './shapes.js';
import { durationText } from './time.js';

export function HostPage({ refresh }: { refresh: boolean }) {
  const host = useLoaded('host', api.hostStatus, refresh);
  const functions = useLoaded('functions', api.functions, false);
  return (
    <>
      <h1>Host</h1>
      {host.error && <Problem text={host.error} />}
      {host.value && (
        <dl class="facts">
          <div>
            <dt>State</dt>
            <dd>{host.value.state}</dd>
          </div>
          <div>
            <dt>Functions host</dt>
            <dd>{host.value.version}</dd>
          </div>
          <div>
            <dt>Up for</dt>
            <dd>{durationText(host.value.processUptime)}</dd>
          </div>
        </dl>
      )}
      <h2>Functions</h2>
      {functions.error && <Problem text={functions.error} />}
      {functions.value && <Functions rows={functions.value} />}
    </>
  );
}

export const triggerOf = (f: FunctionRow) => f.config.bindings.find((b) => /trigger$/i.test(b.type));

function Functions({ rows }: { rows: FunctionRow[] }) {
  return (
    <table class="list">
      <caption class="hidden">Functions</caption>
      <thead>
        <tr>
          <th scope="col">Function</th>
          <th scope="col">Trigger</th>
          <th scope="col">Address</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((f) => (
          <tr key={f.name}>
            <td class="id">{f.name}</td>
            <td>
              {triggerOf(f)?.type ?? 'no trigger'} {f.isDisabled && <span class="tag">disabled</span>}
            </td>
            <td class="id">
              {f.invoke_url_template !== null && (
                <>
                  <span class="quiet">{(triggerOf(f)?.methods ?? ['GET', 'POST']).join(', ')}</span>{' '}
                  {f.invoke_url_template}
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
