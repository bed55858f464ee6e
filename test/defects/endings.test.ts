/** A campaign's end, and what comes close to it: found by reading, where simulated inputs stop at a cancel. */
import { beginDay } from '../../activities/beginDay';
import { takeControl } from '../../activities/control';
import { deliverTexts } from '../../activities/deliverTexts';
import { finishCampaign } from '../../activities/finishCampaign';
import { openDay } from '../../activities/openDay';
import { startCampaign } from '../../activities/startCampaign';
import { takeAppointments } from '../../activities/takeAppointments';
import { takeRoster } from '../../activities/takeRoster';
import { arriving, takeIntervals } from '../../activities/takeIntervals';
import { DAY_MS, HOUR_MS } from '../../domain/calendar';
import type { Report } from '../../domain/report';
import type { Messenger } from '../../services/messenger';
import { ServiceError } from '../../services/errors';
import { ONLY } from '../../services/rows';
import { allRows } from '../../services/tables';
import { at, DAY, Day, everyone } from '../app/day';
import { rosterOf, SMALL } from '../app/harness';
import { forgetOutcome, pause, planned, queued } from '../app/queued';

const silent: Messenger = { signalPatient: async () => undefined, wake: async () => undefined };
const MIDNIGHT = at('00:00') + DAY_MS;
const END = at('00:00') + 7 * DAY_MS;
const CANCEL = { kind: 'cancel', by: 'a1' } as const;
const iso = (atMs: number) => new Date(atMs).toISOString();
const cut = () => new ServiceError('TIMED_OUT', 'cut off');

afterEach(() => jest.restoreAllMocks());

const cancel = (day: Day, atMs = day.nowMs, messenger = silent) =>
  takeControl(day.services, messenger, 'small', CANCEL, atMs);
const finish = (day: Day) => finishCampaign(day.services, { campaignId: 'small', nowMs: day.nowMs });
const audited = async (day: Day) => (await allRows(day.services.store.audit, {})).map(({ value }) => value);
const dayRow = async (day: Day) => (await day.services.store.days.get('small', DAY.date))!;

async function reported(day: Day) {
  const read = async (name: string) => (await day.services.blobs.get(`outputs/small/${name}`))!;
  return { report: JSON.parse(await read('report.json')) as Report, patients: await read('patients.csv') };
}

/** One spell of calls that went badly, told at `toldMs`. */
async function badCalls(day: Day, toldMs: number) {
  const span = { at: iso(toldMs), from: iso(toldMs - HOUR_MS), to: iso(toldMs) };
  const calls = { offered: 30, answered: 3, answeredWithin30s: 3, abandoned: 27, abandonedWithin10s: 0 };
  await takeIntervals(day.services, arriving(day.services, [{ type: 'call.interval', ...span, ...calls }]));
}

describe('a cancel that comes before midnight was looked at', () => {
  it.each([
    ['at midnight', MIDNIGHT],
    ['after it', MIDNIGHT + HOUR_MS],
  ])('%s finds the day before closed: its calls are judged, its batch counted', async (_, cancelledAtMs) => {
    const { day, receive } = await queued();
    await receive();
    await forgetOutcome(day);
    await badCalls(day, at('21:00'));
    day.nowMs = cancelledAtMs;
    await cancel(day);
    await finish(day);
    const { batches, throttle } = await dayRow(day);
    expect({ batches, sent: throttle.sent, halvings: throttle.halvings }).toEqual({
      batches: [],
      sent: everyone.length,
      halvings: 1,
    });
    expect((await day.services.store.books.get('small', ONLY))!.taughtThrough).toBe(DAY.date);
  });

  it('leaves what midnight was to do when it is looked at late', async () => {
    const { day, receive } = await queued();
    await receive();
    day.nowMs = MIDNIGHT + HOUR_MS;
    await cancel(day);
    const begun = await beginDay(day.services, { ...DAY, date: '2026-01-06', nowMs: day.nowMs });
    expect(begun.ended).toBe(true);
    expect((await day.services.store.books.get('small', ONLY))!.taughtThrough).toBe(DAY.date);
  });
});

