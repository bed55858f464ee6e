/**
 * The rebuild of a day of six patients, without a host: texts in flight, held back, granted and never sent, refused by the
 * gate in the adaptive weeks; grants of the first release; and rows that change while they are looked at.
 */
import { rebuild, type RebuildRequest } from '../../activities/rebuild';
import { sendTexts } from '../../activities/sendTexts';
import { claimedRow, claimsOf } from '../../activities/rebuildRows';
import { adaptiveTextRefused, adaptiveTextSent, type Outreach } from '../../domain/outreach';
import { ask, prefer, UNKNOWN_PATIENT } from '../../domain/patient';
import { messageIdOf } from '../../domain/messages';
import type { Services } from '../../services/services';
import { allRows } from '../../services/tables';
import { deliverTexts } from '../../activities/deliverTexts';
import type { TextOrder } from '../../services/messaging';
import { takeReply } from '../../activities/takeReply';
import { at, COUNT, Day, DAY } from '../app/day';
import { phoneOf } from '../app/harness';

const run = (day: Day, over: Partial<RebuildRequest> = {}, services: Services = day.services) =>
  rebuild(services, async (id) => day.entities.get(id) ?? null, {
    campaignId: 'small',
    what: 'all',
    dryRun: false,
    ...over,
  });

async function forget(day: Day): Promise<void> {
  for (const { pk, rk } of await allRows(day.services.store.ledger, {})) await day.services.store.ledger.delete(pk, rk);
}

const unreserved = async (day: Day) => (await day.ledger()).map((row) => ({ ...row, reservation: null }));

/** Orders are kept from the gateway until they are delivered by hand. */
function withQueue(day: Day): TextOrder[] {
  const queued: TextOrder[] = [];
  const { bus } = day.services;
  day.services = {
    ...day.services,
    bus: {
      ...bus,
      send: async (_, bodies) => void queued.push(...(bodies as unknown as readonly TextOrder[])),
      publish: async () => undefined,
    },
  };
  return queued;
}

