/**
 * Defects of comparable systems (end of domain-rules.md) that show when a machine dies: the activities of one day, run
 * without a host, cut off at each step and run again. One text for each patient, never two, nobody skipped.
 */
import { openDay } from '../../activities/openDay';
import { at, COUNT, DAY, Day, everyone } from '../app/day';

describe('exactly once', () => {
  it('an outage of a whole day but its last minutes loses nobody', async () => {
    const day = await Day.open();
    await day.whole('18:55', 1);
    expect([...day.sent].sort()).toEqual(everyone);
  });

  it('two runs of the same batch send once and give the same result', async () => {
    const day = await Day.open();
    const plan = await day.plan('18:55', 1);
    const answers = day.answers(plan);
    const first = await day.send(plan, answers);
    // The second run comes late, when the window has closed: it must not take back what was sent.
    day.nowMs = at('19:30');
    const second = await day.send(plan, answers);
    expect(second).toEqual(first);
    expect([...day.sent].sort()).toEqual(everyone);
  });

  it('recipients that were fetched before a crash are asked again by the next pass', async () => {
    const day = await Day.open();
    const plan = await day.plan('09:00', 1);
    const fetched = plan.only!.asks.map((one) => one.patientId);
    expect(fetched.length).toBeGreaterThan(0);
    // The machine dies here: nothing of the batch is sent.
    await day.whole('18:55', 2);
    expect([...day.sent].sort()).toEqual(everyone);
  });

  it('a grant whose sending was cut off is granted again, not refused for its own cap', async () => {
    const day = await Day.open();
    day.answers(await day.plan('09:00', 1));
    // The machine dies after the gate said yes.
    await day.whole('18:55', 2);
    expect([...day.sent].sort()).toEqual(everyone);
  });

  it('a crash after the gateway took the texts sends none twice', async () => {
    const day = await Day.open();
    const plan = await day.plan('18:55', 1);
    const answers = day.answers(plan);
    const { bus } = day.services;
    let dies = true;
    day.services = {
      ...day.services,
      bus: {
        ...bus,
        async send(queue, bodies) {
          await bus.send(queue, bodies);
          if (dies) throw new Error('the machine died after sending');
        },
      },
    };
    await expect(day.send(plan, answers)).rejects.toThrow('died');
    dies = false;
    await day.send(plan, answers);
    expect([...day.sent].sort()).toEqual(everyone);
    const ledger = await day.ledger();
    expect([ledger.length, ledger.every((row) => row.status === 'SENT')]).toEqual([COUNT, true]);
  });

  it('a crash between reserving and sending sends once when it runs again', async () => {
    const day = await Day.open();
    const plan = await day.plan('18:55', 1);
    const answers = day.answers(plan);
    const { bus } = day.services;
    day.services = { ...day.services, bus: { ...bus, send: () => Promise.reject(new Error('the bus is away')) } };
    await expect(day.send(plan, answers)).rejects.toThrow('away');
    expect(day.sent).toEqual([]);
    expect((await day.ledger()).every((row) => row.status === 'RESERVED')).toBe(true);
    day.services = { ...day.services, bus };
    await day.send(plan, answers);
    expect([...day.sent].sort()).toEqual(everyone);
  });

  it('the same pass planned twice is the same plan', async () => {
    const day = await Day.open();
    const plan = await day.plan('09:00', 1);
    const again = await day.plan('09:00', 1);
    expect(again.batches).toEqual(plan.batches);
  });

  it('opening a day twice admits nobody twice and keeps its budget', async () => {
    const day = await Day.open();
    const before = await day.services.store.days.get('small', DAY.date);
    await openDay(day.services, { ...DAY, nowMs: at('00:00') });
    expect(await day.services.store.days.get('small', DAY.date)).toEqual(before);
  });
});