describe('what comes after the end, before the outputs are written', () => {
  it('a booking is in no output', async () => {
    const { day, receive } = await queued();
    await receive();
    day.nowMs = at('18:40');
    await cancel(day);
    const booked = { type: 'appointment.booked', patientId: 'P1', appointmentId: 'A1', channel: 'link' } as const;
    const startsAt = iso(at('18:40') + 9 * DAY_MS);
    await takeAppointments(day.services, silent, [{ ...booked, at: iso(at('18:40') + 3000), startsAt }]);
    await takeAppointments(day.services, silent, [
      { type: 'appointment.attended', at: iso(at('18:40') + 4000), patientId: 'P1', appointmentId: 'A1' },
    ]);
    day.nowMs = at('18:41');
    await finish(day);
    const { report, patients } = await reported(day);
    expect(report.weeks.map((week) => week.booked)).toEqual([0]);
    expect(patients).not.toMatch(/BOOKED|ATTENDED|true/);
  });

  it('a reply is not answered, and a cancel finds that it has ended', async () => {
    const { day, receive, reply } = await queued();
    await receive();
    day.nowMs = END;
    await reply(1, 'HELP');
    day.nowMs = END + 1;
    await reply(2, 'HELP');
    const answers = (await day.ledger()).filter(({ phase }) => phase === 'REPLY');
    expect(answers.map(({ sentAtMs }) => sentAtMs)).toEqual([END]);
    expect(await cancel(day)).toBe('ENDED');
    await finish(day);
    expect((await reported(day)).report.endState).toBe('COMPLETED');
  });

  it('an activity that is brought again does not make it run again', async () => {
    const { day, receive } = await queued();
    await receive();
    day.nowMs = END;
    await finish(day);
    await beginDay(day.services, { ...DAY, date: '2026-01-12', nowMs: END, listener: 'small:adaptive' });
    const [state] = await allRows(day.services.store.states, {});
    expect(state!.value).toMatchObject({ status: 'COMPLETED', listener: 'small' });
  });
});

it('a visit attended before the end counts, though another was attended after it', async () => {
  const { day, receive } = await queued();
  await receive();
  const told = (type: 'attended' | 'booked', appointmentId: string, atMs: number) => {
    const event = { at: iso(atMs), patientId: 'P1', appointmentId } as const;
    const startsAt = iso(atMs + DAY_MS);
    return takeAppointments(day.services, silent, [
      type === 'booked'
        ? { ...event, type: 'appointment.booked', startsAt, channel: 'link' }
        : { ...event, type: 'appointment.attended' },
    ]);
  };
  const cancelledAtMs = at('18:50');
  await told('booked', 'A1', at('18:40'));
  await told('booked', 'A2', at('18:41'));
  await told('attended', 'A1', at('18:45'));
  day.nowMs = cancelledAtMs;
  await cancel(day);
  await told('attended', 'A2', cancelledAtMs + 1000);
  day.nowMs = cancelledAtMs + 60_000;
  await finish(day);
  expect((await reported(day)).patients).toMatch(/^P1,.*,true,true,ATTENDED/m);
});

describe('a cancel that was cut off after its row', () => {
  it('is finished by whoever asks again: audited as of the first, and the campaign is woken', async () => {
    const { day } = await queued();
    const woken: string[] = [];
    const messenger: Messenger = { ...silent, wake: async (id) => void woken.push(id) };
    jest.spyOn(day.services.store.audit, 'upsert').mockRejectedValueOnce(cut());
    await expect(cancel(day, day.nowMs, messenger)).rejects.toThrow('cut off');
    const again = await takeControl(day.services, messenger, 'small', { kind: 'cancel', by: 'b2' }, day.nowMs + 5000);
    expect([again, woken]).toEqual(['ENDED', ['small']]);
    const lines = (await audited(day)).filter(({ action }) => action === 'control.cancel');
    expect(lines).toMatchObject([{ actor: 'a1', atMs: day.nowMs }]);
  });

  it('takes no other control', async () => {
    const { day } = await queued();
    await cancel(day);
    expect(await takeControl(day.services, silent, 'small', { kind: 'pause', by: 'a1' }, day.nowMs)).toBe('ENDED');
    expect((await day.services.store.controls.get('small', ONLY))!.paused).toBe(false);
  });
});

it.each([
  ['cut off before its last write', true, true],
  ['that nobody had looked at', false, true],
  ['that nobody looks at any more', false, false],
])('an opening %s stands when a cancel follows', async (_, isCut, isLookedAt) => {
  const day = await Day.ready(SMALL);
  if (isCut) {
    jest.spyOn(day.services.store.days, 'upsert').mockRejectedValueOnce(cut());
    await expect(openDay(day.services, { ...DAY, nowMs: day.nowMs })).rejects.toThrow('cut off');
  }
  day.nowMs += 10_000;
  await cancel(day);
  if (isLookedAt) expect((await openDay(day.services, { ...DAY, nowMs: day.nowMs })).state).toBe('ENDED');
  await finish(day);
  const { report } = await reported(day);
  expect(report.weeks[0]!.admittedCumulative).toBe(everyone.length);
  expect(report.days[0]!.budget).toBeGreaterThan(0);
});

it('a start whose answer was lost keeps its state, and can be made again where nothing runs', async () => {
  const day = await Day.entered();
  const { states } = day.services.store;
  const start = (run: () => Promise<void>) => startCampaign(day.services, 'small', SMALL, day.nowMs, run);
  await expect(start(() => Promise.reject(cut()))).rejects.toThrow('cut off');
  expect((await allRows(states, {})).map(({ value }) => value)).toMatchObject([{ status: 'WAITING', endedAtMs: null }]);
  expect(await cancel(day)).toBe('ACCEPTED');
  expect(await start(async () => undefined)).toBe('STARTED');
});

