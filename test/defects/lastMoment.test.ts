/**
 * What happens between the gate's yes and the gateway: a STOP, a booking or a pause that comes in between, an outage, a
 * gateway that loses its answer or refuses. Nobody is texted twice, after a STOP, or forgotten; what nobody can know is
 * shown to a person.
 */
import { readAgenda } from '../../activities/agenda';
import { finishCampaign } from '../../activities/finishCampaign';
import { beginDay } from '../../activities/beginDay';
import { openDay } from '../../activities/openDay';
import { planPass } from '../../activities/planPass';
import { settle } from '../../activities/settle';
import { arriving, takeIntervals } from '../../activities/takeIntervals';
import { stopNumber } from '../../activities/numberConsent';
import { ServiceError } from '../../services/errors';
import { timeKey } from '../../services/rows';
import { SendInterrupted, type SmsOutcome } from '../../services/sms';
import { allRows, upsertAll } from '../../services/tables';
import { deliverTexts } from '../../activities/deliverTexts';
import { at, DAY, Day, everyone } from '../app/day';
import { forgetOutcome, gateway, pause, queued } from '../app/queued';
import { january, phoneOf, SMALL } from '../app/harness';

const HOUR_MS = 3_600_000;
const STOPPED = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: at('09:00') } as const;

const pilot = (rows: Record<string, unknown>) => Object.keys(rows).sort();

describe('between the gate and the gateway', () => {
  it('an order is confirmed once the gateway has it, and its reservation forgotten', async () => {
    const { day, receive, status, reservations } = await queued();
    expect(new Set(Object.values(await status()))).toEqual(new Set(['RESERVED']));
    expect(await reservations()).toBe(1);
    await receive();
    expect([...day.sent].sort()).toEqual(everyone);
    expect(new Set(Object.values(await status()))).toEqual(new Set(['SENT']));
    expect(await reservations()).toBe(0);
  });

  it('a STOP that overtakes the text wins: its confirmation is the only text', async () => {
    const { day, receive, stop } = await queued();
    await stop(1);
    expect(day.sent).toEqual(['P2']);
    await receive();
    expect([...day.sent].sort()).toEqual(everyone);
    await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS });
    const rows = (await day.ledger()).filter((row) => row.patientId === 'P2');
    expect(rows.map(({ kind, status, reason, sentAtMs }) => [kind, status, reason, sentAtMs !== null])).toEqual([
      ['INVITE', 'REFUSED', 'OPTED_OUT', false],
      ['STOP_CONFIRM', 'SENT', null, true],
    ]);
    const outreach = (await allRows(day.services.store.outreach, {})).find(({ rk }) => rk === 'P2')!.value;
    expect(outreach.texts).toEqual([]);
    expect(outreach.touches).toMatchObject([{ status: 'REFUSED', reason: 'OPTED_OUT' }]);
  });

  it('an order that comes after hours leaves its patient open, and texts another day', async () => {
    const { day, receive, status, reservations } = await queued();
    day.nowMs = at('19:05');
    await receive();
    expect(day.sent).toEqual([]);
    expect(await status()).toEqual({});
    expect(await reservations()).toBe(0);
    await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS });
    const open = (await allRows(day.services.store.outreach, {})).map(({ value }) => value);
    expect(open.map(({ texts, open: touch }) => [texts.length, touch?.touch])).toEqual(everyone.map(() => [0, 0]));
  });

  it('orders that come late in a pause, and again after it since taking them back was cut off, leave as of then', async () => {
    const { day, queue } = await queued();
    const { ledger } = day.services.store;
    await pause(day, true);
    day.nowMs += 5 * 60_000;
    jest.spyOn(ledger, 'deleteUnchanged').mockRejectedValueOnce(new Error('the machine died'));
    await expect(deliverTexts(day.services, queue)).rejects.toThrow('died');
    await pause(day, false);
    day.nowMs += 30_000;
    await deliverTexts(day.services, queue, new Set(queue.map(({ text }) => text.messageId)));
    expect(day.sent.length).toBeGreaterThan(0);
    expect(new Set((await day.ledger()).map(({ sentAtMs }) => sentAtMs))).toEqual(new Set([day.nowMs]));
  });

  it('a text that is being taken back does not leave after all, and is counted once', async () => {
    const { day, queue, status } = await queued();
    const { feed } = day.services.store;
    const insert = feed.insert.bind(feed);
    jest.spyOn(feed, 'insert').mockImplementationOnce(async (row) => {
      await insert(row);
      throw new Error('the machine died');
    });
    day.nowMs = at('19:05');
    await expect(deliverTexts(day.services, queue)).rejects.toThrow('died');
    day.nowMs = at('18:59');
    await deliverTexts(day.services, queue, new Set(queue.map(({ text }) => text.messageId)));
    const told = (await allRows(feed, {})).flatMap(({ value }) => (value.kind === 'held' ? [value.patientId] : []));
    expect(new Set(told).size).toBe(1);
    expect(Object.keys(await status()).sort()).toEqual([...day.sent].sort());
    expect([...day.sent, told[0]].sort()).toEqual(everyone);
  });

  it("a text taken back only after the next day began is on that day's agenda", async () => {
    const { day, receive } = await queued();
    day.nowMs = at('00:05') + 24 * HOUR_MS;
    await receive();
    expect(day.sent).toEqual([]);
    await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: day.nowMs + 60_000 });
    const listed = (await readAgenda(day.services, 'small', '2026-01-06')).map(({ patientId }) => patientId);
    expect(listed.sort()).toEqual(everyone);
  });

  it('a START from a number whose only text was held back is for a person: nobody was texted', async () => {
    const { day, receive, reply } = await queued();
    day.nowMs = at('19:05');
    await receive();
    await reply(1, 'START');
    expect(await day.ledger()).toEqual([]);
    expect((await allRows(day.services.store.inbox, {})).map(({ value }) => value.patientId)).toEqual(['P2']);
  });

  it.each([
    ['START', 'a STOP came meanwhile', ['P2 STOP_CONFIRM']],
    ['START', null, ['P2 OPT_IN_CONFIRM']],
  ] as const)('a late answer to %s: %s', async (text, stopped, expected) => {
    const { day, queue, reply } = await queued();
    await deliverTexts(day.services, queue.splice(0));
    const sent: string[] = [];
    day.memory.sms.subscribe((one) => sent.push(`${one.patientId} ${one.kind}`));
    await reply(1, text, day.services, 'late');
    day.nowMs += 5 * 60_000;
    if (stopped) await reply(1, 'STOP');
    day.nowMs += 5 * 60_000;
    await deliverTexts(day.services, queue.splice(0));
    expect(sent).toEqual(expected);
  });

  it('an order brought twice sends once', async () => {
    const { day, queue, receive } = await queued();
    queue.push(...queue);
    await receive();
    expect([...day.sent].sort()).toEqual(everyone);
  });

  it('a late order of a reservation that was settled meanwhile sends nothing', async () => {
    const { day, queue, receive, status } = await queued();
    await settle(day.services, 'small', day.nowMs + 2 * HOUR_MS);
    expect(await status()).toEqual({});
    day.nowMs += 5 * 60_000;
    expect(queue).toHaveLength(everyone.length);
    await receive();
    expect(day.sent).toEqual([]);
  });
});

