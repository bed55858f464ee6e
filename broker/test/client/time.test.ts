/** What the clock moves: scheduled messages, times to live, duplicate detection; and what the owner of a clock is told. */
import { startBroker } from '../../index';
import { Bench, CONFIG, DAY, MINUTE, SECOND, START, bodies, codeOf } from '../support';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.close());

test('a scheduled message comes at its instant and not before', async () => {
  const sender = bench.client.createSender('plain');
  const at = new Date(START + 40 * DAY);
  const [number] = await sender.scheduleMessages({ body: 'later', subject: 's' }, at);
  expect(number!.toNumber()).toBeGreaterThan(0);
  expect(bench.broker.nextDueMs()).toBe(at.getTime());
  const receiver = bench.client.createReceiver('plain');
  expect((await receiver.peekMessages(1))[0]).toMatchObject({ state: 'scheduled', scheduledEnqueueTimeUtc: at });
  bench.advance(40 * DAY - 1);
  expect(await bench.drain('plain')).toEqual([]);
  bench.advance(1);
  const [message] = await bench.drain('plain');
  expect(message).toMatchObject({ body: 'later', subject: 's', enqueuedTimeUtc: at, scheduledEnqueueTimeUtc: at });
});

test('a message sent with an instant is scheduled too', async () => {
  await bench.send('plain', { body: 1, scheduledEnqueueTimeUtc: new Date(START + MINUTE) }, { body: 2 });
  expect(bodies(await bench.drain('plain'))).toEqual([2]);
  bench.advance(MINUTE);
  expect(bodies(await bench.drain('plain'))).toEqual([1]);
});

test('a schedule can be cancelled, once', async () => {
  const sender = bench.client.createSender('plain');
  const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }, { body: 3 }], new Date(START + MINUTE));
  await sender.cancelScheduledMessages(numbers.slice(0, 2));
  expect(await codeOf(sender.cancelScheduledMessages(numbers[0]!))).toBe('MessageNotFound');
  bench.advance(MINUTE);
  expect(bodies(await bench.drain('plain'))).toEqual([3]);
  expect(bench.broker.nextDueMs()).toBeNull();
});

test('scheduled on a topic: it reaches the subscriptions when it is due', async () => {
  const sender = bench.client.createSender('events');
  const [, cancelled] = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], new Date(START + MINUTE));
  await sender.cancelScheduledMessages(cancelled!);
  expect(await bench.drain('events', 'all')).toEqual([]);
  bench.advance(MINUTE);
  expect(bodies(await bench.drain('events', 'all'))).toEqual([1]);
});

test('a message lives as long as it says, at most as long as its queue says', async () => {
  await bench.send(
    'vanishing',
    { body: 'short', timeToLive: MINUTE },
    { body: 'long', timeToLive: DAY },
    { body: 'as the queue' },
  );
  bench.advance(MINUTE);
  const receiver = bench.client.createReceiver('vanishing');
  expect(bodies(await receiver.peekMessages(9))).toEqual(['long', 'as the queue']);
  expect(
    await receiver.peekMessages(1, { fromSequenceNumber: (await receiver.peekMessages(1)).at(0)?.sequenceNumber }),
  ).toEqual([]);
  bench.advance(9 * MINUTE);
  expect(await bench.drain('vanishing')).toEqual([]);
  expect(await bench.deadLetters('vanishing')).toEqual([]);
});

test('where so configured an expired message is dead-lettered', async () => {
  await bench.send('short-lived', { body: 1 });
  bench.advance(10 * MINUTE);
  const [dead] = await bench.deadLetters('short-lived');
  expect(dead).toMatchObject({ body: 1, deadLetterReason: 'TTLExpiredException', deadLetterSource: 'short-lived' });
});

test('a locked message does not expire before its lock is given up', async () => {
  await bench.send('short-lived', { body: 1, timeToLive: 10 * SECOND });
  const receiver = bench.client.createReceiver('short-lived', { maxAutoLockRenewalDurationInMs: 0 });
  const [message] = await receiver.receiveMessages(1);
  bench.advance(30 * SECOND);
  expect(await bench.deadLetters('short-lived')).toEqual([]);
  await receiver.abandonMessage(message!);
  expect(await bench.deadLetters('short-lived')).toMatchObject([{ deadLetterReason: 'TTLExpiredException' }]);
});

test('a deferred message does not expire', async () => {
  await bench.send('short-lived', { body: 1 });
  const receiver = bench.client.createReceiver('short-lived');
  const [message] = await receiver.receiveMessages(1);
  await receiver.deferMessage(message!);
  bench.advance(DAY);
  expect(bodies(await receiver.receiveDeferredMessages(message!.sequenceNumber!))).toEqual([1]);
});

