/**
 * Two hosts do the same thing at once, or one goes on where it should have been dead: the host may bring a message and run
 * an activity twice (at least once, says its contract). Nobody is texted twice, under another's consent, or lost.
 */
import { openDay } from '../../activities/openDay';
import { changePerson, personPrefers } from '../../activities/people';
import { planPass } from '../../activities/planPass';
import { settle } from '../../activities/settle';
import { deliverTexts } from '../../activities/deliverTexts';
import { messagePk, timeKey } from '../../services/rows';
import { allRows, type Table } from '../../services/tables';
import { at, DAY, Day, everyone } from '../app/day';
import { forgetOutcome, gateway, pause, planned, queued } from '../app/queued';
import { SMALL } from '../app/harness';

const HOUR_MS = 3_600_000;
const NEXT_DAY = { ...DAY, date: '2026-01-06', nowMs: at('00:00') + 24 * HOUR_MS };

afterEach(() => jest.restoreAllMocks());

/** Before the first write of rows to `table`, or the first `method`, does anything, `first` happens. */
function before<T>(table: Table<T>, first: () => Promise<unknown>, ...methods: readonly (keyof Table)[]): void {
  let isFirst = true;
  for (const method of methods.length > 0 ? methods : (['replaceBatch', 'upsertBatch'] as const)) {
    const real = (table[method] as (...parts: unknown[]) => Promise<unknown>).bind(table);
    jest.spyOn(table, method as never).mockImplementation((async (...parts: unknown[]) => {
      if (isFirst) {
        isFirst = false;
        await first();
      }
      return real(...parts);
    }) as never);
  }
}

/** As `before`, of a scan. */
function beforeScan<T>(table: Table<T>, first: () => Promise<unknown>): void {
  const real = table.pages.bind(table);
  jest.spyOn(table, 'pages').mockImplementationOnce(async function* (range) {
    await first();
    yield* real(range);
  });
}

/** How many texts each patient is counted with, and the touch that is open. */
async function openTouches(day: Day) {
  const people = (await allRows(day.services.store.outreach, {})).map(({ value }) => value);
  return people.map(({ texts, open }) => [texts.length, open?.touch ?? null]);
}

describe('a batch that two hosts carry out at once', () => {
  it('leaves everyone open when its orders come after hours', async () => {
    const { day, queue, send } = await planned();
    before(day.services.store.outreach, async () => {
      day.nowMs += 15_000;
      await send();
    });
    await send();
    day.nowMs = at('19:05');
    await deliverTexts(day.services, queue.splice(0));
    expect(day.sent).toEqual([]);
    await openDay(day.services, NEXT_DAY);
    expect(await openTouches(day)).toEqual(everyone.map(() => [0, 0]));
  });

  it('texts everyone once, and both know of the same text', async () => {
    const { day, queue, send } = await planned();
    before(
      day.services.store.batches,
      async () => {
        day.nowMs += 15_000;
        await send();
      },
      'replaceBatch',
      'upsert',
    );
    await send();
    await deliverTexts(day.services, queue.splice(0));
    expect([...day.sent].sort()).toEqual(everyone);
    const [batch] = await allRows(day.services.store.batches, {});
    const sentAt = Object.fromEntries((await day.ledger()).map(({ patientId, sentAtMs }) => [patientId, sentAtMs]));
    expect(batch!.value.outcome!.ordered).toEqual(sentAt);
    const people = (await allRows(day.services.store.outreach, {})).map(({ value }) => value);
    expect(Object.fromEntries(people.map(({ patientId, texts }) => [patientId, texts[0]!.atMs]))).toEqual(sentAt);
  });

  it('gives back the room of what was held back, whichever run ordered it', async () => {
    const { day, queue, send } = await planned('12:00');
    beforeScan(day.services.store.outreach, async () => {
      await send();
      day.nowMs += 15_000;
    });
    await send();
    const [batch] = await allRows(day.services.store.batches, {});
    const sentAt = Object.fromEntries((await day.ledger()).map(({ patientId, sentAtMs }) => [patientId, sentAtMs]));
    expect(batch!.value.outcome!.ordered).toEqual(sentAt);
    await pause(day, true);
    await deliverTexts(day.services, queue.splice(0));
    await pause(day, false);
    const { left } = (await day.services.store.days.get('small', DAY.date))!.throttle;
    expect(await day.plan('15:00', 2)).toMatchObject({ made: true });
    expect((await day.services.store.days.get('small', DAY.date))!.throttle.left).toBe(left);
  });

  it.each(['outreach', 'batches'] as const)(
    'orders nothing more once the day has counted it (at its %s)',
    async (table) => {
      const { day, queue, send } = await planned('12:00');
      before(day.services.store[table] as Table<unknown>, async () => {
        day.nowMs += 15_000;
        await send();
        await pause(day, true);
        await deliverTexts(day.services, queue.splice(0));
        await pause(day, false);
        const next = await day.plan('15:00', 2);
        await day.send(
          next,
          next.only!.asks.map(() => ({ verdict: 'WAIT', why: 'CAP' })),
        );
      });
      await send();
      await deliverTexts(day.services, queue.splice(0));
      expect(day.sent).toEqual([]);
    },
  );

  it('is not carried out any more once the day has counted it', async () => {
    const { day, queue, send } = await planned('12:00');
    const { days } = day.services.store;
    const get = days.get.bind(days);
    jest.spyOn(days, 'get').mockImplementationOnce(async (pk, rk) => {
      await send();
      await pause(day, true);
      await deliverTexts(day.services, queue.splice(0));
      await pause(day, false);
      await day.plan('15:00', 2);
      return get(pk, rk);
    });
    await send();
    expect([queue, await day.ledger()]).toEqual([[], []]);
  });

  it('does not make an order anew that leaves at that very moment', async () => {
    const { day, queue, send } = await planned();
    await send();
    await forgetOutcome(day);
    day.nowMs += 15_000;
    before(day.services.store.ledger, () => deliverTexts(day.services, queue.splice(0)));
    await send();
    expect(queue).toEqual([]);
    expect(new Set((await day.ledger()).map(({ status }) => status))).toEqual(new Set(['SENT']));
  });
});