/** The campaign has not heard of it yet. */
async function optOut(day: Day, patientId: string) {
  const { people } = day.services.store;
  const [person] = (await allRows(people, {})).filter(({ rk }) => rk === patientId);
  await people.upsert({ ...person!, value: { ...person!.value, preference: STOPPED } });
}

describe('a batch that runs again while its orders wait', () => {
  const orderedAgain = async () => {
    const made = await queued();
    await forgetOutcome(made.day);
    made.day.nowMs += 15_000;
    await made.send();
    return made;
  };

  it('orders each text anew, and it leaves once', async () => {
    const { day, queue, receive, status } = await orderedAgain();
    expect(queue).toHaveLength(2 * everyone.length);
    await receive();
    expect([...day.sent].sort()).toEqual(everyone);
    expect(new Set(Object.values(await status()))).toEqual(new Set(['SENT']));
    const outreach = (await allRows(day.services.store.outreach, {})).map(({ value }) => value.texts);
    const sentAt = (await day.ledger()).map(({ sentAtMs }) => sentAtMs);
    expect(outreach.map((texts) => texts.map(({ atMs }) => atMs))).toEqual(sentAt.map((atMs) => [atMs]));
  });

  it('counts no text that was refused at the last moment meanwhile', async () => {
    const { day, send, receive } = await queued();
    const { outreach } = day.services.store;
    await optOut(day, 'P1');
    await receive();
    await forgetOutcome(day);
    day.nowMs += 15_000;
    const [before] = (await allRows(outreach, {})).filter(({ rk }) => rk === 'P1');
    // The first run was cut off before it counted the text.
    const touches = before!.value.touches.map(() => ({ status: 'OPEN' as const }));
    await outreach.upsert({ ...before!, value: { ...before!.value, texts: [], touches } });
    const result = await send();
    expect(result.sent).toBe(everyone.length - 1);
    // Its grant may have been moved on while the order waited.
    expect(result.withdrawn).toMatchObject([{ patientId: 'P1', refusedAtMs: day.nowMs - 15_000 }]);
    const texts = (await allRows(outreach, {})).filter(({ rk }) => rk === 'P1').map(({ value }) => value.texts);
    expect(texts).toEqual([[]]);
  });

  it('leaves nothing that awaits a receipt of a text that was refused at the last moment meanwhile', async () => {
    const { day, send, receive } = await queued();
    await optOut(day, 'P1');
    await receive();
    await forgetOutcome(day);
    day.nowMs += 15_000;
    await send();
    const messages = (await allRows(day.services.store.messages, {})).map(({ rk }) => rk);
    const refused = (await day.ledger()).filter(({ status }) => status === 'REFUSED');
    expect(refused.map(({ patientId }) => patientId)).toEqual(['P1']);
    expect(messages).not.toContain(refused[0]!.messageId);
    expect(messages).toHaveLength(everyone.length - 1);
  });

  it('frees everybody when the orders come after hours', async () => {
    const { day, receive } = await orderedAgain();
    day.nowMs = at('19:05');
    await receive();
    expect(day.sent).toEqual([]);
    await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS });
    const open = (await allRows(day.services.store.outreach, {})).map(({ value }) => value);
    expect(open.map(({ texts, open: touch }) => [texts.length, touch?.touch])).toEqual(everyone.map(() => [0, 0]));
  });
});

