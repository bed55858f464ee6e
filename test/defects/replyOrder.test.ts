/**
 * Replies from one number that are handled at the same time, after one another in the wrong order, or cut off with another
 * in between: consent, confirmation, inbox and the memory of what was answered are what they are in order (formats.md,
 * rules 3, 5 and 13).
 */
import { deliverTexts } from '../../activities/deliverTexts';
import { getNumber, getPerson } from '../../activities/people';
import { rebuild } from '../../activities/rebuild';
import { startCampaign } from '../../activities/startCampaign';
import { takePreferences } from '../../activities/takePreferences';
import { takeReply } from '../../activities/takeReply';
import { takeRoster } from '../../activities/takeRoster';
import { messagePk, numberKeyOf, ONLY, outreachPk, spreadKey } from '../../services/rows';
import { type Services } from '../../services/services';
import { allRows, type Table } from '../../services/tables';
import type { Messenger } from '../../services/messenger';
import { cutAtEachWrite } from '../app/cuts';
import type { Day } from '../app/day';
import { phoneOf, rosterOf, SMALL, vendorFile } from '../app/harness';
import { gateway, queued } from '../app/queued';

const MINUTE_MS = 60_000;
const silent: Messenger = { signalPatient: async () => undefined, wake: async () => undefined };

afterEach(() => jest.restoreAllMocks());

/** The first `method` of `table` has `meanwhile` happen: before it, or after it and before its result is known. */
function meanwhile<T>(table: Table<T>, method: keyof Table, when: 'before' | 'after', happens: () => Promise<unknown>) {
  const real = (table[method] as (...parts: unknown[]) => Promise<unknown>).bind(table);
  return jest.spyOn(table, method as never).mockImplementationOnce((async (...parts: unknown[]) => {
    if (when === 'before') await happens();
    const result = await real(...parts);
    if (when === 'after') await happens();
    return result;
  }) as never);
}

/** Everyone was texted at 18:30; `left`: the answers since. `minute`: of a reply, after 18:30. */
async function texted(...patients: readonly object[]) {
  const made = await queued(...patients);
  const { day } = made;
  await made.receive();
  const left: string[] = [];
  day.memory.sms.subscribe((one) => left.push(`${one.patientId} ${one.kind}`));
  const startedMs = day.nowMs;
  const bus = day.memory.bus;
  const reply = (text: string, minute: number, replyId = `R${minute}`, over?: Services) => {
    day.nowMs = Math.max(day.nowMs, startedMs + minute * MINUTE_MS);
    return made.reply(0, text, over ?? { ...day.services, bus }, replyId, startedMs + minute * MINUTE_MS);
  };
  const file = (action: string, minute: number, patientId = 'P1') => {
    const effectiveAt = new Date(startedMs + minute * MINUTE_MS).toISOString();
    day.nowMs = Math.max(day.nowMs, startedMs + (minute + 1) * MINUTE_MS);
    const content = vendorFile(`${patientId},${phoneOf(0)},${action},${effectiveAt}`);
    const name = `preferences-2026-01-05.${minute}.csv`;
    return takePreferences(day.services, silent, { date: '2026-01-05', name, content, atMs: day.nowMs });
  };
  const known = async (id: string) => {
    const { status, source, effectiveAtMs } = (await getPerson(day.services, id))!.preference!;
    return `${status} ${source} ${(effectiveAtMs - startedMs) / MINUTE_MS}`;
  };
  return { ...made, left, reply, file, known };
}

const numberOf = (services: Services) => getNumber(services, numberKeyOf(phoneOf(0), services.settings.phonePepper));
const replyOf = (services: Services, id: string) => services.store.replies.get(spreadKey(id), id);

/** `judge`: of a world in which `work` was cut off at one of its writes, for each of them, and of one in which it was not. */
const cutEverywhere = <W extends { readonly day: Day }>(
  ready: () => Promise<W>,
  work: (world: W, services: Services) => Promise<unknown>,
  judge: (world: W) => Promise<void>,
) => {
  const servicesOf = ({ day }: W): Services => ({ ...day.services, bus: day.memory.bus });
  return cutAtEachWrite({ ready, servicesOf, work, judge, least: 5, most: 60 });
};

