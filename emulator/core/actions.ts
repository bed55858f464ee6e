/**
 * The orchestrator's action list as the host reads it, and the check that it still begins as it did before.
 * Leaves out what the host does with an action (hostRun). Source: contract C 6, D; texts as recorded.
 */

export interface RetryOptions {
  firstRetryIntervalInMilliseconds: number;
  maxNumberOfAttempts: number;
  backoffCoefficient?: number;
  maxRetryIntervalInMilliseconds?: number;
  retryTimeoutInMilliseconds?: number;
}

export interface Action {
  actionType: number;
  functionName?: string;
  instanceId?: string;
  version?: string;
  input?: unknown;
  retryOptions?: RetryOptions;
  fireAt?: unknown;
  isCanceled?: boolean;
  externalEventName?: string;
  operation?: string;
  httpRequest?: unknown;
  lockSet?: { name: string; key: string }[];
  compoundActions?: Action[];
}

/** What a scheduled action looked like when the host first met it. */
export interface Signature {
  type: number;
  name: string;
  id: number;
}

export class NonDeterminismError extends Error {}

/** Leaves in the order in which ids are drawn. */
export function flatten(actions: readonly Action[]): Action[] {
  if (!actions.some((a) => a.compoundActions)) return actions as Action[];
  const out: Action[] = [];
  for (const a of actions) {
    if (a.actionType === 11 || a.actionType === 12) out.push(...flatten(a.compoundActions ?? []));
    else out.push(a);
  }
  return out;
}

/** The name that a scheduled action goes by in histories; empty where it has none. */
export function signatureName(a: Action): string {
  switch (a.actionType) {
    case 0:
    case 1:
    case 2:
    case 3:
      return String(a.functionName);
    case 6:
      return String(a.externalEventName);
    case 7:
    case 9:
    case 10:
      return String(a.instanceId);
    case 8:
      return 'BuiltIn::HttpActivity';
    default:
      return '';
  }
}

/** Throws NonDeterminismError when the list no longer starts with what was scheduled before. */
export function checkPrefix(seen: readonly Signature[], flat: readonly Action[]): void {
  for (let i = 0; i < seen.length; i++) {
    const s = seen[i] as Signature;
    const a = flat[i];
    if (a === undefined) {
      if (label(s.type) === null) continue;
      throw new NonDeterminismError(missing(s));
    }
    if (a.actionType === s.type && sameName(a, s.name)) continue;
    throw new NonDeterminismError(label(s.type) === null ? changed(s, a) : different(s, a));
  }
}

function sameName(a: Action, name: string): boolean {
  const given = signatureName(a);
  return given === name || given.toLowerCase() === name.toLowerCase();
}

const QUESTION = 'Was a change made to the orchestrator code after this instance had already started running?';

function label(type: number): string | null {
  if (type === 0 || type === 1 || type === 8) return 'an activity task';
  if (type === 2 || type === 3) return 'a sub-orchestration task';
  if (type === 5) return 'a timer task';
  if (type === 7 || type === 9 || type === 10 || type === 13) return 'a send event task';
  return null;
}

function missing(s: Signature): string {
  const what =
    s.type === 5
      ? `a timer task with sequence number ${s.id}`
      : s.type === 2 || s.type === 3
        ? `a sub-orchestration task with sequence ID ${s.id} and name '${s.name}' (version '')`
        : s.type === 0 || s.type === 1 || s.type === 8
          ? `an activity task with sequence ID ${s.id} and name '${s.name}' (version '')`
          : `a send event task with sequence ID ${s.id} (target '${s.name}')`;
  return (
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${what}, but the ` +
    `current replay execution hasn't (yet?) scheduled this task. ${QUESTION}`
  );
}

function different(s: Signature, a: Action): string {
  const now = label(a.actionType) ?? 'another task';
  const name = a.functionName ?? a.externalEventName ?? a.instanceId ?? '';
  return (
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${label(s.type)} with ` +
    `sequence number ${s.id} named '${s.name}', but the current orchestration replay instead scheduled ${now} named ` +
    `'${name}' with this sequence number.  ${QUESTION}`
  );
}

function changed(s: Signature, a: Action): string {
  return (
    'Non-Deterministic workflow detected: A previous execution of this orchestration waited for ' +
    `'${s.name}', but the current replay instead asks for '${a.functionName ?? a.externalEventName ?? ''}'. ${QUESTION}`
  );
}
