/**
 * The host's own run of one execution: it walks the action list that the orchestrator returned, as the extension's
 * out-of-process shim does, draws the task ids, and says what is new: events for the history, activities, messages and
 * timers. It is kept between episodes and fed only the new events; feeding it a whole history again gives the same run.
 * Leaves out what an episode decides from it (episode). Source: contract C 3-8, D "How the host consumes it", I.
 */
import * as history from './history';
import { requestMessage, lockMessage, releaseMessage } from './entityMessages';
import { checkPrefix, flatten, signatureName, type Action, type Signature } from './actions';
import { EventType, type Effects, type EntityRef, type HistoryEvent, noEffects } from './types';
import * as traps from './traps';

const DAY_MS = 86_400_000;
/** host defaults of the Azure Storage provider; the payload tells the orchestrator the same */
export const TIMER_MAX_MS = 6 * DAY_MS;
export const TIMER_SLICE_MS = 3 * DAY_MS;
const RETRY_INTERVAL_MAX_MS = 6 * DAY_MS;
const HTTP_POLL_MS = 30_000;

export interface RunScope {
  instanceId: string;
  parentId: string | null;
  functionName: string;
  executionId: string;
  depth: number;
  version: string | null;
}

export interface RunHost {
  guid(): string;
  plainGuid(): string;
  strict: boolean;
  hasActivity(name: string): boolean;
  hasOrchestrator(name: string): boolean;
  hasEntity(name: string): boolean;
  /** ms that a timer of `maxMs` from now fires early (fault) */
  timerEarlyMs(maxMs: number): number;
}

interface Node {
  kind: 'all' | 'any' | 'leaf';
  done: boolean;
  failed: boolean;
  parent: Node | null;
  left: number;
  /** a member failed, so the orchestrator has gone on although the host still waits */
  orchestratorAhead: boolean;
}

interface Leaf extends Node {
  kind: 'leaf';
  what: 'activity' | 'sub' | 'timer' | 'event' | 'entity' | 'lock' | 'http' | 'none';
  /** position in the flattened action list */
  index: number;
  action: Action;
  blocking: boolean;
  retry: { attempt: number; startedAt: number; waiting: boolean } | null;
  fireAt: number;
  longTimer: boolean;
  /** callHttp: waiting for the poll timer; the id the orchestrator has reserved for the next call */
  polling: boolean;
  reserved: number;
}

export class HostRun {
  private nextId = 0;
  private cursor = 0;
  private flatCursor = 0;
  private pending: Node | null = null;
  private readonly open = new Map<number, Leaf>();
  private readonly seen: Signature[] = [];
  // made on first use: most executions need none of them, and there may be 100,000 executions
  private calls: Map<string, Leaf> | null = null;
  private waiting: Map<string, Leaf[]> | null = null;
  private buffered: Map<string, number> | null = null;
  private sentTo: Map<string, string> | null = null;
  private blocking = 0;
  private pollers = 0;
  private lockId: string | null = null;
  private lockSet: EntityRef[] = [];
  private suspended = false;
  private held: HistoryEvent[] = [];
  private actions: Action[] = [];
  private flat: Action[] = [];
  private now = 0;

  /** JSON text of the next generation's input, once continueAsNew was reached */
  continueInput: string | null | undefined;
  /** external events that arrived after continueAsNew */
  carryOver: HistoryEvent[] = [];
  private scheduled: HistoryEvent[] = [];
  private effects: Effects = noEffects();

  constructor(
    private readonly scope: RunScope,
    private readonly host: RunHost,
  ) {}

  get isSuspended(): boolean {
    return this.suspended;
  }

  /** True when the whole action list has been walked and nothing that blocks completion is open. */
  get idle(): boolean {
    return this.pending === null && this.cursor >= this.actions.length && this.blocking === 0;
  }

  get openBlocking(): number {
    return this.blocking;
  }

  nextEventId(): number {
    return this.nextId;
  }

