/** Takes in what the booking system says. A duplicate changes nothing; an unknown patient or appointment is an incident. */
import type { AppointmentEvent } from '../domain/input';
import { appointmentOf, changeAppointment, hasBooking, type AppointmentChange } from '../domain/patient';
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
  const person = await getPerson(services, event.patientId);
  const isOfNobody = !person || !isEnrolled(person);
  if (isOfNobody || (event.type !== 'appointment.booked' && !appointmentOf(person, event.appointmentId)))
    return reportUnknown(
      services,
      atMs,
      event.type,
      `appointment ${event.appointmentId} of ${isOfNobody ? 'unknown ' : ''}patient ${event.patientId}`,
    );
  const change = changeOf(event);
  const isKnown = changeAppointment(person, change) === person;
  // The same event again: told once more, since the first time may have been cut off before it was.
  if (isKnown && person.bookingAtMs !== atMs) return;
  const after = isKnown
    ? person
    : await changeReadPerson(services, person, (row) => ({
        ...withBooking(changeAppointment(row, change), row, event),
        bookingAtMs: atMs,
      }));
  // What forbids a text is told to the gate at once; what allows one again comes with the next question.
  if (event.type === 'appointment.booked') await messenger.signalPatient(event.patientId, 'booked', atMs);
  const known = { booked: hasBooking(after), attendedAtMs: after.attendedAtMs, bookingAtMs: atMs };
  const changes: PersonChange[] = [{ person: after, known }];
  await tellCampaigns(services, atMs, changes);
  if (event.type === 'appointment.booked')
    await services.bus.publish([
      { type: 'patient.booked', atMs, campaignId: null, patientIds: [event.patientId], detail: event.appointmentId },
    ]);
}

function changeOf(event: AppointmentEvent): AppointmentChange {
  const { appointmentId } = event;
  switch (event.type) {
    case 'appointment.booked':
      return { kind: 'booked', appointmentId, startsAt: event.startsAt };
    case 'appointment.cancelled':
      return { kind: 'cancelled', appointmentId };
    case 'appointment.attended':
      return { kind: 'attended', appointmentId, atMs: Date.parse(event.at) };
    case 'appointment.missed':
      return { kind: 'missed', appointmentId };
    default:
      return event satisfies never;
  }
}

/** A moved visit is no second booking. */
function withBooking(after: PersonRow, before: PersonRow, event: AppointmentEvent): PersonRow {
  if (event.type !== 'appointment.booked' || appointmentOf(before, event.appointmentId)) return after;
  return { ...after, bookings: [...after.bookings, { atMs: Date.parse(event.at), channel: event.channel }] };
}
