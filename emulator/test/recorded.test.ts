/**
 * The host's own run against recordings of a real host: fed the recorded events and answers, it must schedule the same
 * tasks under the same ids, with the same names and instants, episode by episode.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { HostRun } from '../core/hostRun';
import { NonDeterminismError } from '../core/actions';
import { orchestratorAnswer, orchestratorError } from '../realm/answers';
import type { HistoryEvent } from '../core/types';

interface RecordedEvent {
  EventType: number;
  EventId: number;
  Timestamp: string;
  Name?: string;
  FireAt?: string;
  InstanceId?: string;
  Input?: string | null;
  TaskScheduledId?: number;
  TimerId?: number;
  Result?: string | null;
}

interface RecordedRun {
  scenario: string;
  function: string;
  instanceId: string;
  parentInstanceId: string | null;
  executionId: string;
  turns: { events: RecordedEvent[]; answer: { json?: string; thrown?: string; none?: boolean } }[];
}

const runs = readFileSync(path.join(__dirname, 'samples', 'recordedRuns.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedRun);

/** Executions whose recorded histories the host run alone cannot follow, with the reason. */
const SKIPPED: Record<string, string> = {
  'library-pitfalls': 'the library itself misnumbers there (H6, H17)',
  rewind: 'rewinding rewrites histories',
};

const SCHEDULED = [4, 7, 10, 14];

describe.each([...new Set(runs.map((r) => r.scenario))].filter((s) => !(s in SKIPPED)))(
  'recorded scenario %s',
  (scenario) => {
    test.each(runs.filter((r) => r.scenario === scenario).map((r) => [`${r.function} ${r.instanceId}`, r] as const))(
      'schedules what the real host scheduled: %s',
      (_, recorded) => {
        const compared = follow(recorded);
        expect(compared.ours).toEqual(compared.theirs);
      },
    );
  },
);

test('enough of the recordings take part', () => {
  const episodes = runs.filter((r) => !(r.scenario in SKIPPED)).reduce((n, r) => n + r.turns.length, 0);
  expect(episodes).toBeGreaterThan(250);
});

/** Runs an execution; returns what we scheduled and what the real host did, in one form. */
function follow(recorded: RecordedRun): { ours: string[]; theirs: string[] } {
  let guids: string[] = [];
  const run = new HostRun(
    {
      instanceId: recorded.instanceId,
      parentId: recorded.parentInstanceId,
      functionName: recorded.function,
      executionId: recorded.executionId,
      depth: 0,
    },
    {
      guid: () => guids.shift() ?? 'none',
      plainGuid: () => 'x',
      strict: false,
      hasActivity: (name) => name !== 'doesNotExist',
      hasOrchestrator: (name) => !/doesNotExist|noSuch|unreg/i.test(name),
      hasEntity: () => true,
      timerEarlyMs: () => 0,
    },
  );
  const ours: string[] = [];
  const theirs: string[] = [];
  recorded.turns.forEach((turn, i) => {
    const startedAt = lastStarted(turn.events);
    const next = recorded.turns[i + 1]?.events ?? [];
    guids = next
      .filter((e) => e.EventType === 14 && e.Name === 'op')
      .map((e) => (JSON.parse(e.Input as string) as { id: string }).id);
    const answer =
      turn.answer.thrown !== undefined
        ? orchestratorError(new Error(turn.answer.thrown))
        : orchestratorAnswer(turn.answer.json ?? null);
    let failed = false;
    try {
      run.take(startedAt, delivered(turn.events), answer.actions);
    } catch (error) {
      if (!(error instanceof NonDeterminismError)) throw error;
      failed = true;
    }
    const scheduled = failed ? [] : run.drain().scheduled;
    // the last recorded episode shows no history after it
    if (i + 1 < recorded.turns.length) {
      const mine = scheduled.map((e) => shape(JSON.parse(`{${e.body}"EventId":${e.eventId}}`) as RecordedEvent));
      ours.push(`episode ${i}`, ...mine);
      theirs.push(`episode ${i}`, ...next.filter((e) => SCHEDULED.includes(e.EventType)).map(shape));
    }
  });
  return { ours, theirs };
}

const lastStarted = (events: RecordedEvent[]): number =>
  Math.max(...events.filter((e) => e.EventType === 12).map((e) => Date.parse(e.Timestamp)));

/** Events after the last OrchestratorStarted: what this episode was woken by. */
function delivered(events: RecordedEvent[]): HistoryEvent[] {
  const start = events.map((e) => e.EventType).lastIndexOf(12);
  return events.slice(start + 1).flatMap((e) => {
    const base = { type: e.EventType, eventId: e.EventId, at: 0, body: '' };
    if (e.EventType === 15) return [{ ...base, name: e.Name as string, value: e.Input ?? null }];
    if (e.EventType === 11) return [{ ...base, taskId: e.TimerId as number, failed: false }];
    if ([5, 6, 8, 9].includes(e.EventType)) {
      const failed = e.EventType === 6 || e.EventType === 9;
      return [{ ...base, taskId: e.TaskScheduledId as number, failed, value: e.Result ?? null }];
    }
    return [0, 3, 19, 20].includes(e.EventType) ? [base] : [];
  });
}

/** Type, id, name and instant (to the second) of a scheduled event. */
function shape(e: RecordedEvent): string {
  const at = e.FireAt === undefined ? '' : new Date(e.FireAt).toISOString().slice(0, 21);
  const op = e.EventType === 14 ? String(/"op":(?:"(\w*)"|null)/.exec(e.Input ?? '')?.[1] ?? '') : '';
  return [e.EventType, e.EventId, e.Name ?? '', e.InstanceId ?? '', op, at].join(' ').trim();
}