  /**
   * Takes in the events of one episode under the action list that the orchestrator returned for it.
   * Throws TrapError (strict) or NonDeterminismError.
   */
  take(now: number, events: readonly HistoryEvent[], actions: Action[]): void {
    this.now = now;
    this.actions = actions;
    this.flat = flatten(actions);
    checkPrefix(this.seen, this.flat);
    this.closeCanceledTimers();
    this.advance();
    for (const e of events) {
      this.apply(e);
      this.advance();
    }
  }

  /** Events and effects that came up since the last call; withheld while suspended. */
  drain(): { scheduled: HistoryEvent[]; effects: Effects } {
    if (this.suspended) return { scheduled: [], effects: noEffects() };
    const out = { scheduled: this.scheduled, effects: this.effects };
    this.scheduled = [];
    this.effects = noEffects();
    return out;
  }

  /** A normal end gives back locks that the orchestrator still holds. */
  releaseLocks(): void {
    if (this.lockId === null) return;
    for (const e of this.lockSet) {
      this.send(`@${e.name.toLowerCase()}@${e.key}`, 'release', releaseMessage(this.scope.instanceId, this.lockId), {
        type: 'release',
        id: this.lockId,
        parent: this.scope.instanceId,
      });
    }
    this.lockId = null;
  }

  private advance(): void {
    while (this.cursor < this.actions.length) {
      if (this.pending === null) this.pending = this.invoke(this.actions[this.cursor] as Action, null);
      if (!this.pending.done) return;
      this.pending = null;
      this.cursor++;
    }
  }

  private apply(e: HistoryEvent): void {
    if (e.type === EventType.ExecutionResumed) {
      this.suspended = false;
      for (const h of this.held.splice(0)) {
        this.apply(h);
        this.advance();
      }
      return;
    }
    if (e.type === EventType.ExecutionSuspended) this.suspended = true;
    else if (this.suspended && e.type !== EventType.ExecutionTerminated) this.held.push(e);
    else if (e.type === EventType.EventRaised) this.raise(e);
    else if (e.taskId !== undefined) this.settle(e.taskId, e);
  }

  private raise(e: HistoryEvent): void {
    const name = e.name as string;
    const call = this.calls?.get(name);
    if (call) {
      this.calls?.delete(name);
      const failed = e.value?.includes('"exceptionType":') ?? false;
      this.complete(call, failed);
      return;
    }
    if (this.continueInput !== undefined) {
      this.carryOver.push(e);
      return;
    }
    const key = name.toLowerCase();
    const stack = this.waiting?.get(key);
    const waiter = stack?.pop();
    if (waiter) {
      if (stack?.length === 0) this.waiting?.delete(key);
      this.complete(waiter, false);
    } else {
      this.buffered ??= new Map();
      this.buffered.set(key, (this.buffered.get(key) ?? 0) + 1);
    }
  }

  private settle(taskId: number, e: HistoryEvent): void {
    const leaf = this.open.get(taskId);
    if (!leaf) return;
    this.open.delete(taskId);
    if (leaf.blocking) this.blocking--;
    if (leaf.retry) this.settleRetry(leaf, leaf.retry, e.failed === true);
    else if (leaf.what === 'timer') this.settleTimer(leaf);
    else if (leaf.what === 'http') this.settleHttp(leaf, e);
    else this.complete(leaf, e.failed === true);
  }

