/** Loading with refresh, the address as state, and what is said to the reader (aria-live). */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** Between two refreshes; a page in the background does not ask. */
export const REFRESH_MS = 2000;

export interface Loaded<T> {
  value: T | null;
  error: string | null;
  reload(): void;
  /** No more requests from here on, or again: what is shown is about to go. */
  pause(on: boolean): void;
}

/** Loads when `key` changes and, while `refresh` holds, every REFRESH_MS. Answers that come too late are dropped. */
export function useLoaded<T>(key: string, load: () => Promise<T>, refresh: boolean): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; error: string | null }>({
    key,
    value: null,
    error: null,
  });
  const latest = useRef({ key, load, turn: 0, paused: false });
  latest.current.key = key;
  latest.current.load = load;

  const reload = useCallback(() => {
    if (latest.current.paused) return;
    const turn = ++latest.current.turn;
    const asked = latest.current.key;
    latest.current.load().then(
      (value) => turn === latest.current.turn && setState({ key: asked, value, error: null }),
      (error: Error) =>
        turn === latest.current.turn &&
        setState((s) => ({ key: asked, value: s.key === asked ? s.value : null, error: error.message })),
    );
  }, []);

  useEffect(() => {
    reload();
    if (!refresh) return;
    const timer = setInterval(() => !document.hidden && reload(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [key, refresh, reload]);
  const pause = useCallback((on: boolean) => void (latest.current.paused = on), []);
  // a timer of somebody else may still hold reload()
  useEffect(() => () => pause(true), [pause]);
  return { value: state.key === key ? state.value : null, error: state.error, reload, pause };
}

export interface Trail {
  /** the token of the page that is shown; '' for the first */
  after: string;
  /** from 1 */
  page: number;
  back(): void;
  forward(token: string): void;
}

/** The way through the pages of a list: the tokens of those before the present one, of this filter (`key`) alone. */
export function useTrail(key: string): Trail {
  const [trail, setTrail] = useState<{ key: string; tokens: string[] }>({ key, tokens: [] });
  const tokens = trail.key === key ? trail.tokens : [];
  return {
    after: tokens.at(-1) ?? '',
    page: tokens.length + 1,
    back: () => setTrail({ key, tokens: tokens.slice(0, -1) }),
    forward: (token) => setTrail({ key, tokens: [...tokens, token] }),
  };
}

export interface Address {
  /** decoded parts of the path in the hash */
  parts: string[];
  query: URLSearchParams;
}

const readAddress = (): Address => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { parts: path.split('/').map(decodeURIComponent), query: new URLSearchParams(query) };
};

export function useAddress(): Address {
  const [address, setAddress] = useState(readAddress);
  useEffect(() => {
    const changed = (): void => setAddress(readAddress());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return address;
}

/** Changes the query of the present page without a new entry in the browser's history. */
export function setQuery(changes: Record<string, string>): void {
  const [path = ''] = location.hash.replace(/^#/, '').split('?');
  const query = readAddress().query;
  for (const [key, value] of Object.entries(changes)) {
    if (value === '') query.delete(key);
    else query.set(key, value);
  }
  const search = query.toString();
  history.replaceState(null, '', `#${path}${search ? `?${search}` : ''}`);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export interface Said {
  text: string;
  bad: boolean;
  number: number;
}

let said: Said = { text: '', bad: false, number: 0 };
const listeners = new Set<(s: Said) => void>();

/** Tells the reader how an action went. */
export function say(text: string, bad = false): void {
  said = { text, bad, number: said.number + 1 };
  for (const l of listeners) l(said);
}

export function useSaid(): Said {
  const [state, setState] = useState(said);
  useEffect(() => {
    listeners.add(setState);
    return () => void listeners.delete(setState);
  }, []);
  return state;
}

/** A setting kept in this browser. */
export function useKept(name: string, otherwise: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => localStorage.getItem(name) ?? otherwise);
  return [
    value,
    (next: string) => {
      localStorage.setItem(name, next);
      setValue(next);
    },
  ];
}
