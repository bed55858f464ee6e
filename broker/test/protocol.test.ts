/** The protocol seen by another client than Azure's: SASL mechanisms, refused links, plain sending and receiving. */
import type { EventEmitter } from 'node:events';
import rhea from 'rhea';
import { Bench } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterAll(() => bench.close());

function connect(options: object = {}): rhea.Connection {
  const container = rhea.create_container();
  const connection = container.connect({
    port: bench.broker.port,
    host: '127.0.0.1',
    reconnect: false,
    ...options,
  } as never);
  connection.on('connection_error', () => undefined);
  connection.on('disconnected', () => undefined);
  return connection;
}

const event = <T = object>(emitter: EventEmitter, name: string) =>
  new Promise<T>((resolve) => emitter.once(name, resolve));

test.each([
  ['no SASL', {}],
  ['ANONYMOUS', { username: 'anybody' }],
  ['PLAIN', { username: 'RootManageSharedAccessKey', password: 'SAS_KEY_VALUE' }],
  [
    'MSSBCBS',
    {
      sasl_mechanisms: { MSSBCBS: () => ({ start: (done: (e: undefined, r: string) => void) => done(undefined, '') }) },
    },
  ],
])('a connection with %s', async (_, options) => {
  const connection = connect(options);
  await event(connection, 'connection_open');
  connection.close();
  await event(connection, 'connection_close');
});

test.each([
  ['receiving from an entity that does not exist', 'open_receiver', 'nowhere', 'amqp:not-found'],
  ['sending to an entity that does not exist', 'open_sender', 'nowhere', 'amqp:not-found'],
  ['sending to a subscription', 'open_sender', 'events/Subscriptions/all', 'amqp:not-allowed'],
  ['receiving from a topic', 'open_receiver', 'events', 'amqp:not-allowed'],
  ['management of an entity that does not exist', 'open_sender', 'nowhere/$management', 'amqp:not-found'],
] as const)('%s is refused', async (_, open, address, condition) => {
  const connection = connect();
  const link = connection[open](address);
  const name = open === 'open_sender' ? 'sender_error' : 'receiver_error';
  await event(link, name);
  expect(link.error).toMatchObject({ condition });
  connection.close();
  await event(connection, 'connection_close');
});

test('a message without Azure’s own ways goes through, released it comes again', async () => {
  const connection = connect();
  const sender = connection.open_sender('plain');
  await event(sender, 'sendable');
  sender.send({ body: 'hello', application_properties: { a: 1 } } as rhea.Message);
  await event(sender, 'accepted');
  const receiver = connection.open_receiver({ source: 'plain', credit_window: 0, autoaccept: false });
  receiver.add_credit(1);
  const first = await event<{ message: rhea.Message; delivery: rhea.Delivery }>(receiver, 'message');
  expect(first.message).toMatchObject({ body: 'hello', application_properties: { a: 1 }, delivery_count: 0 });
  first.delivery.release();
  receiver.add_credit(1);
  const second = await event<{ message: rhea.Message; delivery: rhea.Delivery }>(receiver, 'message');
  expect(second.message.delivery_count).toBe(1);
  second.delivery.accept();
  connection.close();
  await event(connection, 'connection_close');
  await bench.broker.whenIdle();
  expect(bench.broker.counts('plain').active).toBe(0);
});

test('a message that cannot be read is refused and the link goes on', async () => {
  const connection = connect();
  const sender = connection.open_sender('other');
  await event(sender, 'sendable');
  sender.send(Buffer.from([0, 0x53, 0x77, 0xb0, 0, 0, 9, 9, 1]) as never, undefined, 0);
  const refused = await event<{ delivery: { remote_state: { error: { condition: string; description: string } } } }>(
    sender,
    'rejected',
  );
  expect(refused.delivery.remote_state.error).toMatchObject({ condition: 'amqp:decode-error' });
  expect(refused.delivery.remote_state.error.description).toContain('goes past the end');
  sender.send({ body: 'good' });
  await event(sender, 'accepted');
  connection.close();
  await event(connection, 'connection_close');
});

test('a drain is answered although its credit has just been used up', async () => {
  await bench.send('other', { body: 1 });
  const connection = connect();
  const receiver = connection.open_receiver({ source: 'other', credit_window: 0 });
  await event(receiver, 'receiver_open');
  const drained = event(receiver, 'receiver_drained');
  const message = event(receiver, 'message');
  receiver.add_credit(1);
  receiver.drain_credit();
  await message;
  await drained;
  connection.close();
  await event(connection, 'connection_close');
});
