/** `vip dead-letters` on the local broker: shows ids and reasons, never content, and puts messages back, each once. */
import { ServiceBusClient, type ServiceBusReceiver } from '@azure/service-bus';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBroker, type Broker } from 'local-service-bus';
import { listDeadLetters, replayDeadLetters, type DeadLetter } from '../../cli/deadLetters';

const CONFIG = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'infra', 'servicebus.config.json'), 'utf8'),
) as unknown;
const SECRET = 'Zvurka';
jest.setTimeout(60_000);
let broker: Broker;
let client: ServiceBusClient;

beforeEach(async () => {
  broker = await startBroker({ config: CONFIG });
  client = new ServiceBusClient(broker.connectionString);
});
afterEach(async () => {
  await client.close();
  await broker.stop();
});

async function kill(queue: string, ids: readonly string[]): Promise<void> {
  const body = { type: queue, version: 9, body: { text: SECRET } };
  await client.createSender(queue).sendMessages(ids.map((messageId) => ({ messageId, body, subject: queue })));
  await killWaiting(queue, ids.length);
}

async function killWaiting(queue: string, count: number): Promise<void> {
  const receiver = client.createReceiver(queue);
  for (const message of await receiver.receiveMessages(count))
    await receiver.deadLetterMessage(message, { deadLetterReason: 'version', deadLetterErrorDescription: '' });
  await receiver.close();
}

async function said(command: typeof listDeadLetters, options: { queue?: string; max?: number }): Promise<string> {
  const written: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  try {
    await command({ connection: broker.connectionString, max: 100, json: true, ...options });
  } finally {
    write.mockRestore();
  }
  return written.join('');
}

it('shows what is dead in every queue, by ids and reasons', async () => {
  await kill('sms-replies', ['r1', 'r2']);
  await kill('call-intervals', ['i1']);
  const text = await said(listDeadLetters, {});
  const found = JSON.parse(text) as DeadLetter[];
  expect(found.map(({ queue, messageId, reason }) => [queue, messageId, reason])).toEqual([
    ['sms-replies', 'r1', 'version'],
    ['sms-replies', 'r2', 'version'],
    ['call-intervals', 'i1', 'version'],
  ]);
  expect(text).not.toContain(SECRET);
  expect((JSON.parse(await said(listDeadLetters, { queue: 'call-intervals' })) as DeadLetter[]).length).toBe(1);
});

it('puts messages back whole, and takes them from the dead letters', async () => {
  await kill('sms-replies', ['r1', 'r2', 'r3']);
  expect(await said(replayDeadLetters, { queue: 'sms-replies', max: 2 })).toBe('{"replayed":2,"left":0}\n');
  expect(broker.counts('sms-replies')).toMatchObject({ active: 2, deadLettered: 1 });
  const [message] = await client.createReceiver('sms-replies').receiveMessages(1);
  expect(message).toMatchObject({
    messageId: 'r1',
    subject: 'sms-replies',
    body: { version: 9, body: { text: SECRET } },
  });
  expect(await said(replayDeadLetters, { queue: 'sms-replies' })).toBe('{"replayed":1,"left":0}\n');
  expect(broker.counts('sms-replies').deadLettered).toBe(0);
});

it('shows at most so many of each queue', async () => {
  await kill('sms-replies', ['r1', 'r2']);
  await kill('call-intervals', ['i1']);
  const found = JSON.parse(await said(listDeadLetters, { max: 1 })) as DeadLetter[];
  expect(found.map(({ messageId }) => messageId)).toEqual(['r1', 'i1']);
});

it('does not wait for queues that are empty', async () => {
  const startedAt = performance.now();
  expect(await said(replayDeadLetters, {})).toBe('{"replayed":0,"left":0}\n');
  // Receiving from six empty queues would take 12 s.
  expect(performance.now() - startedAt).toBeLessThan(6_000);
});

it('says how many another reader has', async () => {
  await kill('sms-replies', ['r1', 'r2']);
  const other = client.createReceiver('sms-replies', { subQueueType: 'deadLetter' });
  await other.receiveMessages(1);
  expect(await said(replayDeadLetters, { queue: 'sms-replies' })).toBe('{"replayed":1,"left":1}\n');
});

describe('a text, whose queue drops ids that it knows', () => {
  const waiting = () => client.createReceiver('outbound-texts').peekMessages(10);

  it('is put back under a new id, and under another when it died again', async () => {
    await kill('outbound-texts', ['t1']);
    await said(replayDeadLetters, { queue: 'outbound-texts' });
    const [first] = await waiting();
    expect(first).toMatchObject({ subject: 'outbound-texts', body: { version: 9, body: { text: SECRET } } });
    expect(first!.messageId).toMatch(/^t1~\d+$/);
    await killWaiting('outbound-texts', 1);
    await said(replayDeadLetters, { queue: 'outbound-texts' });
    const [second] = await waiting();
    expect(second!.messageId).toMatch(/^t1~\d+$/);
    expect(second!.messageId).not.toBe(first!.messageId);
  });

  it('is put back once by a replay that was cut off and is run again', async () => {
    await kill('outbound-texts', ['t1']);
    const receivers = Object.getPrototypeOf(client.createReceiver('outbound-texts')) as ServiceBusReceiver;
    // The lock of a reader that is gone runs out after a minute.
    jest.spyOn(receivers, 'completeMessage').mockImplementationOnce(async function (this: ServiceBusReceiver, message) {
      await this.abandonMessage(message);
      throw new Error('cut off');
    });
    await expect(said(replayDeadLetters, { queue: 'outbound-texts' })).rejects.toThrow('cut off');
    expect(broker.counts('outbound-texts')).toMatchObject({ active: 1, deadLettered: 1 });
    await said(replayDeadLetters, { queue: 'outbound-texts' });
    expect(broker.counts('outbound-texts')).toMatchObject({ active: 1, deadLettered: 0 });
  });
});

it.each([
  ['a queue that it does not know', { queue: 'nowhere' }, /--queue/],
  ['no bus', { connection: undefined }, /--connection/],
])('refuses %s by name', async (_, options, expected) => {
  await expect(listDeadLetters({ connection: broker.connectionString, max: 1, ...options })).rejects.toThrow(expected);
});
