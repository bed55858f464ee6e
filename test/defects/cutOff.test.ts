/**
 * Activities cut off at each of their writes, before and after it, and run again: the outcome is that of a run that was
 * not cut off, or tells of everything that left. Found by simulated runs (test/sim).
 */
import { beginDay } from '../../activities/beginDay';
import { openDay } from '../../activities/openDay';
import { planPass, type PassPlan } from '../../activities/planPass';
import { takeAppointments } from '../../activities/takeAppointments';
import { takeReply } from '../../activities/takeReply';
import type { Answer } from '../../domain/patient';
import { DAY_MS } from '../../domain/calendar';
import { type Services } from '../../services/services';
import { allRows } from '../../services/tables';
import type { Messenger } from '../../services/messenger';
import { pause } from '../app/queued';
import { cutAtEachWrite } from '../app/cuts';
import { at, DAY, Day, everyone } from '../app/day';
import { january, phoneOf, SMALL } from '../app/harness';

const silent: Messenger = { signalPatient: async () => undefined, wake: async () => undefined };

/** Runs `work` with each write cut off; `judge` sees what came of each cut. */
const cutEverywhere = (
  ready: () => Promise<Day>,
  work: (day: Day, services: Services) => Promise<unknown>,
  judge: (day: Day, cut: string) => Promise<void>,
) =>
  cutAtEachWrite({
    ...{ ready, work, servicesOf: (day: Day) => day.services, least: 3, most: 40 },
    judge: async (day, cut) => (cut === null ? undefined : judge(day, cut)),
  });

async function rowsOf(day: Day) {
  const { outreach, weeks, days, agenda, books } = day.services.store;
  const tables = await Promise.all(
    [outreach, weeks, days, agenda, books].map((table) => allRows<unknown>(table as never, {})),
  );
  return tables.map((rows) => rows.map(({ pk, rk, value }) => ({ pk, rk, value })));
}

it('an opening that is cut off and tried again fixes the same wave', async () => {
  const open = (day: Day, services: Services) => openDay(services, { ...DAY, nowMs: day.nowMs });
  const whole = await Day.ready();
  await open(whole, whole.services);
  const expected = await rowsOf(whole);
  await cutEverywhere(
    () => Day.ready(),
    open,
    async (day, cut) => {
      await open(day, day.services);
      expect([cut, await rowsOf(day)]).toEqual([cut, expected]);
    },
  );
});

it('a pass that is cut off and tried again plans the same, and so does one that runs twice', async () => {
  const plan = (_: Day, services: Services) => planPass(services, { ...DAY, nowMs: at('09:00'), pass: 1 });
  const told = ({ batches, nextMs, waiting, made }: PassPlan) => ({ batches, nextMs, waiting, made });
  const whole = await Day.open();
  const expected = told(await plan(whole, whole.services));
  expect(expected).toMatchObject({ waiting: everyone.length, made: true });
  await cutEverywhere(
    () => Day.open(),
    plan,
    async (day, cut) => {
      expect([cut, told(await plan(day, day.services))]).toEqual([cut, expected]);
      expect([cut, told(await plan(day, day.services))]).toEqual([cut, expected]);
    },
  );
});

it('a batch that is cut off and tried again while paused knows of every text that left, and of no other', async () => {
  let answers: readonly Answer[] = [];
  let plan: PassPlan;
  const left = new Set<number>();
  const asked = async () => {
    const day = await Day.open();
    plan = await day.plan('18:55', 1);
    answers = day.answers(plan);
    return day;
  };
  const send = async (day: Day, services: Services) => {
    const whole = day.services;
    day.services = services;
    try {
      return await day.send(plan, answers);
    } finally {
      day.services = whole;
    }
  };
  await cutEverywhere(asked, send, async (day, cut) => {
    const { outreach } = day.services.store;
    await pause(day, true);
    day.nowMs = at('18:56');
    await day.send(plan, answers);
    // Midnight settles what nobody had, and the next opening hears of what was held back.
    await beginDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + DAY_MS });
    await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + DAY_MS });
    const texted = (await allRows(outreach, {})).flatMap(({ rk, value }) => value.texts.map(() => rk));
    const rows = (await day.ledger()).filter(({ status }) => status !== 'REFUSED').map(({ patientId }) => patientId);
    expect([cut, texted.sort(), rows.sort()]).toEqual([cut, [...day.sent].sort(), [...day.sent].sort()]);
    left.add(day.sent.length);
  });
  // Cut off before they were ordered none leave, after it all do.
  expect([...left].sort()).toEqual([0, everyone.length]);
});

