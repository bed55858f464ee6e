/** Topics: filters, actions, rules that change while running; forwarding between entities. */
import { Bench, bodies, codeOf } from '../support';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.close());

test('each subscription gets its own copy of what its rules let in', async () => {
  await bench.send(
    'events',
    { body: 1, subject: 'paint job', applicationProperties: { color: 'red' } },
    { body: 2, subject: 'paint job', applicationProperties: { color: 'blue' } },
    { body: 3, subject: 'order', applicationProperties: { region: 'north', size: 3 } },
    { body: 4, subject: 'order', applicationProperties: { region: 'north', size: 4 } },
    { body: 5 },
  );
  expect(bodies(await bench.drain('events', 'all'))).toEqual([1, 2, 3, 4, 5]);
  expect(bodies(await bench.drain('events', 'red'))).toEqual([1]);
  expect(bodies(await bench.drain('events', 'correlated'))).toEqual([3]);
  expect(bodies(await bench.drain('events', 'marked'))).toEqual([3, 4]);
});

test('copies of one message share the number of the topic and are settled apart', async () => {
  await bench.send('events', { body: 0 }, { body: 1, subject: 'paint', applicationProperties: { color: 'red' } });
  const [, all] = await bench.drain('events', 'all');
  const [red] = await bench.drain('events', 'red');
  expect(all!.enqueuedSequenceNumber).toBe(2);
  expect(red!.enqueuedSequenceNumber).toBe(2);
  expect(red!.sequenceNumber!.toNumber()).toBe(1);
});

test('an action changes the copy of its subscription alone', async () => {
  await bench.send('events', { body: 1, to: 'me', applicationProperties: { size: 5 } });
  const [marked] = await bench.drain('events', 'marked');
  expect(marked).toMatchObject({ to: 'them', applicationProperties: { mark: 'biggest' } });
  expect(marked!.applicationProperties).not.toHaveProperty('size');
  const [plain] = await bench.drain('events', 'all');
  expect(plain).toMatchObject({ to: 'me', applicationProperties: { size: 5 } });
});

test('rules are added, listed and removed while messages flow', async () => {
  const rules = bench.client.createRuleManager('events', 'all');
  await rules.createRule('blue', { sqlExpression: "color = 'blue'" }, { sqlExpression: "SET seen = 'yes'" });
  await rules.createRule('label', { subject: 'x', applicationProperties: { n: 1, s: 'a' } });
  const listed = [];
  for await (const rule of rules.listRules()) listed.push(rule);
  expect(listed.map(({ name }) => name)).toEqual(['$Default', 'blue', 'label']);
  expect(listed[0]!.filter).toEqual({ sqlExpression: '1=1' });
  expect(listed[1]).toMatchObject({
    filter: { sqlExpression: "color = 'blue'" },
    action: { sqlExpression: "SET seen = 'yes'" },
  });
  expect(listed[2]!.filter).toMatchObject({ subject: 'x', applicationProperties: { n: 1, s: 'a' } });
  await rules.deleteRule('$Default');
  await bench.send(
    'events',
    { body: 1 },
    { body: 2, applicationProperties: { color: 'blue' } },
    { body: 3, subject: 'x', applicationProperties: { n: 1, s: 'a' } },
  );
  const received = await bench.drain('events', 'all');
  expect(bodies(received)).toEqual([2, 3]);
  expect(received[0]!.applicationProperties).toMatchObject({ seen: 'yes' });
  await rules.deleteRule('blue');
  await rules.deleteRule('label');
  await bench.send('events', { body: 4 });
  expect(await bench.drain('events', 'all')).toEqual([]);
});

test('a message that several rules let in comes once, and once more for each rule with an action', async () => {
  const rules = bench.client.createRuleManager('events', 'all');
  await rules.createRule('more', { sqlExpression: 'TRUE' });
  await rules.createRule('acting', { sqlExpression: 'n = 1' }, { sqlExpression: 'SET by = 1' });
  await bench.send('events', { body: 'x', applicationProperties: { n: 1 } });
  const copies = await bench.drain('events', 'all');
  expect(copies.map((copy) => copy.applicationProperties!['by'])).toEqual([undefined, 1]);
});

test('rules that cannot be are refused', async () => {
  const rules = bench.client.createRuleManager('events', 'all');
  expect(await codeOf(rules.createRule('$Default', { sqlExpression: '1=1' }))).toBe('MessagingEntityAlreadyExists');
  expect(await codeOf(rules.deleteRule('none'))).toBe('MessagingEntityNotFound');
  await expect(rules.createRule('bad', { sqlExpression: 'a = = b' })).rejects.toThrow('at position 4');
  await expect(rules.createRule('bad', { sqlExpression: 'sys.Nothing = 1' })).rejects.toThrow(
    'no system property sys.Nothing',
  );
  await expect(
    rules.createRule('bad', { sqlExpression: 'TRUE' }, { sqlExpression: "SET sys.MessageId = 'x'" }),
  ).rejects.toThrow('cannot be changed');
});

test('a subscription has dead letters of its own', async () => {
  await bench.send('events', { body: 1 });
  const receiver = bench.client.createReceiver('events', 'all');
  const [message] = await receiver.receiveMessages(1);
  await receiver.deadLetterMessage(message!, { deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
  const dead = bench.client.createReceiver('events', 'all', { subQueueType: 'deadLetter' });
  const [found] = await dead.receiveMessages(1);
  expect(found).toMatchObject({ body: 1, deadLetterReason: 'r', deadLetterSource: 'events/Subscriptions/all' });
  await dead.completeMessage(found!);
});

test('a queue forwards what it gets, and nobody receives from it', async () => {
  await bench.send('forwards', { body: 1 });
  const [message] = await bench.drain('plain');
  expect(message!.body).toBe(1);
  expect(message!.enqueuedSequenceNumber).toBe(1);
  const receiver = bench.impatient().createReceiver('forwards');
  await expect(receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).rejects.toThrow('forwards its messages');
});

test('what cannot be forwarded is in the transfer dead-letter queue', async () => {
  await bench.send('forwards-wrongly', { body: 1 });
  const receiver = bench.client.createReceiver('forwards-wrongly', { subQueueType: 'transferDeadLetter' });
  const [message] = await receiver.receiveMessages(1);
  expect(message).toMatchObject({ body: 1, deadLetterReason: 'TransferFailed', deadLetterSource: 'forwards-wrongly' });
  await receiver.completeMessage(message!);
});

test('dead letters can be sent on to another queue', async () => {
  await bench.send('sends-dead-on', { body: 1 });
  const receiver = bench.client.createReceiver('sends-dead-on');
  const [message] = await receiver.receiveMessages(1);
  await receiver.abandonMessage(message!);
  const [dead] = await bench.drain('plain');
  expect(dead).toMatchObject({
    body: 1,
    deadLetterSource: 'sends-dead-on',
    deadLetterReason: 'MaxDeliveryCountExceeded',
  });
});