it('news that is written only after later news was read is learnt at the next look', async () => {
  const { day, receive } = await queued();
  const { feed, outreach } = day.services.store;
  day.nowMs = at('19:05');
  const written: Parameters<typeof feed.insert>[0][] = [];
  const write = feed.insert.bind(feed);
  const insert = jest
    .spyOn(feed, 'insert')
    .mockImplementation((row) => (row.value.kind === 'held' ? Promise.resolve(void written.push(row)) : write(row)));
  await receive();
  insert.mockRestore();
  expect(written).toHaveLength(everyone.length);
  const texts = async () => (await allRows(outreach, {})).map(({ value }) => value.texts.length);
  const open = (date: string, days: number) =>
    openDay(day.services, { ...DAY, date, nowMs: at('00:00') + days * 24 * HOUR_MS });
  // Something later is read, the news of the texts is still on its way.
  await feed.insert({ ...written[0]!, rk: written[0]!.rk.replace(/-.*/, '-999999998') });
  await feed.insert({ ...written[0]!, rk: written[0]!.rk.replace(/-.*/, '-999999999') });
  await open('2026-01-06', 1);
  expect((await texts()).sort()).toEqual([0, 1, 1, 1, 1, 1]);
  for (const row of written.slice(1)) await feed.insert(row);
  await open('2026-01-07', 2);
  expect(await texts()).toEqual(everyone.map(() => 0));
});

