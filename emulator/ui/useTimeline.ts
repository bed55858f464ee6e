/** A timeline as far as it is shown: loaded anew when the instance changes, and now and then while it runs. */
import { useEffect, useState } from 'preact/hooks';
import { api } from './api.js';
import { REFRESH_MS } from './hooks.js';
import type { Timeline } from './shapes.js';

const PAGE = 100;
const REQUEST_MAX = 500;

/** The first `shown` spans, in requests of at most REQUEST_MAX. */
async function loadTimeline(id: string, shown: number): Promise<Timeline> {
  const whole = await api.timeline(id, 0, Math.min(shown, REQUEST_MAX));
  while (whole.spans.length < Math.min(shown, whole.spansTotal)) {
    const left = shown - whole.spans.length;
    const more = await api.timeline(id, whole.spans.length, Math.min(left, REQUEST_MAX));
    if (more.spans.length === 0) break;
    whole.spans.push(...more.spans);
  }
  return whole;
}

export function useTimeline(id: string, version: string, refresh: boolean) {
  const [shown, setShown] = useState(PAGE);
  const [state, setState] = useState<{ value: Timeline | null; error: string | null }>({ value: null, error: null });
  const live = refresh && state.value?.ended === false;
  useEffect(() => {
    let stale = false;
    const load = (): void => {
      loadTimeline(id, shown).then(
        (value) => stale || setState({ value, error: null }),
        (e: Error) => stale || setState((s) => ({ ...s, error: e.message })),
      );
    };
    load();
    const timer = live ? setInterval(() => !document.hidden && load(), REFRESH_MS * 2) : undefined;
    return () => {
      stale = true;
      clearInterval(timer);
    };
  }, [id, version, shown, live]);
  return { ...state, more: () => setShown(shown + PAGE * 5) };
}
