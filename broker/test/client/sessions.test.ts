/** Sessions: order, exclusive locks, the next free one, state, renewal, loss. */
import type { ServiceBusSessionReceiver } from '@azure/service-bus';
import { Bench, MINUTE, SECOND, START, bodies, codeOf } from '../support';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.close());

const quiet = { maxAutoLockRenewalDurationInMs: 0 };
const send = (...pairs: [sessionId: string, body: number][]) =>
  bench.send('sessions', ...pairs.map(([sessionId, body]) => ({ sessionId, body })));
const complete = async (receiver: ServiceBusSessionReceiver, count: number): Promise<unknown[]> => {
  const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs: 100 });
  for (const message of messages) await receiver.completeMessage(message);
  return bodies(messages);
};

test('a session receiver gets its own messages in order', async () => {
  await send(['a', 1], ['b', 2], ['a', 3]);
  const a = await bench.client.acceptSession('sessions', 'a', quiet);
  expect(a.sessionId).toBe('a');
  expect(a.sessionLockedUntilUtc).toEqual(new Date(START + 30 * SECOND));
  expect(await complete(a, 5)).toEqual([1, 3]);
});

test('the next session is the first with messages that nobody holds', async () => {
  await send(['a', 1], ['b', 2]);
  const first = await bench.client.acceptNextSession('sessions', quiet);
  const second = await bench.client.acceptNextSession('sessions', quiet);
  expect([first.sessionId, second.sessionId]).toEqual(['a', 'b']);
  expect(await codeOf(bench.impatient().acceptNextSession('sessions'))).toBe('ServiceTimeout');
});

test('who waits for the next session gets it when a message comes', async () => {
  const waiting = bench.client.acceptNextSession('sessions', quiet);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await send(['late', 1]);
  const receiver = await waiting;
  expect(receiver.sessionId).toBe('late');
  expect(await complete(receiver, 1)).toEqual([1]);
});

test('a session that is held cannot be accepted; when closed it can', async () => {
  const held = await bench.client.acceptSession('sessions', 'a', quiet);
  expect(await codeOf(bench.client.acceptSession('sessions', 'a'))).toBe('SessionCannotBeLocked');
  await held.close();
  await (await bench.client.acceptSession('sessions', 'a', quiet)).close();
});

test('closing a session gives back what was not settled, without counting', async () => {
  await send(['a', 1]);
  const first = await bench.client.acceptSession('sessions', 'a', quiet);
  await first.receiveMessages(1);
  await first.close();
  const second = await bench.client.acceptNextSession('sessions', quiet);
  expect(await second.receiveMessages(1)).toMatchObject([{ body: 1, deliveryCount: 0 }]);
});

test('a session lock that runs out counts, frees the session and is lost to its holder', async () => {
  await send(['a', 1]);
  const first = await bench.client.acceptSession('sessions', 'a', quiet);
  const [message] = await first.receiveMessages(1);
  bench.advance(30 * SECOND);
  expect(await codeOf(first.completeMessage(message!))).toBe('SessionLockLost');
  expect(await codeOf(first.renewSessionLock())).toBe('SessionLockLost');
  const second = await bench.client.acceptNextSession('sessions', quiet);
  expect(await second.receiveMessages(1)).toMatchObject([{ body: 1, deliveryCount: 1 }]);
});

test('a subscriber is told that its session lock is lost', async () => {
  const session = await bench.client.acceptSession('sessions', 'a', quiet);
  const lost = new Promise((resolve) =>
    session.subscribe({ processMessage: async () => undefined, processError: async ({ error }) => resolve(error) }),
  );
  bench.advance(30 * SECOND);
  expect(await lost).toMatchObject({ code: 'SessionLockLost' });
});

test('a renewed session lock holds longer, for its messages too', async () => {
  await send(['a', 1]);
  const session = await bench.client.acceptSession('sessions', 'a', quiet);
  const [message] = await session.receiveMessages(1);
  bench.advance(20 * SECOND);
  expect(await session.renewSessionLock()).toEqual(new Date(START + 50 * SECOND));
  bench.advance(29 * SECOND);
  await session.completeMessage(message!);
});

test('the state of a session outlives its messages and its holder', async () => {
  const first = await bench.client.acceptSession('sessions', 'a', quiet);
  expect(await first.getSessionState()).toBeNull();
  await first.setSessionState({ step: 2 });
  await first.close();
  const second = await bench.client.acceptSession('sessions', 'a', quiet);
  expect(await second.getSessionState()).toEqual({ step: 2 });
  await second.setSessionState(null);
  expect(await second.getSessionState()).toBeNull();
});

test('settling within a session: abandon, defer, dead-letter, peek', async () => {
  await send(['a', 1], ['a', 2], ['a', 3], ['b', 4]);
  const session = await bench.client.acceptSession('sessions', 'a', quiet);
  const [one, two, three] = await session.receiveMessages(3);
  await session.abandonMessage(one!);
  await session.deferMessage(two!);
  await session.deadLetterMessage(three!, { deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
  expect(bodies(await session.peekMessages(9))).toEqual([1, 2]);
  expect(await session.receiveMessages(1)).toMatchObject([{ body: 1, deliveryCount: 1 }]);
  const [deferred] = await session.receiveDeferredMessages(two!.sequenceNumber!);
  await session.completeMessage(deferred!);
  expect(await bench.deadLetters('sessions')).toMatchObject([{ body: 3, sessionId: 'a', deadLetterReason: 'r' }]);
});

test('a subscriber of a session works one message after the other', async () => {
  await send(['a', 1], ['a', 2], ['a', 3]);
  const session = await bench.client.acceptSession('sessions', 'a', quiet);
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    session.subscribe({
      processMessage: async ({ body }) => {
        await new Promise((later) => setTimeout(later, (4 - (body as number)) * 5));
        if (seen.push(body) === 3) setTimeout(resolve, 20);
      },
      processError: async () => undefined,
    });
  });
  expect(seen).toEqual([1, 2, 3]);
  expect(bench.broker.counts('sessions').active).toBe(0);
});

test('receive and delete in a session', async () => {
  await send(['a', 1], ['a', 2]);
  const session = await bench.client.acceptSession('sessions', 'a', { receiveMode: 'receiveAndDelete' });
  expect(bodies(await session.receiveMessages(5, { maxWaitTimeInMs: 100 }))).toEqual([1, 2]);
  expect(bench.broker.counts('sessions').active).toBe(0);
});

test('scheduled messages join their session', async () => {
  const sender = bench.client.createSender('sessions');
  await sender.scheduleMessages({ body: 1, sessionId: 'a' }, new Date(START + MINUTE));
  bench.advance(MINUTE);
  expect((await bench.client.acceptNextSession('sessions', quiet)).sessionId).toBe('a');
});

test('a subscription can require sessions', async () => {
  await bench.send('events', { body: 1, sessionId: 'x' });
  const session = await bench.client.acceptNextSession('events', 'by-session', quiet);
  expect(session.sessionId).toBe('x');
  expect(await complete(session, 1)).toEqual([1]);
});

test('what does not go together is refused: no session id, no session receiver, sessions where there are none', async () => {
  const client = bench.impatient();
  await expect(client.createSender('sessions').sendMessages({ body: 1 })).rejects.toThrow('SessionId was not set');
  await expect(client.createReceiver('sessions').receiveMessages(1, { maxWaitTimeInMs: 50 })).rejects.toThrow(
    'non-sessionful',
  );
  await expect(client.acceptNextSession('plain')).rejects.toThrow('does not require sessions');
});
