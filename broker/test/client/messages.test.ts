/** What a message carries comes through as it was sent: bodies, properties, annotations, batches. */
import { Bench, START, bodies, codeOf } from '../support';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterAll(() => bench.close());

test('every property comes back as it was sent', async () => {
  const sent = {
    body: { nested: [1, 'two', null], ok: true },
    messageId: 'm-1',
    correlationId: 'c-1',
    subject: 'greeting',
    to: 'there',
    replyTo: 'here',
    replyToSessionId: 'rs',
    contentType: 'application/json',
    partitionKey: 'pk',
    timeToLive: 3_600_000,
    applicationProperties: { text: 'a', whole: 7, part: 1.5, yes: true, negative: -3, big: 2 ** 40 },
  };
  await bench.send('plain', sent);
  const [message] = await bench.drain('plain');
  expect(message).toMatchObject(sent);
  expect(message).toMatchObject({ deliveryCount: 0, state: 'active', enqueuedTimeUtc: new Date(START) });
  expect(message!.expiresAtUtc).toEqual(new Date(START + 3_600_000));
  expect(message!.sequenceNumber!.toNumber()).toBeGreaterThan(0);
  expect(message!.enqueuedSequenceNumber).toBe(message!.sequenceNumber!.toNumber());
});

test.each([
  ['text', 'grüße'],
  ['a number', 42],
  ['a list', [1, 2]],
  ['nothing', null],
  ['an empty text', ''],
])('a body of %s', async (_, body) => {
  await bench.send('plain', { body });
  expect(bodies(await bench.drain('plain'))).toEqual([body]);
});

test('bytes come back as bytes', async () => {
  const body = Buffer.from([0, 255, 1, 254]);
  await bench.send('plain', { body });
  const [message] = await bench.drain('plain');
  expect(Buffer.from(message!.body as Buffer)).toEqual(body);
});

test.each([
  ['value', { a: 1, list: ['x'] }],
  ['value', 'plain text'],
  ['sequence', [1, 'two', 3]],
  ['data', Buffer.from('bytes')],
] as const)('an AMQP message with a %s body', async (bodyType, body) => {
  await bench.send('plain', {
    body,
    bodyType,
    properties: { messageId: 'annotated', subject: 's', groupId: 'g' },
    header: { priority: 7, durable: true },
    applicationProperties: { a: 'b' },
    messageAnnotations: { 'x-mine': 'kept' },
  });
  const [message] = await bench.drain('plain');
  const raw = message!._rawAmqpMessage;
  expect(raw.bodyType).toBe(bodyType);
  expect(message!.body).toEqual(body);
  expect(raw.header).toMatchObject({ priority: 7, durable: true });
  expect(raw.properties).toMatchObject({ messageId: 'annotated', subject: 's', groupId: 'g' });
  expect(raw.messageAnnotations).toMatchObject({ 'x-mine': 'kept' });
});

test('a received message can be sent on', async () => {
  await bench.send('plain', { body: { a: 1 }, applicationProperties: { p: 1 }, messageId: 'first' });
  const [message] = await bench.drain('plain');
  await bench.send('other', message!);
  const [again] = await bench.drain('other');
  expect(again).toMatchObject({ body: { a: 1 }, applicationProperties: { p: 1 }, messageId: 'first' });
});

test('numbers and bytes can be message ids; without one there is one', async () => {
  await bench.send('plain', { body: 1, messageId: 12 }, { body: 2 });
  const [first, second] = await bench.drain('plain');
  expect(first!.messageId).toBe(12);
  expect(second!.messageId).toMatch(/^[0-9a-f-]{36}$/);
});

test('an array is sent whole and in order', async () => {
  const many = Array.from({ length: 50 }, (_, index) => ({ body: index, applicationProperties: { index } }));
  await bench.send('plain', many);
  const received = await bench.drain('plain');
  expect(bodies(received)).toEqual(many.map(({ body }) => body));
  const numbers = received.map((message) => message.sequenceNumber!.toNumber());
  expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
});

test('a batch fills up to 256 KB and no further', async () => {
  const sender = bench.client.createSender('plain');
  const batch = await sender.createMessageBatch();
  expect(batch.maxSizeInBytes).toBe(262_144);
  const message = { body: 'x'.repeat(60_000) };
  const added = [1, 2, 3, 4, 5, 6].map(() => batch.tryAddMessage(message));
  expect(added).toEqual([true, true, true, true, false, false]);
  await sender.sendMessages(batch);
  expect(await bench.drain('plain')).toHaveLength(4);
});

test('a message that is too large is refused', async () => {
  expect(await codeOf(bench.send('plain', { body: 'x'.repeat(262_144) }))).toBe('MessageSizeExceeded');
  expect(await bench.drain('plain')).toEqual([]);
});

test('an entity that is full refuses more and takes again when there is room', async () => {
  const large = { body: 'x'.repeat(200_000) };
  await bench.send('tiny', large, large, large, large, large);
  expect(await codeOf(bench.impatient().createSender('tiny').sendMessages(large))).toBe('QuotaExceeded');
  expect(await bench.drain('tiny')).toHaveLength(5);
  await bench.send('tiny', large);
});

test('a large message crosses in several frames', async () => {
  const body = 'y'.repeat(200_000);
  await bench.send('other', { body });
  expect(bodies(await bench.drain('other'))).toEqual([body]);
});
