/**
 * Takes in what the booking system says. A duplicate changes nothing; an unknown patient or appointment is an incident. The
 * queue keeps no order: what the events come to does not depend on it, but for those of one instant.
 */
import type { AppointmentEvent } from '../domain/input';
import { appointmentOf, changeAppointment, earlyOf, hasBooking, type AppointmentChange } from '../domain/patient';
import type { Messenger } from '../services/messenger';
import type { PersonRow } from '../services/rows';
import type { Services } from '../services/services';
import { tellCampaigns, type PersonChange } from './feed';
import { reportUnknown } from './journal';
import { changeReadPerson, getPerson, isEnrolled } from './people';

export async function takeAppointments(
  services: Services,
  messenger: Messenger,
  events: readonly AppointmentEvent[],
): Promise<void> {
  for (const event of events) await takeAppointment(services, messenger, event);
}

async function takeAppointment(services: Services, messenger: Messenger, event: AppointmentEvent): Promise<void> {
  const atMs = Date.parse(event.at);
  const { patientId, appointmentId } = event;
  const unknown = (whose: string) =>
    reportUnknown(services, atMs, event.type, `appointment ${appointmentId} of ${whose} ${patientId}`);
  const person = await getPerson(services, patientId);
  if (!person || !isEnrolled(person)) return unknown('unknown patient');
  const change = changeOf(event);
  const isKnown = changeAppointment(person, change) === person;
  const after = isKnown ? person : await changeReadPerson(services, person, (row) => changed(row, change, event));
  if (!appointmentOf(after, appointmentId)) return unknown('patient');
  // The same event again: told once more, since the first time may have been cut off before it was.
  if (isKnown && !isLastWord(person, event)) return;
  const bookingAtMs = after.bookingAtMs ?? atMs;
  const isBooking = event.type === 'appointment.booked';
  // What forbids a text is told to the gate at once; what allows one again comes with the next question.
  if (isBooking && hasBooking(after)) await messenger.signalPatient(patientId, 'booked', bookingAtMs);
  const known = { booked: hasBooking(after), attendedAtMs: after.attendedAtMs, bookingAtMs };
  const changes: PersonChange[] = [{ person: after, known }];
  await tellCampaigns(services, atMs, changes);
  if (isBooking)
    await services.bus.publish([
      { type: 'patient.booked', atMs, campaignId: null, patientIds: [patientId], detail: appointmentId },
    ]);
}

/**
 * What campaigns and the gate are told of `row` from now on is newer than what they were told before, although the event
 * may be older, and although two are taken at once.
 */
function changed(row: PersonRow, change: AppointmentChange, event: AppointmentEvent): PersonRow {
  const after = changeAppointment(row, change);
  if (after === row || !appointmentOf(after, event.appointmentId)) return after;
  const bookingAtMs = Math.max(Date.parse(event.at), (row.bookingAtMs ?? -Infinity) + 1);
  return { ...withBooking(after, row, event), bookingAtMs };
}

/** Whether `person` is as this event left it, as far as its appointment is concerned. */
function isLastWord(person: PersonRow, { appointmentId, at, type }: AppointmentEvent): boolean {
  const atMs = Date.parse(at);
  // Earlier releases did not keep the instant of each appointment.
  const changedAtMs = appointmentOf(person, appointmentId)?.changedAtMs ?? person.bookingAtMs;
  const isLateVisit = type === 'appointment.attended' && person.attendedAtMs === atMs;
  const isLateBooking = type === 'appointment.booked' && earlyOf(person, appointmentId) !== undefined;
  return changedAtMs === atMs || isLateVisit || isLateBooking;
}

function changeOf(event: AppointmentEvent): AppointmentChange {
  const common = { appointmentId: event.appointmentId, atMs: Date.parse(event.at) };
  switch (event.type) {
    case 'appointment.booked':
      return { kind: 'booked', startsAt: event.startsAt, ...common };
    case 'appointment.cancelled':
      return { kind: 'cancelled', ...common };
    case 'appointment.attended':
      return { kind: 'attended', ...common };
    case 'appointment.missed':
      return { kind: 'missed', ...common };
    default:
      return event satisfies never;
  }
}

/** A moved visit is no second booking. */
function withBooking(after: PersonRow, before: PersonRow, event: AppointmentEvent): PersonRow {
  if (event.type !== 'appointment.booked' || appointmentOf(before, event.appointmentId)) return after;
  return { ...after, bookings: [...after.bookings, { atMs: Date.parse(event.at), channel: event.channel }] };
}