describe('STOPs that are handled at the same time', () => {
  it('are confirmed once', async () => {
    const { reply, left } = await texted();
    await Promise.all([reply('STOP', 1, 'Ra'), reply('stop', 1, 'Rb')]);
    expect(left).toEqual(['P1 STOP_CONFIRM']);
  });

  it('one beside the START that ends the STOP before it is confirmed too', async () => {
    const { day, reply, left } = await texted();
    await reply('STOP', 1);
    meanwhile(day.services.store.numbers, 'get', 'after', () => reply('START', 2));
    await reply('STOP', 3);
    expect(left).toEqual(['P1 STOP_CONFIRM', 'P1 OPT_IN_CONFIRM', 'P1 STOP_CONFIRM']);
    expect((await numberOf(day.services))!.stop).toMatchObject({ closed: false, replyId: 'R3' });
  });

  it('one that is cut off at any write and comes again is confirmed once, the next one not', async () => {
    await cutEverywhere(
      () => texted(),
      ({ reply }, services) => reply('STOP', 1, 'R1', services),
      async ({ day, reply, left }) => {
        await reply('STOP', 1);
        await deliverTexts(day.services, []);
        await reply('STOP', 2);
        expect(left).toEqual(['P1 STOP_CONFIRM']);
        expect((await replyOf(day.services, 'R1'))!.answer).toMatchObject({ kind: 'STOP_CONFIRM' });
      },
    );
  });
});

describe('a STOP that comes while an older opt-in is written', () => {
  it('of a START: stands, and nothing leaves any more', async () => {
    const { day, reply, left } = await texted();
    await reply('STOP', 1);
    meanwhile(day.services.store.numbers, 'update', 'before', () => reply('STOP', 3));
    await reply('START', 2);
    await reply('HELP', 4);
    expect((await numberOf(day.services))!.stop).toMatchObject({ closed: false });
    expect(left).toEqual(['P1 STOP_CONFIRM']);
  });

  it('of a vendor: stands, and is not confirmed a second time', async () => {
    const { day, reply, file, left, known } = await texted();
    await reply('STOP', 1);
    meanwhile(day.services.store.numbers, 'update', 'before', () => reply('STOP', 3));
    await file('OPT_IN', 2);
    await reply('STOP', 4);
    expect([await known('P1'), left]).toEqual(['OPT_OUT REPLY 4', ['P1 STOP_CONFIRM']]);
  });
});

describe('a STOP that is taken in after a newer opt-in of a vendor', () => {
  it('is confirmed, and silences nobody: HELP is answered, BOOK leaves, the next STOP is confirmed', async () => {
    const { reply, file, left, known } = await texted({}, { phone: phoneOf(0) });
    await file('OPT_IN', 2);
    await reply('STOP', 1);
    expect([await known('P1'), await known('P2')]).toEqual(['OPT_IN VENDOR 2', 'OPT_OUT REPLY 1']);
    await reply('HELP', 4);
    await reply('BOOK', 5);
    await reply('STOP', 6);
    const kinds = left.map((one) => one.split(' ')[1]);
    expect(kinds).toEqual(['STOP_CONFIRM', 'HELP', 'BOOKING_OFFER', 'STOP_CONFIRM']);
  });

  it('does not silence either when it is written while the file is', async () => {
    const { day, reply, file, left, known } = await texted();
    meanwhile(day.services.store.people, 'replaceBatch', 'before', () => reply('STOP', 1));
    await file('OPT_IN', 2);
    await reply('HELP', 4);
    expect([await known('P1'), left]).toEqual(['OPT_IN VENDOR 2', ['P1 STOP_CONFIRM', 'P1 HELP']]);
  });

  it('of its own instant wins, and silences', async () => {
    const { reply, file, left, known } = await texted();
    await file('OPT_IN', 1);
    await reply('STOP', 1);
    await reply('HELP', 4);
    expect([await known('P1'), left]).toEqual(['OPT_OUT REPLY 1', ['P1 STOP_CONFIRM']]);
  });
});

