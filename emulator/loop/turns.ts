/**
 * One turn each of orchestrator, entity and activity: payload, invocation, commit. The steps themselves are the core's;
 * this is the I/O around them. Source: contract C-E, G.
 */
import { entityPayload, finishTurn, takeTurn, type EntityHost } from '../core/entity';
import { episodePayload, finishEpisode, type Answer, type EpisodeHost } from '../core/episode';
import { activityFailure, activityResult } from '../core/failures';
import * as history from '../core/history';
import { takeEvents } from '../core/apply';
import { type ActivityTask, type EntityRecord, type HistoryEvent, type Instance, isTerminal } from '../core/types';
import { entityAnswer, entityError, orchestratorAnswer, orchestratorError } from '../realm/answers';
import type { AppFunction, FunctionTable } from '../realm/functionTable';
import { invoke, type InvokeHost, type TypedData } from '../realm/invoke';
import { callHttp } from './callHttp';
import type { Engine } from './engine';

export class Turns {
  constructor(
    private readonly engine: Engine,
    private readonly functions: FunctionTable,
    private readonly invokeHost: InvokeHost,
    private readonly host: EpisodeHost & EntityHost,
    private readonly clientInput: () => string,
    private readonly warn: (message: string, functionName: string) => void,
  ) {}

  /** Runs the next episode of an instance, and the following generations when it continues as new. */
  async orchestration(record: Instance): Promise<void> {
    record.queued = false;
    const { engine } = this;
    if (engine.store.instance(record.id) !== record || isTerminal(record.status)) return;
    let events: HistoryEvent[] | null = takeEvents(record);
    if (events.length === 0) return;
    const fn = this.functions.find('orchestration', record.name);
    engine.stats.commits++;
    for (let closed = false; events !== null; closed = true) {
      const input = { now: engine.now(), events };
      const answer: Answer = fn
        ? await this.askOrchestrator(fn, episodePayload(record, input, closed))
        : missingOrchestrator(record.name);
      const outcome = finishEpisode(record, input, answer, this.host, closed);
      engine.stats.historyEvents += outcome.appended;
      engine.send(outcome.effects);
      events = outcome.next;
      if (events && !fn) return;
    }
    if (isTerminal(record.status)) {
      if (record.status === 'Failed') this.warn(record.output ?? 'failed', record.name);
      engine.noteEnd(record);
    }
  }

  async entity(record: EntityRecord): Promise<void> {
    record.queued = false;
    const { engine } = this;
    if (engine.store.entity(record.id) !== record || record.status === 'Terminated') return;
    const fn = this.functions.find('entity', record.name);
    if (!fn) return;
    const turn = takeTurn(record);
    if (turn.batch.length === 0 && turn.granted.length === 0) return;
    let answer = null;
    if (turn.batch.length > 0) {
      engine.stats.entityTurns++;
      engine.stats.entityOperations += turn.batch.length;
      try {
        answer = entityAnswer((await this.invokeWith(fn, { string: entityPayload(record, turn.batch) }, null)).value);
      } catch (error) {
        answer = entityError(error);
      }
    }
    engine.stats.commits++;
    engine.send(finishTurn(record, engine.now(), turn, answer, this.host));
  }

  async activity(task: ActivityTask): Promise<void> {
    const { engine } = this;
    engine.stats.activities++;
    const event = task.httpRequest ? await this.http(task, task.httpRequest) : await this.userActivity(task);
    engine.stats.commits++;
    engine.deliver({ kind: 'event', to: task.instanceId, executionId: task.executionId, event });
  }

  private async userActivity(task: ActivityTask): Promise<HistoryEvent> {
    const { engine } = this;
    const fn = this.functions.find('activity', task.name) as AppFunction;
    // the real host also repeats the input here, twice; it would be parsed and copied again each time
    const metadata: Record<string, TypedData> = { instanceId: { string: task.instanceId } };
    const data: TypedData = task.payload === null ? {} : { string: task.payload };
    try {
      const { value } = await this.invokeWith(fn, data, metadata);
      return history.taskCompleted(engine.now(), task.taskId, activityResult(value));
    } catch (error) {
      const e = error instanceof Error ? error : new Error(String(error));
      this.warn(e.message, fn.name);
      const failure = activityFailure(task.name, e.message, e.stack ?? '');
      return history.taskFailed(engine.now(), task.taskId, failure);
    }
  }

  private async http(task: ActivityTask, request: string): Promise<HistoryEvent> {
    try {
      return history.taskCompleted(this.engine.now(), task.taskId, await callHttp(request));
    } catch (error) {
      const e = error as Error;
      const failure = activityFailure(task.name, e.message, e.stack ?? '');
      return history.taskFailed(this.engine.now(), task.taskId, failure);
    }
  }

  private async askOrchestrator(fn: AppFunction, payload: string): Promise<Answer> {
    this.engine.stats.replays++;
    try {
      return orchestratorAnswer((await this.invokeWith(fn, { string: payload }, null)).value);
    } catch (error) {
      return orchestratorError(error);
    }
  }

  private invokeWith(fn: AppFunction, data: TypedData, metadata: Record<string, TypedData> | null) {
    const inputs = [{ name: fn.triggerName, data }];
    for (const name of fn.clients) inputs.push({ name, data: { string: this.clientInput() } });
    return invoke(this.invokeHost, fn, inputs, metadata);
  }
}

/** The start API takes any name; the instance then fails, as recorded for newer extensions. */
function missingOrchestrator(name: string): Answer {
  const broken =
    `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. Additional info: No ` +
    'orchestrator functions with this name are currently registered!';
  return { actions: [], isDone: false, broken };
}
