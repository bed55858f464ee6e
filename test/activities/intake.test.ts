/**
 * Intake of rosters, vendor files, replies and appointments without a host (formats.md, "In: roster.csv", "In:
 * preferences", rules 5 and 13): what is merged, quarantined, counted, refused whole, and that duplicates change nothing.
 */
import { startCampaign } from '../../activities/startCampaign';
import { takeAppointments } from '../../activities/takeAppointments';
import { takePreferences } from '../../activities/takePreferences';
import { takeReceipts } from '../../activities/takeReceipts';
import { takeReply } from '../../activities/takeReply';
import { takeRoster } from '../../activities/takeRoster';
import { getPerson } from '../../activities/people';
import type { AppointmentEvent } from '../../domain/input';
import { BadInput } from '../../domain/problem';
import { createMemoryServices } from '../../services/memory/services';
import { withFaults } from '../../services/faulty';
import { storeOf } from '../../services/services';
import type { Messenger } from '../../services/messenger';
import { allRows } from '../../services/tables';
import { receiveInMemory } from '../../triggers/receivers';
import { seedInitial } from '../../simulator/seedInitial';
import { january, phoneOf, rosterOf, SMALL, vendorFile } from '../app/harness';

const NOON = Date.parse(january(4, '12:00'));
const STOPPED = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: NOON } as const;
const silent: Messenger = { signalPatient: async () => undefined, wake: async () => undefined };

async function world(patients: Parameters<typeof rosterOf>[0] = [{}, {}, {}]) {
  const services = createMemoryServices();
  const sent: string[] = [];
  receiveInMemory(services, services.bus);
  services.sms.subscribe((text) => sent.push(`${text.patientId} ${text.kind}`));
  await takeRoster(services, 'small', rosterOf(patients), NOON);
  const start = () => startCampaign(services, 'small', SMALL, NOON, async () => undefined);
  const file = (content: string, atMs = NOON, date = '2026-01-05', n = '') =>
    takePreferences(services, silent, { date, name: `preferences-${date}${n}.csv`, content, atMs });
  const preference = async (id: string) => (await getPerson(services, id))?.preference ?? null;
  const incidents = async () => (await allRows(services.store.incidents, {})).map(({ value }) => value.type);
  const quarantined = async () =>
    (await allRows(services.store.quarantine, {})).map(({ value }) => [value.source, value.line, value.field]);
  const reply = (n: number, text: string, replyId: string, at = january(4, '13:00')) =>
    takeReply(services, silent, { type: 'sms.reply', at, from: phoneOf(n), text, replyId });
  return { services, sent, start, file, preference, incidents, quarantined, reply };
}
const row = (n: number, action: string, at: string) => `P${n + 1},${phoneOf(n)},${action},${at}`;

describe('what was known at the start', () => {
  it('is the same in whatever order it is told', async () => {
    const stop = { type: 'stop', phone: phoneOf(0), at: january(1, '10:00') } as const;
    const preference = (status: 'OPT_IN' | 'OPT_OUT', at: string) =>
      ({ type: 'preference', patientId: 'P1', status, source: 'VENDOR', effectiveAt: january(1, at) }) as const;
    const facts = [stop, preference('OPT_IN', '11:00'), preference('OPT_OUT', '12:00')];
    for (const told of [facts, [...facts].reverse()]) {
      const { services, start, sent, reply } = await world();
      await seedInitial(services, told, async () => undefined);
      await start();
      await reply(0, 'STOP', 'r1');
      // The last word is an opt-out: the number stays as the STOP left it.
      expect(sent).toEqual([]);
    }
  });
});

