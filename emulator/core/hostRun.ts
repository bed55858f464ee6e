/**
 * The host's own run of one execution: it walks the action list that the orchestrator returned, as the extension's
 * out-of-process shim does, and schedules what is new under the ids that the orchestrator drew too. It is kept between
 * episodes and fed only the new events; feeding it a whole history again gives the same run.
 * Leaves out what an episode decides from it (episode). Source: contract C 3-8, D "How the host consumes it", I.
 */
import { checkPrefix, flatten, signatureName, signatureOf, type Action, type Signature } from './actions';
import { Outbox, activityPayload, type RunHost, type RunScope } from './outbox';
import { complete, isBehind, newGroup, newLeaf, type Leaf, type Node } from './runTree';
import * as traps from './traps';
import { EventType, type Effects, type EntityRef, type HistoryEvent, noEffects } from './types';
import { TIMER_MAX_MS, attemptsMax, pollAfter, retryDelayMs, retryExpired, sliceEnd } from './waits';

export type { RunHost, RunScope } from './outbox';

/** What the real host's own code throws while it walks the action list: it fails the instance. */
export class HostFault extends Error {}

const ignoringCase = (a: string, b: string): number => (a.toLowerCase() < b.toLowerCase() ? -1 : 1);

/** Also the answer to a signal of a client to an entity that is not registered. */
export function unknownEntityText(name: string, known: readonly string[]): string {
  const more =
    known.length > 0
      ? `The following are the known entity functions: ${[...known]
          .sort(ignoringCase)
          .map((n) => `'${n}'`)
          .join(', ')}.`
      : 'No entity functions are currently registered!';
  return `The function '${name}' doesn't exist, is disabled, or is not an entity function. Additional info: ${more}`;
}

const HTTP_ACTIVITY = 'BuiltIn::HttpActivity';
const NONE: Action[] = [];

export class HostRun {
  private readonly outbox: Outbox;
  // the list of the current episode; not kept between episodes, it holds every input
  private actions: Action[] = NONE;
  private flat: Action[] = NONE;
  private actionCount = 0;
  private cursor = 0;
  private flatCursor = 0;
  private pending: Node | null = null;
  private readonly seen: Signature[] = [];
  private readonly open = new Map<number, Leaf>();
  // made on first use: most executions need none of them, and there may be 100,000 executions
  private calls: Map<string, Leaf> | null = null;
  private waiting: Map<string, Leaf[]> | null = null;
  private buffered: Map<string, number> | null = null;
  private blocking = 0;
  private pollers = 0;
  private lockId: string | null = null;
  private lockSet: EntityRef[] | null = null;
  private suspended = false;
  /** an event came in another letter case: the host takes it, the orchestrator does not */
  private otherCase = false;
  private held: HistoryEvent[] | null = null;

  /** JSON text of the next generation's input, once continueAsNew was reached */
  continueInput: string | null | undefined;
  /** external events that arrived after continueAsNew */
  carryOver: HistoryEvent[] | null = null;

  constructor(
    private readonly scope: RunScope,
    private readonly host: RunHost,
  ) {
    this.outbox = new Outbox(scope, host);
  }

  get isSuspended(): boolean {
    return this.suspended;
  }

  /** True when the whole action list has been walked and nothing that blocks completion is open. */
  get idle(): boolean {
    return this.pending === null && this.cursor >= this.actionCount && this.blocking === 0;
  }

  /** True while the task, timer or sub-orchestration of this id has not been answered. */
  awaits(taskId: number): boolean {
    return this.open.has(taskId) && !this.held?.some((e) => e.taskId === taskId);
  }

  /** True when nothing that the orchestrator has asked for can come any more. */
  get spent(): boolean {
    const waits = (this.waiting?.size ?? 0) > 0 || (this.calls?.size ?? 0) > 0;
    return this.idle && !waits && !this.suspended && !this.otherCase;
  }

