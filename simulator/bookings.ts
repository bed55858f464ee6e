/**
 * The booking system as the simulated patients use it: who may book, what a booking leads to, and the bookings that
 * would have happened with no text at all. One appointment of a patient stands at a time. Visits end attended, missed or
 * cancelled (visits.ts); some who cancel book again. Leaves out: why a patient books (reactions.ts).
 */
import { DAY_MS, isoInZone, MINUTE_MS } from '../domain/calendar';
import type { Input } from '../domain/input';
import type { Agenda } from './agenda';
import { rates } from './assumptions';
import type { Person } from './people';
import { chance, exponential, luckKey, pickWeighted } from './random';
import { awake, onGrid } from './schedule';
import { visitOf, type Visit } from './visits';

export type Channel = 'link' | 'phone' | 'reply' | 'other';

/** The booking system reports every five minutes. */
const BOOKING_GRID_MS = 5 * MINUTE_MS;
const ID_LENGTH_MAX = 64;

export class Bookings {
  constructor(
    private readonly agenda: Agenda,
    private readonly timeZone: string,
  ) {}

  /**
   * Whether an intention of now to book can still be carried out when its time comes: not while an appointment stands,
   * after a visit, or once STOP was said on the line. Once false for good, as far as it can be seen at its own time.
   */
  intent(person: Person): () => boolean {
    const { line } = person;
    const stops = line.stops;
    return () => person.appointmentId === undefined && !person.attended && !line.stopped && line.stops === stops;
  }

  /** A booking at the first report strictly after `afterMs`, if the patient may still book then. */
  schedule(person: Person, afterMs: number, channel: Channel): void {
    const atMs = onGrid(afterMs + 1000, BOOKING_GRID_MS);
    this.agenda.add({
      atMs,
      type: 'appointment.booked',
      key: person.id,
      holds: this.intent(person),
      happen: () => this.booked(person, atMs, channel),
    });
  }

  /** What `person` would do without the campaign: at most one booking, at a time that no policy changes. */
  organic(person: Person, startMs: number, endMs: number): void {
    const weeks = exponential(chance(person.luck, 'organic'), 1 / rates.organicPerWeek);
    const atMs = awake(startMs + weeks * 7 * DAY_MS, person.zone, chance(person.luck, 'organic wakes'));
    if (atMs >= endMs) return;
    this.schedule(person, atMs, pickWeighted(rates.organicChannels, chance(person.luck, 'organic channel')).channel);
  }

  private booked(person: Person, atMs: number, channel: Channel): Input {
    const n = ++person.bookings;
    const appointmentId = idFor('A', person, n);
    const visit = visitOf(person, n, atMs);
    person.appointmentId = appointmentId;
    this.scheduleEnding(person, n, appointmentId, visit);
    const input = (at: number): Input => ({
      at: isoInZone(at, this.timeZone),
      type: 'appointment.booked',
      cause: 'response',
      patientId: person.id,
      appointmentId,
      startsAt: isoInZone(visit.startsAtMs, this.timeZone),
      channel,
    });
    const againMs = atMs + BOOKING_GRID_MS;
    if (chance(person.luck, 'booking twice', n) < rates.bookingTwice)
      this.agenda.add({ atMs: againMs, type: 'appointment.booked', key: person.id, happen: () => input(againMs) });
    return input(atMs);
  }

  private scheduleEnding(person: Person, n: number, appointmentId: string, { ending, endsAtMs }: Visit): void {
    this.agenda.add({
      atMs: endsAtMs,
      type: `appointment.${ending}`,
      key: person.id,
      happen: () => {
        person.appointmentId = undefined;
        if (ending === 'attended') person.attended = true;
        if (ending === 'missed') person.missedBefore = true;
        if (ending === 'cancelled') this.rebook(person, n, endsAtMs);
        return {
          at: isoInZone(endsAtMs, this.timeZone),
          type: `appointment.${ending}`,
          cause: 'response',
          patientId: person.id,
          appointmentId,
        };
      },
    });
  }

  private rebook(person: Person, n: number, cancelledAtMs: number): void {
    if (chance(person.luck, 'rebooks', n) >= rates.rebooksAfterCancel) return;
    const afterMs = cancelledAtMs + 9 * DAY_MS * chance(person.luck, 'rebooks after', n);
    this.schedule(person, awake(afterMs, person.zone, chance(person.luck, 'rebooks wakes', n)), 'link');
  }
}

/** `A-P000123-2`: unique for each patient and count; a long patient id is hashed to fit 64 characters. */
export function idFor(prefix: 'A' | 'R', person: Person, n: number): string {
  const plain = `${prefix}-${person.id}-${n}`;
  if (plain.length <= ID_LENGTH_MAX) return plain;
  const hashed = [0, 1].map((half) => luckKey(half, person.id).toString(16).padStart(8, '0')).join('');
  return `${prefix}-${person.id.slice(0, 32)}-${hashed}-${n}`;
}
