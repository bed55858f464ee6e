/** What can be done with an instance, as buttons that open a form. Which make sense depends on the status. */
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { Dialog, requireJson } from './bits.js';
import { say } from './hooks.js';
import type { InstanceFacts } from './shapes.js';

type Action = 'raise' | 'suspend' | 'resume' | 'terminate' | 'rewind' | 'restart' | 'purge';

interface Props {
  facts: InstanceFacts;
  reload(): void;
  pause(on: boolean): void;
}

export const ENDED = ['Completed', 'Failed', 'Terminated', 'Canceled'];

const NAMES: Record<Action, string> = {
  raise: 'Raise event…',
  suspend: 'Suspend…',
  resume: 'Resume…',
  terminate: 'Terminate…',
  rewind: 'Rewind…',
  restart: 'Restart…',
  purge: 'Purge…',
};

function possible(status: string): Action[] {
  if (status === 'Failed') return ['rewind', 'restart', 'purge'];
  if (ENDED.includes(status)) return ['restart', 'purge'];
  return ['raise', status === 'Suspended' ? 'resume' : 'suspend', 'terminate'];
}

export function Actions({ facts, reload, pause }: Props) {
  const [open, setOpen] = useState<Action | null>(null);
  return (
    <div class="buttons" role="group" aria-label="Actions">
      {possible(facts.status).map((a) => (
        <button
          key={a}
          type="button"
          class={a === 'raise' ? 'primary' : a === 'terminate' || a === 'purge' ? 'danger' : ''}
          onClick={() => setOpen(a)}
        >
          {NAMES[a]}
        </button>
      ))}
      <a class="button" href={api.historyUrl(facts.id)} download={`${facts.id.replace(/[^\w.-]+/g, '_')}.json`}>
        Export history
      </a>
      {open && <Form action={open} facts={facts} reload={reload} pause={pause} close={() => setOpen(null)} />}
    </div>
  );
}

function Form({ action, facts, reload, pause, close }: Props & { action: Action; close: () => void }) {
  const { id } = facts;
  const done = (text: string): void => {
    say(text);
    reload();
    // the answer comes before the orchestrator has run
    setTimeout(reload, 250);
  };
  const reasoned = (operation: 'terminate' | 'suspend' | 'resume' | 'rewind', past: string) => ({
    title: `${operation[0]?.toUpperCase()}${operation.slice(1)} this instance?`,
    action: NAMES[operation].replace('…', ''),
    danger: operation === 'terminate',
    submit: async (v: Record<string, string>) => {
      await api.act(id, operation, v.reason ?? '');
      done(`${past}: ${id}`);
    },
    children: (
      <label>
        Reason <span class="quiet">(kept in the history)</span>
        <input name="reason" autocomplete="off" />
      </label>
    ),
  });
  switch (action) {
    case 'raise':
      return (
        <Dialog
          title="Raise an event"
          action="Raise"
          close={close}
          submit={async (v) => {
            await api.raise(id, v.name ?? '', requireJson(v.data || 'null', 'data'));
            done(`Event ${v.name} raised.`);
          }}
        >
          <label>
            Name
            <input name="name" required autocomplete="off" />
          </label>
          <label>
            Data <span class="quiet">(JSON)</span>
            <textarea name="data" rows={4} spellcheck={false}>
              null
            </textarea>
          </label>
        </Dialog>
      );
    case 'terminate':
      return <Dialog {...reasoned('terminate', 'Terminated')} close={close} />;
    case 'suspend':
      return <Dialog {...reasoned('suspend', 'Suspended')} close={close} />;
    case 'resume':
      return <Dialog {...reasoned('resume', 'Resumed')} close={close} />;
    case 'rewind':
      return <Dialog {...reasoned('rewind', 'Rewound')} close={close} />;
    case 'restart':
      return <RestartForm id={id} done={done} close={close} />;
    case 'purge':
      return (
        <Dialog
          title="Purge this instance?"
          action="Purge"
          danger
          close={close}
          submit={async () => {
            pause(true);
            await api.purge(id).catch((error: Error) => {
              pause(false);
              throw error;
            });
            say(`Purged: ${id}`);
            location.hash = '#/instances';
          }}
        >
          <p>Its history, input and output are deleted. Children stay. This cannot be undone.</p>
        </Dialog>
      );
  }
}

function RestartForm({ id, done, close }: { id: string; done: (text: string) => void; close: () => void }) {
  return (
    <Dialog
      title="Restart with the same input?"
      action="Restart"
      close={close}
      submit={async (v) => {
        const started = await api.restart(id, v.id !== 'same');
        done(`Restarted as ${started}`);
        location.hash = `#/instance/${encodeURIComponent(started)}`;
      }}
    >
      <fieldset>
        <legend>Instance id</legend>
        <label class="choice">
          <input type="radio" name="id" value="new" checked /> a new one
        </label>
        <label class="choice">
          <input type="radio" name="id" value="same" /> the same: its history is replaced
        </label>
      </fieldset>
    </Dialog>
  );
}