describe('a refusal', () => {
  const refusing = async () => {
    const day = await Day.open({ ...SMALL, touches: [0, 3, 7] });
    const plan = await day.plan('18:55', 1);
    const granted = day.answers(plan);
    const refused = { verdict: 'REFUSED', reason: 'OPTED_OUT', preference: STOPPED } as const;
    const answers = granted.map((answer, i) => (i < 2 ? refused : answer));
    return { day, send: () => day.send(plan, answers), sendAll: () => day.send(plan, granted) };
  };

  it('counts its person once, however many touches it takes away', async () => {
    const { send } = await refusing();
    expect(await send()).toMatchObject({ sent: everyone.length - 2, refused: 2 });
  });

  it('waits for a later pass once the campaign is paused, as a text does', async () => {
    const { day, send } = await refusing();
    await pause(day, true);
    expect(await send()).toMatchObject({ sent: 0, refused: 0 });
    expect(await day.ledger()).toEqual([]);
  });

  it.each([
    ['counted', false],
    ['only ordered, before it was cut off', true],
  ])('leaves a text alone that another run of the batch %s', async (_, isCutOff) => {
    const { day, send, sendAll } = await refusing();
    const { outreach } = day.services.store;
    const uncounted = await allRows(outreach, {});
    await sendAll();
    if (isCutOff) await upsertAll(outreach, uncounted);
    await forgetOutcome(day);
    await send();
    const rows = (await day.ledger()).filter(({ touch }) => touch === 0);
    expect(rows.map(({ status }) => status)).toEqual(everyone.map(() => 'SENT'));
  });

  it('that is made again, since its batch was cut off, keeps its instant', async () => {
    const { day, send } = await refusing();
    const { batches } = day.services.store;
    const replace = jest.spyOn(batches, 'replaceBatch').mockRejectedValueOnce(new Error('the machine died'));
    await expect(send()).rejects.toThrow('died');
    replace.mockRestore();
    const first = (await day.ledger()).filter(({ status }) => status === 'REFUSED');
    day.nowMs += 15_000;
    expect(await send()).toMatchObject({ refused: 2 });
    expect((await day.ledger()).filter(({ status }) => status === 'REFUSED')).toEqual(first);
    expect(new Set(first.map(({ decidedAtMs }) => decidedAtMs)).size).toBe(1);
    const [batch] = await allRows(batches, {});
    expect(batch!.value.outcome!.refused).toEqual({ OPTED_OUT: first.length });
  });

  it('at the last moment keeps the consent it was made for, before the campaign hears of it', async () => {
    const { day, receive } = await queued();
    await optOut(day, 'P1');
    await receive();
    await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS });
    const rows = (await day.ledger()).filter(({ patientId }) => patientId === 'P1');
    expect(rows.map(({ reason, consent }) => [reason, consent])).toContainEqual(['OPTED_OUT', STOPPED]);
    expect(rows.every(({ consent }) => consent?.status === 'OPT_OUT')).toBe(true);
  });
});

it('a refusal told of only after a later STOP states the consent it was made under', async () => {
  const { day, queue, reply } = await queued();
  const { feed, people } = day.services.store;
  const [person] = (await allRows(people, {})).filter(({ rk }) => rk === 'P2');
  const appointments = { a: { status: 'BOOKED' as const, startsAt: '2026-01-20T10:00:00-06:00' } };
  await people.upsert({ ...person!, value: { ...person!.value, appointments } });
  const cut = jest.spyOn(feed, 'insert').mockRejectedValueOnce(new Error('the machine died'));
  await expect(deliverTexts(day.services, queue)).rejects.toThrow('died');
  cut.mockRestore();
  day.nowMs += 10_000;
  await reply(1, 'STOP');
  day.nowMs += 20_000;
  await deliverTexts(day.services, queue, new Set(queue.map(({ text }) => text.messageId)));
  await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS });
  const row = (await day.ledger()).find(({ patientId, kind }) => patientId === 'P2' && kind === 'INVITE');
  expect([row!.reason, row!.consent]).toEqual(['BOOKED', person!.value.preference]);
  const { touches, preference } = (await allRows(day.services.store.outreach, {})).find(({ rk }) => rk === 'P2')!.value;
  expect([touches[0], preference?.status]).toMatchObject([{ preference: row!.consent }, 'OPT_OUT']);
});

it.each(['START', 'HELP', 'BOOK'])('no answer to %s leaves after a STOP, however short it waited', async (text) => {
  const { day, queue, reply, receive } = await queued();
  await receive();
  const sent: string[] = [];
  day.memory.sms.subscribe((one) => sent.push(`${one.patientId} ${one.kind}`));
  await reply(1, text, day.services, 'R-waits');
  day.nowMs += 10_000;
  await reply(1, 'STOP');
  day.nowMs += 10_000;
  await deliverTexts(day.services, queue.splice(0));
  expect(sent).toEqual(['P2 STOP_CONFIRM']);
});

it('nor does an answer to HELP that is written after a STOP and handled before it', async () => {
  const { day, queue, reply, receive } = await queued();
  await receive();
  const sent: string[] = [];
  day.memory.sms.subscribe((one) => sent.push(`${one.patientId} ${one.kind}`));
  const stopMs = day.nowMs;
  day.nowMs += 10_000;
  await reply(1, 'HELP', day.services, 'R-after');
  await reply(1, 'STOP', undefined, 'R-before', stopMs);
  await deliverTexts(day.services, queue.splice(0));
  expect(sent).toEqual(['P2 STOP_CONFIRM']);
});

