/** What is refused, and that the client gets the code it knows for it. */
import net from 'node:net';
import { Bench, codeOf } from '../support';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterAll(() => bench.close());

test('entities that do not exist', async () => {
  const { client } = bench;
  expect(await codeOf(client.createSender('nowhere').sendMessages({ body: 1 }))).toBe('MessagingEntityNotFound');
  expect(await codeOf(client.createReceiver('nowhere').receiveMessages(1))).toBe('MessagingEntityNotFound');
  expect(await codeOf(client.createReceiver('events', 'nowhere').receiveMessages(1))).toBe('MessagingEntityNotFound');
  expect(await codeOf(client.createReceiver('nowhere').peekMessages(1))).toBe('MessagingEntityNotFound');
  expect(await codeOf(client.acceptNextSession('nowhere'))).toBe('MessagingEntityNotFound');
  const sender = client.createSender('nowhere');
  expect(await codeOf(sender.scheduleMessages({ body: 1 }, new Date()))).toBe('MessagingEntityNotFound');
});

test('case does not count in the names of entities', async () => {
  await bench.send('PLAIN', { body: 1 });
  expect(await bench.drain('Plain')).toHaveLength(1);
});

test('receiving from a topic', async () => {
  const receiver = bench.impatient().createReceiver('events');
  await expect(receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).rejects.toThrow();
});

test('a subscriber of an entity that does not exist is told', async () => {
  const client = bench.connect({ retryOptions: { maxRetries: 0, retryDelayInMs: 20 } });
  const receiver = client.createReceiver('nowhere');
  const error = await new Promise((resolve) =>
    receiver.subscribe({ processMessage: async () => undefined, processError: async (told) => resolve(told.error) }),
  );
  expect(error).toMatchObject({ code: 'MessagingEntityNotFound' });
  await receiver.close();
});

test('noise on the port harms nobody', async () => {
  const noise = ['GET / HTTP/1.1\r\n\r\n', 'AMQP\x00\x01\x00\x00\x00\x00\x00\x05', 'AMQP\x03\x01\x00\x00'];
  for (const text of noise) {
    await new Promise<void>((resolve) => {
      const socket = net.connect(bench.broker.port, '127.0.0.1', () => socket.end(Buffer.from(text, 'latin1')));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
      setTimeout(() => socket.destroy(), 200).unref();
    });
  }
  await bench.send('plain', { body: 1 });
  expect(await bench.drain('plain')).toHaveLength(1);
});
