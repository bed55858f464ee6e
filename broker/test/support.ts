/** A broker on a clock of the test's own, real clients for it, and one configuration with an entity for each feature. */
import { ServiceBusClient, type ServiceBusClientOptions, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { startBroker, type Broker, type BrokerOptions, type Clock } from '../index';

const entity = (name: string, properties: object = {}): object => ({ Name: name, Properties: properties });
const sql = (name: string, expression: string, action?: string): object => ({
  Name: name,
  Properties: {
    FilterType: 'Sql',
    SqlFilter: { SqlExpression: expression },
    ...(action === undefined ? {} : { Action: { SqlExpression: action } }),
  },
});

export const CONFIG = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'sbemulatorns',
        Queues: [
          entity('plain'),
          entity('other'),
          entity('thrice', { MaxDeliveryCount: 3, LockDuration: 'PT30S' }),
          entity('unique', { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT1M' }),
          entity('short-lived', { DefaultMessageTimeToLive: 'PT10M', DeadLetteringOnMessageExpiration: true }),
          entity('vanishing', { DefaultMessageTimeToLive: 'PT10M' }),
          entity('sessions', { RequiresSession: true, LockDuration: 'PT30S', MaxDeliveryCount: 3 }),
          entity('forwards', { ForwardTo: 'plain' }),
          entity('forwards-wrongly', { ForwardTo: 'sessions' }),
          entity('sends-dead-on', { ForwardDeadLetteredMessagesTo: 'plain', MaxDeliveryCount: 1 }),
          entity('brief', { LockDuration: 'PT2S' }),
          entity('tiny', { MaxSizeInMegabytes: 1 }),
        ],
        Topics: [
          {
            Name: 'events',
            Subscriptions: [
              { Name: 'all' },
              { Name: 'red', Rules: [sql('red', "color = 'red' AND sys.Label LIKE 'paint%'")] },
              {
                Name: 'correlated',
                Rules: [
                  {
                    Name: 'orders',
                    Properties: {
                      FilterType: 'Correlation',
                      CorrelationFilter: { Label: 'order', Properties: { region: 'north', size: 3 } },
                    },
                  },
                ],
              },
              {
                Name: 'marked',
                Rules: [sql('mark', 'size > 2', "SET mark = 'big' + 'gest'; SET sys.To = 'them'; REMOVE size")],
              },
              { Name: 'by-session', Properties: { RequiresSession: true } },
            ],
          },
          { Name: 'unique-events', Properties: { RequiresDuplicateDetection: true }, Subscriptions: [{ Name: 'all' }] },
        ],
      },
    ],
    Logging: { Type: 'File' },
  },
};

/** 2 March 2026, 09:00 UTC. */
export const START = Date.UTC(2026, 2, 2, 9);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

export class TestClock implements Clock {
  time = START;

  now(): number {
    return this.time;
  }
}

/** One broker and what was opened on it; `close` ends it all. */
export class Bench {
  private readonly clients: ServiceBusClient[] = [];
  readonly client: ServiceBusClient;

  private constructor(
    readonly broker: Broker,
    readonly clock: TestClock,
  ) {
    this.client = this.connect();
  }

  static async start(options: Partial<BrokerOptions> = {}): Promise<Bench> {
    const clock = new TestClock();
    const broker = await startBroker({ config: CONFIG, clock, ...options });
    return new Bench(broker, clock);
  }

  connect(options: ServiceBusClientOptions = {}): ServiceBusClient {
    const client = new ServiceBusClient(this.broker.connectionString, options);
    this.clients.push(client);
    return client;
  }

  /** A client that neither waits nor tries again. */
  impatient(timeoutInMs = 300): ServiceBusClient {
    return this.connect({ retryOptions: { maxRetries: 0, timeoutInMs } });
  }

  /** Moves the clock and does what is due. */
  advance(ms: number): void {
    this.clock.time += ms;
    this.broker.tick();
  }

  async send(
    entity: string,
    ...messages: Parameters<ReturnType<ServiceBusClient['createSender']>['sendMessages']>[0][]
  ) {
    const sender = this.client.createSender(entity);
    for (const message of messages) await sender.sendMessages(message);
    await sender.close();
  }

  /** Everything that waits, received and deleted. */
  async drain(queue: string, subscription?: string): Promise<ServiceBusReceivedMessage[]> {
    const options = { receiveMode: 'receiveAndDelete' } as const;
    const receiver = subscription
      ? this.client.createReceiver(queue, subscription, options)
      : this.client.createReceiver(queue, options);
    const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 60 });
    await receiver.close();
    return messages;
  }

  async deadLetters(queue: string): Promise<ServiceBusReceivedMessage[]> {
    const receiver = this.client.createReceiver(queue, { receiveMode: 'receiveAndDelete', subQueueType: 'deadLetter' });
    const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 60 });
    await receiver.close();
    return messages;
  }

  private isClosed = false;

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await Promise.all(this.clients.map((client) => client.close()));
    await this.broker.stop();
  }
}

export const bodies = (messages: readonly ServiceBusReceivedMessage[]): unknown[] =>
  messages.map(({ body }) => body as unknown);

/** The code of the error a promise ends with; fails when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  throw new Error('expected an error, but there was none');
}