it('a STOP that is cut off right after it opted out, and comes again after a START, silences nobody', async () => {
  const { day, reply, receive } = await queued();
  await receive();
  const { numbers } = day.services.store;
  jest.spyOn(numbers, 'update').mockRejectedValueOnce(new Error('the machine died'));
  const stopMs = day.nowMs;
  await expect(reply(1, 'STOP')).rejects.toThrow('died');
  const stopped = (await allRows(day.services.store.people, {})).find(({ rk }) => rk === 'P2')!.value;
  expect(stopped.preference?.status).toBe('OPT_OUT');
  day.nowMs += 10_000;
  await reply(1, 'START', undefined, 'R-start');
  await reply(1, 'STOP', undefined, 'R1', stopMs);
  const { preference } = (await allRows(day.services.store.people, {})).find(({ rk }) => rk === 'P2')!.value;
  expect(preference?.status).toBe('OPT_IN');
  expect((await allRows(numbers, {})).some(({ value: { stop } }) => stop !== null && !stop.closed)).toBe(false);
});

it('a ready text leaves before the held ones of its batch are seen to', async () => {
  const { day, queue } = await queued();
  await optOut(day, 'P2');
  const held = jest.spyOn(day.services.store.feed, 'insert').mockRejectedValueOnce(new Error('the machine died'));
  await expect(deliverTexts(day.services, queue)).rejects.toThrow('died');
  held.mockRestore();
  expect([...day.sent].sort()).toEqual(everyone.filter((id) => id !== 'P2'));
});

it('a STOP that is cut off between two people on the number has opted out both', async () => {
  const { day, reply } = await queued({}, { phone: phoneOf(0) });
  const publish = jest.spyOn(day.memory.bus, 'publish').mockRejectedValueOnce(new Error('the bus is away'));
  await expect(reply(0, 'STOP')).rejects.toThrow('away');
  publish.mockRestore();
  const people = (await allRows(day.services.store.people, {})).map(({ value }) => value);
  const optedOut = people.filter(({ preference }) => preference?.status === 'OPT_OUT');
  expect(optedOut.map(({ patientId }) => patientId).sort()).toEqual(['P1', 'P2']);
});

it('a pass that runs only after midnight leaves what came since to the next day', async () => {
  const day = await Day.open(SMALL);
  const { feed, books, outreach } = day.services.store;
  const atMs = at('00:00') + 24 * HOUR_MS;
  const [stored] = await allRows(outreach, {});
  const { patientId, bucket } = stored!.value;
  const patients = [{ patientId, bucket, known: { preference: STOPPED } }];
  await feed.insert({ pk: 'small', rk: timeKey(atMs, 1), value: { kind: 'known', atMs, patients } });
  const before = [await allRows(books, {}), await allRows(outreach, {})];
  day.nowMs = atMs + 5_000;
  const plan = await planPass(day.services, { ...DAY, nowMs: day.nowMs, pass: 1 });
  expect([plan.made, plan.nextMs, plan.batches]).toEqual([false, null, []]);
  expect([await allRows(books, {}), await allRows(outreach, {})]).toEqual(before);
});

