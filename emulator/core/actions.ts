/**
 * The orchestrator's action list as the host reads it, and the check that it still begins as it did before. Leaves out
 * what the host does with an action (hostRun). Source: contract C 6, D; texts as the real host words them.
 */
import { NonDeterminismError, kindOf, sideBySide, words } from './nonDeterminism';

export { NonDeterminismError } from './nonDeterminism';

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
  /** of a sub-orchestration */
  instanceId?: string;
}

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

export function signatureOf(a: Action, id: number): Signature {
  const signature: Signature = { type: a.actionType, name: signatureName(a), id };
  if (a.instanceId !== undefined && (a.actionType === 2 || a.actionType === 3)) signature.instanceId = a.instanceId;
  return signature;
}

/**
 * Throws NonDeterminismError when the list no longer starts with what was scheduled before. What leaves no trace in a
 * history (waiting for an event) the real host does not miss; `strict` does, and shows both lists side by side.
 */
export function checkPrefix(seen: readonly Signature[], flat: readonly Action[], strict: boolean): void {
  for (let i = 0; i < seen.length; i++) {
    const s = seen[i] as Signature;
    const a = flat[i];
    if (a !== undefined && a.actionType === s.type && sameName(a, s.name)) continue;
    if (kindOf(s.type) === null && (a === undefined || !strict)) continue;
    const now = a === undefined ? null : signatureOf(a, s.id);
    const table = strict
      ? sideBySide(
          seen,
          flat.slice(0, i + 2).map((x) => signatureOf(x, -1)),
          i,
        )
      : '';
    throw new NonDeterminismError(words(s, now) + table, now);
  }
}

function sameName(a: Action, name: string): boolean {
  const given = signatureName(a);
  return given === name || given.toLowerCase() === name.toLowerCase();
}