it('a batch that is cut off and not tried again is counted by the next pass, which asks for the rest', async () => {
  let plan: PassPlan;
  const left = new Set<number>();
  const planned = async () => {
    const day = await Day.open();
    plan = await day.plan('09:00', 1);
    return day;
  };
  const send = async (day: Day, services: Services) => {
    const whole = day.services;
    day.services = services;
    try {
      return await day.send(plan, day.answers(plan));
    } finally {
      day.services = whole;
    }
  };
  await cutEverywhere(planned, send, async (day, cut) => {
    const { outreach, days, batches } = day.services.store;
    const sent = [...day.sent];
    left.add(sent.length);
    const second = await day.plan('12:00', 2);
    expect(second.made).toBe(true);
    const texted = (await allRows(outreach, {})).flatMap(({ rk, value }) => value.texts.map(() => rk));
    const [today] = (await allRows(days, {})).map(({ value }) => value);
    const asked = (await allRows(batches, { rkAfter: '2026-01-05-002' })).flatMap(({ value }) => value.asks);
    expect([cut, texted.sort(), today?.throttle.sent]).toEqual([cut, sent.sort(), sent.length]);
    // Nobody who was texted is asked for again.
    expect(asked.filter(({ patientId }) => sent.includes(patientId))).toEqual([]);
    await day.send(second, day.answers(second));
    await day.whole('15:00', 3);
    await day.whole('18:00', 4);
    // One that was reserved and never ordered is free again for tomorrow.
    const open = (await allRows(outreach, {})).filter(({ value }) => value.open?.touch === 0).map(({ rk }) => rk);
    expect([cut, [...day.sent, ...open].sort()]).toEqual([cut, everyone]);
    expect(open.length).toBeLessThanOrEqual(2);
  });
  expect([...left].sort()).toEqual([0, 2]);
});

it('a pass that is cut off and not tried again leaves no refusal that its patient does not know of', async () => {
  const booked = async (day: Day, standing: boolean, atMs: number) => {
    day.nowMs = atMs;
    const at = new Date(atMs).toISOString();
    const visit = { at, patientId: 'P2', appointmentId: 'v1' };
    await takeAppointments(day.services, silent, [
      standing
        ? { ...visit, type: 'appointment.booked', startsAt: january(20, '10:00'), channel: 'phone' }
        : { ...visit, type: 'appointment.cancelled' },
    ]);
  };
  const ready = async () => {
    const day = await Day.open();
    await booked(day, true, at('08:00'));
    return day;
  };
  const plan = (_: Day, services: Services) => planPass(services, { ...DAY, nowMs: at('09:00'), pass: 1 });
  await cutEverywhere(ready, plan, async (day, cut) => {
    await booked(day, false, at('09:10'));
    for (const [i, time] of ['12:00', '15:00', '18:00'].entries()) await day.whole(time, i + 1);
    const [row] = (await day.ledger()).filter(({ patientId }) => patientId === 'P2');
    const { touches } = (await allRows(day.services.store.outreach, {})).find(({ rk }) => rk === 'P2')!.value;
    expect([cut, touches[0]!.status]).toEqual([cut, row?.status]);
  });
});

it('a preferences file that is still being taken in at the deadline opens the day', async () => {
  const fresh = { ...SMALL, requireFreshPreferences: true };
  const day = await Day.ready(fresh);
  const deadline = at('12:00');
  const open = async (nowMs: number) => (await openDay(day.services, { ...DAY, nowMs })).state;
  const row = { pk: DAY.date, rk: 'a', value: { receivedAtMs: deadline + 900, sound: true, underWay: true } };
  await day.services.store.files.insert(row);
  expect(await open(deadline + 900)).toBe('WAIT');
  await day.services.store.files.upsert({ ...row, value: { ...row.value, underWay: false } });
  expect(await open(deadline + 5_000)).toBe('OPEN');
  const without = await Day.ready(fresh);
  await without.services.store.files.insert(row);
  expect((await openDay(without.services, { ...DAY, nowMs: deadline + 30_000 })).state).toBe('MISSED');
});

it('a day that opens late fixes its wave by what was known at its opening', async () => {
  const day = await Day.ready();
  const stopAll = async (atMs: number, numbers: readonly number[]) => {
    day.nowMs = atMs;
    const at = new Date(atMs).toISOString();
    for (const n of numbers)
      await takeReply(day.services, silent, {
        ...{ type: 'sms.reply', at, from: phoneOf(n), text: 'STOP', replyId: `R${n}` },
      });
  };
  // In the very second of the opening, as instants are published: known.
  await stopAll(at('00:00') + 500, [3]);
  await stopAll(at('00:10'), [0, 1, 2]);
  await openDay(day.services, { ...DAY, nowMs: at('00:20') });
  const [week] = await allRows(day.services.store.weeks, {});
  expect(week!.value).toMatchObject({ eligible: everyone.length - 1 });
  // The first pass hears of it, and refuses.
  await day.plan('09:00', 1);
  expect((await day.ledger()).filter(({ reason }) => reason === 'OPTED_OUT')).not.toEqual([]);
});
