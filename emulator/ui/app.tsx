/** The page's frame: navigation, the host's clock, what was said last, and which page the address names. */
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { api } from './api.js';
import { ClockBar, ClockPage } from './clock.js';
import { EntitiesPage } from './entities.js';
import { useAddress, useKept, useLoaded, useSaid, type Address } from './hooks.js';
import { HostPage } from './host.js';
import { InstancePage } from './instance.js';
import { InstancesPage } from './instances.js';

const PAGES: readonly [string, string][] = [
  ['instances', 'Instances'],
  ['entities', 'Entities'],
  ['clock', 'Clock'],
  ['host', 'Host'],
];

function App() {
  const address = useAddress();
  const [refreshKept, setRefresh] = useKept('refresh', 'on');
  const refresh = refreshKept === 'on';
  const clock = useLoaded('clock', api.clock, refresh);
  const page = address.parts[0] || 'instances';
  const main = useRef<HTMLElement>(null);
  const place = address.parts.join('/');
  const first = useRef(true);
  useEffect(() => {
    const name = PAGES.find(([p]) => p === page)?.[1] ?? address.parts[1] ?? page;
    document.title = `${name} · durable-emulator`;
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [place]);
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), main.current?.focus())}>
        To the content
      </a>
      <header>
        <div class="bar">
          <a class="brand" href="#/instances">
            <img src="/runtime/ui/icon.svg" alt="" width="22" height="22" /> durable-emulator
          </a>
          <nav aria-label="Pages">
            {PAGES.map(([p, name]) => (
              <a key={p} href={`#/${p}`} aria-current={isAt(page, p) ? 'page' : undefined}>
                {name}
              </a>
            ))}
          </nav>
          <ClockBar clock={clock} />
          <label class="switch">
            <input type="checkbox" checked={refresh} onChange={() => setRefresh(refresh ? 'off' : 'on')} /> Refresh
          </label>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Page address={address} refresh={refresh} clock={clock} />
      </main>
      <Saying />
    </>
  );
}

const isAt = (page: string, p: string): boolean => page === p || (page === 'instance' && p === 'instances');

function Page(props: { address: Address; refresh: boolean; clock: Parameters<typeof ClockPage>[0]['clock'] }) {
  const { address, refresh, clock } = props;
  const [page, id] = address.parts;
  switch (page) {
    case 'instance':
      return <InstancePage key={id ?? ''} id={id ?? ''} refresh={refresh} />;
    case 'entities':
      return <EntitiesPage query={address.query} refresh={refresh} />;
    case 'clock':
      return <ClockPage clock={clock} />;
    case 'host':
      return <HostPage refresh={refresh} />;
    default:
      return <InstancesPage query={address.query} refresh={refresh} />;
  }
}

function Saying() {
  const said = useSaid();
  return (
    <div class={`saying ${said.bad ? 'bad' : ''}`} role="status" aria-live="polite">
      {said.text && <p key={said.number}>{said.text}</p>}
    </div>
  );
}

render(<App />, document.getElementById('app') as HTMLElement);