describe('a roster', () => {
  it('names the physical line on which a record starts, past quoted line ends', async () => {
    const { quarantined } = await world([{ lastName: '"Quov\nzd\r\nx"' }, { phone: 'none' }, {}, { language: 'fr' }]);
    expect(await quarantined()).toEqual([
      ['roster.csv', 5, 'phone'],
      ['roster.csv', 7, 'language'],
    ]);
  });

  it('may be in CRLF with a BOM, its columns in any order of quoting', async () => {
    const services = createMemoryServices();
    const csv = `\uFEFF${rosterOf([{ firstName: '"Zvu, rk"' }, {}]).replaceAll('\n', '\r\n')}`;
    expect(await takeRoster(services, 'small', csv, NOON)).toEqual({ accepted: 2, quarantined: [] });
  });

  it('changes nothing when it is refused', async () => {
    const { services } = await world();
    const twice = rosterOf([{ patientId: 'P1' }, { patientId: 'P1' }]);
    await expect(takeRoster(services, 'small', twice, NOON)).rejects.toThrow(BadInput);
    expect((await services.store.rosters.get('small', 'row'))?.accepted).toBe(3);
  });
});

describe('a vendor file', () => {
  const OLD = '2026-01-01T10:00:00-06:00';

  it('counts what it took, quarantines what is bad, counts who is unknown', async () => {
    const { file, preference, quarantined } = await world();
    const content = vendorFile(
      row(0, 'OPT_IN', OLD),
      row(1, 'MAYBE', OLD),
      `P3,${phoneOf(9)},OPT_OUT,${OLD}`,
      `X9,${phoneOf(8)},OPT_IN,${OLD}`,
    );
    expect(await file(content)).toEqual({ sound: true, accepted: 1, quarantined: 2, unknown: 1 });
    expect((await preference('P1'))?.status).toBe('OPT_IN');
    expect([await preference('P2'), await preference('P3')]).toEqual([null, null]);
    expect(await quarantined()).toEqual([
      ['preferences-2026-01-05.csv', 3, 'action'],
      ['preferences-2026-01-05.csv', 4, 'phone'],
    ]);
  });

  it.each([
    ['the instant of intake itself', january(4, '12:00'), 1],
    ['a second after the intake', january(4, '12:00:01'), 0],
  ])('a row effective at %s', async (_, effectiveAt, accepted) => {
    const { file } = await world();
    expect(await file(vendorFile(row(0, 'OPT_IN', effectiveAt)))).toMatchObject({
      accepted,
      quarantined: 1 - accepted,
    });
  });

  it.each([
    ['no trailer', (text: string) => text.replace(/TRAILER.*\n/, '')],
    ['a wrong count', (text: string) => text.replace('TRAILER,1', 'TRAILER,0')],
    ['a count that is no number', (text: string) => text.replace('TRAILER,1', 'TRAILER,one')],
    ['a row after the trailer', (text: string) => `${text}${row(1, 'OPT_IN', OLD)},portal\n`],
    ['another header', (text: string) => text.replace('effectiveAt', 'since')],
    ['nothing in it', () => ''],
  ])('with %s is refused whole', async (_, spoil) => {
    const { file, preference, incidents } = await world();
    expect(await file(spoil(vendorFile(row(0, 'OPT_IN', OLD))))).toMatchObject({ sound: false });
    expect(await preference('P1')).toBeNull();
    expect(await incidents()).toEqual(['PREFERENCES_FILE_REFUSED']);
  });

  it('with further columns, in another order, is taken all the same', async () => {
    const { file, preference, quarantined } = await world();
    const lines = [
      'source,action,effectiveAt,note,patientId,phone',
      `portal,OPT_IN,${OLD},hello,P1,${phoneOf(0)}`,
      `portal,OPT_IN,${OLD},P2,${phoneOf(1)}`,
      'TRAILER,2,,,,',
    ];
    expect(await file(lines.join('\n'))).toMatchObject({ sound: true, accepted: 1, quarantined: 1 });
    expect((await preference('P1'))?.status).toBe('OPT_IN');
    expect((await quarantined())[0]).toEqual(['preferences-2026-01-05.csv', 3, 'row']);
  });

  it('in CRLF with an empty line in the middle is taken, its lines counted as they stand', async () => {
    const { file, quarantined } = await world();
    const [header, ...rest] = vendorFile(row(0, 'OPT_IN', OLD), row(1, 'MAYBE', OLD)).split('\n');
    const content = [header, rest[0], '', ...rest.slice(1)].join('\r\n');
    expect(await file(content)).toMatchObject({ sound: true, accepted: 1, quarantined: 1 });
    expect(await quarantined()).toEqual([['preferences-2026-01-05.csv', 4, 'action']]);
  });

  it('without any rows is sound', async () => {
    const { file } = await world();
    expect(await file(vendorFile())).toEqual({ sound: true, accepted: 0, quarantined: 0, unknown: 0 });
  });

  it('of any date and in any order, twice or once, leaves the newest preference', async () => {
    const first = vendorFile(row(0, 'OPT_IN', OLD), row(1, 'OPT_OUT', '2026-01-02T10:00:00-06:00'));
    const second = vendorFile(row(0, 'OPT_OUT', OLD), row(1, 'OPT_IN', '2026-01-02T16:00:00Z'), row(1, 'OPT_IN', OLD));
    for (const deliveries of [
      [first, second],
      [second, first],
      [second, second, first, first],
    ]) {
      const { file, preference } = await world();
      for (const [n, content] of deliveries.entries()) await file(content, NOON, '2025-12-24', `.${n + 1}`);
      // P1: a tie; P2: the same instant written in two offsets, so a tie as well.
      expect([(await preference('P1'))?.status, (await preference('P2'))?.status]).toEqual(['OPT_OUT', 'OPT_OUT']);
    }
  });

  it('of old does not undo a STOP, a newer one does', async () => {
    const { start, file, preference, reply } = await world();
    await start();
    await reply(0, 'stop', 'r1', january(4, '13:00'));
    await file(vendorFile(row(0, 'OPT_IN', january(4, '12:59:59'))), Date.parse(january(4, '14:00')));
    expect(await preference('P1')).toMatchObject({ status: 'OPT_OUT', source: 'REPLY' });
    await file(vendorFile(row(0, 'OPT_IN', january(4, '13:00:01'))), Date.parse(january(4, '14:00')), '2026-01-06');
    expect(await preference('P1')).toMatchObject({ status: 'OPT_IN', source: 'VENDOR' });
  });
});