  nextEventId(): number {
    return this.outbox.nextId;
  }

  /**
   * Feeds a new run what its execution has been through, under the action list of the episode that is about to begin
   * (after a rewind). Returns what it drew on the way.
   */
  relive(past: readonly { now: number; events: HistoryEvent[] }[], actions: Action[]): ReturnType<Outbox['drain']> {
    this.begin(past[0]?.now ?? 0, actions);
    this.advance();
    for (const episode of past) {
      this.outbox.now = episode.now;
      for (const e of episode.events) {
        this.apply(e);
        this.advance();
      }
    }
    return this.outbox.drain();
  }

  /** After relive(): what of it must be scheduled again, now. */
  goOn(now: number, drawn: ReturnType<Outbox['drain']>): void {
    this.outbox.putBack(now, drawn);
  }

  /**
   * Takes in the events of one episode under the action list that the orchestrator returned for it.
   * Throws TrapError (strict) or NonDeterminismError.
   */
  take(now: number, events: readonly HistoryEvent[], actions: Action[]): void {
    this.begin(now, actions);
    checkPrefix(this.seen, this.flat, this.host.strict);
    this.closeCanceledTimers();
    this.advance();
    for (const e of events) {
      this.apply(e);
      this.advance();
    }
    this.actions = NONE;
    this.flat = NONE;
  }

  private begin(now: number, actions: Action[]): void {
    this.outbox.now = now;
    this.actions = actions;
    this.actionCount = actions.length;
    this.flat = flatten(actions);
  }

  /** Events and effects that came up since the last call; withheld while suspended. */
  drain(): { scheduled: HistoryEvent[]; effects: Effects } {
    return this.suspended ? { scheduled: [], effects: noEffects() } : this.outbox.drain();
  }