describe('a START that is taken in before the STOP it followed', () => {
  const shared = () => texted({}, { phone: phoneOf(0) });
  const backIn = ['OPT_IN REPLY 2', 'OPT_IN REPLY 2'];

  it('brings back everybody on the number, and every campaign hears of it', async () => {
    const { day, reply, known } = await shared();
    await reply('START', 2);
    await reply('STOP', 1);
    expect([await known('P1'), await known('P2')]).toEqual(backIn);
    const news = (await allRows(day.services.store.feed, { pk: 'small' })).flatMap(({ value }) =>
      value.kind === 'known' ? value.patients : [],
    );
    for (const id of ['P1', 'P2'])
      expect(news.filter(({ patientId }) => patientId === id).at(-1)!.known.preference!.status).toBe('OPT_IN');
    await reply('STOP', 3);
    expect([await known('P1'), await known('P2')]).toEqual(['OPT_OUT REPLY 3', 'OPT_OUT REPLY 3']);
  });

  it('does so also when the STOP is cut off at any write and comes again', async () => {
    await cutEverywhere(
      async () => {
        const world = await shared();
        await world.reply('START', 2);
        return world;
      },
      ({ reply }, services) => reply('STOP', 1, 'R1', services),
      async ({ reply, known }) => {
        await reply('STOP', 1);
        expect([await known('P1'), await known('P2')]).toEqual(backIn);
      },
    );
  });

  it('leaves out whom a vendor opted out between the two', async () => {
    const { reply, file, known } = await shared();
    await file('OPT_OUT', 1.5, 'P2');
    await reply('START', 2);
    await reply('STOP', 1);
    expect([await known('P1'), await known('P2')]).toEqual(['OPT_IN REPLY 2', 'OPT_OUT VENDOR 1.5']);
  });

  it('of the same instant brings back nobody', async () => {
    const { reply, known } = await shared();
    await reply('START', 2);
    await reply('STOP', 2, 'R-stop');
    expect([await known('P1'), await known('P2')]).toEqual(['OPT_OUT REPLY 2', 'OPT_OUT REPLY 2']);
  });
});

describe('a STOP while a roster puts somebody on the number', () => {
  /** P9 has another number so far, and has opted in. */
  const ready = async () => {
    const world = await texted();
    const { services } = world.day;
    const at = (phone: string) => rosterOf([{ patientId: 'P9', phone }]);
    await takeRoster(services, 'before', at(phoneOf(9)), world.day.nowMs);
    const row = `P9,${phoneOf(9)},OPT_IN,2026-01-02T12:00:00-06:00`;
    const file = { date: '2026-01-05', name: 'preferences-2026-01-05.csv', content: vendorFile(row) };
    await takePreferences(services, silent, { ...file, atMs: world.day.nowMs });
    const enrol = () => takeRoster(services, 'b', at(phoneOf(0)), world.day.nowMs);
    return { ...world, enrol, enrolAgain: () => takeRoster(services, 'before', at(phoneOf(9)), world.day.nowMs) };
  };

  it('reaches them when it comes before they are there', async () => {
    const { day, reply, enrol, known } = await ready();
    meanwhile(day.services.store.people, 'replaceBatch', 'before', () => reply('STOP', 1));
    await enrol();
    expect(await known('P9')).toBe('OPT_OUT REPLY 1');
  });

  it('reaches them when their roster is replaced, and nobody is on the number for a moment', async () => {
    const { day, enrolAgain, known } = await ready();
    const at = new Date(day.nowMs).toISOString();
    const stop = { type: 'sms.reply', at, from: phoneOf(9), text: 'STOP', replyId: 'R9' } as const;
    meanwhile(day.services.store.people, 'replaceBatch', 'after', () => takeReply(day.services, silent, stop));
    await enrolAgain();
    expect(await known('P9')).toMatch('OPT_OUT REPLY');
  });

  it('reaches them when it has looked who is there before', async () => {
    const { day, reply, enrol, known } = await ready();
    meanwhile(day.services.store.numbers, 'update', 'before', enrol);
    await reply('STOP', 1);
    expect(await known('P9')).toBe('OPT_OUT REPLY 1');
  });
});

