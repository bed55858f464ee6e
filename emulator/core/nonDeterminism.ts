/**
 * Words for an orchestrator that no longer does what its history says: the real host's own text, and in strict mode both
 * lists side by side from the event before the one that differs. Source: DurableTask.Core TaskOrchestrationContext.
 */
import type { Signature } from './actions';

export class NonDeterminismError extends Error {
  constructor(
    message: string,
    /** what the code did in the place of what it should have done; null when it did nothing */
    readonly instead: Signature | null,
  ) {
    super(message);
  }
}

type Kind = 'activity' | 'sub-orchestration' | 'timer' | 'event';

/** How the task stands in a history; null when it leaves no trace there. */
export function kindOf(actionType: number): Kind | null {
  if (actionType === 0 || actionType === 1 || actionType === 8) return 'activity';
  if (actionType === 2 || actionType === 3) return 'sub-orchestration';
  if (actionType === 5) return 'timer';
  if (actionType === 7 || actionType === 9 || actionType === 10 || actionType === 13) return 'event';
  return null;
}

const DOTNET_ACTION: Record<Kind, string> = {
  activity: 'ScheduleTaskOrchestratorAction',
  'sub-orchestration': 'CreateSubOrchestrationAction',
  timer: 'CreateTimerOrchestratorAction',
  event: 'SendEventOrchestratorAction',
};

const BEFORE = 'Non-Deterministic workflow detected: A previous execution of this orchestration scheduled';
const QUESTION = 'Was a change made to the orchestrator code after this instance had already started running?';
const MISSING = "but the current replay execution hasn't (yet?) scheduled this task.";

/** `now` null: the code has not scheduled anything in its place. */
export function words(expected: Signature, now: Signature | null): string {
  const kind = kindOf(expected.type);
  const other = now === null ? null : kindOf(now.type);
  if (kind === null) {
    return (
      'Non-Deterministic workflow detected: A previous execution of this orchestration waited for the external event ' +
      `'${expected.name}', but the current replay does something else. ${QUESTION}`
    );
  }
  const id = expected.id;
  switch (kind) {
    case 'activity':
      if (other === null)
        return `${BEFORE} an activity task with sequence ID ${id} and name '${expected.name}' (version ''), ${MISSING} ${QUESTION}`;
      return (
        `${BEFORE} an activity task with sequence number ${id} named '${expected.name}', but the current orchestration ` +
        (other === 'activity'
          ? `replay instead scheduled an activity task named '${now?.name}' with this sequence number.  ${QUESTION}`
          : `replay instead produced a ${DOTNET_ACTION[other]} action with this sequence number. ${QUESTION}`)
      );
    case 'timer':
      if (other === null) return `${BEFORE} a timer task with sequence number ${id} ${MISSING} ${QUESTION}`;
      return (
        `${BEFORE} a timer task with sequence number ${id} named but the current orchestration replay instead produced a ` +
        `${DOTNET_ACTION[other]} action with this sequence number. ${QUESTION}`
      );
    case 'sub-orchestration': {
      const what =
        `${BEFORE} a sub-orchestration task with sequence ID ${id} and name '${expected.name}' (version '', instance ID ` +
        `'${expected.instanceId ?? ''}'), `;
      if (other === null) return `${what}${MISSING} ${QUESTION}`;
      return (
        `${what}but the current orchestration replay instead ` +
        (other === 'sub-orchestration'
          ? `scheduled a sub-orchestration task with name ${now?.name} at this sequence number. ${QUESTION}`
          : `produced a ${DOTNET_ACTION[other]} action at this sequence number. ${QUESTION}`)
      );
    }
    case 'event': {
      const what = `${BEFORE} a send event task with sequence ID ${id}, type 'EventSent'`;
      const to = `name 'op', instance ID '${expected.name}'`;
      if (other === null) return `${what} ${to}, ${MISSING} ${QUESTION}`;
      return (
        `${what}, ${to}, but the current orchestration replay instead scheduled a ${DOTNET_ACTION[other]} task at this ` +
        `sequence number. ${QUESTION}`
      );
    }
  }
}

/** Tasks shown before the one that differs. */
const SHOWN_BEFORE = 2;
const WIDTH = 44;

/** A table of both lists around position `at`. */
export function sideBySide(history: readonly Signature[], code: readonly Signature[], at: number): string {
  const lines = [`\n  ${'history'.padEnd(WIDTH)}code now`];
  for (let i = Math.max(0, at - SHOWN_BEFORE); i <= at + 1; i++) {
    const [h, c] = [history[i], code[i]];
    if (!h && !c) break;
    lines.push(
      `${i === at ? '> ' : '  '}${(h ? line(h, true) : '(nothing yet)').padEnd(WIDTH)}${c ? line(c, false) : '(nothing)'}`,
    );
  }
  return lines.join('\n');
}

const LABELS: Record<number, string> = {
  0: 'activity',
  1: 'activity with retry',
  2: 'sub-orchestration',
  3: 'sub-orchestration with retry',
  4: 'continue as new',
  5: 'timer',
  6: 'wait for event',
  7: 'entity call',
  8: 'HTTP call',
  9: 'entity signal',
  10: 'entity signal',
  13: 'entity lock',
  14: 'entity release',
};

function line(s: Signature, withId: boolean): string {
  const id = withId && kindOf(s.type) !== null ? ` #${s.id}` : '';
  return `${LABELS[s.type] ?? `action ${s.type}`}${id}${s.name === '' ? '' : ` '${s.name}'`}`;
}
