/** Runs a function for something that came from outside: the clock stands meanwhile, and a failure is the caller's to handle. */
import type { AppFunction } from '../realm/functionTable';
import type { Cause } from '../realm/invocationLog';
import { invoke, type TypedData } from '../realm/invoke';
import type { TriggerHost } from './triggerHost';

/** Whether the function succeeded; invoke() has logged a failure. */
export async function runTriggered(
  host: TriggerHost,
  fn: AppFunction,
  value: TypedData,
  metadata: Record<string, TypedData>,
  cause: Cause,
): Promise<boolean> {
  const inputs = [{ name: fn.triggerName, data: value }];
  for (const name of fn.clients) inputs.push({ name, data: { string: host.clientInput() } });
  try {
    await invoke(host.invoke, fn, inputs, metadata, { cause });
    return true;
  } catch {
    return false;
  }
}

/** A warning or error of a trigger, with its function. */
export function tell(host: TriggerHost, fn: AppFunction, level: 'warning' | 'error', message: string): void {
  host.log({ level, category: 'host', message, functionName: fn.name });
}

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
