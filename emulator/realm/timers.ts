/**
 * Timer triggers: when they fire, what they are given, and what a restart makes up for. An auto clock is not pulled
 * forward by them alone. Source: contract A "Trigger values"; timer trigger reference (useMonitor, runOnStartup).
 */
import type { Engine } from '../loop/engine';
import type { AppFunction } from './functionTable';
import { invoke, type InvokeHost } from './invoke';
import { withRetries } from './retries';
import { scheduleOf, type Schedule } from './schedules';
import type { TimerStatus, TimerStatuses } from './timerStatus';

export interface TimerHost {
  engine: Engine;
  invoke: InvokeHost;
  clientInput: () => string;
  /** IANA name */
  zone: string;
  statuses: TimerStatuses;
}

/** setTimeout's maximum: retries wait on the clock, which ends them first. */
const NEVER_MS = 2 ** 31 - 1;

interface Run {
  isPastDue: boolean;
  /** as it was before this run; null when none is kept */
  status: TimerStatus | null;
}

/** Schedules all timer functions. Throws for a schedule that cannot be read, naming the function. */
export async function startTimers(host: TimerHost, functions: readonly AppFunction[]): Promise<void> {
  for (const fn of functions) startTimer(host, fn, await schedule(fn, host));
}

function startTimer(host: TimerHost, fn: AppFunction, times: Schedule): void {
  const { engine, statuses } = host;
  const isMonitored = fn.trigger.useMonitor !== false && !times.isShort;
  const startedAt = engine.now();
  const stored = isMonitored ? statuses.of(fn.name) : undefined;
  let status: TimerStatus | null = null;
  if (isMonitored) status = stored ?? { last: null, next: times.next(startedAt) ?? startedAt, updated: null };
  const wait = (afterMs: number): void => {
    const due = times.next(afterMs);
    if (due !== null) engine.addCron(due, (at) => push(at, false));
  };
  // one run at a time: what falls due meanwhile is left out
  const push = (at: number, isPastDue: boolean): void =>
    engine.ready.pushCall({
      kind: 'call',
      async run() {
        await fire(host, fn, { isPastDue, status });
        if (status) {
          status = { last: at, next: times.next(at) ?? at, updated: engine.now() };
          statuses.put(fn.name, status);
        }
        wait(Math.max(at, engine.now()));
      },
    });
  const isPastDue = stored !== undefined && stored.next <= startedAt;
  if (isPastDue || fn.trigger.runOnStartup === true) push(startedAt, isPastDue);
  else wait(startedAt);
}

async function schedule(fn: AppFunction, host: TimerHost): Promise<Schedule> {
  const text = String(fn.trigger.schedule);
  try {
    return await scheduleOf(text, host.zone, host.engine.now());
  } catch (error) {
    throw new Error(
      `Function '${fn.name}' has the schedule '${text}', which is neither an NCRONTAB expression nor a time span: ` +
        `${(error as Error).message}.`,
      { cause: error },
    );
  }
}

/** One run with its retries; a failure is logged, the timer goes on. */
async function fire(host: TimerHost, fn: AppFunction, run: Run): Promise<void> {
  const { engine } = host;
  const sleep = (ms: number): Promise<void> =>
    engine.sleepUntil(engine.now() + ms, engine.options.clock.mode === 'real' ? ms : NEVER_MS);
  const inputs = [{ name: fn.triggerName, data: { json: JSON.stringify(timerValue(run)) } }];
  for (const name of fn.clients) inputs.push({ name, data: { string: host.clientInput() } as never });
  const cause = { reason: `Timer fired at ${new Date(engine.now()).toISOString()}` };
  await withRetries(fn, sleep, async (retryContext) => {
    await invoke(host.invoke, fn, inputs, null, retryContext ? { cause, retryContext } : { cause });
  }).catch(() => undefined); // invoke has logged it
}

function timerValue({ isPastDue, status }: Run): unknown {
  return {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: status && {
      Last: dated(status.last),
      LastUpdated: dated(status.updated),
      Next: dated(status.next),
    },
    IsPastDue: isPastDue,
  };
}

/** As .NET writes dates in UTC; its first instant stands for none. */
function dated(ms: number | null): string {
  if (ms === null) return '0001-01-01T00:00:00';
  return `${new Date(ms).toISOString().replace(/\.000Z$|Z$/, '')}+00:00`;
}