it('an order made anew while the one before is taken back is not lost with it', async () => {
  const { day, queue, send, receive } = await queued();
  await forgetOutcome(day);
  const old = queue.splice(0);
  before(
    day.services.store.messages,
    async () => {
      day.nowMs = at('18:45');
      await send();
      day.nowMs = at('19:05');
    },
    'delete',
  );
  day.nowMs = at('19:05');
  await deliverTexts(day.services, old);
  day.nowMs = at('18:46');
  await receive();
  expect([...day.sent].sort()).toEqual(everyone);
  const rows = await day.ledger();
  const { messages } = day.services.store;
  const awaited = await Promise.all(rows.map(({ messageId }) => messages.get(messagePk(messageId), messageId)));
  expect(awaited.every((row) => row !== undefined)).toBe(true);
});

it('an order that another host renewed, and did not send, is found by the sweeper', async () => {
  const { day, receive, reservations } = await queued();
  const { ledger } = day.services.store;
  const replace = ledger.replaceBatch.bind(ledger);
  jest.spyOn(ledger, 'replaceBatch').mockImplementationOnce(async (pk, rows) => {
    await replace(pk, rows);
    return replace(pk, rows);
  });
  day.nowMs += 5 * 60_000;
  await receive();
  expect([day.sent.length, await reservations()]).toEqual([everyone.length - 1, 1]);
  await settle(day.services, 'small', day.nowMs + 2 * HOUR_MS);
  expect((await day.ledger()).map(({ status }) => status)).toEqual(Array(everyone.length - 1).fill('SENT'));
  expect(await reservations()).toBe(0);
});

it('a text that another host has in hand while this one recalls it is found by the sweeper', async () => {
  const { day, queue, reservations } = await queued();
  const { ledger } = day.services.store;
  const replace = ledger.replaceBatch.bind(ledger);
  const one = queue.slice(0, 1).map((order) => ({ ...order, of: 1 }));
  // The other host renewed it in its last second of the day.
  jest.spyOn(ledger, 'replaceBatch').mockImplementationOnce(async (pk, [row]) => {
    const stored = (await ledger.get(pk, row!.rk))!;
    await replace(pk, [{ pk, rk: row!.rk, before: stored, value: { ...stored, sentAtMs: at('19:00') - 1 } }]);
    return replace(pk, [row!]);
  });
  day.nowMs = at('19:00');
  await deliverTexts(day.services, one);
  expect(await reservations()).toBe(1);
});

it('a pass that two hosts plan, one with later news, asks and texts the same people', async () => {
  const day = await Day.open(SMALL);
  const { days, feed, outreach } = day.services.store;
  const unplanned = await days.get('small', DAY.date);
  const plan = await day.plan('18:30', 1);
  const ids = plan.only!.asks.map(({ patientId }) => patientId);
  const answers = day.answers(plan).map((answer, i) => (i === 1 ? ({ verdict: 'WAIT', why: 'CAP' } as const) : answer));
  const { bucket } = (await allRows(outreach, {})).find(({ rk }) => rk === ids[0])!.value;
  const preference = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: at('18:29') } as const;
  const patients = [{ patientId: ids[0]!, bucket, known: { preference } }];
  await feed.insert({
    pk: 'small',
    rk: timeKey(at('18:29'), 999),
    value: { kind: 'known', atMs: at('18:29'), patients },
  });
  jest.spyOn(days, 'get').mockResolvedValueOnce(unplanned);
  await expect(planPass(day.services, { ...DAY, nowMs: at('18:30'), pass: 1 })).rejects.toThrow('somebody else');
  await day.send(plan, answers);
  // The one opted out meanwhile, the other is the one whom the gate told to wait.
  expect([...day.sent].sort()).toEqual(ids.slice(2).sort());
});

