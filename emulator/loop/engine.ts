/**
 * The loop around the core: what is ready runs in rounds, and only when all is idle does time move, to the next outside
 * input or to everything due at the next instant (an input at t before what is due at t). Requests, invocations and
 * client calls in flight hold the clock. Leaves out how one turn is run (turns) and what a message does (core/apply).
 */
import { apply, stillWanted, type ApplyContext } from '../core/apply';
import type { SeededIds } from '../core/guid';
import { MemoryStore, type Store } from '../core/store';
import type { Effects, Instance, Message } from '../core/types';
import { realNow, type SleepClock } from '../realm/virtualTime';
import type { HostStats, Outside } from '../types';
import type { Clock } from './clock';
import { DueHeap } from './heap';
import { ReadyQueue } from './ready';
import { newStats } from './stats';
import type { Turns } from './turns';

/** Real time that the loop may keep the event loop from serving HTTP. */
const YIELD_AFTER_MS = 4;
/** An activity that awaits longer than this lets other work go on (it may be waiting for it). */
const STALL_MS = 1000;
/** Runs of the outside module at one instant before it is taken for an endless loop. */
const OUTSIDE_RUNS_MAX = 100_000;

type DueItem =
  | { kind: 'message'; message: Message }
  | { kind: 'sleep'; wake: () => void; done: boolean }
  | { kind: 'cron'; fire: (at: number) => void };

export interface EngineOptions {
  clock: Clock;
  ids: SeededIds;
  faults: SeededIds;
  earlyTimersMs: number;
  strict: boolean;
  activityConcurrency: number;
  stopAtMs: number;
  onFatal(error: unknown): void;
}

export class Engine implements SleepClock {
  readonly store: Store = new MemoryStore();
  readonly stats: HostStats = newStats();
  readonly ready = new ReadyQueue();
  outside: Outside | null = null;
  turns!: Turns;
  private readonly due = new DueHeap<DueItem>();
  private crons = 0;
  private readonly context: ApplyContext;
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

  /** Time stands still until release() is called as often. */
  hold(): void {
    this.holds++;
  }

  release(): void {
    if (--this.holds === 0) this.kick();
  }

  /** Applies a message at the current instant. */
  deliver(message: Message): void {
    this.stats.messages++;
    this.take(message);
  }

  private take(message: Message): void {
    const woken = apply(this.now(), message, this.context);
    if (woken === null) return;
    if (woken.kind === 'entity') this.ready.pushEntity(woken.record);
    else {
      if (woken.created) this.stats.instances++;
      this.ready.pushInstance(woken.record);
    }
    this.kick();
  }

  /** Sends what a committed step asked for, in its order. */
  send(effects: Effects): void {
    for (const task of effects.activities) this.ready.pushCall(task);
    for (const timed of effects.timed) this.due.push(timed.at, { kind: 'message', message: timed.message });
    this.stats.messages += effects.timed.length;
    for (const message of effects.messages) this.deliver(message);
    this.kick();
  }

  addCron(at: number, fire: (at: number) => void): void {
    this.crons++;
    this.due.push(at, { kind: 'cron', fire });
    this.kick();
  }