  /** A normal end gives back locks that the orchestrator still holds, in the order in which it asked for them. */
  releaseLocks(): void {
    if (this.lockId === null) return;
    for (const entity of this.lockSet ?? []) this.outbox.release(this.lockId, entity);
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
      const held = this.held ?? [];
      this.held = null;
      for (const h of held) {
        this.apply(h);
        this.advance();
      }
    } else if (e.type === EventType.ExecutionSuspended) this.suspended = true;
    else if (this.suspended) (this.held ??= []).push(e);
    else if (e.type === EventType.EventRaised) this.raise(e);
    else if (e.taskId !== undefined) this.settle(e.taskId, e);
  }

  private raise(e: HistoryEvent): void {
    const name = e.name as string;
    const call = this.calls?.get(name);
    if (call) {
      this.calls?.delete(name);
      complete(call, e.value?.includes('"exceptionType":') ?? false);
      return;
    }
    if (this.continueInput !== undefined) {
      (this.carryOver ??= []).push(e);
      return;
    }
    const key = name.toLowerCase();
    const stack = this.waiting?.get(key);
    const waiter = stack?.pop();
    if (waiter) {
      if (stack?.length === 0) this.waiting?.delete(key);
      if (waiter.action.externalEventName !== name) this.otherCase = true;
      complete(waiter, false);
    } else {
      this.buffered ??= new Map();
      this.buffered.set(key, (this.buffered.get(key) ?? 0) + 1);
    }
  }

  private settle(taskId: number, e: HistoryEvent): void {
    const leaf = this.open.get(taskId);
    if (!leaf) return;
    this.open.delete(taskId);
    this.blocking--;
    if (leaf.retry) this.settleRetry(leaf, leaf.retry, e.failed === true);
    else if (leaf.what === 'timer') this.settleTimer(leaf);
    else if (leaf.what === 'http') this.settleHttp(leaf, e);
    else complete(leaf, e.failed === true);
  }

  private settleRetry(leaf: Leaf, retry: NonNullable<Leaf['retry']>, failed: boolean): void {
    if (retry.waiting) {
      retry.waiting = false;
      if (retry.attempt >= attemptsMax(leaf.action)) complete(leaf, true);
      else {
        retry.attempt++;
        this.checkAhead(leaf);
        this.schedule(leaf);
      }
    } else if (!failed) complete(leaf, false);
    else if (retryExpired(leaf.action, retry.startedAt, this.outbox.now)) {
      if (this.host.strict) throw traps.retryTimeout(this.scope.functionName, String(leaf.action.functionName));
      complete(leaf, true);
    } else {
      retry.waiting = true;
      this.checkAhead(leaf);
      this.startTimer(leaf, this.outbox.now + retryDelayMs(leaf.action, retry.attempt));
    }
  }

  private settleTimer(leaf: Leaf): void {
    if (leaf.longTimer && this.outbox.now < leaf.fireAt) {
      this.checkAhead(leaf);
      this.startTimer(leaf, sliceEnd(this.outbox.now, leaf.fireAt));
    } else complete(leaf, false);
  }

  private settleHttp(leaf: Leaf, e: HistoryEvent): void {
    if (leaf.polling) {
      leaf.polling = false;
      this.pollers--;
      if (this.outbox.nextId !== leaf.reserved && this.host.strict) throw traps.pollingPair(this.scope.functionName);
      this.scheduleHttp(leaf);
      return;
    }
    const wait = e.failed ? null : pollAfter(leaf.action, e.value ?? null);
    if (wait === null) {
      complete(leaf, e.failed === true);
      return;
    }
    if (this.pollers > 0 && this.host.strict) throw traps.pollingPair(this.scope.functionName);
    leaf.polling = true;
    leaf.action = { ...leaf.action, httpRequest: wait.request };
    this.pollers++;
    this.startTimer(leaf, this.outbox.now + wait.delayMs);
    leaf.reserved = this.outbox.nextId;
  }

  /** H17: the orchestrator went on past a failed Task.all and has drawn ids there; the host is about to draw one here. */
  private checkAhead(leaf: Leaf): void {
    if (!this.host.strict || !isBehind(leaf)) return;
    const drawn = this.flat.slice(this.flatCursor).some((a) => a.actionType !== 6);
    if (drawn) throw traps.retrySibling(this.scope.functionName);
  }

  private closeCanceledTimers(): void {
    for (const [id, leaf] of this.open) {
      if (leaf.what !== 'timer' || !this.flat[leaf.index]?.isCanceled) continue;
      this.open.delete(id);
      this.blocking--;
      complete(leaf, false);
    }
  }

  private invoke(action: Action, parent: Node | null): Node {
    const kind = action.actionType;
    if (kind === 11 || kind === 12) return this.invokeGroup(action, parent);
    const leaf = newLeaf(action, this.flatCursor++, parent);
    this.seen.push(this.signature(action));
    switch (kind) {
      case 0:
      case 2:
        this.schedule(leaf);
        break;
      case 1:
      case 3:
        leaf.retry = { attempt: 1, startedAt: this.outbox.now, waiting: false };
        this.schedule(leaf);
        break;
      case 4:
        this.continueInput = action.input === undefined || action.input === null ? null : JSON.stringify(action.input);
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
        this.scheduleHttp(leaf);
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

  private signature(action: Action): Signature {
    const signature = signatureOf(action, this.outbox.nextId);
    if (action.actionType === 2 || action.actionType === 3)
      signature.instanceId ??= `${this.scope.executionId}:${signature.id}`;
    return signature;
  }

  private invokeGroup(action: Action, parent: Node | null): Node {
    const members = action.compoundActions ?? [];
    if (this.host.strict && this.flatCursor > 0) this.checkReuse(action);
    const group = newGroup(action.actionType === 12 ? 'all' : 'any', members.length, parent);
    for (const m of members) {
      const child = this.invoke(m, group);
      // a leaf that is done at once (an event that was waiting) has not told the group yet
      if (child.kind === 'leaf' && child.done) {
        child.done = false;
        complete(child, child.failed);
      }
    }
    return group;
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
    const { action } = leaf;
    const name = String(action.functionName);
    if (action.actionType === 0 || action.actionType === 1) {
      if (this.host.hasActivity(name))
        this.opened(leaf, 'activity', this.outbox.activity(name, activityPayload(action.input)));
      else this.refused(leaf, () => traps.unregistered(this.scope.functionName, 'activity', name));
      return;
    }
    if (!this.host.hasOrchestrator(name)) {
      this.refused(leaf, () => traps.unregistered(this.scope.functionName, 'sub-orchestrator', name));
      return;
    }
    if (this.host.strict && this.host.versions)
      this.checkVersion(name, action.version ?? this.host.defaultVersion ?? null);
    const why = action.instanceId ? childIdProblem(action.instanceId, this.scope) : null;
    if (why === null) this.opened(leaf, 'sub', this.outbox.subOrchestration(action, name));
    else this.refused(leaf, () => traps.badChildId(this.scope.functionName, String(action.instanceId), why));
  }

  private checkVersion(name: string, version: string | null): void {
    if (this.host.versions?.verdict(version) === 'wait') throw traps.newerChild(this.scope.functionName, name, version);
  }

  /** The real host swallows the fault and takes the task for done, while the orchestrator waits for it (H14). */
  private refused(leaf: Leaf, trap: () => traps.TrapError): void {
    if (this.host.strict) throw trap();
    leaf.done = true;
    leaf.failed = true;
  }

  private scheduleHttp(leaf: Leaf): void {
    this.opened(leaf, 'http', this.outbox.activity(HTTP_ACTIVITY, null, JSON.stringify(leaf.action.httpRequest)));
  }

  private createTimer(leaf: Leaf): void {
    leaf.fireAt = new Date(leaf.action.fireAt as string).getTime();
    leaf.what = 'timer';
    if (leaf.action.isCanceled) {
      this.outbox.timerCreated(leaf.fireAt);
      leaf.done = true;
      return;
    }
    leaf.longTimer = leaf.fireAt - this.outbox.now > TIMER_MAX_MS;
    this.startTimer(leaf, sliceEnd(this.outbox.now, leaf.fireAt));
  }

  /** Opens a timer for a leaf: its own, the wait before a retry, a slice, or the wait before a poll. */
  private startTimer(leaf: Leaf, fireAt: number): void {
    this.opened(leaf, leaf.what, this.outbox.timer(fireAt));
  }

  private opened(leaf: Leaf, what: Leaf['what'], id: number): void {
    leaf.what = what;
    this.blocking++;
    this.open.set(id, leaf);
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
    const target = String(leaf.action.instanceId);
    if (!this.entityFound(leaf, target.slice(1, target.indexOf('@', 1)))) return;
    const id = this.outbox.entityOperation(leaf.action);
    if (leaf.action.actionType !== 7) leaf.done = true;
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
    for (const e of lockset) if (!this.entityFound(leaf, e.name)) return;
    const id = this.outbox.lock(lockset, first);
    leaf.what = 'lock';
    this.lockId = id;
    this.lockSet = asked;
    (this.calls ??= new Map()).set(id, leaf);
  }

  /** On the real host a call to an unknown entity hangs; a signal, which nobody waits for, fails the instance. */
  private entityFound(leaf: Leaf, name: string): boolean {
    if (this.host.hasEntity(name)) return true;
    this.refused(leaf, () => traps.unregistered(this.scope.functionName, 'entity', name));
    if (leaf.action.actionType !== 7) throw new HostFault(unknownEntityText(name, this.host.entityNames?.() ?? []));
    return false;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function childIdProblem(id: string, scope: RunScope): string | null {
  if (id === scope.instanceId) return 'which is its own';
  if (id === scope.parentId) return "which is its parent's";
  if (id.startsWith('@')) return 'which looks like an entity';
  return null;
}