  private settleRetry(leaf: Leaf, retry: NonNullable<Leaf['retry']>, failed: boolean): void {
    const options = leaf.action.retryOptions;
    const attemptsMax = options?.maxNumberOfAttempts ?? 1;
    if (retry.waiting) {
      retry.waiting = false;
      if (retry.attempt >= attemptsMax) this.complete(leaf, true);
      else {
        retry.attempt++;
        this.schedule(leaf);
      }
      return;
    }
    if (!failed) {
      this.complete(leaf, false);
      return;
    }
    const timeout = options?.retryTimeoutInMilliseconds;
    if (timeout !== undefined && this.now >= retry.startedAt + timeout) {
      if (this.host.strict) throw traps.retryTimeout(this.scope.functionName, String(leaf.action.functionName));
      this.complete(leaf, true);
      return;
    }
    const first = options?.firstRetryIntervalInMilliseconds ?? 1;
    const grown = first * Math.pow(options?.backoffCoefficient ?? 1, retry.attempt - 1);
    const delay = Math.min(grown, options?.maxRetryIntervalInMilliseconds ?? RETRY_INTERVAL_MAX_MS);
    retry.waiting = true;
    this.checkAhead(leaf);
    this.startTimer(leaf, this.now + (retry.attempt >= attemptsMax ? 0 : Math.round(delay)));
  }

  private settleTimer(leaf: Leaf): void {
    if (leaf.longTimer && this.now < leaf.fireAt) {
      this.checkAhead(leaf);
      this.startTimer(leaf, this.slice(leaf.fireAt));
    } else this.complete(leaf, false);
  }

  private settleHttp(leaf: Leaf, e: HistoryEvent): void {
    if (leaf.polling) {
      leaf.polling = false;
      if (this.nextId !== leaf.reserved && this.host.strict) throw traps.pollingPair(this.scope.functionName);
      this.pollers--;
      this.scheduleHttp(leaf, leaf.action.httpRequest);
      return;
    }
    const wait = e.failed ? null : pollAfter(leaf.action, e.value ?? null);
    if (wait === null) {
      this.complete(leaf, e.failed === true);
      return;
    }
    if (this.pollers > 0 && this.host.strict) throw traps.pollingPair(this.scope.functionName);
    leaf.polling = true;
    leaf.action = { ...leaf.action, httpRequest: wait.request };
    this.pollers++;
    this.startTimer(leaf, this.now + wait.delayMs);
    leaf.reserved = this.nextId;
  }

  private complete(node: Node, failed: boolean): void {
    if (node.done) return;
    node.done = true;
    node.failed = failed;
    const parent = node.parent;
    if (!parent || parent.done) return;
    if (parent.kind === 'any') {
      this.complete(parent, failed);
      return;
    }
    if (failed) parent.orchestratorAhead = true;
    if (--parent.left === 0) this.complete(parent, parent.orchestratorAhead);
  }

  /** H17: the orchestrator went on past a failed Task.all and has drawn ids there; the host is about to draw one here. */
  private checkAhead(leaf: Leaf): void {
    if (!this.host.strict) return;
    let node: Node | null = leaf.parent;
    while (node && !node.orchestratorAhead) node = node.parent;
    if (!node) return;
    if (this.flat.slice(this.flatCursor).some((a) => a.actionType !== 6))
      throw traps.retrySibling(this.scope.functionName);
  }

  private closeCanceledTimers(): void {
    for (const [id, leaf] of this.open) {
      if (leaf.what !== 'timer' || !this.flat[leaf.index]?.isCanceled) continue;
      this.open.delete(id);
      this.blocking--;
      this.complete(leaf, false);
    }
  }

  private invoke(action: Action, parent: Node | null): Node {
    const kind = action.actionType;
    if (kind === 11 || kind === 12) return this.invokeCompound(action, parent);
    const leaf: Leaf = {
      kind: 'leaf',
      what: 'none',
      done: false,
      failed: false,
      parent,
      left: 0,
      orchestratorAhead: false,
      index: this.flatCursor++,
      action,
      blocking: false,
      retry: null,
      fireAt: 0,
      longTimer: false,
      polling: false,
      reserved: -1,
    };
    this.seen.push({ type: kind, name: signatureName(action), id: this.nextId });
    switch (kind) {
      case 0:
      case 2:
        this.schedule(leaf);
        break;
      case 1:
      case 3:
        leaf.retry = { attempt: 1, startedAt: this.now, waiting: false };
        this.schedule(leaf);
        break;
      case 4:
        this.continueInput = action.input === undefined ? null : JSON.stringify(action.input);
        leaf.done = true;
        break;
      case 5:
        this.createTimer(leaf);
        break;
      case 6:
        this.waitForEvent(leaf);
        break;
      case 7:
      case 9:
      case 10:
        this.callEntity(leaf);
        break;
      case 8:
        this.scheduleHttp(leaf, action.httpRequest);
        break;
      case 13:
        this.lockEntities(leaf);
        break;
      case 14:
        this.releaseLocks();
        leaf.done = true;
        break;
      default:
        throw new Error(
          `Orchestrator '${this.scope.functionName}' returned an action of unknown type ${String(kind)}.`,
        );
    }
    return leaf;
  }

