/**
 * One episode of an orchestration: the payload that the orchestrator gets, and what its answer does to the record.
 * The loop owns clock, order and the invocation itself; this is a step on one record without I/O, clock or randomness.
 * Source: contract C, D, G; recorded/continue-as-new*, terminate, suspend-resume, custom-status.
 */
import * as history from './history';
import { kindOf } from './nonDeterminism';
import { NonDeterminismError, type Action, type Signature } from './actions';
import { HostFault, HostRun, type RunHost } from './hostRun';
import { reliveRun } from './rewind';
import {
  TrapError,
  childFailureWithoutDetails,
  entityErrorUnparsable,
  neverEnds,
  thrownDate,
  thrownNothing,
} from './traps';
import { EventType, type Effects, type HistoryEvent, type Instance, type RuntimeStatus, noEffects } from './types';

/** An orchestrator's answer, read from the state object it returned or threw. */
export interface Answer {
  actions: Action[];
  isDone: boolean;
  output?: unknown;
  /** message of an error thrown by user code */
  error?: string;
  customStatus?: unknown;
  failureDetails?: unknown;
  /** text of an error thrown outside user code, or of an answer that is no state */
  broken?: string;
  /** the trap that made it so */
  trap?: 'H13' | 'H27';
  /** the instance's version is not for this host, and host.json says that it fails then */
  versionMismatch?: boolean;
}

export interface EpisodeHost extends RunHost {
  /** longest custom status, in KB of UTF-16 */
  customStatusMaxKb: number;
}

export interface EpisodeInput {
  now: number;
  events: HistoryEvent[];
}

export interface EpisodeOutcome {
  effects: Effects;
  /** events added to the history */
  appended: number;
  /** set when the instance continued as new: events of the next generation, to be run at once */
  next: HistoryEvent[] | null;
}

const TAIL =
  ',"upperSchemaVersion":1,"upperSchemaVersionNew":3,"longRunningTimerIntervalDuration":"3.00:00:00",' +
  '"maximumShortTimerDuration":"6.00:00:00","defaultHttpAsyncRequestSleepTimeMillseconds":30000,"sourceInstanceId":null}';

/** The text of the orchestration trigger. `closed`: a new generation's first payload ends with OrchestratorCompleted. */
export function episodePayload(inst: Instance, input: EpisodeInput, closed: boolean): string {
  let text = inst.history;
  if (text !== '') text += ',';
  text += history.eventText(history.orchestratorStarted(input.now), false);
  for (const e of input.events) text += ',' + history.eventText(e, closed && e.type === EventType.EventRaised);
  if (closed) text += ',' + history.eventText(history.orchestratorCompleted(input.now), false);
  const parent = inst.parent === null ? 'null' : JSON.stringify(inst.parent.instanceId);
  return (
    `{"history":[${text}],"input":${inst.input ?? 'null'},"instanceId":${JSON.stringify(inst.id)},` +
    `"isReplaying":${inst.history !== ''},"parentInstanceId":${parent}${TAIL}`
  );
}

/**
 * Applies the orchestrator's answer to the record. Fills in the history, the status and what is to be sent.
 * Never throws for faults of the app: they fail the instance.
 */
export function finishEpisode(
  inst: Instance,
  input: EpisodeInput,
  answer: Answer,
  host: EpisodeHost,
  closed: boolean,
): EpisodeOutcome {
  const step = new Step(inst, input, host, closed);
  const terminated = input.events.find((e) => e.type === EventType.ExecutionTerminated);
  noteReasons(inst, input.events);
  inst.updatedAt = input.now;
  try {
    const run = (inst.run ??= newRun(inst, input.now, answer.actions, host));
    if (terminated) return step.end('Terminated', terminated.reason ?? null, null, false);
    if (answer.versionMismatch) return step.fail(null, VERSION_MISMATCH);
    const statusProblem = setCustomStatus(inst, answer, host, closed);
    if (statusProblem !== null) return step.fail(statusProblem, null);
    if (answer.broken !== undefined) return step.broken(answer);
    run.take(input.now, input.events, answer.actions);
    return decide(step, run, answer);
  } catch (error) {
    if (error instanceof NonDeterminismError) return step.nonDeterministic(error);
    if (error instanceof HostFault) return step.fail(error.message, null);
    if (error instanceof TrapError) return step.end('Failed', failureText(inst, error.message), null, true);
    throw error;
  }
}

function decide(step: Step, run: HostRun, answer: Answer): EpisodeOutcome {
  const finished = answer.isDone || answer.error !== undefined;
  if (step.host.strict && !finished && run.spent) throw neverEnds(step.inst.name);
  if (run.isSuspended || !finished || !run.idle) return step.wait();
  if (answer.error !== undefined) return step.fail(answer.error, answer.failureDetails ?? null);
  if (run.continueInput !== undefined) return step.continueAsNew(run.continueInput, run.carryOver ?? []);
  run.releaseLocks();
  const output = answer.output === undefined ? null : JSON.stringify(answer.output);
  return step.end('Completed', output ?? null, null, false);
}