it('a text that left after all is not recalled any more', async () => {
  const { day, queue } = await queued();
  const cut = jest.spyOn(day.services.store.feed, 'insert').mockRejectedValueOnce(new Error('the machine died'));
  day.nowMs = at('19:05');
  await expect(deliverTexts(day.services, queue)).rejects.toThrow('died');
  cut.mockRestore();
  gateway(day, { lookup: async (ids) => ids.map(() => 'ACCEPTED') });
  await deliverTexts(day.services, queue, new Set(queue.map(({ text }) => text.messageId)));
  const rows = await day.ledger();
  expect(rows.map(({ status, recalled }) => [status, recalled])).toEqual(everyone.map(() => ['SENT', undefined]));
});

describe('an answer that is made beside a STOP', () => {
  /** The texts have left; what leaves from now on. */
  const texted = async () => {
    const made = await queued();
    await made.receive();
    const left: string[] = [];
    made.day.memory.sms.subscribe((one) => left.push(`${one.patientId} ${one.kind}`));
    return { ...made, left };
  };

  it.each(['HELP', 'BOOK'])('to %s, which was decided on before the STOP came, does not leave', async (text) => {
    const { day, queue, reply, left } = await texted();
    const { definitions } = day.services.store;
    const get = definitions.get.bind(definitions);
    jest.spyOn(definitions, 'get').mockImplementationOnce(async (pk, rk) => {
      await reply(1, 'STOP', undefined, 'R-stop', day.nowMs + 1000);
      return get(pk, rk);
    });
    await reply(1, text, day.services, 'R-waits');
    day.nowMs += 5000;
    await deliverTexts(day.services, queue.splice(0));
    expect(left).toEqual(['P2 STOP_CONFIRM']);
  });

  it('to HELP, while the STOP is half written, does not leave', async () => {
    const { day, queue, reply, left } = await texted();
    const { numbers } = day.services.store;
    const update = numbers.update.bind(numbers);
    jest.spyOn(numbers, 'update').mockImplementationOnce(async (...parts) => {
      await reply(1, 'HELP', day.services, 'R-help', day.nowMs + 500);
      return update(...parts);
    });
    await reply(1, 'STOP');
    day.nowMs += 5000;
    await deliverTexts(day.services, queue.splice(0));
    expect(left).toEqual(['P2 STOP_CONFIRM']);
  });

  it('to START, of the same instant, does not leave', async () => {
    const { day, queue, reply, left } = await texted();
    const atMs = day.nowMs;
    await reply(1, 'START', day.services, 'R-start', atMs);
    await reply(1, 'STOP', undefined, 'R-stop', atMs);
    day.nowMs += 5000;
    await deliverTexts(day.services, queue.splice(0));
    expect(left).toEqual(['P2 STOP_CONFIRM']);
  });

  it.each(['HELP', 'START', 'BOOK'])('to %s does not leave when a vendor repeats the STOP', async (text) => {
    const { day, queue, reply, left } = await texted();
    await reply(1, text, day.services, 'R-waits');
    day.nowMs += 1000;
    await reply(1, 'STOP');
    const news = { status: 'OPT_OUT', source: 'VENDOR', effectiveAtMs: day.nowMs + 1000 } as const;
    await changePerson(day.services, 'P2', (person) => personPrefers(person, news, news.effectiveAtMs));
    day.nowMs += 5000;
    await deliverTexts(day.services, queue.splice(0));
    expect(left).toEqual(['P2 STOP_CONFIRM']);
  });

  it.each(['HELP', 'START'])('to %s leaves for all that a vendor says meanwhile', async (text) => {
    const { day, queue, reply, left } = await texted();
    await reply(1, text, day.services, 'R-waits');
    const news = { status: 'OPT_OUT', source: 'VENDOR', effectiveAtMs: day.nowMs + 1000 } as const;
    await changePerson(day.services, 'P2', (person) => personPrefers(person, news, news.effectiveAtMs));
    day.nowMs += 30_000;
    await deliverTexts(day.services, queue.splice(0));
    expect(left).toEqual([`P2 ${text === 'HELP' ? 'HELP' : 'OPT_IN_CONFIRM'}`]);
  });
});
