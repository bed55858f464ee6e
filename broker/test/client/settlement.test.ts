/** Peek-lock: complete, abandon, defer, dead-letter, lock renewal and loss; receive-and-delete; peeking. */
import { Bench, MINUTE, SECOND, START, bodies, codeOf } from '../support';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.close());

const receiver = (queue: string) => bench.client.createReceiver(queue, { maxAutoLockRenewalDurationInMs: 0 });

test('a completed message is gone', async () => {
  await bench.send('plain', { body: 1 });
  const plain = receiver('plain');
  const [message] = await plain.receiveMessages(1);
  expect(bench.broker.counts('plain')).toMatchObject({ active: 1, locked: 1 });
  await plain.completeMessage(message!);
  expect(bench.broker.counts('plain')).toMatchObject({ active: 0, locked: 0 });
});

test('a locked message goes to nobody else', async () => {
  await bench.send('plain', { body: 1 });
  await receiver('plain').receiveMessages(1);
  expect(await bench.drain('plain')).toEqual([]);
});

test('an abandoned message comes again, counted and with its new properties, before later ones', async () => {
  await bench.send('plain', { body: 1, applicationProperties: { a: 1, b: 1 } }, { body: 2 });
  const plain = receiver('plain');
  const [message] = await plain.receiveMessages(1);
  await plain.abandonMessage(message!, { b: 2, c: 'new' });
  const [again, second] = await plain.receiveMessages(2);
  expect(again).toMatchObject({ body: 1, deliveryCount: 1, applicationProperties: { a: 1, b: 2, c: 'new' } });
  expect(again!.sequenceNumber!.equals(message!.sequenceNumber!)).toBe(true);
  expect(second!.body).toBe(2);
});

test('after the last delivery allowed a message is dead-lettered', async () => {
  await bench.send('thrice', { body: 1 });
  const thrice = receiver('thrice');
  for (let count = 0; count < 3; count++) {
    const [message] = await thrice.receiveMessages(1);
    expect(message!.deliveryCount).toBe(count);
    await thrice.abandonMessage(message!);
  }
  expect(await bench.drain('thrice')).toEqual([]);
  const [dead] = await bench.deadLetters('thrice');
  expect(dead).toMatchObject({ body: 1, deadLetterReason: 'MaxDeliveryCountExceeded', deadLetterSource: 'thrice' });
  expect(dead!.deadLetterErrorDescription).toContain('3 delivery attempts');
});

test('dead-lettering keeps reason, description and further properties', async () => {
  await bench.send('plain', { body: 1, applicationProperties: { kept: 1 } });
  const plain = receiver('plain');
  const [message] = await plain.receiveMessages(1);
  await plain.deadLetterMessage(message!, { deadLetterReason: 'why', deadLetterErrorDescription: 'more', extra: 5 });
  const dead = bench.client.createReceiver('plain', { subQueueType: 'deadLetter' });
  const [found] = await dead.receiveMessages(1);
  expect(found).toMatchObject({ body: 1, deadLetterReason: 'why', deadLetterErrorDescription: 'more' });
  expect(found!.applicationProperties).toMatchObject({ kept: 1, extra: 5 });
  await dead.completeMessage(found!);
  expect(await bench.deadLetters('plain')).toEqual([]);
});

test('dead-lettering without any words', async () => {
  await bench.send('plain', { body: 1 });
  const plain = receiver('plain');
  const [message] = await plain.receiveMessages(1);
  await plain.deadLetterMessage(message!);
  expect(bodies(await bench.deadLetters('plain'))).toEqual([1]);
});

test('a deferred message is received by its number only, and settled', async () => {
  await bench.send('plain', { body: 1 }, { body: 2 });
  const plain = receiver('plain');
  const [message] = await plain.receiveMessages(1);
  await plain.deferMessage(message!, { note: 'later' });
  expect(bodies(await bench.drain('plain'))).toEqual([2]);
  expect((await plain.peekMessages(1))[0]!.state).toBe('deferred');
  const [deferred] = await plain.receiveDeferredMessages(message!.sequenceNumber!);
  expect(deferred).toMatchObject({ body: 1, state: 'deferred', applicationProperties: { note: 'later' } });
  await plain.renewMessageLock(deferred!);
  await plain.abandonMessage(deferred!);
  const [again] = await plain.receiveDeferredMessages([message!.sequenceNumber!]);
  expect(again!.deliveryCount).toBe(1);
  await plain.completeMessage(again!);
  expect(await codeOf(plain.receiveDeferredMessages(message!.sequenceNumber!))).toBe('MessageNotFound');
});