  private invokeCompound(action: Action, parent: Node | null): Node {
    const members = action.compoundActions ?? [];
    if (this.host.strict && this.flatCursor > 0) this.checkReuse(action);
    const node: Node = {
      kind: action.actionType === 12 ? 'all' : 'any',
      done: false,
      failed: false,
      parent,
      left: members.length,
      orchestratorAhead: false,
    };
    for (const m of members) {
      const child = this.invoke(m, node);
      // members that are done at once (an event that was waiting) have not told their parent yet
      if (child.done && child.kind === 'leaf') {
        child.done = false;
        this.complete(child, child.failed);
      }
    }
    return node;
  }

  /** H6: the same action object listed twice. Events are excepted: they draw no ids (H7). */
  private checkReuse(action: Action): void {
    const earlier = new Set(this.flat.slice(0, this.flatCursor));
    for (const m of flatten([action])) {
      if (m.actionType !== 6 && earlier.has(m)) throw traps.reusedTask(this.scope.functionName, signatureName(m));
    }
  }

  /** Schedules the activity or sub-orchestration of a leaf, for the first time or again. */
  private schedule(leaf: Leaf): void {
    if (leaf.retry && leaf.retry.attempt > 1) this.checkAhead(leaf);
    if (leaf.action.actionType === 0 || leaf.action.actionType === 1) this.scheduleActivity(leaf);
    else this.scheduleSub(leaf);
  }

  private scheduleActivity(leaf: Leaf): void {
    const name = String(leaf.action.functionName);
    if (!this.host.hasActivity(name)) {
      if (this.host.strict) throw traps.unregistered(this.scope.functionName, 'activity', name);
      return;
    }
    const id = this.openLeaf(leaf, 'activity');
    this.scheduled.push(history.taskScheduled(this.now, id, name));
    this.effects.activities.push({
      kind: 'activity',
      instanceId: this.scope.instanceId,
      executionId: this.scope.executionId,
      taskId: id,
      name,
      payload: activityPayload(leaf.action.input),
    });
  }

  private scheduleSub(leaf: Leaf): void {
    const name = String(leaf.action.functionName);
    const explicit = leaf.action.instanceId;
    if (!this.host.hasOrchestrator(name)) {
      if (this.host.strict) throw traps.unregistered(this.scope.functionName, 'sub-orchestrator', name);
      return;
    }
    if (explicit) {
      const why = childIdProblem(explicit, this.scope);
      if (why !== null) {
        if (this.host.strict) throw traps.badChildId(this.scope.functionName, explicit, why);
        return;
      }
    }
    const id = this.openLeaf(leaf, 'sub');
    const childId = explicit ? explicit : `${this.scope.executionId}:${id}`;
    const version = leaf.action.version ?? null;
    this.scheduled.push(history.subOrchestrationCreated(this.now, id, name, version, childId));
    const input = leaf.action.input;
    this.effects.messages.push({
      kind: 'start',
      to: childId,
      name,
      input: input === undefined ? null : JSON.stringify(input),
      version,
      executionId: this.host.plainGuid(),
      parent: {
        name: this.scope.functionName,
        instanceId: this.scope.instanceId,
        executionId: this.scope.executionId,
        taskId: id,
        depth: this.scope.depth,
      },
    });
  }

