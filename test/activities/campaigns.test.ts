/**
 * People and numbers between campaigns, and before any of them has started (formats.md, rules 3, 5, 7 and 13): consent
 * follows the person, answers and the inbox follow the campaign that is going on, a visit belongs to its campaign.
 */
import { learnFeed } from '../../activities/learnFeed';
import { Changes } from '../../activities/docs';
import { getNumber, getPerson } from '../../activities/people';
import { startCampaign } from '../../activities/startCampaign';
import { takeAppointments } from '../../activities/takeAppointments';
import { takeReply } from '../../activities/takeReply';
import { takeRoster } from '../../activities/takeRoster';
import type { AppointmentEvent } from '../../domain/input';
import { isId } from '../../domain/roster';
import { createMemoryServices } from '../../services/memory/services';
import { EVERYWHERE, numberKeyOf, ONLY } from '../../services/rows';
import type { Messenger } from '../../services/messenger';
import { allRows } from '../../services/tables';
import { receiveInMemory } from '../../triggers/receivers';
import { january, phoneOf, rosterOf, SMALL } from '../app/harness';

const NOON = Date.parse(january(1, '12:00'));
/** Everything has arrived by then, by this machine's clock too. */
const LATER = Date.parse('2100-01-01T00:00:00Z');
const silent: Messenger = { signalPatient: async () => undefined, wake: async () => undefined };

async function world() {
  const services = createMemoryServices();
  const sent: string[] = [];
  receiveInMemory(services, services.bus);
  services.sms.subscribe((text) => sent.push(`${text.patientId} ${text.kind}`));
  const put = (id: string, patients: Parameters<typeof rosterOf>[0] = [{}, {}]) =>
    takeRoster(services, id, rosterOf(patients), NOON);
  const start = (id: string, startsOn = SMALL.startsOn) =>
    startCampaign(services, id, { ...SMALL, campaignId: id, startsOn }, NOON, async () => undefined);
  const end = (id: string) =>
    services.store.states.upsert({
      pk: EVERYWHERE,
      rk: id,
      value: { status: 'COMPLETED', listener: id, endedAtMs: NOON },
    });
  const reply = (n: number, text: string, replyId: string, at = january(6, '13:00')) =>
    takeReply(services, silent, { type: 'sms.reply', at, from: phoneOf(n), text, replyId });
  const event = (type: string, at: string, over: object = {}) =>
    takeAppointments(services, silent, [
      {
        type: `appointment.${type}`,
        at,
        patientId: 'P1',
        appointmentId: 'a1',
        ...(type === 'booked' ? { startsAt: january(20, '09:00'), channel: 'link' } : {}),
        ...over,
      } as AppointmentEvent,
    ]);
  const outreachOf = async (id: string, patientId = 'P1') => {
    const campaign = (await services.store.definitions.get(id, ONLY))!;
    const books = (await services.store.books.get(id, ONLY))!;
    const changes = new Changes(campaign);
    await learnFeed(services, campaign, books, LATER, changes);
    const stored = (await allRows(services.store.outreach, { pkPrefix: `${id}|` })).find(({ rk }) => rk === patientId)!;
    return changes.current(stored.value);
  };
  const preference = async (id: string) => (await getPerson(services, id))?.preference?.status ?? null;
  const incidents = async () => (await allRows(services.store.incidents, {})).map(({ value }) => value.type);
  const inbox = async () => (await allRows(services.store.inbox, {})).map(({ pk, rk }) => `${pk} ${rk}`);
  return { services, sent, put, start, end, reply, event, outreachOf, preference, incidents, inbox };
}

describe('a reply before the campaign has started', () => {
  it('STOP opts out whoever is enrolled on the number, and the campaign starts with it', async () => {
    const { put, reply, start, preference, incidents, outreachOf, sent } = await world();
    await put('a', [{}, { phone: phoneOf(0) }, {}]);
    await reply(0, 'STOP', 'r1');
    expect([await preference('P1'), await preference('P2'), await preference('P3')]).toEqual([
      'OPT_OUT',
      'OPT_OUT',
      null,
    ]);
    expect([await incidents(), sent]).toEqual([[], []]);
    await start('a');
    expect((await outreachOf('a', 'P2')).preference).toMatchObject({ status: 'OPT_OUT', source: 'REPLY' });
  });

  it('START undoes it; what needs a person has no worklist yet', async () => {
    const { put, reply, preference, inbox, incidents } = await world();
    await put('a');
    await reply(0, 'STOP', 'r1', january(6, '13:00'));
    await reply(0, 'START', 'r2', january(6, '13:01'));
    await reply(0, 'call me', 'r3', january(6, '13:02'));
    expect([await preference('P1'), await inbox(), await incidents()]).toEqual(['OPT_IN', [], []]);
  });

  it('from a number whose roster was replaced is of nobody', async () => {
    const { put, reply, preference, incidents } = await world();
    await put('a');
    await put('a', [{ patientId: 'P9', phone: phoneOf(9) }]);
    await reply(0, 'STOP', 'r1');
    expect([await preference('P1'), await incidents()]).toEqual([null, ['UNKNOWN_EVENT']]);
  });
});

