/**
 * The lines that the real host writes about an invocation: Executing with its reason, Executed with outcome and duration,
 * and the exception with its stack. Durations are of the machine's clock. Leaves out where lines go (logLevels, cli).
 */
import type { LogLine } from '../types';
import type { AppFunction } from './functionTable';

/** Why a function runs, as the real host puts it. Durable functions have none. */
export interface Cause {
  reason: string;
  details?: string;
}

export const HTTP_CAUSE: Cause = { reason: 'This function was programmatically called via the host APIs.' };

export function logStart(log: (line: LogLine) => void, fn: AppFunction, id: string, cause: Cause | undefined): number {
  const text = `Executing 'Functions.${fn.name}' (Reason='${cause?.reason ?? '(null)'}', Id=${id})`;
  log(line(fn, id, 'information', text));
  if (cause?.details) log(line(fn, id, 'information', `Trigger Details: ${cause.details}`));
  return performance.now();
}

export function logEnd(log: (line: LogLine) => void, fn: AppFunction, id: string, startedAt: number): void {
  log(line(fn, id, 'information', `Executed 'Functions.${fn.name}' (Succeeded, Id=${id}, ${took(startedAt)})`));
}

export function logFailure(
  log: (line: LogLine) => void,
  fn: AppFunction,
  id: string,
  startedAt: number,
  error: unknown,
): void {
  log(line(fn, id, 'error', `Executed 'Functions.${fn.name}' (Failed, Id=${id}, ${took(startedAt)})`));
  // what an orchestrator throws holds its whole state; its failure is told with its end
  if (fn.kind === 'orchestration') return;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const text =
    `Exception while executing function: Functions.${fn.name}. Result: Failure\n` +
    `Exception: ${message}\nStack: ${stack ?? ''}`;
  log(line(fn, id, 'error', text));
}

const took = (startedAt: number): string => `Duration=${Math.round(performance.now() - startedAt)}ms`;

function line(fn: AppFunction, id: string, level: LogLine['level'], message: string): LogLine {
  return { level, category: 'host', message, functionName: fn.name, invocationId: id };
}