test('a deferred message can be dead-lettered, deferred again, or received and deleted', async () => {
  await bench.send('plain', { body: 1 }, { body: 2 });
  const plain = receiver('plain');
  const [one, two] = await plain.receiveMessages(2);
  await plain.deferMessage(one!);
  await plain.deferMessage(two!);
  const [first] = await plain.receiveDeferredMessages(one!.sequenceNumber!);
  await plain.deferMessage(first!);
  const [second] = await plain.receiveDeferredMessages(one!.sequenceNumber!);
  await plain.deadLetterMessage(second!, { deadLetterReason: 'no', deadLetterErrorDescription: 'd' });
  expect((await bench.deadLetters('plain'))[0]).toMatchObject({ body: 1, deadLetterReason: 'no' });
  const deleting = bench.client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
  expect(bodies(await deleting.receiveDeferredMessages(two!.sequenceNumber!))).toEqual([2]);
  expect(await plain.peekMessages(10)).toEqual([]);
});

test('a lock runs out: the message comes again and the old lock is lost', async () => {
  await bench.send('thrice', { body: 1 });
  const thrice = receiver('thrice');
  const [message] = await thrice.receiveMessages(1);
  expect(message!.lockedUntilUtc).toEqual(new Date(START + 30 * SECOND));
  bench.advance(30 * SECOND - 1);
  expect(await bench.drain('thrice')).toEqual([]);
  bench.advance(1);
  expect(await codeOf(thrice.completeMessage(message!))).toBe('MessageLockLost');
  expect(await bench.drain('thrice')).toMatchObject([{ body: 1, deliveryCount: 1 }]);
});

test('a renewed lock holds longer; a lost one cannot be renewed', async () => {
  await bench.send('thrice', { body: 1 });
  const thrice = receiver('thrice');
  const [message] = await thrice.receiveMessages(1);
  bench.advance(20 * SECOND);
  expect(await thrice.renewMessageLock(message!)).toEqual(new Date(START + 50 * SECOND));
  bench.advance(29 * SECOND);
  expect(await bench.drain('thrice')).toEqual([]);
  bench.advance(SECOND);
  expect(await codeOf(thrice.renewMessageLock(message!))).toBe('MessageLockLost');
});

test('a message is settled once', async () => {
  await bench.send('plain', { body: 1 });
  const plain = receiver('plain');
  const [message] = await plain.receiveMessages(1);
  await plain.completeMessage(message!);
  await expect(plain.completeMessage(message!)).rejects.toThrow('already settled');
});

test('a message is settled after its receiver was closed', async () => {
  await bench.send('plain', { body: 1 });
  const plain = receiver('plain');
  const [message] = await plain.receiveMessages(1);
  const other = receiver('plain');
  await other.receiveMessages(1, { maxWaitTimeInMs: 20 });
  await plain.close();
  expect(bench.broker.counts('plain')).toMatchObject({ locked: 1 });
  await other.completeMessage(message!).catch(() => undefined);
  expect(bench.broker.counts('plain')).toMatchObject({ active: 0 });
});

