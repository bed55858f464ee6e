/** The world as a source of inputs: valid, ascending, in range, repeatable, and the same luck for a patient whatever others get. */
import { parseInput, type Input } from '../../domain/input';
import { campaignDays } from '../../simulator/schedule';
import { createRosterCsv } from '../../simulator/roster';
import { createWorld } from '../../simulator/world';
import { campaignOf, runOf, STARTS_ON, usualPlan, type Run } from './fakeCampaign';

const run = runOf({ patients: 600, seed: 11 });
const ofPatient = (of: Run, phones: ReadonlyMap<string, string>): Map<string, unknown[]> => {
  const byPatient = new Map<string, unknown[]>();
  for (const input of of.inputs) {
    const id =
      input.type === 'sms.reply'
        ? phones.get(input.from)
        : input.type.startsWith('appointment.')
          ? (input as { patientId: string }).patientId
          : undefined;
    if (id !== undefined) byPatient.set(id, [...(byPatient.get(id) ?? []), input]);
  }
  return byPatient;
};

test('the same seed gives the same bytes and another seed others', () => {
  const again = runOf({ patients: 600, seed: 11 });
  expect(JSON.stringify(again.batches)).toBe(JSON.stringify(run.batches));
  expect(JSON.stringify(runOf({ patients: 600, seed: 12 }).batches)).not.toBe(JSON.stringify(run.batches));
});

test.each([
  ['the usual campaign', {}],
  ['one over the change of the clocks', { startsOn: '2026-02-16' }],
  [
    'one in another zone, on weekends, day and night',
    {
      timeZone: 'Pacific/Auckland',
      sendDays: ['sat', 'sun'],
      callCentre: { hoursPerDay: 24, baseForecast: { sat: 9, sun: 9 } },
      startsOn: '2026-03-30',
    },
  ],
  [
    'one of a week with no call centre capacity',
    { weeks: 1, postPilotWeeks: 0, callCentre: { capacityPerDay: 0 }, preferencesDeadline: '00:00' },
  ],
])('every input of %s is valid, whole-second, in range, and later than what it answers', (_, over) => {
  const { batches, campaign, texts } = runOf({ patients: 150, seed: 3, over });
  const { startMs, endMs } = campaignDays(campaign);
  const sentAt = new Map(texts.map((text) => [text.messageId, text.sentAtMs]));
  let last = -Infinity;
  for (const { atMs, inputs } of batches) {
    expect(inputs.length).toBeGreaterThan(0);
    expect(atMs).toBeGreaterThan(last);
    last = atMs;
    for (const input of inputs) {
      if ('problems' in parseInput(input, 'simulator')) throw new Error(JSON.stringify(parseInput(input, 'simulator')));
      if (Date.parse(input.at) !== atMs) throw new Error(`${input.at} is not the instant of its batch`);
      if (input.type === 'sms.receipt') expect(atMs).toBeGreaterThanOrEqual(sentAt.get(input.messageId)! + 1000);
    }
    expect(atMs % 1000).toBe(0);
  }
  expect(batches[0]!.atMs).toBeGreaterThanOrEqual(startMs);
  expect(last).toBeLessThan(endMs);
  expect(last).toBeGreaterThan(endMs - 4 * 86_400_000);
});

test('inputs of one instant come grouped by type', () => {
  for (const { inputs } of run.batches) {
    const types = inputs.map((input) => input.type);
    const runs = types.filter((type, i) => type !== types[i - 1]);
    expect(new Set(runs).size).toBe(runs.length);
  }
  expect(run.batches.some(({ inputs }) => inputs.length > 5)).toBe(true);
});

test('responses are marked, and vendor files and call intervals are not', () => {
  for (const input of run.inputs)
    expect(input.cause).toBe(
      input.type === 'preferences.file' || input.type === 'call.interval' ? undefined : 'response',
    );
  expect(new Set(run.inputs.map((input) => input.type)).size).toBe(8);
});

test('an appointment is booked once, stands alone for its patient, and ends once', () => {
  const standing = new Map<string, string>();
  const seen = new Set<string>();
  let duplicates = 0;
  for (const input of run.inputs) {
    if (input.type === 'appointment.booked') {
      if (seen.has(input.appointmentId)) duplicates += 1;
      else expect(standing.has(input.patientId)).toBe(false);
      seen.add(input.appointmentId);
      standing.set(input.patientId, input.appointmentId);
      expect(Date.parse(input.startsAt)).toBeGreaterThan(Date.parse(input.at));
    } else if (input.type.startsWith('appointment.')) {
      const { patientId, appointmentId } = input as Extract<Input, { type: 'appointment.missed' }>;
      expect(standing.get(patientId)).toBe(appointmentId);
      standing.delete(patientId);
    }
  }
  expect(seen.size).toBeGreaterThan(100);
  expect(duplicates).toBeLessThan(10);
});