it('a start that failed, where the host knows of no instance, leaves the roster open', async () => {
  const day = await Day.entered();
  const [fail, mayRun] = [() => Promise.reject(cut()), async () => false];
  await expect(startCampaign(day.services, 'small', SMALL, day.nowMs, fail, mayRun)).rejects.toThrow('cut off');
  expect(await takeRoster(day.services, 'small', rosterOf([{}]), day.nowMs)).toMatchObject({ accepted: 1 });
});

describe('a batch that is tried again when nothing may leave', () => {
  it('over midnight: what never left teaches nothing', async () => {
    const { day, queue, send } = await planned('18:30');
    const { bus } = day.services;
    day.services = { ...day.services, bus: { ...bus, send: () => Promise.reject(cut()) } };
    await expect(send()).rejects.toThrow('cut off');
    day.services = { ...day.services, bus };
    const span = { at: iso(at('18:00')), from: iso(at('09:00')), to: iso(at('18:00')) };
    const calls = { offered: 3, answered: 3, answeredWithin30s: 3, abandoned: 0, abandonedWithin10s: 0 };
    await takeIntervals(day.services, arriving(day.services, [{ type: 'call.interval', ...span, ...calls }]));
    day.nowMs = MIDNIGHT + 5000;
    await send();
    await deliverTexts(day.services, queue.splice(0));
    day.nowMs = MIDNIGHT + 6000;
    await beginDay(day.services, { ...DAY, date: '2026-01-06', nowMs: day.nowMs });
    const { callRate } = (await day.services.store.books.get('small', ONLY))!;
    expect([day.sent, callRate.texts]).toEqual([[], 0]);
  });

  it('in a pause: nothing leaves later as of an instant of the pause', async () => {
    const { day, queue, send } = await planned('18:30');
    await send();
    await forgetOutcome(day);
    const [first] = queue.splice(0);
    day.nowMs = at('18:30') + 10_000;
    await pause(day, true);
    day.nowMs = at('18:30') + 30_000;
    await send();
    await pause(day, false);
    day.nowMs = at('18:30') + 50_000;
    await deliverTexts(day.services, [first!, ...queue.splice(0)]);
    const left = (await day.ledger()).filter(({ status }) => status === 'SENT');
    expect(left.map(({ sentAtMs }) => sentAtMs)).toEqual([at('18:30')]);
  });
});

it.each(['books', 'days'] as const)(
  'a pass that is cut off at its %s gives the room of texts held back, once',
  async (at) => {
    const { day, queue, send } = await planned('12:00');
    await send();
    await pause(day, true);
    const orders = queue.splice(0);
    await deliverTexts(day.services, orders);
    await pause(day, false);
    jest.spyOn(day.services.store[at], 'replaceBatch').mockRejectedValueOnce(cut());
    await expect(day.plan('15:00', 2)).rejects.toThrow('cut off');
    await day.plan('15:00', 2);
    const { throttle } = await dayRow(day);
    expect(throttle).toMatchObject({ left: throttle.budget, sent: 0, returned: orders.length });
  },
);

it('a text that left while its sender was slow is in the ledger, though its order was brought again and refused', async () => {
  const { day, queue, stop } = await queued();
  const orders = queue.splice(0);
  const real = day.memory.sms;
  let isFirst = true;
  const send: typeof real.send = async (texts) => {
    if (isFirst) {
      isFirst = false;
      day.nowMs += 70_000;
      await stop(1);
      await deliverTexts(day.services, orders, new Set(orders.map(({ text }) => text.messageId)));
    }
    return real.send(texts);
  };
  day.services = { ...day.services, sms: { ...real, send } };
  await deliverTexts(day.services, orders);
  const texts = (await day.ledger()).filter(({ phase }) => phase !== 'REPLY');
  expect(texts.filter(({ sentAtMs }) => sentAtMs !== null).map(({ patientId }) => patientId)).toEqual(everyone);
  expect([...new Set(day.sent)].sort()).toEqual(everyone);
});

it('an opening that was cut off and lists fewer the second time leaves none of the first list', async () => {
  const day = await Day.ready(SMALL);
  const stale = { pk: `small|${DAY.date}`, rk: '000001', value: { entries: [{ patientId: 'P1' } as never] } };
  await day.services.store.agenda.upsert(stale);
  await openDay(day.services, { ...DAY, nowMs: day.nowMs });
  const pages = await allRows(day.services.store.agenda, {});
  expect(pages.map(({ value }) => value.entries.length)).toEqual([everyone.length]);
});
