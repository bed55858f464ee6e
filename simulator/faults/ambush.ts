/**
 * What comes at the worst moment: while an order of a text waits in the queue, or work that was cut off waits to be tried
 * again, a patient who was just texted writes STOP or books, or somebody pauses the campaign. Each is an ordinary input
 * of the outside, recorded as such. Leaves out when orders wait (bus.ts) and what is cut off (world.ts).
 */
import { DAY_MS, HOUR_MS, isoInZone, MINUTE_MS, SECOND_MS, startOfSecond } from '../../domain/calendar';
import type { Input, Reply } from '../../domain/input';
import type { TextOrder } from '../../services/messaging';
import type { Source } from '../outside';
import type { Faults } from './plan';

/** Most pauses are short. */
const PAUSE_MAX_MS = 30 * HOUR_MS;
const SHORTNESS = 3;
/** What was cut off is tried again after this long (orchestrators/call.ts). */
const RETRY_MS = 15_000;
/** Two replies of one number closer than this could be handled in either order, and answered in either way. */
const APART_MS = 10 * MINUTE_MS;
const VISIT_AFTER_MS = 10 * DAY_MS;
const KINDS = ['STOP', 'BOOKED', 'PAUSE'] as const;
const BY = 'ambush';

export class Ambush implements Source {
  private coming: { readonly atMs: number; readonly input: Input }[] = [];
  /** When each number last wrote. */
  private readonly heard = new Map<string, number>();
  private pausedUntilMs = 0;
  private count = 0;
  /** The orders sent last. */
  private latest: readonly TextOrder[] = [];

  constructor(private readonly faults: Faults) {}

  /** Somebody writes of their own accord. */
  onReply({ from, at }: Reply): void {
    this.heard.set(from, Date.parse(at));
  }

  private isApart({ from, at }: Reply): boolean {
    return Date.parse(at) - (this.heard.get(from) ?? -Infinity) >= APART_MS;
  }

  onOrders(orders: readonly TextOrder[]): void {
    this.latest = orders;
  }

  /** Some work was cut off, and is tried again. */
  onCut(nowMs: number): void {
    this.between(this.latest, nowMs, nowMs + RETRY_MS);
  }

  /** Orders will wait from `nowMs` until `dueMs`. */
  onHeld(orders: readonly TextOrder[], nowMs: number, dueMs: number): void {
    this.between(orders, nowMs, dueMs);
  }

  private between(orders: readonly TextOrder[], nowMs: number, dueMs: number): void {
    const texts = orders.filter(({ date }) => date !== null);
    // Not at the very instant of the order: what comes then counts before it.
    const firstMs = startOfSecond(nowMs) + SECOND_MS;
    const seconds = Math.floor((dueMs - firstMs) / SECOND_MS);
    if (texts.length === 0 || seconds < 1 || !this.faults.strikes('ambush', `${texts.length} orders`)) return;
    const order = texts[Math.floor(this.faults.luck('ambushed') * texts.length)]!;
    const atMs = firstMs + Math.floor(this.faults.luck('ambush after') * seconds) * SECOND_MS;
    const kind = KINDS[Math.floor(this.faults.luck('ambush by') * KINDS.length)]!;
    if (kind === 'PAUSE') this.pause(atMs);
    else this.add(atMs, kind === 'STOP' ? this.stop(order, atMs) : this.booking(order, atMs));
  }

  nextAt(): number | undefined {
    return this.coming[0]?.atMs;
  }

  take(atMs: number): readonly Input[] {
    const due = this.coming.filter((one) => one.atMs <= atMs);
    this.coming = this.coming.slice(due.length);
    return due.map(({ input }) => input).filter((input) => input.type !== 'sms.reply' || this.isApart(input));
  }

  file(name: string): string {
    throw new Error(`an ambush has no file ${name}`);
  }

  private stop({ text }: TextOrder, atMs: number): Input {
    return { type: 'sms.reply', at: iso(atMs), cause: 'response', from: text.to, text: 'STOP', replyId: this.nextId() };
  }

  private booking({ text: { patientId } }: TextOrder, atMs: number): Input {
    const visit = { patientId, appointmentId: this.nextId(), startsAt: iso(atMs + VISIT_AFTER_MS) };
    return { type: 'appointment.booked', at: iso(atMs), cause: 'response', ...visit, channel: 'other' };
  }

  private pause(atMs: number): void {
    if (atMs <= this.pausedUntilMs) return;
    const share = this.faults.luck('paused for') ** SHORTNESS;
    this.pausedUntilMs = atMs + Math.ceil((share * PAUSE_MAX_MS) / MINUTE_MS) * MINUTE_MS;
    this.add(atMs, { type: 'control.pause', at: iso(atMs), by: BY });
    this.add(this.pausedUntilMs, { type: 'control.resume', at: iso(this.pausedUntilMs), by: BY });
  }

  private add(atMs: number, input: Input): void {
    this.coming = [...this.coming, { atMs, input }].sort((a, b) => a.atMs - b.atMs);
  }

  private nextId(): string {
    return `ambush-${(this.count += 1)}`;
  }
}

const iso = (ms: number) => isoInZone(ms, 'UTC');