describe('a day of six', () => {
  it('comes back from grants, with the consent each was given under', async () => {
    const day = await Day.open();
    await day.whole('09:00', 1);
    const before = await unreserved(day);
    expect(before.length).toBeGreaterThan(0);
    await forget(day);
    day.nowMs = at('12:00');
    const later = { status: 'OPT_IN', source: 'VENDOR', effectiveAtMs: at('11:00') } as const;
    for (const [id, state] of day.entities) day.entities.set(id, prefer(state, later));
    expect(await run(day)).toMatchObject({ inserted: before.length, unaccounted: [], next: null });
    expect(await unreserved(day)).toEqual(before);
    expect(await run(day)).toMatchObject({ inserted: 0, replaced: [], unaccounted: [], notes: [] });
  });

  it('of grants of the first release says that the consent is not proven, and takes the one that stood', async () => {
    const day = await Day.open();
    await day.whole('09:00', 1);
    const before = await unreserved(day);
    for (const [id, state] of day.entities)
      day.entities.set(id, {
        ...state,
        grants: state.grants.map(({ messageId, atMs, date }) => ({ messageId, atMs, date })),
      });
    day.nowMs = at('12:00');
    expect(await run(day)).toMatchObject({ replaced: [], notes: [] });
    await forget(day);
    const report = await run(day);
    expect(report!.notes.join()).toContain('consent');
    expect(await unreserved(day)).toEqual(before);
  });

  it('leaves a text in flight to its reservation, and finds that again', async () => {
    const day = await Day.open();
    const queued = withQueue(day);
    await day.whole('09:00', 1);
    const before = await day.ledger();
    expect(new Set(before.map(({ status }) => status))).toEqual(new Set(['RESERVED']));
    day.nowMs = at('09:01');
    expect(await run(day)).toMatchObject({ inserted: 0, replaced: [], unaccounted: [], notes: [] });
    await forget(day);
    expect(await run(day)).toMatchObject({ inserted: before.length });
    expect(await day.ledger()).toEqual(before);
    await deliverTexts(day.services, queued);
    expect(new Set((await day.ledger()).map(({ status }) => status))).toEqual(new Set(['SENT']));
    expect(day.sent.length).toBe(before.length);
  });

  it('makes no row of a text that was granted and did not leave', async () => {
    const day = await Day.open();
    const plan = await day.plan('09:00', 1);
    day.answers(plan);
    day.nowMs = at('12:00');
    expect(await run(day)).toMatchObject({ checked: 2 * COUNT + COUNT, inserted: 0, replaced: [], unaccounted: [] });
    expect(await day.ledger()).toEqual([]);
  });

  it('knows a text that was held back at the last moment as refused, before and after the campaign learns of it', async () => {
    const day = await Day.open();
    const queued = withQueue(day);
    await day.whole('09:00', 1);
    const { patientId } = queued[0]!.row.value;
    const { people } = day.services.store;
    const [person] = (await allRows(people, {})).filter(({ rk }) => rk === patientId);
    const stop = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: at('09:00') } as const;
    await people.upsert({ ...person!, value: { ...person!.value, preference: stop } });
    await deliverTexts(day.services, queued);
    const held = async () => (await unreserved(day)).find((row) => row.patientId === patientId);
    const before = await held();
    expect(before).toMatchObject({ status: 'REFUSED', reason: 'OPTED_OUT' });
    day.nowMs = at('11:00');
    await forget(day);
    expect(await run(day)).toMatchObject({ unaccounted: [] });
    expect(await held()).toEqual(before);
    await day.plan('12:00', 2);
    const learned = await held();
    await forget(day);
    await run(day);
    expect(await held()).toEqual(learned);
  });

  it('knows when an answer left that was held up in the queue', async () => {
    const day = await Day.open();
    const queued = withQueue(day);
    day.nowMs = at('10:00');
    const reply = {
      type: 'sms.reply',
      at: new Date(day.nowMs).toISOString(),
      from: phoneOf(0),
      text: 'HELP',
      replyId: 'r1',
    } as const;
    await takeReply(day.services, { signalPatient: async () => undefined, wake: async () => undefined }, reply);
    day.nowMs = at('10:20');
    await deliverTexts(day.services, queued);
    const before = await unreserved(day);
    expect(before).toMatchObject([{ kind: 'HELP', plannedFor: '2026-01-05', sentAtMs: at('10:20'), status: 'SENT' }]);
    day.nowMs = at('12:00');
    await day.plan('12:00', 1);
    await forget(day);
    await run(day);
    expect(await unreserved(day)).toEqual(before);
  });

  it('leaves a row alone that changes while it is looked at', async () => {
    const day = await Day.open();
    await day.whole('09:00', 1);
    day.nowMs = at('12:00');
    const { ledger } = day.services.store;
    const [row] = await allRows(ledger, {});
    await ledger.upsert({ ...row!, value: { ...row!.value, segments: 7 } });
    const racing = {
      ...day.services,
      store: {
        ...namesOf(day.services),
        ledger: { ...ledger, pages: ledger.pages.bind(ledger), replaceBatch: async () => false },
      },
    } as unknown as Services;
    const report = await run(day, { what: 'ledger' }, racing);
    expect([report!.replaced, report!.notes.join()]).toEqual([[], expect.stringContaining('changed while')]);
    expect((await run(day))!.replaced).toEqual([`ledger ${row!.rk}: segments`]);
  });

  it('says which rows of outreach are lost, and what stands without a patient', async () => {
    const day = await Day.open();
    await day.whole('09:00', 1);
    day.nowMs = at('12:00');
    const [gone] = await allRows(day.services.store.outreach, {});
    await day.services.store.outreach.delete(gone!.pk, gone!.rk);
    const report = await run(day);
    expect(report!.notes).toContain(`1 of ${COUNT} rows of outreach are lost: nothing remembers rank and wave`);
    expect(report!.unaccounted).toEqual(
      (await day.ledger()).filter((row) => row.patientId === gone!.rk).map(() => `ledger ${gone!.rk}|1|0`),
    );
  });

  it('goes on from the bucket that it is told, and knows no campaign that there is not', async () => {
    const day = await Day.open();
    expect(await run(day, { from: 5 })).toMatchObject({ checked: 0, next: null });
    expect(await run(day, { campaignId: 'nobody' })).toBeNull();
  });
});