describe('a text that is recalled', () => {
  /** Late, and cut off once it was written down that the orders do not leave. */
  const recalled = async () => {
    const made = await queued();
    const { day, queue } = made;
    const cut = jest.spyOn(day.services.store.feed, 'insert').mockRejectedValueOnce(new Error('the machine died'));
    const at1905 = at('19:05');
    day.nowMs = at1905;
    await expect(deliverTexts(day.services, queue)).rejects.toThrow('died');
    cut.mockRestore();
    const [marked] = (await allRows(day.services.store.ledger, {})).filter(({ value }) => value.recalled);
    const { messageId, patientId } = marked!.value;
    return { ...made, messageId, patientId, again: new Set(queue.map(({ text }) => text.messageId)) };
  };

  it('is no text that the gateway cannot speak of', async () => {
    const { day, status, patientId } = await recalled();
    gateway(day, { lookup: async (ids) => ids.map(() => 'UNKNOWN') });
    await settle(day.services, 'small', day.nowMs + 11 * 60_000);
    const left = await status();
    expect(left[patientId]).toBeUndefined();
    expect(Object.values(left)).toEqual(everyone.slice(1).map(() => 'UNKNOWN'));
  });

  it('counts as sent where the gateway has it all the same', async () => {
    const { day, queue, status, messageId, patientId, again } = await recalled();
    gateway(day, { lookup: async (ids) => ids.map((id) => (id === messageId ? 'ACCEPTED' : 'NEVER_SEEN')) });
    await deliverTexts(day.services, queue, again);
    expect(await status()).toEqual({ [patientId]: 'SENT' });
  });

  it('by somebody else who was cut off is taken back by the one who comes second', async () => {
    const { day, receive, status } = await queued();
    const { ledger, feed } = day.services.store;
    const replace = ledger.replaceBatch.bind(ledger);
    jest.spyOn(ledger, 'replaceBatch').mockImplementationOnce(async (pk, rows) => {
      await replace(pk, rows);
      return false;
    });
    day.nowMs = at('19:05');
    await receive();
    expect(await status()).toEqual({});
    expect((await allRows(feed, {})).filter(({ value }) => value.kind === 'held')).toHaveLength(everyone.length);
  });

  it('and was told to be late before gives back the grant of the later instant', async () => {
    const { day, queue } = await queued();
    const { ledger, feed } = day.services.store;
    day.nowMs = at('18:40');
    const cut = jest.spyOn(ledger, 'replaceBatch').mockRejectedValueOnce(new Error('the machine died'));
    await expect(deliverTexts(day.services, queue)).rejects.toThrow('died');
    cut.mockRestore();
    day.nowMs = at('19:05');
    await deliverTexts(day.services, queue);
    const told = (await allRows(feed, {})).map(({ value }) => value);
    const [late] = told.flatMap((one) => (one.kind === 'late' ? [one] : []));
    const [held] = told.flatMap((one) => (one.kind === 'held' && one.patientId === late!.patientId ? [one] : []));
    expect(held!.sentAtMs).toBeGreaterThanOrEqual(late!.atMs);
  });

  it('while its batch runs again is ordered anew, with a row', async () => {
    const { day, queue, send, receive, status } = await queued();
    await forgetOutcome(day);
    queue.splice(0);
    const { ledger } = day.services.store;
    const get = ledger.get.bind(ledger);
    jest.spyOn(ledger, 'get').mockImplementationOnce(async (pk, rk) => {
      await ledger.delete(pk, rk);
      return get(pk, rk);
    });
    day.nowMs += 15_000;
    await send();
    await receive();
    expect([...day.sent].sort()).toEqual(everyone);
    expect(new Set(Object.values(await status()))).toEqual(new Set(['SENT']));
  });
});

