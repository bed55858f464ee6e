/** What a run shows agrees with what was assumed, and the documentation lists every assumption. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Input } from '../../domain/input';
import { assumptions, rates } from '../../simulator/assumptions';
import { runOf } from './fakeCampaign';

const baseForecast = { mon: 780, tue: 630, wed: 600, thu: 600, fri: 570 };
const run = runOf({ patients: 6000, seed: 21, over: { callCentre: { capacityPerDay: 870, baseForecast } } });
const count = (is: (input: Input) => boolean) => run.inputs.filter(is).length;
const campaignTexts = run.texts.filter(({ kind }) => kind === 'INVITE' || kind === 'FOLLOW_UP' || kind === 'ADAPTIVE');

/** Within four standard errors of `rate`, with `slack` for what the rate leaves out. */
function expectNear(hits: number, of: number, rate: number, slack = 0): void {
  const error = 4 * Math.sqrt((rate * (1 - rate)) / of) + slack;
  expect(Math.abs(hits / of - rate)).toBeLessThan(error);
}

test('receipts: lost, failed and landline at their rates', () => {
  const { texts } = run;
  const receipts = new Set(run.inputs.flatMap((input) => (input.type === 'sms.receipt' ? [input.messageId] : [])));
  expectNear(texts.length - receipts.size, texts.length, rates.receiptLost);
  expectNear(count((i) => i.type === 'sms.receipt') - receipts.size, texts.length, rates.receiptTwice, 0.002);
  expectNear(
    count((i) => i.type === 'sms.receipt' && i.code === 'OTHER'),
    texts.length,
    rates.failsOnce,
    0.002,
  );
  expectNear(
    count((i) => i.type === 'sms.receipt' && i.code === 'LANDLINE'),
    texts.length,
    rates.landline,
    0.02,
  );
});

test('about one text in ten makes a call', () => {
  const caused = run.inputs.reduce(
    (sum, input) => sum + (input.type === 'call.interval' ? input.offered - input.base! : 0),
    0,
  );
  expectNear(caused, campaignTexts.length, 0.1, 0.01);
});

test('the first text books and opts out at its rates', () => {
  const firstMs = new Map<string, number>();
  for (const text of campaignTexts) if (!firstMs.has(text.patientId)) firstMs.set(text.patientId, text.sentAtMs);
  const within = (id: string, at: string) =>
    firstMs.has(id) && Date.parse(at) > firstMs.get(id)! && Date.parse(at) < firstMs.get(id)! + 2.9 * 86_400_000;
  const booked = run.inputs.filter((i) => i.type === 'appointment.booked' && within(i.patientId, i.at));
  const organic = 0.4 * rates.organicPerWeek;
  expectNear(booked.length, firstMs.size, rates.bookByText[0] * (1 + 0.15 * 0.2) * 0.93 + organic, 0.02);
  const stops = run.inputs.filter(
    (i) => i.type === 'sms.reply' && /^(stop|alto|parar|baja|quit|end|cancel|opt-out|unsub)/i.test(i.text.trim()),
  );
  expectNear(stops.length, campaignTexts.length, 0.0135, 0.003);
});

test('texted patients stay away at the published 23 %, give or take 4', () => {
  const texted = new Set(campaignTexts.map((text) => text.patientId));
  const of = (type: string) => count((i) => i.type === type && texted.has((i as { patientId: string }).patientId));
  const missed = of('appointment.missed');
  expect(missed + of('appointment.attended')).toBeGreaterThan(500);
  expectNear(missed, missed + of('appointment.attended'), 0.23, 0.02);
  expectNear(
    count((i) => i.type === 'appointment.cancelled'),
    count((i) => i.type === 'appointment.booked'),
    rates.cancels,
    0.02,
  );
});

test('without a text about 1 % a week books', () => {
  const silent = runOf({ patients: 6000, seed: 22, plan: () => [] });
  const bookers = new Set(silent.inputs.flatMap((i) => (i.type === 'appointment.booked' ? [i.patientId] : [])));
  expectNear(bookers.size, 6000, 1 - Math.exp(-9 * rates.organicPerWeek));
});

test('every assumption has a source and a row in docs/simulator.md with that very source', () => {
  const documented = readFileSync(join(__dirname, '../../docs/simulator.md'), 'utf8').replace(/ +/g, ' ');
  const missing = Object.entries(assumptions).filter(
    ([name, { value, source }]) => !documented.includes(`| \`${name}\` | ${shown(value)} | ${source} |`),
  );
  expect(missing.map(([name, { value, source }]) => `| \`${name}\` | ${shown(value)} | ${source} |`)).toEqual([]);
});

function shown(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value.map((v) => (typeof v === 'number' ? v : Object.values(v as object).join(' '))).join('; ');
}
