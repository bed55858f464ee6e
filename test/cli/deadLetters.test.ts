/** `vip dead-letters` on the local broker: shows ids and reasons, never content, and puts messages back, each once. */
import { ServiceBusClient } from '@azure/service-bus';
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
  const receiver = client.createReceiver(queue);
  for (const message of await receiver.receiveMessages(ids.length))
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
  expect(await said(replayDeadLetters, { queue: 'sms-replies', max: 2 })).toBe('{"replayed":2}\n');
  expect(broker.counts('sms-replies')).toMatchObject({ active: 2, deadLettered: 1 });
  const [message] = await client.createReceiver('sms-replies').receiveMessages(1);
  expect(message).toMatchObject({
    messageId: 'r1',
    subject: 'sms-replies',
    body: { version: 9, body: { text: SECRET } },
  });
  expect(await said(replayDeadLetters, { queue: 'sms-replies' })).toBe('{"replayed":1}\n');
  expect(broker.counts('sms-replies').deadLettered).toBe(0);
});

it.each([
  ['a queue that it does not know', { queue: 'nowhere' }, /--queue/],
  ['no bus', { connection: undefined }, /--connection/],
])('refuses %s by name', async (_, options, expected) => {
  await expect(listDeadLetters({ connection: broker.connectionString, max: 1, ...options })).rejects.toThrow(expected);
});
