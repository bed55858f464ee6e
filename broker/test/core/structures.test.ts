/** The structures under the queues hold what they promise under random use. */
import fc from 'fast-check';
import { DueHeap, type Timer } from '../../core/dueHeap';
import { Duplicates } from '../../core/duplicates';
import type { Message } from '../../core/message';
import { MessageIndex } from '../../core/messageIndex';
import { ReadyList } from '../../core/readyList';

const message = (sequence: number): Message => ({ sequence, isReady: false }) as Message;

test('timers fire in order of instant, then of age; disarmed ones never', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean())), (plan) => {
      const heap = new DueHeap();
      const fired: number[] = [];
      const timers = plan.map(([at], index): Timer => heap.arm(at, () => fired.push(index)));
      plan.forEach(([, isDisarmed], index) => isDisarmed && heap.disarm(timers[index]!));
      const expected = plan
        .map(([at, isDisarmed], index) => ({ at, isDisarmed, index }))
        .filter(({ isDisarmed }) => !isDisarmed)
        .sort((a, b) => a.at - b.at || a.index - b.index);
      expect(heap.nextAt()).toBe(expected[0]?.at ?? null);
      while (heap.fireNext(20));
      expect(fired).toEqual(expected.map(({ index }) => index));
    }),
  );
});

test('a timer that is not due does not fire', () => {
  const heap = new DueHeap();
  heap.arm(10, () => undefined);
  expect(heap.fireNext(9)).toBe(false);
  expect(heap.fireNext(10)).toBe(true);
  expect(heap.fireNext(10)).toBe(false);
});

test('the ready list gives the lowest number first, however messages come and go', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('new', 'take', 'back', 'remove'), fc.nat()), { maxLength: 400 }),
      (steps) => {
        const list = new ReadyList();
        const model: Message[] = [];
        const taken: Message[] = [];
        let last = 0;
        for (const [step, pick] of steps) {
          if (step === 'new') {
            const fresh = message(++last);
            list.add(fresh);
            model.push(fresh);
          } else if (step === 'take') {
            model.sort((a, b) => a.sequence - b.sequence);
            const expected = model.shift() ?? null;
            expect(list.take()).toBe(expected);
            if (expected) taken.push(expected);
          } else if (step === 'back' && taken.length > 0) {
            const back = taken.splice(pick % taken.length, 1)[0]!;
            list.add(back);
            model.push(back);
          } else if (step === 'remove' && model.length > 0) {
            list.remove(model.splice(pick % model.length, 1)[0]!);
          }
          expect(list.count).toBe(model.length);
        }
      },
    ),
  );
});

test('the index iterates in order from any number', () => {
  const index = new MessageIndex();
  const messages = Array.from({ length: 2_000 }, (_, place) => message(place + 1));
  for (const one of messages) index.add(one);
  for (const one of messages) if (one.sequence % 7 !== 0) index.delete(one);
  expect([...index.from(100)].slice(0, 3).map(({ sequence }) => sequence)).toEqual([105, 112, 119]);
  expect([...index.from(0)]).toHaveLength(285);
});

test('ids are remembered for the window and then forgotten', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(30)), { maxLength: 200 }), (steps) => {
      const duplicates = new Duplicates(50);
      const first = new Map<number, number>();
      let now = 0;
      for (const [id, pause] of steps) {
        now += pause;
        const at = first.get(id);
        const isDuplicate = at !== undefined && now < at + 50;
        if (!isDuplicate) first.set(id, now);
        expect(duplicates.isDuplicate(String(id), now)).toBe(isDuplicate);
        expect(duplicates.size).toBe([...first.values()].filter((seen) => now < seen + 50).length);
      }
    }),
  );
});
