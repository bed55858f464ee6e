/**
 * Reads what orchestrator and entity functions return or throw. In-process the state object itself is read, so that the
 * same action object listed twice stays visible (H6). Source: contract D "Errors", E; recorded/orchestrator-failure.
 */
import type { Action } from '../core/actions';
import { sanitized } from '../core/dotnet';
import type { EntityAnswer } from '../core/entity';
import type { Answer } from '../core/episode';

const LABEL = '$OutOfProcData$:';
const NO_STATE = 'Out of proc orchestrators must return a valid JSON schema';

interface State {
  isDone?: boolean;
  actions?: Action[][];
  output?: unknown;
  error?: string;
  customStatus?: unknown;
  failureDetails?: unknown;
}

export function orchestratorAnswer(value: unknown): Answer {
  // a function that returns nothing at all completes with null, as recorded
  if (value === undefined || value === null) return { actions: [], isDone: true };
  let state: unknown = value;
  if (typeof value === 'string') {
    try {
      state = JSON.parse(value) as unknown;
    } catch {
      return brokenAnswer(NO_STATE);
    }
  }
  if (typeof state !== 'object' || state === null || !Array.isArray((state as State).actions)) {
    return brokenAnswer(NO_STATE);
  }
  return fromState(state as State);
}

export function orchestratorError(error: unknown): Answer {
  const message = sanitized(error instanceof Error ? error.message : String(error));
  const stack = error instanceof Error && error.stack !== undefined ? sanitized(error.stack) : '';
  const raw = brokenAnswer(`One or more errors occurred. (Result: Failure\nException: ${message}\nStack: ${stack})`);
  const at = message.indexOf(LABEL);
  if (at < 0) return raw;
  let state: State;
  try {
    state = JSON.parse(message.slice(at + LABEL.length)) as State;
  } catch {
    return raw;
  }
  // the host finds the failure only in a state that is not done, with an error that it reads as text
  if (typeof state.error !== 'string' || state.error === '') return { ...raw, trap: 'H13' };
  if (ISO_DATE.test(state.error)) return { ...raw, trap: 'H27' };
  return state.isDone === true ? raw : fromState(state);
}

/** Text that Newtonsoft.Json reads as a date. */
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;

const brokenAnswer = (broken: string): Answer => ({ actions: [], isDone: false, broken });

function fromState(state: State): Answer {
  const lists = state.actions ?? [];
  const answer: Answer = {
    actions: lists.length === 1 ? (lists[0] as Action[]) : lists.flat(),
    isDone: state.isDone === true,
    output: state.output,
    customStatus: state.customStatus,
  };
  if (state.error) answer.error = state.error;
  if (state.failureDetails) answer.failureDetails = state.failureDetails;
  return answer;
}

export function entityAnswer(value: unknown): EntityAnswer {
  const state = (typeof value === 'string' ? safeParse(value) : value) as EntityAnswer | null;
  if (typeof state !== 'object' || state === null || !Array.isArray(state.results)) {
    return entityError(new Error('The entity function returned no entity state.'));
  }
  return state;
}

export function entityError(error: unknown): EntityAnswer {
  const broken = error instanceof Error ? error.message : String(error);
  return { results: [], signals: [], entityExists: false, broken };
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
