/**
 * Timer triggers: the next occurrence of an NCRONTAB schedule (six fields with seconds, or five) in UTC, and the trigger's
 * value. An auto clock is not pulled forward by them alone. Leaves out past-due detection across restarts.
 * Source: contract A "Trigger values".
 */
import type { Engine } from '../loop/engine';
import type { AppFunction } from './functionTable';
import { invoke, type InvokeHost } from './invoke';

interface Schedule {
  nextRun(after: Date): Date | null;
}

/** Schedules all timer functions. Throws for a schedule that cannot be read, naming the function. */
export async function startTimers(
  engine: Engine,
  functions: readonly AppFunction[],
  host: InvokeHost,
  clientInput: () => string,
): Promise<void> {
  if (functions.length === 0) return;
  const { Cron } = await import('croner');
  const make = (text: string): Schedule => new Cron(text, { timezone: 'UTC', paused: true });
  for (const fn of functions) {
    const cron = schedule(fn, make);
    const next = (after: number): number | null => cron.nextRun(new Date(after))?.getTime() ?? null;
    let last = engine.now();
    const run = (at: number): void => {
      const due = next(at);
      engine.ready.pushCall({ kind: 'call', run: () => fire(fn, host, clientInput, last, due ?? at, at) });
      last = at;
      if (due !== null) engine.addCron(due, run);
    };
    if (fn.trigger.runOnStartup === true) run(engine.now());
    else {
      const first = next(engine.now());
      if (first !== null) engine.addCron(first, run);
    }
  }
}

function schedule(fn: AppFunction, make: (text: string) => Schedule): Schedule {
  const text = String(fn.trigger.schedule);
  try {
    return make(text);
  } catch (error) {
    throw new Error(
      `Function '${fn.name}' has the schedule '${text}', which is no NCRONTAB expression: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function fire(
  fn: AppFunction,
  host: InvokeHost,
  clientInput: () => string,
  last: number,
  next: number,
  now: number,
): Promise<void> {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const value = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: iso(last), LastUpdated: iso(now), Next: iso(next) },
    IsPastDue: false,
  };
  const inputs = [{ name: fn.triggerName, data: { json: JSON.stringify(value) } }];
  for (const name of fn.clients) inputs.push({ name, data: { string: clientInput() } as never });
  try {
    await invoke(host, fn, inputs, null);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    host.log?.({ level: 'error', category: 'host', message: text, functionName: fn.name });
  }
}
