/**
 * One turn each of orchestrator, entity and activity: payload, invocation, commit. The steps themselves are the core's;
 * this is the I/O around them. Source: contract C-E, G.
 */
import { entityPayload, finishTurn, takeTurn, type EntityHost } from '../core/entity';
import { episodePayload, finishEpisode, type Answer, type EpisodeHost } from '../core/episode';
import { activityFailure, activityResult, httpFailure } from '../core/failures';
import * as history from '../core/history';
import { takeEvents } from '../core/apply';
import type { VersionPolicy } from '../core/versions';
import { withoutDuplicates } from '../faults/duplicates';
import { type ActivityTask, type EntityRecord, type HistoryEvent, type Instance, isTerminal } from '../core/types';
import { addInput } from '../realm/activityMetadata';
import { entityAnswer, entityError, orchestratorAnswer, orchestratorError } from '../realm/answers';
import type { AppFunction, FunctionTable } from '../realm/functionTable';
import { invoke, type InvocationOptions, type InvokeHost, type TypedData } from '../realm/invoke';
import { HttpCallError, callHttp, type IdentityEndpoint } from './callHttp';
import type { Engine } from './engine';

/** What host.json says about turns. */
export interface TurnSettings {
  /** most operations of one entity batch */
  entityBatchMax?: number;
  versions?: VersionPolicy;
  /** where callHttp gets tokens of a managed identity */
  identity?: IdentityEndpoint | null;
}

export class Turns {
  constructor(
    private readonly engine: Engine,
    private readonly functions: FunctionTable,
    private readonly invokeHost: InvokeHost,
    private readonly host: EpisodeHost & EntityHost & TurnSettings,
    private readonly clientInput: () => string,
    private readonly warn: (message: string, functionName: string) => void,
  ) {}

  /** Runs the next episode of an instance, and the following generations when it continues as new. */
  async orchestration(record: Instance): Promise<void> {
    record.queued = false;
    const { engine } = this;
    if (engine.store.instance(record.id) !== record || isTerminal(record.status)) return;
    const { durability } = engine;
    const version = this.host.versions?.verdict(record.version) ?? 'run';
    // as on the real host: it waits, with what has come for it, until a host takes its version
    if (version === 'wait') return;
    let events: HistoryEvent[] | null = takeEvents(record);
    if (engine.faultPlan) events = withoutDuplicates(events, record.run);
    if (events.length === 0) return durability?.data.turned(record);
    const fn = this.functions.find('orchestration', record.name);
    engine.stats.commits++;
    for (let closed = durability?.data.beganClosed(record) ?? false; events !== null; closed = true) {
      durability?.data.taken(record, events, closed);
      const input = { now: engine.now(), events };
      const life = durability?.lives;
      const answer: Answer =
        version === 'fail'
          ? VERSION_REFUSED
          : fn
            ? await this.askOrchestrator(fn, episodePayload(record, input, closed))
            : missingOrchestrator(record.name, this.functions);
      if (life !== durability?.lives) return;
      const outcome = finishEpisode(record, input, answer, this.host, closed);
      engine.stats.historyEvents += outcome.appended;
      engine.send(outcome.effects);
      events = outcome.next;
      if (events && !fn) break;
    }
    durability?.data.turned(record);
    if (isTerminal(record.status)) {
      if (record.status === 'Failed') this.warn(record.output ?? 'failed', record.name);
      engine.noteEnd(record);
    }
    durability?.stepDone(record.id);
  }

  async entity(record: EntityRecord): Promise<void> {
    record.queued = false;
    const { engine } = this;
    if (engine.store.entity(record.id) !== record || record.status === 'Terminated') return;
    const fn = this.functions.find('entity', record.name);
    if (!fn) return;
    const { durability } = engine;
    const { inbox, lock } = record;
    const turn = takeTurn(record, this.host.entityBatchMax);
    if (turn.batch.length === 0 && turn.granted.length === 0) return durability?.data.turned(record);
    durability?.data.takenEntity(record, inbox, lock);
    const life = durability?.lives;
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
    if (life !== durability?.lives) return;
    engine.stats.commits++;
    engine.send(finishTurn(record, engine.now(), turn, answer, this.host));
    if (turn.more) engine.ready.pushEntity(record);
    durability?.data.turned(record);
    durability?.stepDone(record.id);
  }

