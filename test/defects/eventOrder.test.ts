/**
 * What the outside tells comes twice, late and out of order: queues keep no order, a machine dies between two writes, a dead
 * letter is brought back days later, storage is busy for minutes. Whatever the order, all who know of a patient agree at the
 * end, and what could not be taken is tried long enough and counted.
 */
import type { InvocationContext } from '@azure/functions';
import { learnFeed } from '../../activities/learnFeed';
import { readContext } from '../../activities/context';
import { Changes } from '../../activities/docs';
import { changePerson, getPerson } from '../../activities/people';
import { takeAppointments } from '../../activities/takeAppointments';
import { takeIntervals } from '../../activities/takeIntervals';
import { takeReceipts } from '../../activities/takeReceipts';
import { takeRoster } from '../../activities/takeRoster';
import { book, hasBooking, UNKNOWN_PATIENT, type PatientState } from '../../domain/patient';
import type { AppointmentEvent, Receipt } from '../../domain/input';
import { ServiceError } from '../../services/errors';
import { withFaults } from '../../services/faulty';
import { createMemoryServices } from '../../services/memory/services';
import type { Messenger } from '../../services/messenger';
import { messagePk } from '../../services/rows';
import { storeOf, type Services } from '../../services/services';
import { allRows } from '../../services/tables';
import { spells } from '../app/spells';
import { dropPreferences } from '../../triggers/blobs';
import { receive, receiveSmsEvents } from '../../triggers/queues';
import { at, Day } from '../app/day';
import { january, phoneOf, rosterOf, vendorFile } from '../app/harness';
import { queued } from '../app/queued';

jest.mock('../../services/messenger', () => {
  const silent = { signalPatient: async () => undefined, wake: async () => undefined };
  return { messengerOf: () => silent, currentMessenger: () => silent };
});
afterEach(() => jest.restoreAllMocks());

const event = (type: string, appointmentId: string, time: string, day = 20) =>
  ({
    type: `appointment.${type}`,
    at: january(5, time),
    patientId: 'P1',
    appointmentId,
    ...(type === 'booked' ? { startsAt: january(day, '09:00'), channel: 'link' } : {}),
  }) as AppointmentEvent;