test('a duplicate within the window is dropped, after it is taken', async () => {
  const again = { body: 1, messageId: 'same' };
  await bench.send('unique', again, again, { body: 2, messageId: 'other' }, [again, { body: 3, messageId: 'third' }]);
  expect(bodies(await bench.drain('unique'))).toEqual([1, 2, 3]);
  bench.advance(MINUTE - 1);
  await bench.send('unique', again);
  expect(await bench.drain('unique')).toEqual([]);
  bench.advance(1);
  await bench.send('unique', again);
  expect(bodies(await bench.drain('unique'))).toEqual([1]);
});

test('a topic detects duplicates, and a scheduled message counts from when it was sent', async () => {
  await bench.send('unique-events', { body: 1, messageId: 'same' }, { body: 1, messageId: 'same' });
  expect(await bench.drain('unique-events', 'all')).toHaveLength(1);
  const sender = bench.client.createSender('unique');
  await sender.scheduleMessages({ body: 1, messageId: 'same' }, new Date(START + 30 * SECOND));
  await sender.sendMessages({ body: 2, messageId: 'same' });
  bench.advance(30 * SECOND);
  expect(bodies(await bench.drain('unique'))).toEqual([1]);
});

test('without duplicate detection the same id is taken twice', async () => {
  await bench.send('plain', { body: 1, messageId: 'same' }, { body: 2, messageId: 'same' });
  expect(await bench.drain('plain')).toHaveLength(2);
});

test('it says what is going on and tells when it is over', async () => {
  const { broker } = bench;
  expect(broker.isIdle()).toBe(true);
  await bench.send('plain', { body: 1 });
  expect(broker.isIdle()).toBe(true);
  const receiver = bench.client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 });
  let became = 0;
  const end = broker.onIdle(() => became++);
  const [message] = await receiver.receiveMessages(1);
  expect(broker.isIdle()).toBe(false);
  expect(broker.inFlight()).toMatchObject({ locked: 1 });
  const idle = broker.whenIdle();
  await receiver.completeMessage(message!);
  await idle;
  expect(broker.isIdle()).toBe(true);
  expect(became).toBe(1);
  end();
});

test('a message that waits for a connected receiver is in flight, one for nobody is not', async () => {
  const { broker } = bench;
  const receiver = bench.client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 });
  await receiver.receiveMessages(1, { maxWaitTimeInMs: 20 });
  await bench.send('other', { body: 1 });
  expect(broker.isIdle()).toBe(true);
  await bench.send('plain', { body: 1 });
  expect(broker.inFlight()).toMatchObject({ queued: 1 });
  await receiver.close();
  await broker.whenIdle();
});

test('locks of a client that is gone are not waited for', async () => {
  await bench.send('plain', { body: 1 });
  const gone = bench.connect();
  await gone.createReceiver('plain').receiveMessages(1);
  expect(bench.broker.isIdle()).toBe(false);
  await gone.close();
  await bench.broker.whenIdle();
  expect(bench.broker.nextDueMs()).toBe(START + MINUTE);
});

test('something due is in flight until the tick', async () => {
  const sender = bench.client.createSender('plain');
  await sender.scheduleMessages({ body: 1 }, new Date(START + MINUTE));
  bench.clock.time += MINUTE;
  expect(bench.broker.inFlight()).toMatchObject({ due: 1 });
  expect(bench.broker.tick()).toBe(1);
  expect(bench.broker.isIdle()).toBe(true);
});

test('a month passes in as many steps as something happens', async () => {
  const sender = bench.client.createSender('plain');
  for (let day = 1; day <= 30; day++) await sender.scheduleMessages({ body: day }, new Date(START + day * DAY));
  const seen: number[] = [];
  bench.client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 }).subscribe({
    processMessage: async ({ body }) => void seen.push(body as number),
    processError: async () => undefined,
  });
  await bench.send('plain', { body: 0 });
  while (seen.length === 0) await new Promise((later) => setTimeout(later, 5));
  await bench.broker.whenIdle();
  let steps = 0;
  for (let next = bench.broker.nextDueMs(); next !== null && steps < 100; next = bench.broker.nextDueMs(), steps++) {
    bench.clock.time = next;
    bench.broker.tick();
    await bench.broker.whenIdle();
  }
  expect(seen).toEqual(Array.from({ length: 31 }, (_, index) => index));
  expect(steps).toBe(30);
});

test('on the real clock it wakes itself', async () => {
  const broker = await startBroker({ config: CONFIG });
  const real = new (await import('@azure/service-bus')).ServiceBusClient(broker.connectionString);
  await real.createSender('plain').scheduleMessages({ body: 1 }, new Date(Date.now() + 150));
  const [message] = await real.createReceiver('plain').receiveMessages(1, { maxWaitTimeInMs: 3_000 });
  expect(message!.body).toBe(1);
  await real.close();
  await broker.stop();
});
