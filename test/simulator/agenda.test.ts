/** The order in which the world's inputs leave does not depend on the order in which they were put in. */
import type { Input, InputType } from '../../domain/input';
import { Agenda, type Entry } from '../../simulator/agenda';

const entry = (atMs: number, type: InputType, key: string, more: Partial<Entry> = {}): Entry => ({
  atMs,
  type,
  key,
  happen: () => ({ type, key }) as unknown as Input,
  ...more,
});

const entries = [
  entry(2000, 'call.interval', '0'),
  entry(1000, 'sms.receipt', 'b'),
  entry(2000, 'sms.reply', 'r'),
  entry(1000, 'sms.receipt', 'a'),
  entry(1000, 'preferences.file', 'f'),
  entry(2000, 'appointment.booked', 'p'),
  entry(3000, 'sms.receipt', 'c'),
];

function drained(list: readonly Entry[]): unknown[] {
  const agenda = new Agenda(10_000);
  list.forEach((e) => agenda.add(e));
  const out: unknown[] = [];
  for (let at = agenda.nextAt(); at !== undefined; at = agenda.nextAt()) out.push([at, agenda.take(at)]);
  return out;
}

test('inputs leave by instant, then type, then key, however they came in', () => {
  const expected = drained(entries);
  expect(expected).toEqual([
    [
      1000,
      [
        { type: 'preferences.file', key: 'f' },
        { type: 'sms.receipt', key: 'a' },
        { type: 'sms.receipt', key: 'b' },
      ],
    ],
    [
      2000,
      [
        { type: 'sms.reply', key: 'r' },
        { type: 'appointment.booked', key: 'p' },
        { type: 'call.interval', key: '0' },
      ],
    ],
    [3000, [{ type: 'sms.receipt', key: 'c' }]],
  ]);
  expect(drained([...entries].reverse())).toEqual(expected);
  expect(drained([...entries.slice(3), ...entries.slice(0, 3)])).toEqual(expected);
});

test('many entries leave in ascending order', () => {
  const agenda = new Agenda(Infinity);
  for (let i = 0; i < 1000; i += 1) agenda.add(entry(((i * 7919) % 1009) * 1000, 'sms.receipt', String(i)));
  const instants: number[] = [];
  for (let at = agenda.nextAt(); at !== undefined; at = agenda.nextAt())
    agenda.take(at).forEach(() => instants.push(at!));
  expect(instants).toHaveLength(1000);
  expect(instants).toEqual([...instants].sort((a, b) => a - b));
});

test('an entry whose reason has gone is passed over, even one that goes within the instant', () => {
  const agenda = new Agenda(10_000);
  let booked = false;
  agenda.add(
    entry(1000, 'appointment.booked', 'a', { happen: () => ((booked = true), { key: 'a' } as unknown as Input) }),
  );
  agenda.add(entry(1000, 'appointment.booked', 'b', { holds: () => !booked }));
  agenda.add(entry(2000, 'appointment.booked', 'c', { holds: () => !booked }));
  expect(agenda.take(1000)).toEqual([{ key: 'a' }]);
  expect(agenda.nextAt()).toBeUndefined();
});

test('nothing is kept at or after the end, and a take that would go back in time throws', () => {
  const agenda = new Agenda(2000);
  agenda.add(entry(1000, 'sms.receipt', 'a'));
  agenda.add(entry(2000, 'sms.receipt', 'b'));
  expect(() => agenda.take(1500)).toThrow('would skip inputs of 1000');
  expect(agenda.take(1000)).toHaveLength(1);
  expect(agenda.nextAt()).toBeUndefined();
  expect(() => agenda.add(entry(1500, 'sms.receipt', 'c'))).toThrow('not a whole second');
});