describe('an answer that was given before its reply was cut off', () => {
  const rebuilt = async (day: Day) => rebuild(day.services, async (id) => day.entities.get(id) ?? null, REBUILD);
  const REBUILD = { campaignId: 'small', what: 'ledger', dryRun: false } as const;
  const answersIn = async (day: Day) =>
    (await day.ledger()).flatMap(({ phase, kind, wave }) => (phase === 'REPLY' ? [`${wave} ${kind}`] : []));

  it.each([
    ['HELP', 'HELP'],
    ['START', 'OPT_IN_CONFIRM'],
  ])('%s: is remembered for all that a STOP came since, and its row comes back', async (text, kind) => {
    const { day, reply } = await texted();
    const cut = jest.spyOn(day.services.store.replies, 'upsert').mockRejectedValueOnce(new Error('the machine died'));
    await expect(reply(text, 1)).rejects.toThrow('died');
    cut.mockRestore();
    await reply('STOP', 2);
    await reply(text, 1);
    const messageId = (await day.ledger()).find(({ wave }) => wave === 'RR1')!.messageId;
    expect((await replyOf(day.services, 'R1'))!.answer).toMatchObject({ patientId: 'P1', kind, messageId });
    const { ledger } = day.services.store;
    for (const { pk, rk, value } of await allRows(ledger, {})) if (value.wave === 'RR1') await ledger.delete(pk, rk);
    day.nowMs += 60 * MINUTE_MS;
    await rebuilt(day);
    expect((await answersIn(day)).sort()).toEqual([`RR1 ${kind}`, 'RR2 STOP_CONFIRM']);
  });

  it('is remembered when the host that gave it is overtaken by one that finds nothing to answer', async () => {
    const { day, reply } = await texted();
    const { definitions, ledger } = day.services.store;
    let first: Promise<unknown> = Promise.resolve();
    let second: Promise<unknown> = Promise.resolve();
    // It has decided to answer, and has not yet.
    meanwhile(definitions, 'get', 'after', async () => {
      await reply('STOP', 2);
      const looked = new Promise<void>((resolve) => {
        meanwhile(ledger, 'get', 'after', async () => {
          resolve();
          await first;
        });
      });
      second = reply('HELP', 1);
      await looked;
    });
    first = reply('HELP', 1);
    await first;
    await second;
    expect((await replyOf(day.services, 'R1'))!.answer).toMatchObject({ kind: 'HELP' });
  });

  it('and taken back is no text, though the gateway never says what became of one', async () => {
    const { day, queue, reply, left } = await texted();
    await reply('HELP', 1, 'R1', day.services);
    await reply('STOP', 2);
    await deliverTexts(day.services, queue.splice(0));
    expect(left).toEqual(['P1 STOP_CONFIRM']);
    gateway(day, { lookup: async (ids) => ids.map(() => 'UNKNOWN') });
    day.nowMs += 60 * MINUTE_MS;
    expect(await rebuilt(day)).toMatchObject({ inserted: 0, replaced: [], unaccounted: [], notes: [] });
    expect(await answersIn(day)).toEqual(['RR2 STOP_CONFIRM']);
  });

  it('and perhaps lost with its row comes back for a person to judge, where nobody can say', async () => {
    const { day, reply } = await texted();
    await reply('HELP', 1);
    const { ledger, messages } = day.services.store;
    const row = (await allRows(ledger, {})).find(({ value }) => value.wave === 'RR1')!;
    expect(await messages.get(messagePk(row.value.messageId), row.value.messageId)).toMatchObject({ receipt: null });
    await ledger.delete(row.pk, row.rk);
    gateway(day, { lookup: async (ids) => ids.map(() => 'UNKNOWN') });
    day.nowMs += 60 * MINUTE_MS;
    expect(await rebuilt(day)).toMatchObject({ inserted: 1 });
    expect(await ledger.get(row.pk, row.rk)).toMatchObject({ kind: 'HELP', status: 'UNKNOWN' });
  });
});

it('a reply for a person that is cut off and comes again stays in the inbox it was put into', async () => {
  const { day, reply } = await texted();
  const { services } = day;
  const roster = rosterOf([{ patientId: 'P1', phone: phoneOf(0) }]);
  await takeRoster(services, 'other', roster, day.nowMs);
  const campaign = { ...SMALL, campaignId: 'other', startsOn: '2026-01-06' };
  await startCampaign(services, 'other', campaign, day.nowMs, async () => undefined);
  const { inbox, ledger, outreach, replies } = services.store;
  const cut = jest.spyOn(replies, 'upsert').mockRejectedValue(new Error('the machine died'));
  const insert = replies.insertBatch.bind(replies);
  jest
    .spyOn(replies, 'insertBatch')
    .mockImplementationOnce(insert)
    .mockRejectedValueOnce(new Error('the machine died'));
  await expect(reply('who is this?', 1)).rejects.toThrow('died');
  cut.mockRestore();
  const inboxes = async () => (await allRows(inbox, {})).map(({ pk, rk }) => `${pk} ${rk}`);
  const first = await inboxes();
  expect(first).toEqual(['small R1']);
  const text = (await allRows(ledger, {})).find(({ value }) => value.patientId === 'P1')!.value;
  const { bucket } = (await allRows(outreach, { pkPrefix: 'other|' }))[0]!.value;
  const value = { ...text, campaignId: 'other', sentAtMs: day.nowMs + MINUTE_MS };
  await ledger.insert({ pk: outreachPk('other', bucket), rk: 'P1|1|0', value });
  expect(await services.store.definitions.get('other', ONLY)).toBeDefined();
  await reply('who is this?', 1);
  expect(await inboxes()).toEqual(first);
});