/** An instance without a run, but with a history, was rewound. */
function newRun(inst: Instance, now: number, actions: Action[], host: RunHost): HostRun {
  const scope = {
    instanceId: inst.id,
    parentId: inst.parent?.instanceId ?? null,
    functionName: inst.name,
    executionId: inst.executionId,
    depth: inst.depth + 1,
    version: inst.version,
  };
  return inst.history === '' ? new HostRun(scope, host) : reliveRun(inst, now, actions, scope, host);
}

const VERSION_MISMATCH = {
  ErrorType: 'VersionMismatch',
  ErrorMessage: 'Orchestration version did not comply with Worker Versioning',
  StackTrace: null,
  IsNonRetriable: true,
};

/** While suspended the output is the reason, afterwards the reason of the resume (I 9). */
function noteReasons(inst: Instance, events: readonly HistoryEvent[]): void {
  for (const e of events) {
    if (e.type !== EventType.ExecutionSuspended && e.type !== EventType.ExecutionResumed) continue;
    inst.output = e.reason ?? null;
  }
}

/** A state without custom status clears it, except in the episode that begins a new generation (I 3). */
function setCustomStatus(inst: Instance, answer: Answer, host: EpisodeHost, closed: boolean): string | null {
  if (answer.broken !== undefined) return null;
  const value = answer.customStatus;
  if (value === undefined || value === null) {
    if (!closed) inst.customStatus = null;
    return null;
  }
  const text = JSON.stringify(value);
  const kb = Math.floor((text.length * 2) / 1024);
  if (kb > host.customStatusMaxKb) {
    return (
      `The UTF-16 size of the JSON-serialized payload must not exceed ${host.customStatusMaxKb} KB. ` +
      `The current payload size is ${kb} KB.`
    );
  }
  inst.customStatus = text;
  return null;
}

const failureText = (inst: Instance, error: string): string => `Orchestrator function '${inst.name}' failed: ${error}`;

const SHIM_STACK =
  '   at System.Threading.Tasks.Task.ThrowIfExceptional(Boolean includeTaskCanceledExceptions)\n   at ' +
  'Microsoft.Azure.WebJobs.Extensions.DurableTask.TaskOrchestrationShim.InvokeUserCodeAndHandleResults(' +
  'RegisteredFunctionInfo orchestratorInfo, OrchestrationContext innerContext)';

/** The ways in which an episode can end; each writes the history and says what is to be sent. */
class Step {
  private appended = 0;

  constructor(
    readonly inst: Instance,
    private readonly input: EpisodeInput,
    readonly host: EpisodeHost,
    private readonly closed: boolean,
  ) {}

  wait(): EpisodeOutcome {
    const run = this.inst.run as HostRun;
    this.inst.status = run.isSuspended ? 'Suspended' : 'Running';
    const { scheduled, effects } = run.drain();
    this.write(scheduled, null);
    return { effects, appended: this.appended, next: null };
  }

  fail(error: string | null, failureDetails: unknown): EpisodeOutcome {
    const details = failureDetails === null ? null : withInnerFailure(failureDetails);
    const result = error === null ? null : failureText(this.inst, error);
    const outcome = this.end('Failed', result, details, false, error ?? undefined);
    if (failureDetails !== null) this.inst.output = detailsText(failureDetails);
    return outcome;
  }

  /** The real host also writes what the code scheduled in the wrong place, which spoils the view of the history. */
  nonDeterministic(error: NonDeterminismError): EpisodeOutcome {
    const instead = this.host.strict || !error.instead ? [] : scheduledInstead(this.input.now, error.instead);
    return this.end('Failed', error.message, null, true, undefined, instead);
  }

  /** An error outside user code carries no actions: with tasks scheduled, the real host sees non-determinism. */
  broken(answer: Answer): EpisodeOutcome {
    const text = answer.broken as string;
    if (this.host.strict && answer.trap === 'H13') throw thrownNothing(this.inst.name);
    if (this.host.strict && answer.trap === 'H27') throw thrownDate(this.inst.name);
    if (this.host.strict && text.includes('could not parse its exception data')) {
      throw childFailureWithoutDetails(this.inst.name);
    }
    if (this.host.strict && this.inst.run !== null && /Unexpected token|is not valid JSON/.test(text)) {
      throw entityErrorUnparsable(this.inst.name);
    }
    (this.inst.run as HostRun).take(this.input.now, [], []);
    return this.fail(text, null);
  }