describe('appointment events that come out of order', () => {
  async function world() {
    const day = await Day.open();
    day.nowMs = at('16:00');
    const entity = { state: UNKNOWN_PATIENT as PatientState };
    const messenger: Messenger = {
      wake: async () => undefined,
      signalPatient: async (_, operation, input) => {
        if (operation === 'booked') entity.state = book(entity.state, input as number);
      },
    };
    const take = (...events: readonly AppointmentEvent[]) => takeAppointments(day.services, messenger, events);
    const person = async () => (await getPerson(day.services, 'P1'))!;
    /** What the campaign, the person's row and the gate come to. */
    const stands = async () => {
      const context = await readContext(day.services, 'small');
      const changes = new Changes(context.campaign);
      await learnFeed(day.services, context.campaign, context.books, day.nowMs, changes);
      await changes.write(day.services);
      const campaign = (await allRows(day.services.store.outreach, {})).find(({ rk }) => rk === 'P1')!.value;
      const { booking } = entity.state;
      const isGateNewer = booking !== null && booking.atMs > (campaign.bookingAtMs ?? 0);
      return [campaign.booked, hasBooking(await person()), isGateNewer ? booking.standing : campaign.booked];
    };
    const incidents = async () => (await allRows(day.services.store.incidents, {})).map(({ value }) => value.type);
    return { day, take, person, stands, incidents, messenger, entity };
  }

  it('a booking that comes after the later cancel of another visit is known to the campaign', async () => {
    const { take, stands } = await world();
    await take(event('booked', 'a0', '13:00'), event('cancelled', 'a0', '14:01'), event('booked', 'a1', '14:00'));
    expect(await stands()).toEqual([true, true, true]);
  });

  it('the gate that was asked with the later cancel as evidence knows of the booking', async () => {
    const { take, entity } = await world();
    await take(event('booked', 'a0', '13:00'), event('cancelled', 'a0', '14:01'), event('booked', 'a1', '14:00'));
    expect(entity.state.booking!.atMs).toBeGreaterThan(at('14:01'));
  });

  it('a cancel that comes after the visit was moved is overtaken', async () => {
    const { take, stands } = await world();
    await take(event('booked', 'a0', '13:00'), event('booked', 'a0', '14:01', 21), event('cancelled', 'a0', '14:00'));
    expect(await stands()).toEqual([true, true, true]);
  });

  it('a booking brought back after the visit was moved and cancelled does not revive it', async () => {
    const { take, stands } = await world();
    const first = event('booked', 'a0', '13:00');
    await take(first, event('booked', 'a0', '14:00', 21), event('cancelled', 'a0', '14:01'), first);
    expect(await stands()).toEqual([false, false, false]);
  });

  it('a move that comes after a later cancel does not revive the visit, one that is later than it does', async () => {
    const { take, stands } = await world();
    await take(event('booked', 'a0', '13:00'), event('cancelled', 'a0', '14:01'), event('booked', 'a0', '14:00', 21));
    expect(await stands()).toEqual([false, false, false]);
    await take(event('booked', 'a0', '14:02', 22));
    expect(await stands()).toEqual([true, true, true]);
  });

  it('a move between two cancels that comes after both is overtaken', async () => {
    const { take, stands } = await world();
    await take(event('booked', 'a0', '13:00'), event('cancelled', 'a0', '14:00'), event('cancelled', 'a0', '14:02'));
    await take(event('booked', 'a0', '14:01', 21));
    expect(await stands()).toEqual([false, false, false]);
  });

  it('of two of one instant the one that comes last holds', async () => {
    const { take, stands } = await world();
    await take(event('booked', 'a0', '13:00'), event('cancelled', 'a0', '13:00'));
    expect(await stands()).toEqual([false, false, false]);
    await take(event('booked', 'a1', '13:00'));
    expect(await stands()).toEqual([true, true, true]);
  });

  it('a visit attended is for good, though a later cancel came first', async () => {
    const { take, person } = await world();
    await take(event('booked', 'a0', '13:00'), event('cancelled', 'a0', '14:01'), event('attended', 'a0', '14:00'));
    expect(await person()).toMatchObject({ attendedAtMs: at('14:00'), appointments: { a0: { status: 'CANCELLED' } } });
  });

  it('a cancel that comes before the booking it follows is an incident, and ends that booking', async () => {
    const { take, stands, incidents } = await world();
    await take(event('cancelled', 'a1', '14:01'));
    expect(await incidents()).toEqual(['UNKNOWN_EVENT']);
    await take(event('booked', 'a1', '14:00'));
    expect(await stands()).toEqual([false, false, false]);
    await take(event('booked', 'a1', '14:02', 21));
    expect(await stands()).toEqual([true, true, true]);
  });

  it.each(['14:00', '14:01'])('a cancel of nothing, told before a booking of %s, changes nothing', async (time) => {
    const { take, stands } = await world();
    await take(event('cancelled', 'a1', '14:00'), event('booked', 'a1', time));
    expect(await stands()).toEqual([true, true, true]);
  });

  it('remembers of appointments that nobody booked only the latest few', async () => {
    const { take, person } = await world();
    const cancels = Array.from({ length: 30 }, (_, i) => event('cancelled', `x${i}`, `14:${10 + i}`));
    await take(...cancels);
    expect(Object.keys((await person()).early!).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `x${20 + i}`));
  });

  it.each([
    ['booked', [], [true, true, true]],
    ['cancelled', [event('booked', 'a0', '13:00')], [false, false, false]],
  ] as const)(
    '%s, cut off before the campaign was told, is told when it comes again',
    async (type, given, expected) => {
      const { day, take, stands } = await world();
      await take(...given, event('booked', 'a9', '14:04'), event('cancelled', 'a9', '14:05'));
      const cut = jest.spyOn(day.services.store.feed, 'insert').mockRejectedValueOnce(new Error('the machine died'));
      await expect(take(event(type, 'a0', '14:00'))).rejects.toThrow('died');
      cut.mockRestore();
      await take(event(type, 'a0', '14:00'));
      expect(await stands()).toEqual(expected);
    },
  );

  it('two that are taken at once leave the campaign with what was written last, whoever tells first', async () => {
    const { day, take, stands } = await world();
    await take(event('booked', 'a0', '13:00'));
    const { feed } = day.services.store;
    const insert = feed.insert.bind(feed);
    jest.spyOn(feed, 'insert').mockImplementationOnce(async (row) => {
      await take(event('booked', 'a1', '14:00'));
      return insert(row);
    });
    await take(event('cancelled', 'a0', '14:01'));
    expect(await stands()).toEqual([true, true, true]);
  });

  it('rows of the release before are read as before', async () => {
    const { day, take, stands } = await world();
    await take(event('booked', 'a0', '13:00'));
    await changePerson(day.services, 'P1', ({ appointments, ...row }) => ({
      ...row,
      appointments: { a0: { status: 'BOOKED', startsAt: appointments['a0']!.startsAt } },
    }));
    await take(event('cancelled', 'a0', '12:00'));
    expect(await stands()).toEqual([false, false, false]);
  });
});