describe('a reply after one campaign has ended and another goes on', () => {
  it('is answered and put into the inbox by the one that goes on', async () => {
    const { services, put, start, end, reply, sent, inbox, outreachOf } = await world();
    await put('a');
    await start('a');
    const old = await outreachOf('a');
    const texts = [{ atMs: NOON, date: '2026-01-01' }];
    await services.store.outreach.upsert({ pk: `a|${old.bucket}`, rk: 'P1', value: { ...old, texts } });
    await end('a');
    await put('b');
    await start('b');
    await reply(0, 'STOP now', 'r1');
    expect([sent, await inbox()]).toEqual([['P1 STOP_CONFIRM'], ['b r1']]);
    const ledger = await allRows(services.store.ledger, {});
    expect(ledger.map(({ value }) => value.campaignId)).toEqual(['b']);
  });
});

describe('STOP and START of one instant', () => {
  it.each([[['STOP', 'START', 'HELP']], [['START', 'STOP', 'HELP']]])(
    '%j: the STOP holds, and nothing is sent after its confirmation',
    async (texts) => {
      const { services, put, start, reply, preference, sent } = await world();
      await put('a');
      await start('a');
      for (const [n, text] of texts.entries()) await reply(0, text, `r${n}`);
      expect([await preference('P1'), sent]).toEqual(['OPT_OUT', ['P1 STOP_CONFIRM']]);
      const number = await getNumber(services, numberKeyOf(phoneOf(0), services.settings.phonePepper));
      expect(number?.stop?.closed).toBe(false);
    },
  );
});

describe('a visit attended', () => {
  it('before the start of a campaign does not keep the patient out of it, a standing booking does', async () => {
    const { put, start, event, outreachOf } = await world();
    await put('a');
    await start('a');
    await event('booked', january(6, '10:00'));
    await event('attended', january(7, '10:00'));
    expect((await outreachOf('a')).booked).toBe(true);
    await put('b');
    await start('b', '2026-01-12');
    expect((await outreachOf('b')).booked).toBe(false);
    await event('booked', january(13, '10:00'), { appointmentId: 'a2' });
    expect((await outreachOf('b')).booked).toBe(true);
    await event('attended', january(14, '10:00'), { appointmentId: 'a2' });
    await event('cancelled', january(15, '10:00'), { appointmentId: 'a2' });
    expect((await outreachOf('b')).booked).toBe(true);
  });

  it('while a campaign waits for its start is none of its business either', async () => {
    const { put, start, event, outreachOf } = await world();
    await put('b');
    await start('b', '2026-01-12');
    await event('booked', january(6, '10:00'));
    expect((await outreachOf('b')).booked).toBe(true);
    await event('attended', january(7, '10:00'));
    expect((await outreachOf('b')).booked).toBe(false);
  });
});

describe('a campaign called as the tables call what belongs to every campaign', () => {
  it('`all` shares nothing with them', async () => {
    const { services, put, start, reply } = await world();
    await put('all');
    await start('all');
    await reply(77, 'STOP', 'r1');
    const own = await allRows(services.store.incidents, { pk: 'all' });
    const states = await allRows(services.store.states, { pk: 'all' });
    expect([own, states]).toEqual([[], []]);
    expect(isId(EVERYWHERE)).toBe(false);
  });
});

describe('the start of a campaign', () => {
  it('looks for late dates also when only a bad row has one', async () => {
    const { services, put, start } = await world();
    await put('a', [{ phone: 'none', birthDate: '2026-01-06' }, {}]);
    await start('a');
    const rows = await allRows(services.store.quarantine, { pk: 'a' });
    expect(rows.map(({ value }) => value.field).sort()).toEqual(['birthDate', 'phone']);
  });

  it('finds a late date also in a row that was bad before, once, on its own line', async () => {
    const { services, put, start } = await world();
    await put('a', [
      { phone: 'none', birthDate: '2026-01-06' },
      { lastPcpVisit: '2026-01-06' },
      { birthDate: '2029-01-01' },
      { phone: 'none', birthDate: '2026-13-06' },
      {},
    ]);
    await start('a');
    const rows = await allRows(services.store.quarantine, { pk: 'a' });
    expect(rows.map(({ value }) => [value.line, value.patientId, value.field])).toEqual([
      [2, 'P1', 'birthDate'],
      [2, 'P1', 'phone'],
      [3, 'P2', 'lastPcpVisit'],
      [4, 'P3', 'birthDate'],
      [5, 'P4', 'phone'],
      [5, 'P4', 'birthDate'],
    ]);
    expect(await services.store.rosters.get('a', ONLY)).toMatchObject({ rows: 5, accepted: 1, quarantined: 4 });
  });
});