  sleepUntil(at: number, realMs: number): Promise<void> {
    const held = this.holds > 0;
    if (held) this.release();
    return new Promise((resolve) => {
      const item: DueItem = { kind: 'sleep', done: false, wake: () => wake() };
      const timer = setTimeout(() => wake(), realMs);
      const wake = (): void => {
        if (item.done) return;
        item.done = true;
        clearTimeout(timer);
        if (held) this.hold();
        resolve();
      };
      this.due.push(at, item);
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

  noteEnd(record: Instance): void {
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
    if (this.ready.hasCalls && this.running < this.options.activityConcurrency) {
      await this.startCall();
      return true;
    }
    const entities = this.ready.takeEntities();
    for (const record of entities) await this.turns.entity(record);
    if (entities.length > 0) return true;
    const instances = this.ready.takeInstances();
    for (const record of instances) {
      await this.turns.orchestration(record);
      if (realNow() - this.lastYield > YIELD_AFTER_MS) await this.yieldToIo();
    }
    return instances.length > 0;
  }

  private async startCall(): Promise<void> {
    const task = this.ready.shiftCall();
    if (!task) return;
    this.running++;
    this.hold();
    let settled = false;
    const done = (task.kind === 'activity' ? this.turns.activity(task) : task.run())
      .catch((error: unknown) => this.options.onFatal(error))
      .finally(() => {
        settled = true;
        this.running--;
        this.release();
        this.kick();
      });
    if (this.options.activityConcurrency > 1) return;
    // most activities end within a few microtasks: no timer is made for them
    for (let i = 0; i < 24 && !settled; i++) await undefined;
    if (settled) return;
    let timer: NodeJS.Timeout | undefined;
    const stall = new Promise<void>((resolve) => (timer = setTimeout(resolve, STALL_MS)));
    await Promise.race([done, stall]);
    clearTimeout(timer);
    // a stalled activity no longer counts, so that what it may be waiting for can run
    if (!settled) {
      this.running--;
      void done.then(() => this.running++);
    }
  }

  private async yieldToIo(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.lastYield = realNow();
  }

  /** Nothing is ready: wait, or move time. */
  private async moveOn(): Promise<void> {
    if (this.holds > 0) return this.sleep();
    if (realNow() - this.lastYield > YIELD_AFTER_MS) {
      await this.yieldToIo();
      if (this.holds > 0 || !this.ready.empty) return;
    }
    const dueAt = this.nextDue();
    const outsideAt = this.outside?.nextAt();
    if (this.options.clock.mode === 'real') return this.moveOnReal(dueAt, outsideAt);
    const now = this.now();
    const useOutside = outsideAt !== undefined && (dueAt === undefined || outsideAt <= Math.max(dueAt, now));
    const at = useOutside ? outsideAt : dueAt;
    if (at === undefined || Math.max(at, now) > this.limitMs) return this.rest();
    this.options.clock.moveTo(at);
    if (useOutside) await this.runOutside(this.now());
    else this.fire(this.now());
  }

  private async moveOnReal(dueAt: number | undefined, outsideAt: number | undefined): Promise<void> {
    const now = this.now();
    const at = Math.min(dueAt ?? Infinity, outsideAt ?? Infinity);
    if (at > now) {
      this.resolveIdle();
      await this.sleep(at - now);
    } else if (outsideAt !== undefined && outsideAt <= (dueAt ?? Infinity)) await this.runOutside(now);
    else this.fire(now);
  }

  /** Idle: a manual clock is taken to where it was sent; whoever waits for idleness hears of it. */
  private async rest(): Promise<void> {
    if (this.options.clock.mode === 'manual') this.options.clock.moveTo(this.limitMs);
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

  /** The next instant at which something is due that still matters. Timer triggers alone do not pull an auto clock. */
  private nextDue(): number | undefined {
    for (;;) {
      const top = this.due.peek();
      if (!top) return undefined;
      const item = top.value;
      const stale =
        item.kind === 'message' ? !stillWanted(item.message, this.store) : item.kind === 'sleep' && item.done;
      if (stale) this.due.pop();
      else if (item.kind === 'cron' && this.options.clock.mode === 'auto' && this.onlyCrons()) return undefined;
      else return top.at;
    }
  }

  private onlyCrons(): boolean {
    if (this.outside?.nextAt() !== undefined) return false;
    if (this.due.size > this.crons) {
      for (const item of this.due.values()) {
        if (item.kind === 'sleep' && !item.done) return false;
        if (item.kind === 'message' && stillWanted(item.message, this.store)) return false;
      }
    }
    return true;
  }

  /** Delivers everything due at or before an instant, in order. */
  private fire(at: number): void {
    for (let top = this.due.peek(); top !== undefined && top.at <= at; top = this.due.peek()) {
      this.due.pop();
      const item = top.value;
      if (item.kind === 'message') {
        if (stillWanted(item.message, this.store)) this.take(item.message);
      } else if (item.kind === 'sleep') item.wake();
      else {
        this.crons--;
        item.fire(top.at);
      }
    }
  }

  private async runOutside(at: number): Promise<void> {
    if (this.outsideRuns.at !== at) this.outsideRuns = { at, count: 0 };
    if (++this.outsideRuns.count > OUTSIDE_RUNS_MAX) {
      throw new Error(`outside.nextAt() stays at ${new Date(at).toISOString()} after ${OUTSIDE_RUNS_MAX} runs.`);
    }
    await (this.outside as Outside).run(at);
  }
}