describe('events that nothing is known of', () => {
  it('are an incident each, also two of one instant; the same one again is none', async () => {
    const { services, start, incidents } = await world();
    await start();
    const at = january(4, '13:00');
    const receipt = { type: 'sms.receipt', at, messageId: 'm1', status: 'UNDELIVERED' } as const;
    const codes = ['LANDLINE', 'BLOCKED', 'LANDLINE'] as const;
    await takeReceipts(
      services,
      codes.map((code) => ({ ...receipt, code })),
    );
    const event = { type: 'appointment.cancelled', at, patientId: 'P99' } as const;
    const ids = ['A1', 'A2', 'A1'];
    await takeAppointments(
      services,
      silent,
      ids.map((appointmentId) => ({ ...event, appointmentId })),
    );
    expect(await incidents()).toEqual(Array(4).fill('UNKNOWN_EVENT'));
  });
});

describe('replies', () => {
  it('a STOP opts out everybody on the number, and is confirmed once, to the lowest patientId', async () => {
    const { start, sent, preference, reply } = await world([{}, { phone: phoneOf(0) }, {}]);
    await start();
    await reply(0, 'STOP', 'r1');
    await reply(0, 'stop', 'r2');
    expect([(await preference('P1'))?.status, (await preference('P2'))?.status]).toEqual(['OPT_OUT', 'OPT_OUT']);
    expect([await preference('P3'), sent]).toEqual([null, ['P1 STOP_CONFIRM']]);
  });

  it('the same replyId again changes nothing and answers nothing', async () => {
    const { start, sent, reply } = await world();
    await start();
    await reply(0, 'help', 'r1');
    await reply(0, 'help', 'r1');
    await reply(0, 'help', 'r2');
    expect(sent).toEqual(['P1 HELP', 'P1 HELP']);
  });

  it('of two under one replyId the first to come counts, also when it was cut off and the other comes before its retry', async () => {
    const { services, start, sent, reply, preference } = await world();
    await start();
    const inbox = services.store.inbox.upsert;
    services.store.inbox.upsert = () => Promise.reject(new Error('cut off'));
    await expect(reply(0, 'who is this', 'r1')).rejects.toThrow('cut off');
    services.store.inbox.upsert = inbox;
    await reply(0, 'stop', 'r1', january(4, '13:01'));
    expect([await preference('P1'), sent]).toEqual([null, []]);
    await reply(0, 'who is this', 'r1');
    expect((await allRows(services.store.inbox, {})).map(({ rk }) => rk)).toEqual(['r1']);
    await reply(0, 'stop', 'r1', january(4, '13:01'));
    expect([await preference('P1'), sent]).toEqual([null, []]);
  });

  it('the same reply sent again is taken in at its first instant, where the first time was cut off', async () => {
    const { services, start, reply } = await world();
    await start();
    const put = jest.spyOn(services.store.inbox, 'upsert').mockRejectedValueOnce(new Error('cut off'));
    await expect(reply(0, 'who is this', 'r1')).rejects.toThrow('cut off');
    put.mockRestore();
    await reply(0, 'who is this', 'r1', january(4, '13:05'));
    const inbox = (await allRows(services.store.inbox, {})).map(({ value }) => value.atMs);
    expect(inbox).toEqual([Date.parse(january(4, '13:00'))]);
  });

  it('START brings back everybody whom the STOP opted out, and HELP is silent in between', async () => {
    const { start, sent, preference, reply } = await world([{}, { phone: phoneOf(0) }]);
    await start();
    await reply(0, 'stop', 'r1', january(4, '13:00'));
    await reply(0, 'help', 'r2', january(4, '13:01'));
    await reply(0, 'start', 'r3', january(4, '13:02'));
    await reply(0, 'help', 'r4', january(4, '13:03'));
    expect([(await preference('P1'))?.status, (await preference('P2'))?.status]).toEqual(['OPT_IN', 'OPT_IN']);
    expect(sent).toEqual(['P1 STOP_CONFIRM', 'P1 OPT_IN_CONFIRM', 'P1 HELP']);
  });

  it('of two STARTs of one instant only the first opts in, also when it is handled again', async () => {
    const { services, start, sent, reply, preference } = await world([{}]);
    await start();
    await reply(0, 'STOP', 'r1', january(4, '13:00'));
    await reply(0, 'START', 'r2', january(4, '14:00'));
    await reply(0, 'START', 'r3', january(4, '14:00'));
    expect(sent).toEqual(['P1 STOP_CONFIRM', 'P1 OPT_IN_CONFIRM']);
    expect((await allRows(services.store.inbox, {})).map(({ rk }) => rk)).toEqual(['r3']);
    const [handled] = (await allRows(services.store.replies, {})).filter(({ rk }) => rk === 'r2');
    await services.store.replies.delete(handled!.pk, 'r2');
    await reply(0, 'START', 'r2', january(4, '14:00'));
    expect((await allRows(services.store.inbox, {})).map(({ rk }) => rk)).toEqual(['r3']);
    expect(await preference('P1')).toMatchObject({ status: 'OPT_IN', source: 'REPLY' });
  });

  it('START of somebody never stopped and never texted goes to the inbox, unconfirmed', async () => {
    const { services, start, sent, preference, reply } = await world();
    await start();
    await reply(0, 'START', 'r1');
    expect([await preference('P1'), sent]).toEqual([null, []]);
    expect((await allRows(services.store.inbox, { pk: 'small' })).map(({ rk }) => rk)).toEqual(['r1']);
  });

  it('BOOK is answered only where an opted-in patient is reached', async () => {
    const { start, sent, file, reply } = await world();
    await file(vendorFile(row(1, 'OPT_IN', '2026-01-01T10:00:00-06:00')));
    await start();
    await reply(0, 'book', 'r1');
    await reply(1, 'yes', 'r2');
    expect(sent).toEqual(['P2 BOOKING_OFFER']);
  });

  it('from a number of no patient are an incident, and nothing else', async () => {
    const { start, sent, incidents, reply } = await world();
    await start();
    await reply(77, 'stop', 'r1');
    expect([await incidents(), sent]).toEqual([['UNKNOWN_EVENT'], []]);
  });
});

