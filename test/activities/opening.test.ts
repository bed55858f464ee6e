/** When a send day opens, and under which policy, also when that is looked at late (formats.md, rules 9 and 10). */
import { takeControl } from '../../activities/control';
import { openDay } from '../../activities/openDay';
import { EVERYWHERE } from '../../services/rows';
import type { Messenger } from '../../services/messenger';
import { allRows } from '../../services/tables';
import { at, DAY, Day } from '../app/day';
import { SMALL } from '../app/harness';

const silent: Messenger = { signalPatient: async () => undefined, wake: async () => undefined };
const FRESH = { ...SMALL, requireFreshPreferences: true, preferencesDeadline: '09:00' };

async function ready(campaign: object) {
  const day = await Day.ready(campaign);
  const { files } = day.services.store;
  const open = (time: string) => openDay(day.services, { ...DAY, nowMs: at(time) });
  const change = (time: string, policy: object) =>
    takeControl(day.services, silent, 'small', { kind: 'policy', by: 'lead', policy }, at(time));
  const file = (time: string, sound = true) =>
    files.upsert({ pk: DAY.date, rk: time, value: { receivedAtMs: at(time), sound } });
  const row = async () => (await allRows(day.services.store.days, {}))[0]!.value;
  return { day, open, change, file, row };
}

it('a day that is open stays as it is when it is opened again', async () => {
  const { day, open, row } = await ready(SMALL);
  await open('00:00');
  await day.whole('10:00', 1);
  await day.whole('10:15', 2);
  const before = [await row(), await day.ledger(), (await allRows(day.services.store.agenda, {})).length];
  expect(await open('10:20')).toMatchObject({ state: 'OPEN' });
  expect([await row(), await day.ledger(), (await allRows(day.services.store.agenda, {})).length]).toEqual(before);
});

describe('a send day that is opened late', () => {
  it('opens under the policy of when it should have opened', async () => {
    const { open, change, row } = await ready(SMALL);
    await change('00:01', { callCentre: { capacityPerDay: 10, floorPerDay: 0 } });
    await open('00:02');
    const { openedAtMs, callCentre, throttle } = await row();
    expect([openedAtMs, callCentre.capacityPerDay]).toEqual([at('00:00'), 1000]);
    expect(throttle.left).toBeGreaterThan(10);
  });

  it('opens when the policy came to need no file, and under that one', async () => {
    const { open, change, row } = await ready(FRESH);
    expect(await open('08:00')).toMatchObject({ state: 'WAIT', untilMs: at('09:00') });
    await change('08:30', { requireFreshPreferences: false });
    await change('08:40', { callCentre: { capacityPerDay: 10 } });
    await open('08:41');
    expect(await row()).toMatchObject({
      openedAtMs: at('08:30'),
      preferences: 'NOT_REQUIRED',
      callCentre: { capacityPerDay: 1000 },
    });
  });

  it('is lost at a deadline that a change brought before the file', async () => {
    const { day, open, change, file, row } = await ready(FRESH);
    await file('08:50');
    await change('08:40', { preferencesDeadline: '08:30' });
    expect(await open('08:55')).toMatchObject({ state: 'MISSED' });
    expect(await row()).toMatchObject({ openedAtMs: null, preferences: 'MISSING' });
    const incidents = (await allRows(day.services.store.incidents, {})).filter(({ pk }) => pk !== EVERYWHERE);
    expect(incidents.map(({ value }) => value.atMs)).toEqual([at('08:40')]);
  });

  it('opens with the file that came under the deadline of then, although a later change would have lost it', async () => {
    const { open, change, file, row } = await ready(FRESH);
    await file('08:50');
    await change('08:55', { preferencesDeadline: '08:30' });
    await open('08:56');
    expect(await row()).toMatchObject({ openedAtMs: at('08:50'), preferences: 'TAKEN' });
  });

  it('keeps a few replaced policies, not all', async () => {
    const { day, change } = await ready(SMALL);
    for (let n = 1; n <= 30; n += 1) await change('00:01', { callCentre: { capacityPerDay: n } });
    const [control] = await allRows(day.services.store.controls, {});
    expect(control!.value.replaced).toHaveLength(10);
    expect(control!.value.policy.callCentre.capacityPerDay).toBe(30);
  });
});