describe('receipts', () => {
  const receipt = (messageId: string, status: Receipt['status'], time: string, code?: Receipt['code']): Receipt => ({
    ...{ type: 'sms.receipt', at: january(5, time), messageId, status },
    ...(code && { code }),
  });
  const texted = async (...patients: readonly object[]) => {
    const made = await queued(...patients);
    await made.receive();
    const { services } = made.day;
    const { messageId } = (await made.day.ledger()).find(({ patientId }) => patientId === 'P1')!;
    const status = async () => (await services.store.messages.get(messagePk(messageId), messageId))!.receipt;
    const noMobile = async (id: string) => (await getPerson(services, id))!.noMobile;
    return { ...made, services, messageId, status, noMobile };
  };

  it('the first of two, brought again, changes nothing', async () => {
    const { services, messageId, status } = await texted();
    const first = receipt(messageId, 'UNDELIVERED', '18:31', 'OTHER');
    for (const one of [first, receipt(messageId, 'DELIVERED', '18:32'), first]) await takeReceipts(services, [one]);
    expect(await status()).toBe('DELIVERED');
    await takeReceipts(services, [receipt(messageId, 'UNDELIVERED', '18:32', 'OTHER')]);
    expect(await status()).toBe('UNDELIVERED');
  });

  it('one between two that say the same changes nothing', async () => {
    const { services, messageId, status } = await texted();
    const delivered = ['18:31', '18:33'].map((time) => receipt(messageId, 'DELIVERED', time));
    for (const one of [...delivered, receipt(messageId, 'UNDELIVERED', '18:32', 'OTHER')])
      await takeReceipts(services, [one]);
    expect(await status()).toBe('DELIVERED');
    const counts = (await allRows(services.store.feed, {})).flatMap(({ value }) =>
      value.kind === 'receipts' ? [[value.delivered, value.undelivered]] : [],
    );
    expect(counts).toEqual([[1, 0]]);
  });

  it('that are old still say that a number takes no texts', async () => {
    const { services, messageId, status, noMobile } = await texted();
    await takeReceipts(services, [receipt(messageId, 'DELIVERED', '18:32')]);
    await takeReceipts(services, [receipt(messageId, 'UNDELIVERED', '18:31', 'BLOCKED')]);
    expect([await status(), await noMobile('P1')]).toEqual(['DELIVERED', true]);
  });

  it('of a dead number say nothing of whom a corrected roster has moved to another', async () => {
    const services = createMemoryServices();
    const nowMs = Date.parse(january(4, '12:00'));
    await takeRoster(services, 'small', rosterOf([{}, { phone: phoneOf(0) }]), nowMs);
    await takeRoster(services, 'small', rosterOf([{}, { phone: phoneOf(7) }]), nowMs);
    const { numberKey } = (await getPerson(services, 'P1'))!.campaigns['small']!;
    const value = { campaignId: 'small', phase: 'PILOT', numberKey, receipt: null } as const;
    await services.store.messages.insert({ pk: messagePk('ab'), rk: 'ab', value });
    await takeReceipts(services, [receipt('ab', 'UNDELIVERED', '18:31', 'LANDLINE')]);
    expect([(await getPerson(services, 'P1'))!.noMobile, (await getPerson(services, 'P2'))!.noMobile]).toEqual([
      true,
      false,
    ]);
  });
});

describe('call spells that are stored long after they arrived', () => {
  const world = () => {
    const made = spells();
    return { ...made, arrived: (time: string, answered: number) => made.arrived(time, time, answered) };
  };

  it('are judged at the next look, once', async () => {
    const { services, arrived, judge, day } = world();
    const waiting = arrived('12:00', 0);
    await takeIntervals(services, arrived('12:50', 30));
    const before = await judge(day, '12:55');
    expect(before.throttle.halvings).toBe(0);
    await takeIntervals(services, waiting);
    const after = await judge(before, '13:00');
    expect(after.throttle.halvings).toBe(1);
    expect(await judge(after, '13:05')).toEqual(after);
    await takeIntervals(services, arrived('14:30', 30));
    const later = await judge(after, '14:30');
    expect(later.throttle.halvings).toBe(1);
    expect(await judge(later, '14:35')).toEqual(later);
  });

  it('are not judged again after what an earlier release remembered less of', async () => {
    const { services, arrived, judge, day } = world();
    for (const time of ['11:30', '11:58', '12:00']) await takeIntervals(services, arrived(time, 0));
    const noon = await judge(day, '12:01');
    expect(noon.throttle.halvings).toBe(3);
    const asStoredBefore = { ...noon, judgedLast: noon.judgedLast!.slice(-2) };
    expect(await judge(asStoredBefore, '12:02')).toEqual(asStoredBefore);
    await takeIntervals(services, arrived('12:10', 0));
    expect((await judge(asStoredBefore, '12:11')).throttle.halvings).toBe(4);
  });

  it('a day remembers no more of them than a row holds, and none is judged again for that', async () => {
    const { services, arrived, judge, day } = world();
    for (let n = 0; n < 700; n += 1) await takeIntervals(services, arrived('12:00', 0));
    const noon = await judge(day, '12:00');
    expect([noon.throttle.halvings, noon.judgedLast!.length]).toEqual([700, 501]);
    expect(await judge(noon, '12:01')).toEqual(noon);
    await takeIntervals(services, arrived('12:01', 0));
    expect((await judge(noon, '12:01')).throttle.halvings).toBe(701);
  });
});

