/**
 * Throughput of the broker with the real client over loopback, and memory over a million messages. Run it built:
 * `node dist/bench/run.js [--journal DIR] [--memory]`. The workload is at the top; one process drives client and broker.
 */
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusReceiver, ServiceBusSender } from '@azure/service-bus';
import { parseArgs } from 'node:util';
import { startBroker, type Broker } from '../index';

const MESSAGES = 10_000;
const BODY_BYTES = 200;
const IN_FLIGHT = 100;
const BATCH = 100;
const RECEIVE = 500;
const MEMORY_MESSAGES = 1_000_000;

const queue = (name: string, properties: object = {}): object => ({ Name: name, Properties: properties });
const CONFIG = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'bench',
        Queues: [
          queue('plain'),
          queue('unique', { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT5M' }),
        ],
      },
    ],
  },
};

const body = 'x'.repeat(BODY_BYTES);
const message = (id: number): { body: string; messageId: string } => ({ body, messageId: `message-${id}` });

async function measure(name: string, count: number, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await work();
  const perSecond = Math.round(count / ((performance.now() - start) / 1_000));
  console.log(`${name.padEnd(52)} ${perSecond.toLocaleString('en-US').padStart(10)} messages/s`);
}

async function sendEach(sender: ServiceBusSender, from: number, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await sender.sendMessages(message(from + index));
}

async function sendConcurrently(sender: ServiceBusSender, from: number, count: number): Promise<void> {
  const share = count / IN_FLIGHT;
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, lane) => sendEach(sender, from + lane * share, share)));
}

async function sendBatches(sender: ServiceBusSender, from: number, count: number): Promise<void> {
  for (let index = 0; index < count; index += BATCH) {
    await sender.sendMessages(Array.from({ length: BATCH }, (_, place) => message(from + index + place)));
  }
}

async function receiveAndComplete(receiver: ServiceBusReceiver, count: number): Promise<void> {
  for (let done = 0; done < count;) {
    const messages = await receiver.receiveMessages(Math.min(RECEIVE, count - done));
    await Promise.all(messages.map((received) => receiver.completeMessage(received)));
    done += messages.length;
  }
}

async function subscribeAndComplete(receiver: ServiceBusReceiver, count: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let done = 0;
    receiver.subscribe(
      {
        processMessage: async (received) => {
          await receiver.completeMessage(received);
          if (++done === count) resolve();
        },
        processError: async ({ error }) => reject(error),
      },
      { autoCompleteMessages: false, maxConcurrentCalls: 50 },
    );
  });
}

async function throughput(client: ServiceBusClient): Promise<void> {
  for (const name of ['plain', 'unique']) {
    const sender = client.createSender(name);
    await sendBatches(sender, 0, 2_000);
    await receiveAndComplete(client.createReceiver(name, { maxAutoLockRenewalDurationInMs: 0 }), 2_000);
    await measure(`${name}: send and await each`, MESSAGES, () => sendEach(sender, 10_000, MESSAGES));
    await measure(`${name}: send, ${IN_FLIGHT} in flight`, MESSAGES, () => sendConcurrently(sender, 30_000, MESSAGES));
    await measure(`${name}: send in arrays of ${BATCH}`, MESSAGES, () => sendBatches(sender, 50_000, MESSAGES));
    const receiver = client.createReceiver(name, { maxAutoLockRenewalDurationInMs: 0 });
    await measure(`${name}: receive ${RECEIVE} and complete`, 2 * MESSAGES, () =>
      receiveAndComplete(receiver, 2 * MESSAGES),
    );
    const other = client.createReceiver(name, { maxAutoLockRenewalDurationInMs: 0 });
    await measure(`${name}: subscribe, 50 concurrent`, MESSAGES, () => subscribeAndComplete(other, MESSAGES));
    await Promise.all([receiver.close(), other.close(), sender.close()]);
  }
}

async function memory(client: ServiceBusClient, broker: Broker): Promise<void> {
  const heapMegabytes = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 1_048_576;
  };
  for (const name of ['plain', 'unique']) {
    const sender = client.createSender(name);
    const receiver = client.createReceiver(name, { receiveMode: 'receiveAndDelete' });
    const before = heapMegabytes();
    const step = 2_000;
    for (let sent = 0; sent < MEMORY_MESSAGES; sent += step) {
      await sendBatches(sender, 1_000_000 + sent, step);
      for (let got = 0; got < step;) got += (await receiver.receiveMessages(step - got)).length;
      if ((sent + step) % 250_000 === 0) {
        const grown = heapMegabytes() - before;
        const each = (grown * 1_048_576) / (sent + step);
        console.log(
          `${name}: after ${sent + step} messages ${grown.toFixed(1)} MB more (${each.toFixed(0)} bytes each)`,
        );
      }
    }
    await Promise.all([sender.close(), receiver.close()]);
    console.log(name, broker.counts(name));
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { journal: { type: 'string' }, memory: { type: 'boolean' } } });
  const broker = await startBroker({
    config: CONFIG,
    ...(values.journal === undefined ? {} : { journal: values.journal }),
  });
  const client = new ServiceBusClient(broker.connectionString);
  if (values.memory) await memory(client, broker);
  else await throughput(client);
  await client.close();
  await broker.stop();
}

void main();
