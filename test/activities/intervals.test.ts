/**
 * Call-centre intervals (formats.md, rule 10): each counts once, on the day of its `at`, however late or early it is told
 * within what the door lets in.
 */
import { arriving, intervalsBetween, takeIntervals } from '../../activities/takeIntervals';
import type { CallInterval } from '../../domain/input';
import { january } from '../app/harness';
import { spells } from '../app/spells';

const ms = (time: string) => Date.parse(january(5, time));

function world() {
  const made = spells();
  const tell = async (told: string, at: string, answeredWithin30s: number) =>
    takeIntervals(made.services, made.arrived(told, at, answeredWithin30s));
  return { ...made, tell };
}

it('told late, behind one that was judged already, an interval is judged at the next look, once', async () => {
  const { services, tell, judge, day } = world();
  await tell('12:00', '12:00', 30);
  const noon = await judge(day, '12:00');
  expect([noon.throttle.left, noon.throttle.halvings]).toEqual([50, 0]);
  await tell('12:02', '11:58', 0);
  const later = await judge(noon, '12:30');
  expect([later.throttle.left, later.throttle.halvings]).toEqual([25, 1]);
  expect((await judge(later, '13:00')).throttle).toEqual(later.throttle);
  const ats = (await intervalsBetween(services, ms('00:00'), ms('12:00'))).map(({ interval }) => interval.at);
  expect(ats).toEqual([january(5, '11:58')]);
});

it('told ahead of its time, an interval is not passed over by one told after it', async () => {
  const { tell, judge, day } = world();
  await tell('12:00', '12:04', 0);
  await tell('12:01', '12:01', 30);
  const first = await judge(day, '12:02');
  expect([first.throttle.left, first.throttle.halvings]).toEqual([50, 0]);
  expect((await judge(first, '12:30')).throttle.halvings).toBe(1);
});

it('stored after one that came later and was judged, an interval is judged at the next look, once', async () => {
  const { services, judge, day } = world();
  const interval = (at: string, answeredWithin30s: number): CallInterval => ({
    ...{ type: 'call.interval', at: january(5, at), from: january(5, '09:00'), to: january(5, '09:30') },
    ...{ offered: 30, answered: 30, answeredWithin30s, abandoned: 0, abandonedWithin10s: 0 },
  });
  const [first, second] = arriving(services, [interval('12:00', 0), interval('12:01', 30)]);
  await takeIntervals(services, [second!]);
  const noon = await judge(day, '12:02');
  expect([noon.throttle.left, noon.throttle.halvings]).toEqual([50, 0]);
  await takeIntervals(services, [first!]);
  const later = await judge(noon, '12:30');
  expect([later.throttle.left, later.throttle.halvings]).toEqual([25, 1]);
  expect(await judge(later, '13:00')).toEqual(later);
});

it('told in the second in which the day opened, an interval counts; one of the second before does not', async () => {
  const { tell, judge, day } = world();
  await tell('12:00', '11:59:59', 0);
  await tell('12:00', '12:00:00', 0);
  const opened = { ...day, openedAtMs: ms('12:00') + 412 };
  expect((await judge(opened, '12:30')).throttle.halvings).toBe(1);
});

it('what the release before judged is not judged again after it', async () => {
  const { tell, judge, day } = world();
  await tell('12:00', '12:00', 0);
  const noon = await judge(day, '12:00');
  const { judgedLast, ...asStoredBefore } = noon;
  expect(judgedLast).toContain(noon.intervalCursor);
  await tell('12:02', '12:02', 30);
  const later = await judge(asStoredBefore, '12:03');
  expect([later.throttle.halvings, later.judgedLast]).toEqual([1, expect.arrayContaining([expect.any(String)])]);
  expect(await judge(later, '12:04')).toEqual(later);
});