describe('appointment events', () => {
  const event = (type: string, over: object = {}) =>
    ({
      type: `appointment.${type}`,
      at: january(4, '13:00'),
      patientId: 'P1',
      appointmentId: 'a1',
      ...(type === 'booked' ? { startsAt: january(20, '09:00'), channel: 'link' } : {}),
      ...over,
    }) as AppointmentEvent;

  it('lose nothing that another trigger wrote between their reading and their writing', async () => {
    const { services, preference } = await world();
    const people = services.store.people;
    const get = people.get.bind(people);
    jest.spyOn(people, 'get').mockImplementationOnce(async (pk, rk) => {
      const read = await get(pk, rk);
      await people.update(pk, rk, (row) => ({ ...row!, preference: STOPPED }));
      return read;
    });
    await takeAppointments(services, silent, [event('booked', { startsAt: january(9, '10:00'), channel: 'phone' })]);
    expect(await preference('P1')).toEqual(STOPPED);
    expect(Object.keys((await getPerson(services, 'P1'))!.appointments)).toEqual(['a1']);
  });

  it('of unknown patients and appointments are incidents', async () => {
    const { services, incidents } = await world();
    await takeAppointments(services, silent, [
      event('booked', { patientId: 'nobody' }),
      event('cancelled', { appointmentId: 'never' }),
      event('attended', { appointmentId: 'never' }),
      event('missed', { appointmentId: 'never' }),
    ]);
    expect(await incidents()).toEqual(['UNKNOWN_EVENT', 'UNKNOWN_EVENT', 'UNKNOWN_EVENT', 'UNKNOWN_EVENT']);
    expect((await getPerson(services, 'P1'))?.appointments).toEqual({});
  });

  it('of an appointment called as something every object has are incidents too', async () => {
    const { services, incidents } = await world();
    await takeAppointments(services, silent, [event('cancelled', { appointmentId: 'toString' })]);
    expect(await incidents()).toEqual(['UNKNOWN_EVENT']);
  });

  it('twice count once', async () => {
    const { services, incidents } = await world();
    const events = [event('booked'), event('booked'), event('missed'), event('missed'), event('booked')];
    await takeAppointments(services, silent, events);
    expect((await getPerson(services, 'P1'))?.appointments).toMatchObject({ a1: { status: 'MISSED' } });
    expect(await incidents()).toEqual([]);
  });
});

it('a reply that is cut off after its answer and comes again has that answer only, whoever was texted meanwhile', async () => {
  const { services, start, sent, reply } = await world([{}, { phone: phoneOf(0) }]);
  await start();
  const cut = withFaults(services.tables, ({ table, operation }) =>
    table === 'replies' && operation === 'upsert' ? 'REQUEST_LOST' : null,
  );
  const info = { type: 'sms.reply', at: january(4, '13:00'), from: phoneOf(0), text: 'HELP', replyId: 'r1' } as const;
  await expect(takeReply({ ...services, tables: cut, store: storeOf(cut) }, silent, info)).rejects.toThrow();
  expect(sent).toEqual(['P1 HELP']);
  const [p2] = (await allRows(services.store.outreach, {})).filter(({ rk }) => rk === 'P2');
  const texts = [{ atMs: NOON, date: '2026-01-04' }];
  await services.store.outreach.upsert({ ...p2!, value: { ...p2!.value, texts } });
  await reply(0, 'HELP', 'r1');
  expect(sent).toEqual(['P1 HELP']);
});