  async activity(task: ActivityTask): Promise<void> {
    const { engine } = this;
    const { durability, faultPlan } = engine;
    const life = durability?.lives;
    const again = faultPlan?.duplicate(`${task.instanceId} ${task.name} ${task.taskId}`) ?? null;
    const event = await this.runActivity(task);
    const second = again === null ? null : again === 'run' ? await this.runActivity(task) : event;
    if (life !== durability?.lives) return;
    engine.stats.commits++;
    durability?.data.taskDone(task);
    const { instanceId: to, executionId } = task;
    engine.deliver({ kind: 'event', to, executionId, event });
    if (second) engine.deliver({ kind: 'event', to, executionId, event: second });
    durability?.stepDone(`${task.instanceId} ${task.name} ${task.taskId}`);
  }

  private runActivity(task: ActivityTask): Promise<HistoryEvent> {
    this.engine.stats.activities++;
    return task.httpRequest ? this.http(task, task.httpRequest) : this.userActivity(task);
  }

  private async userActivity(task: ActivityTask): Promise<HistoryEvent> {
    const { engine } = this;
    const fn = this.functions.find('activity', task.name);
    const metadata: Record<string, TypedData> = { instanceId: { string: task.instanceId } };
    const data: TypedData = task.payload === null ? {} : { string: task.payload };
    try {
      // scheduled by an earlier host, whose app still had it
      if (!fn) throw new Error(`The activity function '${task.name}' doesn't exist any more.`);
      const failure = engine.faultPlan?.failure(`${task.instanceId} ${task.name} ${task.taskId}`) ?? null;
      if (failure !== null) throw new Error(failure);
      const prepare = (context: object): void => addInput(context, fn.triggerName, task.payload);
      const { value } = await this.invokeWith(fn, data, metadata, { prepare });
      return history.taskCompleted(engine.now(), task.taskId, activityResult(value));
    } catch (error) {
      const e = error instanceof Error ? error : new Error(String(error));
      this.warn(e.message, fn?.name ?? task.name);
      const failure = activityFailure(task.name, e.message, e.stack ?? '');
      return history.taskFailed(engine.now(), task.taskId, failure);
    }
  }

  private async http(task: ActivityTask, request: string): Promise<HistoryEvent> {
    try {
      return history.taskCompleted(this.engine.now(), task.taskId, await callHttp(request, this.host.identity ?? null));
    } catch (error) {
      const e = error as Error;
      const failure =
        e instanceof HttpCallError
          ? httpFailure(e.code, e.message, e.address)
          : activityFailure(task.name, e.message, e.stack ?? '');
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

  private invokeWith(
    fn: AppFunction,
    data: TypedData,
    metadata: Record<string, TypedData> | null,
    options?: InvocationOptions,
  ) {
    const inputs = [{ name: fn.triggerName, data }];
    for (const name of fn.clients) inputs.push({ name, data: { string: this.clientInput() } });
    return invoke(this.invokeHost, fn, inputs, metadata, options);
  }
}

const VERSION_REFUSED: Answer = { actions: [], isDone: false, versionMismatch: true };

/** The start API takes any name; the instance then fails, as recorded for newer extensions. */
function missingOrchestrator(name: string, functions: FunctionTable): Answer {
  const known = functions.of('orchestration').map((f) => `'${f.name}'`);
  const more =
    known.length > 0
      ? `The following are the known orchestrator functions: ${known.join(', ')}.`
      : 'No orchestrator functions are currently registered!';
  const broken = `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. Additional info: ${more}`;
  return { actions: [], isDone: false, broken };
}
