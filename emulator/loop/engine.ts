/**
 * The loop around the core: what is ready runs in rounds, and only when all is idle does time move, to the next outside
 * input or to everything due at the next instant (an input at t before what is due at t). Requests, invocations and
 * client calls in flight hold the clock. Leaves out how one turn is run (turns) and what a message does (core/apply).
 */
import { apply, type ApplyContext } from '../core/apply';
import type { SeededIds } from '../core/guid';
import { MemoryStore, type Store } from '../core/store';
import type { ActivityTask, Effects, Instance, Message } from '../core/types';
import type { DataStore } from '../data/dataStore';
import type { FaultPlan } from '../faults/plan';
import { realNow, type SleepClock } from '../realm/virtualTime';
import type { Externals } from '../triggers/externals';
import type { HostStats, Outside } from '../types';
import type { Clock } from './clock';
import { mayBeDelayed } from '../faults/delays';
import { DueQueue, type Sleeper } from './dueQueue';
import { Durability } from './durability';
import { ReadyQueue, type HostCall } from './ready';
import { newStats } from './stats';
import type { Turns } from './turns';

/** Real time that the loop may keep the event loop from serving HTTP. */
const YIELD_AFTER_MS = 4;
/** Turns of the microtask queue in which an activity that does no I/O has ended. */
const MICROTASKS = 40;
/** An activity that awaits longer than this lets other work go on (it may be waiting for it). */
const STALL_MS = 1000;
/** Runs of the outside module at one instant before it is taken for an endless loop. */
const OUTSIDE_RUNS_MAX = 100_000;

/** The last instant that the real host's dates reach. */
const LAST_INSTANT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export interface EngineOptions {
  clock: Clock;
  ids: SeededIds;
  faults: SeededIds;
  earlyTimersMs: number;
  strict: boolean;
  activityConcurrency: number;
  stopAtMs: number;
  /** absent: in memory, nothing is stored */
  data?: DataStore | null;
  onFatal(error: unknown): void;
}

export class Engine implements SleepClock {
  readonly store: Store;
  readonly durability: Durability | null;
  /** needs a data store */
  faultPlan: FaultPlan | null = null;
  readonly stats: HostStats = newStats();
  readonly ready = new ReadyQueue();
  outside: Outside | null = null;
  /** absent: nothing beside the outside module holds the clock */
  externals: Externals | null = null;
  turns!: Turns;
  private readonly due: DueQueue;
  readonly context: ApplyContext;
  private holds = 0;
  private running = 0;
  private limitMs: number;
  private wakeUp: (() => void) | null = null;
  private idleWaiters: (() => void)[] = [];
  private advancing: Promise<void> = Promise.resolve();
  private readonly endWaiters = new Map<string, ((record: Instance) => void)[]>();
  private lastYield = realNow();
  private stopped = false;
  private outsideRuns = { at: Number.NaN, count: 0 };

  constructor(readonly options: EngineOptions) {
    const data = options.data ?? null;
    this.store = data ?? new MemoryStore();
    this.durability = data && new Durability(data, this);
    this.due = new DueQueue(this.store, data && ((m) => data.timerDone(m)));
    this.context = { store: this.store, strict: options.strict };
    this.limitMs = options.clock.mode === 'manual' ? options.clock.now() : options.stopAtMs;
  }

  now(): number {
    return this.options.clock.now();
  }

  start(): void {
    this.loop().catch((error: unknown) => {
      this.stopped = true;
      this.options.onFatal(error);
    });
  }

  stop(): void {
    this.stopped = true;
    this.kick();
  }

  /** Work of an earlier host, or of this one before a crash, goes on where it was last stored. */
  resume(data: DataStore): void {
    const unfinished = data.unfinished();
    for (const task of unfinished.activities) this.ready.pushCall(task);
    for (const record of unfinished.entities) this.ready.pushEntity(record);
    for (const record of unfinished.instances) this.ready.pushInstance(record);
    for (const { at, message } of unfinished.timed) this.due.addMessage(at, message);
  }

  /** Forgets what came from the durable store; waits, timer triggers and calls in flight stay. */
  forget(): void {
    this.ready.forget();
    this.due.forgetMessages();
  }

  /** Time stands still until release() is called as often. */
  hold(): void {
    this.holds++;
  }

  release(): void {
    if (--this.holds === 0) this.kick();
  }

