/** The contract of the bus on the real client, before the local broker with the entities of infra/servicebus.config.json. */
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBroker, type Broker } from 'local-service-bus';
import { createAzureMessaging, type AzureMessaging } from '../../services/azure/messaging';
import { busSettings } from '../../services/azure/settings';
import { DOMAIN_EVENTS, type DomainEvent, type TextOrder } from '../../services/messaging';
import { busContract } from './contracts';

const CONFIG = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'infra', 'servicebus.config.json'), 'utf8'),
) as unknown;
let broker: Broker;
let client: ServiceBusClient;
let bus: AzureMessaging;

async function open(): Promise<void> {
  broker = await startBroker({ config: CONFIG });
  client = new ServiceBusClient(broker.connectionString);
  bus = createAzureMessaging(busSettings({ ServiceBus: broker.connectionString })!);
}

afterEach(async () => {
  await bus.close();
  await client.close();
  await broker.stop();
});

interface Envelope {
  readonly type: string;
  readonly version: number;
  readonly body: unknown;
}

/** Everything that waits at `path`; the first `failures` deliveries are given back. */
async function received(path: [string] | [string, string], failures: number): Promise<ServiceBusReceivedMessage[]> {
  const receiver = path.length === 1 ? client.createReceiver(path[0]) : client.createReceiver(path[0], path[1]);
  const taken: ServiceBusReceivedMessage[] = [];
  for (let left = failures; ;) {
    const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 500 });
    if (messages.length === 0) return taken;
    for (const message of messages)
      if (left-- > 0) await receiver.abandonMessage(message);
      else {
        await receiver.completeMessage(message);
        taken.push(message);
      }
  }
}

busContract('Service Bus', async (failures) => {
  await open();
  return {
    bus,
    sent: async () =>
      (await received(['outbound-texts'], failures)).map(
        ({ body }) => ((body as Envelope).body as TextOrder).text.messageId,
      ),
    heard: async () =>
      (await received([DOMAIN_EVENTS, 'audit'], 0)).map(({ body }) => (body as Envelope).body as DomainEvent),
  };
});

it('an entity that is not there is named, without the connection', async () => {
  await open();
  const failure = await bus.send('nowhere' as never, [{} as never]).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('nowhere') as string });
  expect(JSON.stringify(failure) + String(failure)).not.toContain('SharedAccessKey');
});

it('a message over the limit is refused as too large', async () => {
  await open();
  const body = { replyId: 'r', text: 'x'.repeat(300_000) };
  await expect(bus.send('sms-replies', [body as never, body as never])).rejects.toMatchObject({ code: 'TOO_LARGE' });
});