/** Every table of a store that is made as it is asked for. */
function namesOf({ store }: Services) {
  const { outreach, people, numbers, messages, reservations, rosters, roster, definitions, feed, replies, audit } =
    store;
  return { outreach, people, numbers, messages, reservations, rosters, roster, definitions, feed, replies, audit };
}

describe('the adaptive weeks', () => {
  it('remembers what the gate refused', async () => {
    const day = await Day.open();
    const plan = await day.plan('09:00', 1);
    const { batches } = day.services.store;
    const batch = (await batches.get('small', plan.batches[0]!))!;
    const asks = batch.asks.map((entry) => ({ ...entry, phase: 'ADAPTIVE' as const }));
    await batches.upsert({ pk: 'small', rk: plan.batches[0]!, value: { ...batch, asks } });
    const stop = { status: 'OPT_OUT', source: 'REPLY', effectiveAtMs: at('08:59') } as const;
    const answers = asks.map(() => ({ verdict: 'REFUSED', reason: 'OPTED_OUT', preference: stop }) as const);
    await sendTexts(day.services, { campaignId: 'small', date: DAY.date, batch: plan.batches[0]!, answers });
    const before = await day.ledger();
    expect(before.map(({ wave, status }) => `${wave} ${status}`)).toContain('A2026-01-05 REFUSED');
    day.nowMs = at('12:00');
    await forget(day);
    await run(day);
    expect(await day.ledger()).toEqual(before);
  });

  it('finds wave and touch of an adaptive text by its id, whichever the date of the organisation', async () => {
    const day = await Day.open();
    const { value } = (await allRows(day.services.store.outreach, {}))[0]!;
    const campaign = (await day.services.store.definitions.get('small', 'row'))!;
    const id = (wave: string, touch: number) => messageIdOf('small', value.patientId, wave, touch);
    const first = { atMs: at('09:00'), date: '2026-01-05' };
    const outreach: Outreach = adaptiveTextSent(value, first);
    const grants = [
      { ...first, messageId: id('A2026-01-05', 0) },
      { atMs: at('23:30'), date: '2026-01-06', messageId: id('A2026-01-06', 1) },
      { atMs: at('10:00'), date: '2026-01-05', messageId: 'of another campaign' },
    ];
    const claims = claimsOf(campaign, outreach, { ...UNKNOWN_PATIENT, grants });
    expect(claims.map(({ wave, touch, text }) => [wave, touch, text !== undefined])).toEqual([
      ['A2026-01-05', 0, true],
      ['A2026-01-06', 1, false],
    ]);
    expect(claimedRow(campaign, outreach, claims[0]!, null).row).toMatchObject({
      kind: 'ADAPTIVE',
      plannedFor: '2026-01-05',
    });
    expect(claimsOf(campaign, outreach, null).map(({ wave, touch }) => [wave, touch])).toEqual([['A2026-01-05', 0]]);
  });

  it('refused again under the same key, the later holds', () => {
    const one = { wave: 'A2026-01-05', touch: 0, reason: 'BOOKED', decidedAtMs: 1, preference: null } as const;
    const twice = adaptiveTextRefused(adaptiveTextRefused({} as Outreach, one), { ...one, decidedAtMs: 2 });
    expect(twice.adaptiveRefused).toEqual([{ ...one, decidedAtMs: 2 }]);
  });
});

it('a grant remembers the consent that it was given under', () => {
  const preference = { status: 'OPT_IN', source: 'VENDOR', effectiveAtMs: 1 } as const;
  const question = {
    messageId: 'm',
    nowMs: at('10:00'),
    timeZone: 'America/Chicago',
    sendWindow: { from: '09:00', to: '20:00' },
    caps: { perDay: 1, perSevenDays: 3 },
    spacingDays: 2,
    evidence: { preference, booked: false, noMobile: false },
  };
  expect(ask(UNKNOWN_PATIENT, question).state.grants[0]).toMatchObject({ messageId: 'm', preference });
});