  /** Time stands still until the work is done. */
  async whileHeld<T>(work: () => Promise<T>): Promise<T> {
    this.hold();
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  /** Applies a message at the current instant. */
  deliver(message: Message): void {
    this.stats.messages++;
    const delayMs = this.faultPlan && mayBeDelayed(message) ? this.faultPlan.delay(message.to) : null;
    if (delayMs === null) this.take(message);
    else this.addTimed(this.now() + delayMs, message);
  }

  private addTimed(at: number, message: Message): void {
    this.due.addMessage(at, message);
    this.durability?.data.timerAdded(at, message);
  }

  /** A timed message is due. */
  private takeDue(message: Message): void {
    this.durability?.data.timerDone(message);
    this.take(message);
  }

  private take(message: Message): void {
    const woken = apply(this.now(), message, this.context);
    if (woken === null) return;
    this.durability?.data.delivered(woken.record);
    if (woken.kind === 'entity') this.ready.pushEntity(woken.record);
    else {
      if (woken.created) this.stats.instances++;
      this.ready.pushInstance(woken.record);
    }
    this.kick();
  }

  /** Sends what a committed step asked for, in its order. */
  send(effects: Effects): void {
    for (const task of effects.activities) {
      this.ready.pushCall(task);
      this.durability?.data.taskAdded(task);
    }
    for (const timed of effects.timed) this.addTimed(timed.at, timed.message);
    this.stats.messages += effects.timed.length;
    for (const message of effects.messages) this.deliver(message);
    this.kick();
  }

  addCron(at: number, fire: (at: number) => void): void {
    this.due.addCron(at, fire);
    this.kick();
  }

  sleepUntil(at: number, realMs: number): Promise<void> {
    const held = this.holds > 0;
    if (held) this.release();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { done: false, wake: () => wake() };
      const timer = setTimeout(() => wake(), realMs);
      const wake = (): void => {
        if (sleeper.done) return;
        sleeper.done = true;
        clearTimeout(timer);
        if (held) this.hold();
        resolve();
      };
      this.due.addSleeper(at, sleeper);
      this.kick();
    });
  }

  /** Resolves with the record when the instance is terminal. */
  waitForEnd(id: string): Promise<Instance> {
    return new Promise((resolve) => {
      const list = this.endWaiters.get(id);
      if (list) list.push(resolve);
      else this.endWaiters.set(id, [resolve]);
    });
  }

  /** An instance has ended; whoever waits for it hears of it once that is stored. */
  noteEnd(record: Instance): void {
    if (this.durability) this.durability.ended.push(record);
    else this.tellEnd(record);
  }

  tellEnd(record: Instance): void {
    const list = this.endWaiters.get(record.id);
    if (!list) return;
    this.endWaiters.delete(record.id);
    for (const resolve of list) resolve(record);
  }

  /** Switches between auto and manual. Throws on a real clock. */
  setMode(mode: 'auto' | 'manual'): void {
    const { clock } = this.options;
    if (clock.mode === 'real')
      throw new Error("The clock is real; start the host with clock 'auto' or 'manual' to move it.");
    clock.mode = mode;
    this.limitMs = mode === 'auto' ? this.options.stopAtMs : clock.now();
    this.kick();
  }

  /** Moves a manual clock to an instant, running everything due on the way. Calls queue up. Throws unless manual. */
  advanceTo(atMs: number): Promise<void> {
    const step = this.advancing.then(() => {
      if (this.options.clock.mode !== 'manual') throw new Error('Only a manual clock can be advanced.');
      if (!Number.isFinite(atMs)) throw new Error('The instant to advance to is no date.');
      if (atMs > LAST_INSTANT_MS) throw new Error('The instant to advance to is later than the year 9999.');
      this.limitMs = Math.max(this.limitMs, atMs, this.now());
      return this.idle();
    });
    this.advancing = step.catch(() => undefined);
    return step;
  }

  /** Resolves when nothing is left to do at the instants that the clock may reach by itself. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.idleWaiters.push(resolve);
      this.kick();
    });
  }

  private kick(): void {
    const wake = this.wakeUp;
    if (wake) {
      this.wakeUp = null;
      wake();
    }
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      while (!this.ready.empty && !this.stopped) {
        if (!(await this.round())) break;
        if (realNow() - this.lastYield > YIELD_AFTER_MS) await this.yieldToIo();
      }
      if (this.ready.empty || this.running > 0) await this.moveOn();
    }
  }

  /** One round of the first class that has work. False when only activities are left and no more may start now. */
  private async round(): Promise<boolean> {
    if (this.callMayStart) {
      if (this.durability) await this.beforeCalls(this.durability);
      while (this.callMayStart) await this.startCall();
      return true;
    }
    const entities = this.ready.takeEntities();
    this.faultPlan?.reorder(entities, 'entities');
    for (const record of entities) await this.turns.entity(record);
    if (entities.length > 0) return true;
    const instances = this.ready.takeInstances();
    this.faultPlan?.reorder(instances, 'orchestrators');
    for (const record of instances) {
      await this.turns.orchestration(record);
      if (realNow() - this.lastYield > YIELD_AFTER_MS) await this.yieldToIo();
    }
    return instances.length > 0;
  }

  /** An activity must not see what could still be lost. */
  private async beforeCalls(durability: Durability): Promise<void> {
    await durability.stored();
    const plan = this.faultPlan;
    if (plan) this.ready.reorderCalls((calls) => plan.reorder(calls, 'activities'));
  }

  private get callMayStart(): boolean {
    return this.ready.hasCalls && this.running < this.options.activityConcurrency && !this.stopped;
  }

  private async startCall(): Promise<void> {
    const task = this.ready.shiftCall();
    if (!task) return;
    const call = { settled: false };
    const done = this.runCall(task, call);
    if (this.options.activityConcurrency > 1) return;
    // most activities end within a few microtasks: no timer is made for them
    for (let i = 0; i < MICROTASKS && !call.settled; i++) await undefined;
    if (!call.settled) await this.awaitStall(done, call);
    if (realNow() - this.lastYield > YIELD_AFTER_MS) await this.yieldToIo();
  }

  private async runCall(task: ActivityTask | HostCall, call: { settled: boolean }): Promise<void> {
    this.running++;
    this.hold();
    try {
      await (task.kind === 'activity' ? this.turns.activity(task) : task.run());
    } catch (error) {
      this.options.onFatal(error);
    } finally {
      call.settled = true;
      this.running--;
      this.release();
      this.kick();
    }
  }

  /** Waits for a call, but not for ever: then it no longer counts, so that what it may be waiting for can run. */
  private async awaitStall(done: Promise<void>, call: { settled: boolean }): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const stall = new Promise<void>((resolve) => (timer = setTimeout(resolve, STALL_MS)));
    await Promise.race([done, stall]);
    clearTimeout(timer);
    if (call.settled) return;
    this.running--;
    void done.then(() => this.running++);
  }

  /** Time spent on storing does not count: how work of one instant falls into rounds should not depend on a disk. */
  excuse(ms: number): void {
    this.lastYield += ms;
  }

  private async yieldToIo(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.lastYield = realNow();
  }

  /** Nothing is ready: wait, or move time. */
  private async moveOn(): Promise<void> {
    this.durability?.commit();
    if (this.holds > 0) return this.sleep();
    if (realNow() - this.lastYield > YIELD_AFTER_MS) {
      await this.yieldToIo();
      if (this.holds > 0 || !this.ready.empty) return;
    }
    const externals = this.options.clock.mode === 'real' ? null : this.externals;
    const externalAt = externals ? await externals.settle(() => this.isBusy) : undefined;
    if (externals && this.isBusy) return;
    const outsideAt = this.outside?.nextAt();
    const pulled = outsideAt !== undefined || externalAt !== undefined;
    const dueAt = this.due.nextAt(this.options.clock.mode === 'auto' && !pulled);
    if (this.options.clock.mode === 'real') return this.moveOnReal(dueAt, outsideAt);
    const now = this.now();
    const useOutside = outsideAt !== undefined && (dueAt === undefined || outsideAt <= Math.max(dueAt, now));
    const ownAt = useOutside ? outsideAt : dueAt;
    const useExternal = externalAt !== undefined && (ownAt === undefined || externalAt <= Math.max(ownAt, now));
    const at = useExternal ? externalAt : ownAt;
    if (at === undefined || Math.max(at, now) > this.limitMs) return this.rest();
    const pastMs = at > now ? (this.faultPlan?.jumpMs() ?? 0) : 0;
    this.options.clock.moveTo(Math.min(at + pastMs, this.limitMs));
    if (externals) await externals.moveTo(this.now());
    // what is due meanwhile is asked for anew: what comes from outside still goes first
    if (useExternal || pastMs > 0) return;
    if (useOutside) await this.runOutside(this.now());
    else this.due.fire(this.now(), (m) => this.takeDue(m));
  }

  private get isBusy(): boolean {
    return this.holds > 0 || !this.ready.empty || this.stopped;
  }

  private async moveOnReal(dueAt: number | undefined, outsideAt: number | undefined): Promise<void> {
    const now = this.now();
    const at = Math.min(dueAt ?? Infinity, outsideAt ?? Infinity);
    if (at > now) {
      this.resolveIdle();
      await this.sleep(at - now);
    } else if (outsideAt !== undefined && outsideAt <= (dueAt ?? Infinity)) await this.runOutside(now);
    else this.due.fire(now, (m) => this.takeDue(m));
  }

  /** Idle: a manual clock is taken to where it was sent; whoever waits for idleness hears of it. */
  private async rest(): Promise<void> {
    if (this.options.clock.mode === 'manual') this.options.clock.moveTo(this.limitMs);
    if (this.externals) {
      const limitMs = this.limitMs;
      await this.externals.moveTo(this.now());
      if (this.isBusy || this.limitMs !== limitMs) return;
    }
    this.resolveIdle();
    await this.sleep();
  }

  private resolveIdle(): void {
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private sleep(maxMs = Infinity): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(maxMs) ? setTimeout(() => this.kick(), Math.min(maxMs, 2 ** 31 - 1)) : undefined;
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async runOutside(at: number): Promise<void> {
    if (this.outsideRuns.at !== at) this.outsideRuns = { at, count: 0 };
    if (++this.outsideRuns.count > OUTSIDE_RUNS_MAX) {
      throw new Error(`outside.nextAt() stays at ${new Date(at).toISOString()} after ${OUTSIDE_RUNS_MAX} runs.`);
    }
    await (this.outside as Outside).run(at);
  }
}