describe('a gateway', () => {
  it('that took only some is asked again for the others, under the same ids', async () => {
    const { day, queue, status } = await queued();
    const orders = queue.splice(0);
    const { sms } = day.memory;
    gateway(day, {
      send: async (texts) => {
        const outcomes = await sms.send(texts.slice(0, 2));
        throw new SendInterrupted(new ServiceError('UNAVAILABLE', 'gone'), [
          ...outcomes,
          ...texts.slice(2).map(() => null),
        ]);
      },
    });
    await expect(deliverTexts(day.services, orders)).rejects.toThrow('gone');
    expect(Object.values(await status()).filter((one) => one === 'SENT')).toHaveLength(2);
    gateway(day, {});
    await deliverTexts(day.services, orders);
    expect([...day.sent].sort()).toEqual(everyone);
    expect(new Set(Object.values(await status()))).toEqual(new Set(['SENT']));
  });

  it('that has a text but lost its answer is believed, not asked to send', async () => {
    const { day, queue, status, reservations } = await queued();
    const orders = queue.splice(0);
    await day.memory.sms.send(orders.map(({ text }) => text));
    await settle(day.services, 'small', day.nowMs + 11 * 60_000);
    expect(new Set(Object.values(await status()))).toEqual(new Set(['SENT']));
    expect([...day.sent].sort()).toEqual(everyone);
    expect(await reservations()).toBe(0);
  });

  it('that never saw a text frees it, but not while it may still lie in the queue', async () => {
    const { day, status, reservations } = await queued();
    await settle(day.services, 'small', day.nowMs + 30 * 60_000);
    expect(await reservations()).toBe(1);
    await settle(day.services, 'small', day.nowMs + 2 * HOUR_MS);
    expect(await status()).toEqual({});
    expect(await reservations()).toBe(0);
  });

  it('that never saw a text frees it, also when the sweeper was cut off before the campaign heard of it', async () => {
    const { day, reservations } = await queued();
    const { feed } = day.services.store;
    const insert = jest.spyOn(feed, 'insert').mockRejectedValueOnce(new Error('the machine died'));
    await expect(settle(day.services, 'small', day.nowMs + 2 * HOUR_MS)).rejects.toThrow('died');
    insert.mockRestore();
    await settle(day.services, 'small', day.nowMs + 2 * HOUR_MS);
    expect(await reservations()).toBe(0);
    const told = (await allRows(feed, {})).filter(({ value }) => value.kind === 'held');
    expect(told).toHaveLength(everyone.length);
  });

  it('that cannot say makes the text UNKNOWN and a case for a person, never a second text', async () => {
    const { day } = await queued();
    gateway(day, { lookup: async (ids) => ids.map(() => 'UNKNOWN') });
    await settle(day.services, 'small', day.nowMs + 11 * 60_000);
    expect(new Set((await day.ledger()).map((row) => row.status))).toEqual(new Set(['UNKNOWN']));
    await finishCampaign(day.services, { campaignId: 'small', nowMs: at('19:00') });
    const worklist = await day.services.blobs.get('outputs/small/worklist.csv');
    expect(worklist!.match(/SEND_UNKNOWN/g)).toHaveLength(everyone.length);
    expect(day.sent).toEqual([]);
  });

  it.each<[string, SmsOutcome, string]>([
    ['a number that does not exist', 'REJECTED_INVALID_NUMBER', 'OPT_IN'],
    ["the carrier's own list of opt-outs", 'REJECTED_OPTED_OUT', 'OPT_OUT'],
  ])('that refuses for %s: not delivered, and remembered for the number', async (_, outcome, preference) => {
    const { day, receive } = await queued();
    gateway(day, { send: async (texts) => texts.map((text) => (text.patientId === 'P1' ? outcome : 'ACCEPTED')) });
    await receive();
    const people = (await allRows(day.services.store.people, {})).map(({ value }) => value);
    const person = people.find(({ patientId }) => patientId === 'P1')!;
    expect([person.noMobile, person.preference?.status]).toEqual([true, preference]);
    const messages = (await allRows(day.services.store.messages, {})).map(({ value }) => value.receipt);
    expect(messages.filter((receipt) => receipt === 'UNDELIVERED')).toHaveLength(1);
  });

  it.each(['people', 'feed'] as const)(
    'that has a number on its own list: all on it are opted out, also after it was cut off at its %s',
    async (table) => {
      const { day } = await queued({}, { phone: phoneOf(0) });
      const { [table]: cut, numbers, outreach } = day.services.store;
      const method = table === 'people' ? 'update' : 'insert';
      const fails = jest.spyOn(cut as never, method as never).mockRejectedValueOnce(new Error('died') as never);
      await expect(stopNumber(day.services, phoneOf(0), day.nowMs)).rejects.toThrow('died');
      fails.mockRestore();
      await stopNumber(day.services, phoneOf(0), day.nowMs);
      expect((await allRows(numbers, {})).filter(({ value }) => value.stop !== null)).toHaveLength(1);
      await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS });
      const stopped = (await allRows(outreach, {})).filter(({ value }) => value.preference?.status === 'OPT_OUT');
      expect(stopped.map(({ rk }) => rk).sort()).toEqual(['P1', 'P2']);
    },
  );

  it('that cannot say gets a text that is late for the first time, and is not trusted with one brought again', async () => {
    const first = await queued();
    gateway(first.day, { lookup: async (ids) => ids.map(() => 'UNKNOWN') });
    first.day.nowMs += 5 * 60_000;
    await first.receive();
    expect([...first.day.sent].sort()).toEqual(everyone);
    const again = await queued();
    gateway(again.day, { lookup: async (ids) => ids.map(() => 'UNKNOWN') });
    again.day.nowMs += 5 * 60_000;
    const ids = again.queue.map(({ text }) => text.messageId);
    await deliverTexts(again.day.services, again.queue, new Set(ids));
    expect(again.day.sent).toEqual([]);
    expect(new Set(Object.values(await again.status()))).toEqual(new Set(['UNKNOWN']));
  });

  it('is told the same time of the reservation at each attempt', async () => {
    const { day, queue } = await queued();
    const told: (number | undefined)[] = [];
    gateway(day, {
      send: async (texts) => {
        told.push(...texts.map(({ reservedAtMs }) => reservedAtMs));
        throw new ServiceError('UNAVAILABLE', 'gone');
      },
    });
    await expect(deliverTexts(day.services, queue)).rejects.toThrow('gone');
    day.nowMs += 5_000;
    await expect(deliverTexts(day.services, queue)).rejects.toThrow('gone');
    expect(new Set(told)).toEqual(new Set([at('18:30')]));
  });

  it('hears of a cancel before a refusal that came after it', async () => {
    const { day } = await queued();
    const { feed, controls, outreach } = day.services.store;
    const [stored] = (await allRows(outreach, {})).filter(({ rk }) => rk === 'P1');
    const orderedAtMs = at('18:30');
    const text = { patientId: 'P1', bucket: stored!.value.bucket, phase: 'PILOT', touch: 0, orderedAtMs } as const;
    const value = { kind: 'held', atMs: at('18:32'), reason: 'OPTED_OUT', consent: STOPPED, ...text } as const;
    await feed.insert({ pk: 'small', rk: timeKey(at('18:32'), 999), value });
    const [control] = await allRows(controls, {});
    await controls.upsert({ ...control!, value: { ...control!.value, cancelledAtMs: at('18:31') } });
    day.nowMs = at('18:33');
    await finishCampaign(day.services, { campaignId: 'small', nowMs: day.nowMs });
    const row = (await day.ledger()).find(({ patientId }) => patientId === 'P1');
    expect(row).toMatchObject({ status: 'REFUSED', reason: 'CANCELLED', decidedAtMs: at('18:31') });
  });

  it('gets nothing more once the campaign has ended', async () => {
    const { day, receive } = await queued();
    await finishCampaign(day.services, { campaignId: 'small', nowMs: at('19:00') });
    await receive();
    expect(day.sent).toEqual([]);
  });

  it('settles all at the end: what never left is no text', async () => {
    const { day } = await queued();
    await finishCampaign(day.services, { campaignId: 'small', nowMs: at('19:00') });
    const rows = await day.ledger();
    expect(pilot(Object.fromEntries(rows.map((row) => [row.status, 1])))).toEqual(['REFUSED']);
    expect(rows.every((row) => row.reason === 'EXPIRED')).toBe(true);
  });
});

