/**
 * Activities cut off at each of their writes, before and after it, and run again: the outcome is that of a run that was
 * not cut off, or tells of everything that left. Found by simulated runs (test/sim).
 */
import { openDay } from '../../activities/openDay';
import { planPass, type PassPlan } from '../../activities/planPass';
import type { Answer } from '../../domain/patient';
import { DAY_MS } from '../../domain/calendar';
import { READS, withFaults, type StorageFault } from '../../services/faulty';
import { storeOf, type Services } from '../../services/services';
import { allRows } from '../../services/tables';
import { at, DAY, Day, everyone } from '../app/day';

const CUTS: readonly StorageFault[] = ['REQUEST_LOST', 'ANSWER_LOST'];
/** More writes than one activity makes here. */
const WRITES_MAX = 40;

/** Services whose `n`-th write, from 0, meets the fault. */
function cutAt(services: Services, n: number, fault: StorageFault): Services {
  let writes = 0;
  const tables = withFaults(services.tables, ({ operation }) => {
    if (READS.has(operation)) return null;
    writes += 1;
    return writes === n + 1 ? fault : null;
  });
  return { ...services, tables, store: storeOf(tables) };
}

/** Runs `work` with each write cut off, until it makes no more; `judge` sees what came of it. */
async function cutEverywhere(
  ready: () => Promise<Day>,
  work: (day: Day, services: Services) => Promise<unknown>,
  judge: (day: Day, cut: string) => Promise<void>,
): Promise<void> {
  for (const fault of CUTS)
    for (let n = 0; ; n += 1) {
      expect(n).toBeLessThan(WRITES_MAX);
      const day = await ready();
      const wasCut = await work(day, cutAt(day.services, n, fault)).then(
        () => false,
        () => true,
      );
      if (!wasCut) {
        expect(n).toBeGreaterThan(3);
        break;
      }
      await judge(day, `${fault} at write ${n}`);
    }
}

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
    const { controls, outreach } = day.services.store;
    const [control] = await allRows(controls, {});
    await controls.upsert({ ...control!, value: { ...control!.value, paused: true } });
    day.nowMs = at('18:56');
    await day.send(plan, answers);
    // The next opening hears of what was held back at the last moment.
    await openDay(day.services, { ...DAY, date: '2026-01-06', nowMs: at('00:00') + DAY_MS });
    const texted = (await allRows(outreach, {})).flatMap(({ rk, value }) => value.texts.map(() => rk));
    const rows = (await day.ledger()).filter(({ status }) => status !== 'REFUSED').map(({ patientId }) => patientId);
    expect([cut, texted.sort(), rows.sort()]).toEqual([cut, [...day.sent].sort(), [...day.sent].sort()]);
    left.add(day.sent.length);
  });
  // Cut off before they were ordered none leave, after it all do.
  expect([...left].sort()).toEqual([0, everyone.length]);
});
