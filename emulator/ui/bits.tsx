/** Small parts that several pages use: badge, data on demand, dialog with a form. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Trail } from './hooks.js';
import { sizeText } from './time.js';

const SIGNS: Record<string, string> = {
  Pending: '◌',
  Running: '▶',
  Completed: '✓',
  Failed: '✕',
  Terminated: '■',
  Canceled: '■',
  Suspended: '‖',
  ContinuedAsNew: '↻',
};

/** The status by colour, sign and text. */
export function Badge({ status }: { status: string }) {
  return (
    <span class={`badge ${status.toLowerCase()}`}>
      <span aria-hidden="true">{SIGNS[status] ?? '•'}</span> {status}
    </span>
  );
}

export const Problem = ({ text }: { text: string }) => (
  <p class="problem" role="alert">
    {text}
  </p>
);

/** Previous and next page; `next`: the token of the page after this one. A note beside the number is read out. */
export function Paging({ trail, next, note }: { trail: Trail; next: string | null; note?: string }) {
  return (
    <div class="paging">
      <button type="button" disabled={trail.page === 1} onClick={trail.back}>
        Previous
      </button>
      <span aria-live={note === undefined ? undefined : 'polite'}>
        Page {trail.page}
        {note !== undefined && <span class="quiet">{note}</span>}
      </span>
      <button type="button" disabled={next === null} onClick={() => trail.forward(next as string)}>
        Next
      </button>
    </div>
  );
}

/** JSON; a text that would be full of escapes stands as it is. */
function valueText(value: unknown): string {
  const json = JSON.stringify(value, null, 2) ?? 'null';
  return typeof value === 'string' && json !== `"${value}"` ? value : json;
}

/** More than this is not put into the page at once. */
const SHOWN_CHARS_MAX = 100_000;

/** A value that is asked for only when the reader wants it; it may hold personal data. */
export function OnDemand(props: { label: string; chars: number | null; load: () => Promise<unknown> }) {
  const { label, chars, load } = props;
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  if (chars === null) {
    return (
      <div class="ondemand">
        <span class="label">{label}</span> <span class="quiet">none</span>
      </div>
    );
  }
  const toggle = (): void => {
    if (text !== null) return setText(null);
    load().then(
      (value) => {
        setError(null);
        setText(valueText(value));
      },
      (e: Error) => setError(e.message),
    );
  };
  return (
    <div class="ondemand">
      <button type="button" class="small" aria-expanded={text !== null} onClick={toggle}>
        {text === null ? 'Show' : 'Hide'} {label.toLowerCase()} <span class="quiet">{sizeText(chars)}</span>
      </button>
      {error !== null && <Problem text={error} />}
      {text !== null && <Json text={text} label={label} />}
    </div>
  );
}

export function Json({ text, label }: { text: string; label: string }) {
  const [whole, setWhole] = useState(false);
  const long = text.length > SHOWN_CHARS_MAX;
  return (
    <div>
      <pre tabIndex={0} aria-label={label}>
        {long && !whole ? text.slice(0, SHOWN_CHARS_MAX) : text}
      </pre>
      {long && !whole && (
        <button type="button" class="small" onClick={() => setWhole(true)}>
          Show all {sizeText(text.length)}
        </button>
      )}
    </div>
  );
}

export interface DialogProps {
  title: string;
  /** text of the button that does it */
  action: string;
  danger?: boolean;
  /** resolves when it is done; an error stays in the dialog */
  submit(values: Record<string, string>): Promise<void>;
  close(): void;
  children?: ComponentChildren;
}

/** A modal form: Enter does it, Escape leaves it. The focus goes back to where it came from. */
export function Dialog({ title, action, danger, submit, close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const from = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>('[data-focus]')?.focus();
    return () => from?.focus();
  }, []);
  const onSubmit = (e: Event): void => {
    e.preventDefault();
    const form = new FormData(e.target as HTMLFormElement);
    const values = Object.fromEntries([...form].map(([k, v]) => [k, String(v)]));
    setBusy(true);
    setError(null);
    submit(values).then(close, (failure: Error) => {
      setBusy(false);
      setError(failure.message);
    });
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={close}>
      <form onSubmit={onSubmit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        {error !== null && <Problem text={error} />}
        <div class="buttons end">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'danger' : 'primary'} disabled={busy}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Throws with a message for a person when the text is no JSON. */
export function requireJson(text: string, what: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new Error(`The ${what} is no JSON: ${(error as Error).message}. A text needs quotes: "like this".`);
  }
}