test('a refusal next to successes reaches its own message', async () => {
  await bench.send('thrice', [{ body: 1 }, { body: 2 }, { body: 3 }]);
  const thrice = receiver('thrice');
  const messages = await thrice.receiveMessages(3);
  await thrice.renewMessageLock(messages[0]!);
  bench.advance(10 * SECOND);
  await thrice.renewMessageLock(messages[2]!);
  await thrice.renewMessageLock(messages[0]!);
  bench.advance(25 * SECOND);
  const results = await Promise.allSettled(messages.map((message) => thrice.completeMessage(message)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('receive and delete takes messages without a lock', async () => {
  await bench.send('plain', { body: 1 });
  const [message] = await bench.drain('plain');
  expect(message!.lockToken).toBeUndefined();
  expect(bench.broker.counts('plain')).toMatchObject({ active: 0, locked: 0 });
});

test('peeking takes nothing, goes on where it was, and starts anywhere', async () => {
  await bench.send(
    'plain',
    [0, 1, 2, 3, 4].map((body) => ({ body })),
  );
  const plain = receiver('plain');
  const first = await plain.peekMessages(2);
  expect(bodies(first)).toEqual([0, 1]);
  expect(bodies(await plain.peekMessages(2))).toEqual([2, 3]);
  expect(bodies(await plain.peekMessages(9, { fromSequenceNumber: first[1]!.sequenceNumber! }))).toEqual([1, 2, 3, 4]);
  expect(first[0]!.lockToken).toBeUndefined();
  expect(await bench.drain('plain')).toHaveLength(5);
});

test('a subscriber completes by itself, and abandons what its handler fails on', async () => {
  await bench.send('thrice', { body: 'good' }, { body: 'bad' });
  const seen: unknown[] = [];
  const errors: unknown[] = [];
  const thrice = receiver('thrice');
  await new Promise<void>((resolve) => {
    thrice.subscribe({
      processMessage: async ({ body, deliveryCount }) => {
        seen.push([body, deliveryCount]);
        if (body === 'bad') throw new Error('cannot');
      },
      processError: async ({ error, errorSource }) => {
        errors.push([errorSource, error.message]);
        if (errors.length === 3) setTimeout(resolve, 50);
      },
    });
  });
  expect(seen).toEqual([
    ['good', 0],
    ['bad', 0],
    ['bad', 1],
    ['bad', 2],
  ]);
  expect(errors[0]).toEqual(['processMessageCallback', 'cannot']);
  expect(await bench.deadLetters('thrice')).toMatchObject([
    { body: 'bad', deadLetterReason: 'MaxDeliveryCountExceeded' },
  ]);
});

test('a subscriber has no more at hand than it asked for', async () => {
  await bench.send(
    'plain',
    Array.from({ length: 12 }, (_, body) => ({ body })),
  );
  let running = 0;
  let most = 0;
  let done = 0;
  await new Promise<void>((resolve) => {
    receiver('plain').subscribe(
      {
        processMessage: async () => {
          most = Math.max(most, ++running);
          await new Promise((later) => setTimeout(later, 10));
          running--;
          if (++done === 12) setTimeout(resolve, 20);
        },
        processError: async () => undefined,
      },
      { maxConcurrentCalls: 4 },
    );
  });
  expect(most).toBe(4);
  expect(bench.broker.counts('plain').active).toBe(0);
});

test('messages are also read one by one', async () => {
  await bench.send('plain', [{ body: 1 }, { body: 2 }]);
  const found: unknown[] = [];
  for await (const message of receiver('plain').getMessageIterator()) {
    found.push(message.body);
    if (found.length === 2) break;
  }
  expect(found).toEqual([1, 2]);
});

test('competing receivers share the work and nothing is handed out twice', async () => {
  await bench.send(
    'plain',
    Array.from({ length: 40 }, (_, body) => ({ body })),
  );
  const both = [receiver('plain'), bench.connect().createReceiver('plain')];
  const got = await Promise.all(both.map((one) => one.receiveMessages(20)));
  expect(got.map((messages) => messages.length)).toEqual([20, 20]);
  expect(new Set(got.flat().map(({ body }) => body as number)).size).toBe(40);
});

test('locks of a client that is gone run out', async () => {
  await bench.send('thrice', { body: 1 });
  const gone = bench.connect();
  await gone.createReceiver('thrice').receiveMessages(1);
  await gone.close();
  expect(await bench.drain('thrice')).toEqual([]);
  bench.advance(MINUTE);
  expect(await bench.drain('thrice')).toMatchObject([{ body: 1, deliveryCount: 1 }]);
});