  /** `abandon`: what the run wanted in this episode is dropped. */
  end(
    status: RuntimeStatus,
    output: string | null,
    failureDetails: string | null,
    abandon: boolean,
    error?: string,
    instead: HistoryEvent[] = [],
  ): EpisodeOutcome {
    const { inst } = this;
    const { run } = inst;
    const { scheduled, effects } =
      abandon || status === 'Terminated' || !run ? { scheduled: instead, effects: noEffects() } : run.drain();
    const eventId = run?.nextEventId() ?? inst.historyCount;
    this.write(scheduled, history.executionCompleted(this.input.now, eventId, status, output, failureDetails));
    inst.status = status;
    inst.output = output;
    inst.failureDetails = failureDetails;
    inst.run = null;
    inst.inbox = [];
    if (inst.parent) effects.messages.push(this.answerParent(status, output, failureDetails, error));
    return { effects, appended: this.appended, next: null };
  }

  continueAsNew(nextInput: string | null, carryOver: HistoryEvent[]): EpisodeOutcome {
    const { inst, input } = this;
    const { scheduled, effects } = (inst.run as HostRun).drain();
    this.appended += 1 + this.input.events.length + scheduled.length + 2;
    inst.executionId = this.host.plainGuid();
    inst.input = nextInput;
    inst.createdAt = input.now;
    inst.status = 'Running';
    inst.generation = null;
    inst.history = '';
    inst.historyCount = 0;
    inst.run = null;
    const started = history.executionStarted(input.now, {
      name: inst.name,
      version: inst.version,
      input: nextInput,
      instanceId: inst.id,
      executionId: inst.executionId,
      parent: inst.parent,
      generation: null,
    });
    return { effects, appended: this.appended, next: [started, ...carryOver] };
  }

  private answerParent(
    status: RuntimeStatus,
    output: string | null,
    failureDetails: string | null,
    error: string | undefined,
  ): Effects['messages'][number] {
    const { inst, input } = this;
    const parent = inst.parent as NonNullable<Instance['parent']>;
    const event =
      status === 'Completed'
        ? history.subOrchestrationCompleted(input.now, parent.taskId, output)
        : history.subOrchestrationFailed(input.now, parent.taskId, {
            reason: output,
            details: status === 'Terminated' ? null : `Message: ${error ?? output ?? ''}, StackTrace: ${SHIM_STACK}`,
            failureDetails,
          });
    return { kind: 'event', to: parent.instanceId, executionId: parent.executionId, event };
  }

  private write(scheduled: readonly HistoryEvent[], completed: HistoryEvent | null): void {
    const { inst, input } = this;
    let text = history.eventText(history.orchestratorStarted(input.now), false);
    let count = 1 + input.events.length + scheduled.length;
    for (const e of input.events) text += ',' + history.eventText(e, history.turnsPlayed(e.type));
    if (this.closed) {
      text += ',' + history.eventText(history.orchestratorCompleted(input.now), true);
      count++;
    }
    for (const e of scheduled) text += ',' + history.eventText(e, false);
    if (completed) {
      text += ',' + history.eventText(completed, false);
      count++;
    }
    // a new generation that scheduled nothing has been closed already
    if (!this.closed || scheduled.length > 0 || completed) {
      text += ',' + history.eventText(history.orchestratorCompleted(input.now), false);
      count++;
    }
    inst.history = flattened(inst.history === '' ? text : inst.history + ',' + text);
    inst.historyCount += count;
    this.appended += count;
  }
}

/**
 * A string built by many additions is a tree of small pieces until something needs it in one piece. Histories are kept, so
 * the tree would be kept too: reading it as a number makes V8 (of Node 20, 22 and 24) lay it out flat and let the pieces
 * go. The answer is used, or an optimiser would leave out the question; a history is never a number.
 */
function flattened(text: string): string {
  return Number(text) === 0 ? '' : text;
}

const detailsText = (details: unknown): string => {
  const { ErrorType, ErrorMessage } = details as Record<string, unknown>;
  return `${String(ErrorType)}: ${String(ErrorMessage)}`;
};

function scheduledInstead(now: number, s: Signature): HistoryEvent[] {
  switch (kindOf(s.type)) {
    case 'activity':
      return [history.taskScheduled(now, s.id, s.name)];
    case 'sub-orchestration':
      return [history.subOrchestrationCreated(now, s.id, s.name, null, s.instanceId ?? '')];
    default:
      return [];
  }
}

function withInnerFailure(details: unknown): string {
  const d = details as Record<string, unknown>;
  return JSON.stringify({
    ErrorType: d.ErrorType,
    ErrorMessage: d.ErrorMessage,
    StackTrace: d.StackTrace,
    InnerFailure: d.InnerFailure ?? null,
    IsNonRetriable: d.IsNonRetriable ?? false,
    Properties: d.Properties ?? null,
  });
}