it('a day whose texts never left has taught nothing of texts, also where taking them back was cut off', async () => {
  const { day, queue } = await queued();
  queue.splice(0);
  const calls = { offered: 3, answered: 3, answeredWithin30s: 3, abandoned: 0, abandonedWithin10s: 0 };
  const span = { at: january(5, '18:00'), from: january(5, '09:00'), to: january(5, '18:00') };
  await takeIntervals(day.services, arriving(day.services, [{ type: 'call.interval', ...span, ...calls }]));
  const midnight = { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS };
  const { feed, books } = day.services.store;
  const insert = feed.insert.bind(feed);
  let told = 0;
  const cut = jest.spyOn(feed, 'insert').mockImplementation(async (row) => {
    if ((told += 1) === 3) throw new Error('the machine died');
    await insert(row);
  });
  day.nowMs = midnight.nowMs;
  await expect(beginDay(day.services, midnight)).rejects.toThrow('died');
  cut.mockRestore();
  day.nowMs += 15_000;
  await beginDay(day.services, midnight);
  const [row] = await allRows(books, {});
  expect([row!.value.taughtThrough, row!.value.callRate.texts]).toEqual(['2026-01-05', 0]);
});

it('a text that one run counted, another made anew, and the last look refused, is counted by nobody', async () => {
  const { day, queue, send } = await queued();
  queue.splice(0);
  await forgetOutcome(day);
  await optOut(day, 'P2');
  day.nowMs += 15_000;
  // The order is handed over, and the answer of the bus gets lost.
  const { bus } = day.services;
  const lost = jest.spyOn(bus, 'send').mockImplementationOnce(async (_, orders) => {
    await deliverTexts(day.services, orders as never);
    throw new Error('the machine died');
  });
  await expect(send()).rejects.toThrow('died');
  lost.mockRestore();
  day.nowMs += 15_000;
  await send();
  await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS });
  const { texts, touches } = (await allRows(day.services.store.outreach, {})).find(({ rk }) => rk === 'P2')!.value;
  expect([texts, new Set(touches.map(({ status }) => status))]).toEqual([[], new Set(['REFUSED'])]);
  const [batch] = await allRows(day.services.store.batches, {});
  expect(batch!.value.outcome).toMatchObject({ sent: everyone.length - 1, refused: { OPTED_OUT: touches.length } });
});