  private scheduleHttp(leaf: Leaf, request: unknown): void {
    const id = this.openLeaf(leaf, 'http');
    this.scheduled.push(history.taskScheduled(this.now, id, 'BuiltIn::HttpActivity'));
    this.effects.activities.push({
      kind: 'activity',
      instanceId: this.scope.instanceId,
      executionId: this.scope.executionId,
      taskId: id,
      name: 'BuiltIn::HttpActivity',
      payload: null,
      httpRequest: JSON.stringify(request),
    });
  }

  private createTimer(leaf: Leaf): void {
    leaf.fireAt = new Date(leaf.action.fireAt as string).getTime();
    leaf.longTimer = leaf.fireAt - this.now > TIMER_MAX_MS;
    leaf.what = 'timer';
    if (leaf.action.isCanceled) {
      this.scheduled.push(history.timerCreated(this.now, this.nextId++, leaf.fireAt));
      leaf.done = true;
      return;
    }
    this.startTimer(leaf, leaf.longTimer ? this.slice(leaf.fireAt) : leaf.fireAt);
  }

  private slice(fireAt: number): number {
    return fireAt - this.now > TIMER_MAX_MS ? this.now + TIMER_SLICE_MS : fireAt;
  }

  private startTimer(leaf: Leaf, fireAt: number): void {
    const id = this.nextId++;
    this.open.set(id, leaf);
    leaf.blocking = true;
    this.blocking++;
    this.scheduled.push(history.timerCreated(this.now, id, fireAt));
    this.effects.timed.push({
      at: fireAt - this.host.timerEarlyMs(Math.max(0, fireAt - this.now)),
      message: {
        kind: 'event',
        to: this.scope.instanceId,
        executionId: this.scope.executionId,
        event: history.timerFired(this.now, id, fireAt),
      },
    });
  }

  private waitForEvent(leaf: Leaf): void {
    const name = String(leaf.action.externalEventName);
    if (this.host.strict && /^\d+$/.test(name)) throw traps.numericEventName(this.scope.functionName, name);
    const key = name.toLowerCase();
    leaf.what = 'event';
    const early = this.buffered?.get(key) ?? 0;
    if (early > 0) {
      this.buffered?.set(key, early - 1);
      leaf.done = true;
      return;
    }
    this.waiting ??= new Map();
    const stack = this.waiting.get(key);
    if (stack) stack.push(leaf);
    else this.waiting.set(key, [leaf]);
  }

  private callEntity(leaf: Leaf): void {
    const action = leaf.action;
    const target = String(action.instanceId);
    const name = target.slice(1, target.indexOf('@', 1));
    if (!this.host.hasEntity(name)) {
      if (this.host.strict) throw traps.unregistered(this.scope.functionName, 'entity', name);
    }
    const signal = action.actionType !== 7;
    const id = this.host.guid();
    const operation = String(action.operation);
    const input = action.input === undefined ? null : JSON.stringify(action.input);
    const text = requestMessage({
      operation,
      signal,
      input,
      id,
      parent: this.scope.instanceId,
      parentExecution: this.scope.executionId,
      at: this.now,
      ...this.stamp(target),
    });
    const dueAt = action.actionType === 10 ? new Date(String(action.fireAt)).getTime() : null;
    this.send(
      target,
      'op',
      text,
      {
        type: 'op',
        name: operation,
        input,
        id,
        signal,
        parent: this.scope.instanceId,
        parentExecution: this.scope.executionId,
      },
      dueAt,
    );
    if (signal) leaf.done = true;
    else {
      leaf.what = 'entity';
      (this.calls ??= new Map()).set(id, leaf);
    }
  }