test('what a patient does about a text is the same whatever others are sent', () => {
  const roomy = { callCentre: { capacityPerDay: 100_000 } };
  const phones = new Map(run.rows.map((row) => [row.phone, row.patientId]));
  const alone = new Set(
    run.rows
      .filter(
        (row) => phones.get(row.phone) === row.patientId && run.rows.filter((r) => r.phone === row.phone).length === 1,
      )
      .map((row) => row.patientId),
  );
  const few = (rows: Run['rows'], campaign: Run['campaign']) =>
    usualPlan(rows, campaign).filter(({ patientId }) => Number(patientId.slice(1)) % 5 === 0);
  const all = ofPatient(runOf({ patients: 600, seed: 11, over: roomy }), phones);
  const some = ofPatient(runOf({ patients: 600, seed: 11, over: roomy, plan: few }), phones);
  const compared = [...some.keys()].filter((id) => alone.has(id) && Number(id.slice(1)) % 5 === 0);
  expect(compared.length).toBeGreaterThan(30);
  for (const id of compared) expect(some.get(id)).toEqual(all.get(id));
});

test('files, base load and organic bookings come though no text is sent', () => {
  const silent = runOf({ patients: 600, seed: 11, plan: () => [] });
  const world = (of: Run) => of.inputs.filter((input) => input.type === 'preferences.file');
  const base = (of: Run) => of.inputs.flatMap((input) => (input.type === 'call.interval' ? [input.base] : []));
  expect(world(silent)).toEqual(world(run));
  expect(base(silent)).toEqual(base(run));
  for (const input of silent.inputs) if (input.type === 'call.interval') expect(input.offered).toBe(input.base);
  expect(silent.inputs.filter((input) => input.type === 'appointment.booked').length).toBeGreaterThan(20);
  expect(silent.inputs.some((input) => input.type.startsWith('sms.'))).toBe(false);
});

test('a text that did not arrive and a line that said STOP lead to nothing more', () => {
  const undelivered = new Set(
    run.inputs.flatMap((i) =>
      i.type === 'sms.receipt' && i.code === 'LANDLINE' ? [run.texts.find((t) => t.messageId === i.messageId)!.to] : [],
    ),
  );
  expect(undelivered.size).toBeGreaterThan(5);
  const stopped = new Set<string>();
  const phones = new Map(run.rows.map((row) => [row.patientId, row.phone]));
  for (const input of run.inputs) {
    if (input.type === 'sms.reply') {
      expect(undelivered.has(input.from)).toBe(false);
      if (/^(stop|alto|parar|baja|quit)/i.test(input.text)) stopped.add(input.from);
      if (/start|unstop/i.test(input.text)) stopped.delete(input.from);
    }
    if (input.type === 'appointment.booked') expect(stopped.has(phones.get(input.patientId)!)).toBe(false);
  }
  expect(stopped.size).toBeGreaterThan(3);
});

test('whoever said STOP answers no later text, even one that should not have been sent', () => {
  const campaign = campaignOf();
  const rosterCsv = createRosterCsv({ patients: 600, seed: 5, startsOn: STARTS_ON });
  const world = createWorld({ campaign, rosterCsv, seed: 5 });
  const stopped = new Map<string, number>();
  const replies: string[] = [];
  for (let week = 0; week < 8; week += 1) {
    const sentAtMs = Date.parse('2026-01-05T16:00:00Z') + week * 7 * 86_400_000;
    for (let n = 1; n <= 600; n += 1)
      world.onText({
        messageId: '0'.repeat(32),
        patientId: `P${String(n).padStart(6, '0')}`,
        kind: 'INVITE',
        to: '',
        body: '',
        sentAtMs,
      });
    for (let at = world.nextAt(); at !== undefined && at < sentAtMs + 7 * 86_400_000; at = world.nextAt())
      for (const input of world.take(at)) {
        if (input.type !== 'sms.reply') continue;
        if (stopped.has(input.from) && stopped.get(input.from) !== week) replies.push(input.replyId);
        if (/^(stop|alto|parar|baja|quit)/i.test(input.text)) stopped.set(input.from, week);
      }
  }
  expect(stopped.size).toBeGreaterThan(10);
  expect(replies).toEqual([]);
});

test('a text to somebody who is not on the roster is our own error and says so by id', () => {
  const world = createWorld({
    campaign: campaignOf(),
    rosterCsv: createRosterCsv({ patients: 3, seed: 1, startsOn: STARTS_ON }),
    seed: 1,
  });
  const text = {
    messageId: '0'.repeat(32),
    patientId: 'P999',
    kind: 'INVITE' as const,
    to: '+13125550100',
    body: '',
    sentAtMs: 0,
  };
  expect(() => world.onText(text)).toThrow('P999, who is not on the roster');
});
