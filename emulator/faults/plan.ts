/**
 * The faults of a run, drawn from its seed: each kind has a stream of its own, so that the rate of one does not change what
 * another does. Keeps the list of what was made. Leaves out carrying them out (loop/).
 */
import { SeededIds } from '../core/guid';
import type { Fault, FaultOptions } from '../types';

type Kind = Fault['kind'];
type Stream = 'crash' | 'duplicate' | 'delay' | 'reorder' | 'early' | 'fail' | 'slow' | 'jump';

const STREAMS: readonly Stream[] = ['crash', 'duplicate', 'delay', 'reorder', 'early', 'fail', 'slow', 'jump'];
const RATES = [
  'crash',
  'duplicate',
  'delay',
  'reorder',
  'earlyTimers',
  'clockJumps',
  'failActivities',
  'slowStorage',
] as const;
const DURATIONS = ['delayMs', 'clockJumpMs'] as const;
/** Timers of the real host fire at most this early. */
const EARLY_MAX_MS = 1000;
const SLOW_MAX_MS = 20;
const JUMP_MAX_MS = 60_000;
/** Faults kept in the list. */
const KEPT_MAX = 100_000;

export interface PlanHost {
  now(): number;
  /** hears of every fault as it is made */
  made(fault: Fault): void;
}

export class FaultPlan {
  readonly list: Fault[] = [];
  private readonly streams = new Map<Stream, SeededIds>();
  private count = 0;
  /** a crash that loses work comes only after something was stored: the host gets on whatever the rate */
  private mayLose = true;

  /** Throws for a rate that is none, naming it. */
  constructor(
    readonly options: FaultOptions,
    private readonly host: PlanHost,
  ) {
    check(options);
    STREAMS.forEach((s, i) => this.streams.set(s, new SeededIds(Math.imul(options.seed + 1, 0x9e3779b1) + i)));
  }

  /** A durable step has been made: does the host crash before or after it is stored? */
  crash(target: string): 'before' | 'after' | null {
    if (!this.hits('crash', this.options.crash)) return null;
    const before = this.fraction('crash') < 0.5 && this.mayLose;
    this.note(before ? 'crashBefore' : 'crashAfter', target);
    if (before) this.mayLose = false;
    return before ? 'before' : 'after';
  }

  stored(): void {
    this.mayLose = true;
  }

  duplicate(target: string): 'run' | 'deliver' | null {
    if (!this.hits('duplicate', this.options.duplicate)) return null;
    const run = this.fraction('duplicate') < 0.5;
    this.note(run ? 'runTwice' : 'deliverTwice', target);
    return run ? 'run' : 'deliver';
  }

  /** How much later a message comes, in ms; null: it is not delayed. */
  delay(target: string): number | null {
    if (!this.hits('delay', this.options.delay)) return null;
    this.note('delay', target);
    return Math.floor(this.fraction('delay') * ((this.options.delayMs ?? 0) + 1));
  }

  /** Puts a round in another order, in place. */
  reorder<T>(items: T[], target: string): void {
    if (items.length < 2 || !this.hits('reorder', this.options.reorder)) return;
    this.note('reorder', target);
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(this.fraction('reorder') * (i + 1));
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
  }

  /** How early a timer fires that has `maxMs` to go, in ms. At most half of that: what it leaves must end. */
  earlyMs(maxMs: number): number {
    if (!this.hits('early', this.options.earlyTimers)) return 0;
    const ms = Math.min(Math.floor(maxMs / 2), Math.ceil(this.fraction('early') * EARLY_MAX_MS));
    if (ms > 0) this.note('early', `${ms} ms`);
    return ms;
  }

  /** How far the clock goes past the next due instant, in ms. */
  jumpMs(): number {
    if (!this.hits('jump', this.options.clockJumps)) return 0;
    const ms = Math.ceil(this.fraction('jump') * (this.options.clockJumpMs ?? JUMP_MAX_MS));
    this.note('jump', `${ms} ms`);
    return ms;
  }

  /** The text of the error with which an activity fails, or null. */
  failure(target: string): string | null {
    if (!this.hits('fail', this.options.failActivities)) return null;
    this.note('fail', target);
    return `Injected fault ${this.count} (seed ${this.options.seed}): the activity fails.`;
  }

  /** Real time that a write takes longer, in ms. */
  slowMs(): number {
    if (!this.hits('slow', this.options.slowStorage)) return 0;
    this.note('slow', 'storage');
    return 1 + Math.floor(this.fraction('slow') * SLOW_MAX_MS);
  }

  private hits(stream: Stream, rate: number | undefined): boolean {
    return rate !== undefined && rate > 0 && this.fraction(stream) < rate;
  }

  private fraction(stream: Stream): number {
    return (this.streams.get(stream) as SeededIds).fraction();
  }

  private note(kind: Kind, target: string): void {
    const fault: Fault = { number: ++this.count, kind, atMs: this.host.now(), target };
    if (this.list.length < KEPT_MAX) this.list.push(fault);
    this.host.made(fault);
  }
}

function check(options: FaultOptions): void {
  if (!Number.isInteger(options.seed)) {
    throw new Error(`faults.seed is ${String(options.seed)}; an integer was expected.`);
  }
  for (const name of RATES) {
    const rate = options[name] ?? 0;
    if (!(rate >= 0 && rate <= 1))
      throw new Error(`faults.${name} is ${String(rate)}; a rate from 0 to 1 was expected.`);
  }
  for (const name of DURATIONS) {
    const ms = options[name] ?? 0;
    if (!(ms >= 0)) throw new Error(`faults.${name} is ${String(ms)}; milliseconds from 0 on were expected.`);
  }
}