describe('while storage is busy', () => {
  const context = (deliveryCount: number, more: object = {}) =>
    ({ triggerMetadata: { deliveryCount, messageId: 'm1', ...more } }) as unknown as InvocationContext;
  async function world() {
    const day = await Day.open();
    const fault = { busy: true };
    const tables = withFaults(day.services.tables, () => (fault.busy ? 'BUSY' : null));
    const services: Services = { ...day.services, tables, store: storeOf(tables) };
    const waits: number[] = [];
    const waiting = { wait: async (ms: number) => void waits.push(ms) };
    const incidents = async () => (await allRows(day.services.store.incidents, {})).map(({ value }) => value);
    return { day, services, fault, waits, waiting, incidents };
  }
  const message = { type: 'appointment-events', version: 1, body: event('booked', 'a1', '14:00') };

  it('the last delivery of an input fails with why it failed, not with what counting it met', async () => {
    const { services, waiting } = await world();
    jest.spyOn(services.store.incidents, 'upsert').mockRejectedValue(new ServiceError('TIMED_OUT', 'no count'));
    const take = receive(services, 'appointment-events', waiting);
    await expect(take(message, context(10))).rejects.toThrow('people: get: the service is busy');
  });

  it('ten deliveries of an input take minutes, each wait well inside the lock', async () => {
    const { services, waits, waiting } = await world();
    const take = receive(services, 'appointment-events', waiting);
    for (let n = 1; n <= 10; n += 1) await expect(take(message, context(n))).rejects.toThrow('busy');
    expect(waits).toEqual([5, 10, 20, 30, 30, 30, 30, 30, 30].map((s) => s * 1000));
  });

  it('what fails for another reason, or is an order of a text, is given back at once', async () => {
    const { services, waits, waiting } = await world();
    await expect(receive(services, 'appointment-events', waiting)('x', context(2))).rejects.toThrow('cannot be used');
    const order = {
      ...{ text: { messageId: 'm', to: '+1', body: '' }, bucket: '00000', reservation: 'r', of: 1, date: null },
      row: { pk: 'a', rk: 'b', value: { campaignId: 'small', messageId: 'm', patientId: 'P1', sentAtMs: 1 } },
    };
    const sent = { type: 'outbound-texts', version: 1, body: order };
    await expect(receive(services, 'outbound-texts', waiting)(sent, context(1))).rejects.toThrow('busy');
    expect(waits).toEqual([]);
  });

  it("the carrier's events wait as well", async () => {
    const { services, waits, waiting } = await world();
    const send = async () => Promise.reject(new ServiceError('THROTTLED', 'the bus is busy', { retryAfterMs: 8000 }));
    const reply = {
      ...{ specversion: '1.0', id: 'e1', source: '/carrier', type: 'Microsoft.Communication.SMSReceived' },
      data: {
        messageId: 'abc',
        from: phoneOf(1).slice(1),
        to: '1',
        message: 'STOP',
        receivedTimestamp: january(5, '14:00'),
      },
    };
    const take = receiveSmsEvents({ ...services, bus: { ...services.bus, send } }, waiting);
    await expect(take(reply, context(1))).rejects.toThrow('the bus is busy');
    expect(waits).toEqual([8000]);
  });

  it('a dropped file waits, and is an incident once when it could not be taken', async () => {
    const { day, services, fault, waits, waiting, incidents } = await world();
    const properties = { lastModified: january(5, '09:00') };
    const drop = dropPreferences(services, waiting);
    const file = vendorFile(`P1,${phoneOf(0)},OPT_OUT,${january(4, '10:00')}`);
    const taken = () => drop(Buffer.from(file), context(0, { name: 'preferences-2026-01-05.csv', properties }));
    await expect(taken()).rejects.toThrow('files: insert: the service is busy');
    expect([await incidents(), waits]).toEqual([[], [30_000]]);
    fault.busy = false;
    for (const time of ['14:00', '14:01']) {
      day.nowMs = at(time);
      jest.spyOn(services.store.files, 'insert').mockRejectedValueOnce(new Error('a defect'));
      await expect(taken()).rejects.toThrow('a defect');
    }
    expect(await incidents()).toEqual([
      { atMs: at('09:00'), type: 'PREFERENCES_FILE_NOT_TAKEN', detail: 'preferences-2026-01-05.csv' },
    ]);
    expect(waits).toHaveLength(1);
    await taken();
    expect((await getPerson(services, 'P1'))!.preference!.status).toBe('OPT_OUT');
  });
});
