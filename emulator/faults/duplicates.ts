/**
 * Drops completions that came twice, as the real host does: an activity or a sub-orchestration that has been answered is
 * not answered again. Timers and events are left alone, they are never doubled.
 */
import type { HostRun } from '../core/hostRun';
import { EventType, type HistoryEvent } from '../core/types';

const COMPLETIONS = new Set<number>([
  EventType.TaskCompleted,
  EventType.TaskFailed,
  EventType.SubOrchestrationCompleted,
  EventType.SubOrchestrationFailed,
]);

/** The events of an episode without those that answer a task for the second time. `run`: null before the first one. */
export function withoutDuplicates(events: readonly HistoryEvent[], run: HostRun | null): HistoryEvent[] {
  const seen = new Set<number>();
  return events.filter((e) => {
    if (!COMPLETIONS.has(e.type) || e.taskId === undefined) return true;
    if (seen.has(e.taskId) || (run !== null && !run.awaits(e.taskId))) return false;
    seen.add(e.taskId);
    return true;
  });
}