  private lockEntities(leaf: Leaf): void {
    const asked = leaf.action.lockSet ?? [];
    const lockset = asked
      .map((e) => ({ name: e.name.toLowerCase(), key: e.key }))
      .sort((a, b) => compare(`@${a.name}@${a.key}`, `@${b.name}@${b.key}`));
    const first = lockset[0];
    if (!first) throw new Error(`Orchestrator '${this.scope.functionName}' returned a lock over no entities.`);
    const missing = lockset.find((e) => !this.host.hasEntity(e.name));
    if (missing && this.host.strict) throw traps.unregistered(this.scope.functionName, 'entity', missing.name);
    const id = this.host.guid();
    const target = `@${first.name}@${first.key}`;
    const text = lockMessage(id, this.scope.instanceId, this.scope.executionId, this.stamp(target), lockset);
    this.send(target, 'op', text, {
      type: 'lock',
      id,
      parent: this.scope.instanceId,
      parentExecution: this.scope.executionId,
      lockset,
      position: 0,
    });
    leaf.what = 'lock';
    this.lockId = id;
    this.lockSet = asked;
    (this.calls ??= new Map()).set(id, leaf);
  }

  private send(
    to: string,
    name: string,
    text: string,
    message: Parameters<typeof pushEntity>[2],
    dueAt: number | null = null,
  ): void {
    this.scheduled.push(history.eventSent(this.now, this.nextId++, to, name, text));
    pushEntity(this.effects, to, message, dueAt !== null && dueAt > this.now ? dueAt : null);
  }

  /** Sorting stamps of the wire format: unique per destination, each naming its predecessor. */
  private stamp(target: string): { timestamp: string; predecessor: string } {
    this.sentTo ??= new Map();
    const previous = this.sentTo.get(target);
    let timestamp = history.iso(this.now);
    if (previous !== undefined && previous.slice(0, 23) === timestamp.slice(0, 23)) {
      const ticks = previous.length > 24 ? Number(previous.slice(23, 27)) : 0;
      timestamp = timestamp.slice(0, 23) + String(ticks + 1).padStart(4, '0');
    }
    this.sentTo.set(target, timestamp);
    return { timestamp, predecessor: previous ?? '0001-01-01T00:00:00' };
  }

  private openLeaf(leaf: Leaf, what: Leaf['what']): number {
    const id = this.nextId++;
    leaf.what = what;
    leaf.blocking = true;
    this.blocking++;
    this.open.set(id, leaf);
    return id;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function pushEntity(
  effects: Effects,
  to: string,
  message: import('./types').EntityMessage,
  dueAt: number | null,
): void {
  if (dueAt === null) effects.messages.push({ kind: 'entity', to, message });
  else effects.timed.push({ at: dueAt, message: { kind: 'entity', to, message } });
}

function childIdProblem(id: string, scope: RunScope): string | null {
  if (id === scope.instanceId) return 'which is its own';
  if (id === scope.parentId) return "which is its parent's";
  if (id.startsWith('@')) return 'which looks like an entity';
  return null;
}

/** Strings arrive already encoded once; booleans become .NET text; no input gives no payload (contract G, recorded). */
function activityPayload(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  if (typeof input === 'boolean') return input ? 'True' : 'False';
  if (typeof input === 'string') return input;
  const text: unknown = JSON.stringify(input);
  if (typeof text !== 'string') return null;
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

function pollAfter(action: Action, result: string | null): { delayMs: number; request: unknown } | null {
  const request = action.httpRequest as { asynchronousPatternEnabled?: boolean; headers?: Record<string, string> };
  if (!request?.asynchronousPatternEnabled || result === null) return null;
  const answer = JSON.parse(result) as { statusCode: number; headers?: Record<string, string> };
  if (answer.statusCode !== 202) return null;
  const header = (name: string): string | undefined =>
    Object.entries(answer.headers ?? {}).find(([k]) => k.toLowerCase() === name)?.[1];
  const location = header('location');
  if (!location) return null;
  const retryAfter = Number(header('retry-after'));
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).filter(([k]) => k.toLowerCase() !== 'x-functions-key'),
  );
  return {
    delayMs: Number.isFinite(retryAfter) && header('retry-after') !== undefined ? retryAfter * 1000 : HTTP_POLL_MS,
    request: { ...request, method: 'GET', uri: location, content: null, headers },
  };
}
