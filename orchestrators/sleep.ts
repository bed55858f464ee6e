/**
 * Sleeping until an instant, or until somebody calls. A real host fires timers up to a second early and delays of a
 * second or less at once (contract, I.1), so a timer that came early is followed by one that cannot. One wait for the
 * wake event in each generation: waiters left over from a lost race would eat later events (contract, H7).
 */
import type { OrchestrationContext, Task } from 'durable-functions';
import { WAKE_EVENT } from './names';

/** A second timer this far ahead cannot come before the instant: at most one second is cut from it. */
const EARLY_GUARD_MS = 2_000;

export type Steps<T> = Generator<Task, T, unknown>;

/** Returns true when woken before `untilMs`. */
export function* sleepUntil(context: OrchestrationContext, untilMs: number): Steps<boolean> {
  const wake = context.df.waitForExternalEvent(WAKE_EVENT);
  const alarm = context.df.createTimer(new Date(untilMs));
  const first = yield context.df.Task.any([wake, alarm]);
  if (first === wake) {
    if (!alarm.isCompleted) alarm.cancel();
    return true;
  }
  while (nowMs(context) < untilMs)
    yield context.df.createTimer(new Date(Math.max(untilMs, nowMs(context) + EARLY_GUARD_MS)));
  return false;
}

/** Epoch ms of the orchestration's clock. */
export function nowMs(context: OrchestrationContext): number {
  return context.df.currentUtcDateTime.getTime();
}
