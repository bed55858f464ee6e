/**
 * Appointments of one patient over time. A booking stands until it is cancelled or missed; a visit attended blocks every
 * further text of the campaign. The same event of the same appointment twice is a duplicate; booked for another time it is
 * the same appointment, moved, and what happened to it before is over.
 */
import { Timeline } from './timeline';

export type AppointmentState = 'booked' | 'cancelled' | 'attended' | 'missed';

interface Visit {
  state: AppointmentState;
  startsAt: number;
  bookedOrder: number;
}

export class BookingLog {
  readonly stands = new Timeline(false);
  readonly bookedEvents: number[] = [];
  attended = false;
  private readonly visits = new Map<string, Visit>();
  private readonly seen = new Set<string>();

  /** Returns false when the event names an appointment nobody booked. */
  take(at: number, state: AppointmentState, appointmentId: string, startsAt: number): boolean {
    const visit = this.visits.get(appointmentId);
    if (state !== 'booked' && !visit) return false;
    if (state === 'booked' && visit && visit.startsAt !== startsAt) this.forget(appointmentId);
    const key = `${state} ${appointmentId}`;
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    if (state === 'booked') {
      this.visits.set(appointmentId, { state, startsAt, bookedOrder: this.visits.size });
      if (at > -Infinity && !visit) this.bookedEvents.push(at);
    } else if (visit) visit.state = state;
    if (state === 'attended') this.attended = true;
    this.stands.set(at, this.attended || [...this.visits.values()].some((v) => v.state === 'booked'));
    return true;
  }

  private forget(appointmentId: string): void {
    for (const state of ['booked', 'cancelled', 'attended', 'missed']) this.seen.delete(`${state} ${appointmentId}`);
  }

  /** Whether the latest visit was missed, under each reading of "latest". */
  missedReadings(): boolean[] {
    const all = [...this.visits.values()];
    const held = all.filter((visit) => visit.state !== 'cancelled');
    return [all, held].flatMap((visits) => [
      [...visits].sort((a, b) => b.bookedOrder - a.bookedOrder)[0]?.state === 'missed',
      [...visits].sort((a, b) => b.startsAt - a.startsAt)[0]?.state === 'missed',
    ]);
  }
}
