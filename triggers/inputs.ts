/**
 * HTTP routes by which the outside world tells what happened: files, replies, receipts, calls, appointments. What is sound
 * goes on the queue of its kind; receivers.ts says what is done with it.
 */
import type { HttpHandler } from '@azure/functions';
import { arriving } from '../activities/takeIntervals';
import { takePreferences } from '../activities/takePreferences';
import { isDate } from '../domain/calendar';
import { BadInput, quote } from '../domain/problem';
import { messengerOf } from '../services/messenger';
import type { Services } from '../services/services';
import { answering, inputsOf, json, jsonOf, problem, textOf } from './http';

const APPOINTMENT_TYPES = [
  'appointment.booked',
  'appointment.cancelled',
  'appointment.attended',
  'appointment.missed',
] as const;

/** `?file=preferences-<date>.<n>.csv` names a further delivery; without it the deliveries of a date are numbered. */
export function putPreferences(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      const date = request.params['date'] ?? '';
      if (!isDate(date))
        throw new BadInput('the address is not valid', [
          { field: 'date', value: quote(date), expected: 'a date YYYY-MM-DD' },
        ]);
      const name = request.query.get('file') ?? (await nextName(services, date));
      if (!new RegExp(`^preferences-${date}(\\.\\d+)?\\.csv$`).test(name))
        throw new BadInput('the address is not valid', [
          { field: 'file', value: quote(name), expected: `preferences-${date}.csv or preferences-${date}.<n>.csv` },
        ]);
      const file = { date, name, content: await textOf(request), atMs: services.clock.now() };
      const result = await takePreferences(services, messengerOf(context), file);
      if (!result.sound)
        return problem(400, `${name} is refused whole`, [
          { field: 'file', expected: result.why.replace(/^expected /, '') },
        ]);
      const { accepted, quarantined, unknown } = result;
      return json(200, { accepted, quarantined, unknown });
    });
}

async function nextName(services: Services, date: string): Promise<string> {
  const before = (await services.blobs.list(`preferences/preferences-${date}`)).length;
  return before === 0 ? `preferences-${date}.csv` : `preferences-${date}.${before + 1}.csv`;
}

export function postReplies(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      messengerOf(context);
      const replies = inputsOf(await jsonOf(request), ['sms.reply'], services.clock.now());
      await services.bus.send('sms-replies', replies);
      return json(202, { taken: replies.length });
    });
}

export function postReceipts(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      const receipts = inputsOf(await jsonOf(request), ['sms.receipt'], services.clock.now());
      await services.bus.send('sms-receipts', receipts);
      return json(202, { taken: receipts.length });
    });
}

export function postIntervals(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      const intervals = inputsOf(await jsonOf(request), ['call.interval'], services.clock.now());
      await services.bus.send('call-intervals', arriving(services, intervals));
      return json(202, { taken: intervals.length });
    });
}

export function postAppointments(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      messengerOf(context);
      const events = inputsOf(await jsonOf(request), APPOINTMENT_TYPES, services.clock.now());
      await services.bus.send('appointment-events', events);
      return json(202, { taken: events.length });
    });
}
