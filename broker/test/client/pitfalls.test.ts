/** What goes wrong between rhea, the client and a broker when one does not look: each was seen, each stays away. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { startBroker } from '../../index';
import { systemClock } from '../../clock';
import { Bench, CONFIG, bodies } from '../support';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.close());

const quiet = { maxAutoLockRenewalDurationInMs: 0 };
const numbered = (count: number) => Array.from({ length: count }, (_, body) => ({ body }));

test('a link goes on past the deliveries that rhea keeps: 2,048 at the client, 65,536 here', async () => {
  const count = 66_000;
  const sender = bench.client.createSender('plain');
  for (let sent = 0; sent < count; sent += 1_000) await sender.sendMessages(numbered(1_000));
  const receiver = bench.client.createReceiver('plain', quiet);
  for (let done = 0; done < count;) {
    const messages = await receiver.receiveMessages(Math.min(1_000, count - done));
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    done += messages.length;
  }
  expect(bench.broker.counts('plain')).toMatchObject({ active: 0, locked: 0 });
}, 120_000);

test('one unsettled message does not hold up those after it', async () => {
  await bench.send('plain', numbered(1_000));
  await bench.send('plain', numbered(500));
  const receiver = bench.client.createReceiver('plain', quiet);
  const [held] = await receiver.receiveMessages(1);
  for (let done = 1; done < 1_500;) {
    const messages = await receiver.receiveMessages(500);
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    done += messages.length;
  }
  await receiver.completeMessage(held!);
  expect(bench.broker.counts('plain').active).toBe(0);
});

test('no more is locked than there is credit for, also while messages pour in', async () => {
  let most = 0;
  let done = 0;
  const receiver = bench.client.createReceiver('plain', quiet);
  const finished = new Promise<void>((resolve) => {
    receiver.subscribe(
      {
        processMessage: async () => {
          most = Math.max(most, bench.broker.inFlight().locked);
          await new Promise((later) => setImmediate(later));
          if (++done === 400) resolve();
        },
        processError: async () => undefined,
      },
      { maxConcurrentCalls: 5 },
    );
  });
  const sender = bench.client.createSender('plain');
  await Promise.all(Array.from({ length: 400 }, (_, body) => sender.sendMessages({ body })));
  await finished;
  await receiver.close();
  expect(most).toBeLessThanOrEqual(5);
  expect(bench.broker.counts('plain')).toMatchObject({ active: 0 });
});

test('a drain is answered at once, with credit left and without', async () => {
  const receiver = bench.client.createReceiver('plain', quiet);
  await receiver.receiveMessages(1, { maxWaitTimeInMs: 1 });
  const times: number[] = [];
  for (let index = 0; index < 10; index++) {
    const start = performance.now();
    await bench.send('plain', { body: index });
    const [message] = await receiver.receiveMessages(1);
    await receiver.completeMessage(message!);
    expect(await receiver.receiveMessages(3, { maxWaitTimeInMs: 1 })).toEqual([]);
    times.push(performance.now() - start);
  }
  expect(Math.min(...times)).toBeLessThan(150);
});

test('a subscriber closes quickly in the midst of a stream', async () => {
  await bench.send('plain', numbered(2_000));
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const receiver = bench.client.createReceiver('plain', quiet);
    await new Promise<void>((resolve) =>
      receiver.subscribe(
        { processMessage: async () => resolve(), processError: async () => undefined },
        { maxConcurrentCalls: 10, autoCompleteMessages: true },
      ),
    );
    const start = performance.now();
    await receiver.close();
    times.push(performance.now() - start);
  }
  expect(Math.min(...times)).toBeLessThan(160);
});

test('what follows a grant of credit is not held back by 40 ms', async () => {
  await bench.client.createReceiver('plain').peekMessages(1);
  const times: number[] = [];
  // Each opens management links: a grant of credit, then the request.
  for (const queue of [
    'other',
    'thrice',
    'unique',
    'short-lived',
    'vanishing',
    'sessions',
    'tiny',
    'brief',
    'sends-dead-on',
  ]) {
    const start = performance.now();
    await bench.client.createReceiver(queue, quiet).peekMessages(1);
    times.push(performance.now() - start);
  }
  expect(Math.min(...times)).toBeLessThan(35);
});

test('a timer beyond 24.8 days waits its whole time', () => {
  jest.useFakeTimers();
  try {
    const rung = jest.fn();
    const days = 86_400_000;
    systemClock.setTimer!(Date.now() + 60 * days, rung);
    jest.advanceTimersByTime(60 * days - 1);
    expect(rung).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(rung).toHaveBeenCalledTimes(1);
  } finally {
    jest.useRealTimers();
  }
});

test('a process that stops its broker ends by itself', async () => {
  const script = `
    const { startBroker } = require(${JSON.stringify(path.join(__dirname, '../../dist/index.js'))});
    const { ServiceBusClient } = require('@azure/service-bus');
    (async () => {
      const broker = await startBroker({ config: ${JSON.stringify(CONFIG)} });
      const client = new ServiceBusClient(broker.connectionString);
      await client.createSender('plain').sendMessages({ body: 1 });
      const left = new ServiceBusClient(broker.connectionString);
      await left.createReceiver('plain').receiveMessages(1);
      await client.close();
      await left.close();
      await broker.stop();
    })();`;
  const child = spawn(process.execPath, ['-e', script], { cwd: __dirname });
  const start = performance.now();
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  expect(performance.now() - start).toBeLessThan(20_000);
});

test('a client finds its broker again after a restart on the same port', async () => {
  const first = await startBroker({ config: CONFIG });
  const client = new ServiceBusClient(first.connectionString, { retryOptions: { retryDelayInMs: 50 } });
  const sender = client.createSender('plain');
  await sender.sendMessages({ body: 1 });
  const seen: unknown[] = [];
  const receiver = client.createReceiver('plain');
  receiver.subscribe({ processMessage: async ({ body }) => void seen.push(body), processError: async () => undefined });
  while (seen.length < 1) await new Promise((later) => setTimeout(later, 10));
  await first.stop();
  const second = await startBroker({ config: CONFIG, port: first.port });
  await sender.sendMessages({ body: 2 });
  while (seen.length < 2) await new Promise((later) => setTimeout(later, 10));
  expect(seen).toEqual([1, 2]);
  await client.close();
  await second.stop();
}, 30_000);

test('the client renews locks for a handler that takes longer, also of a message sent without an id', async () => {
  const broker = await startBroker({ config: CONFIG });
  const client = new ServiceBusClient(broker.connectionString);
  await client.createSender('brief').sendMessages({ body: 1 });
  const receiver = client.createReceiver('brief');
  const counts: unknown[] = [];
  const errors: unknown[] = [];
  await new Promise<void>((resolve) =>
    receiver.subscribe({
      processMessage: async ({ deliveryCount }) => {
        counts.push(deliveryCount);
        await new Promise((later) => setTimeout(later, 3_500));
        setTimeout(resolve, 100);
      },
      processError: async ({ error }) => void errors.push(error),
    }),
  );
  expect({ counts, errors, left: broker.counts('brief').active }).toEqual({ counts: [0], errors: [], left: 0 });
  await client.close();
  await broker.stop();
}, 15_000);

test('messages of one burst keep their order', async () => {
  const sender = bench.client.createSender('plain');
  await Promise.all(Array.from({ length: 300 }, (_, body) => sender.sendMessages({ body })));
  const receiver = bench.client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
  const messages = await receiver.receiveMessages(300);
  expect(bodies(messages)).toEqual(Array.from({ length: 300 }, (_, index) => index));
});
