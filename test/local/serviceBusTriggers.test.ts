/**
 * The emulator's Service Bus triggers and outputs with the real client and the local broker on one clock: queues, topics,
 * batches, sessions, scheduled messages, dead-lettering, and that a virtual clock neither runs past a due message nor while
 * one is queued.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { startHost, type Host, type LogLine, type StartHostOptions } from 'durable-emulator';
import { startBroker, type Broker } from 'local-service-bus';

jest.setTimeout(60_000);

const START = '2026-01-05T09:00:00.000Z';
const root = mkdtempSync(path.join(os.tmpdir(), 'bus-triggers-'));
const CONFIG = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'sbemulatorns',
        Queues: [
          { Name: 'q', Properties: { MaxDeliveryCount: 3 } },
          { Name: 'out' },
          { Name: 'sessions', Properties: { RequiresSession: true } },
        ],
        Topics: [{ Name: 't', Subscriptions: [{ Name: 's' }] }],
      },
    ],
    Logging: { Type: 'File' },
  },
};

let now = Date.parse(START);
let broker: Broker;
let client: ServiceBusClient;
let host: Host | undefined;
let apps = 0;

beforeEach(async () => {
  now = Date.parse(START);
  broker = await startBroker({ config: CONFIG, clock: { now: () => now } });
  client = new ServiceBusClient(broker.connectionString);
});
afterEach(async () => {
  await host?.stop();
  host = undefined;
  await client.close();
  await broker.stop();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const USES =
  "const { app, output } = require('@azure/functions'); const df = require('durable-functions'); const seen = [];";
const SEEN = "app.http('seen', { handler: () => ({ jsonBody: seen }) });";

async function start(code: string, options: Partial<StartHostOptions> = {}): Promise<Host> {
  const app = path.join(root, String(apps++));
  mkdirSync(app);
  symlinkSync(path.join(__dirname, '..', '..', 'node_modules'), path.join(app, 'node_modules'));
  writeFileSync(path.join(app, 'package.json'), JSON.stringify({ main: 'a.js' }));
  writeFileSync(path.join(app, 'a.js'), USES + SEEN + code);
  const bus = {
    isIdle: () => broker.isIdle(),
    nextDueMs: () => broker.nextDueMs(),
    moveTo: (atMs: number) => {
      now = atMs;
      broker.tick();
    },
  };
  const env = { BUS: broker.connectionString };
  host = await startHost({ app, env, clock: 'manual', startAt: START, port: 0, externals: { bus }, ...options });
  return host;
}

const seen = async (h: Host): Promise<unknown[]> => (await (await fetch(`${h.url}/api/seen`)).json()) as unknown[];

test('a queue message runs the function with body and metadata, and is completed', async () => {
  const h = await start(
    `app.serviceBusQueue('f', { queueName: 'q', connection: 'BUS', handler: (m, c) => { const d = c.triggerMetadata;
      seen.push([m, d.messageId, d.deliveryCount, d.contentType, d.subject, d.applicationProperties, d.userProperties, typeof d.sequenceNumber, d.enqueuedTimeUtc]); } });`,
  );
  const sender = client.createSender('q');
  const message = { body: { a: 1 }, messageId: 'm1', contentType: 'application/json', subject: 'sub' };
  await sender.sendMessages([
    { ...message, applicationProperties: { Kind: 'x' } },
    { body: 'text', messageId: 'm2' },
  ]);
  await h.idle();
  expect(await seen(h)).toEqual([
    [{ a: 1 }, 'm1', 1, 'application/json', 'sub', { kind: 'x' }, { kind: 'x' }, 'number', START],
    ['text', 'm2', 1, null, null, {}, {}, 'number', START],
  ]);
  expect(broker.counts('q')).toMatchObject({ active: 0, locked: 0, deadLettered: 0 });
});

test('a failing message is dead-lettered after the maximum of deliveries', async () => {
  const log: LogLine[] = [];
  const code = `app.serviceBusQueue('f', { queueName: 'q', connection: 'BUS', handler: (m, c) => { seen.push(c.triggerMetadata.deliveryCount); throw new Error('no'); } });`;
  const h = await start(code, { log: (l) => log.push(l) });
  await client.createSender('q').sendMessages({ body: 'bad' });
  await h.idle();
  expect(await seen(h)).toEqual([1, 2, 3]);
  expect(broker.counts('q')).toMatchObject({ active: 0, deadLettered: 1 });
  expect(log.find((l) => l.message.startsWith('Trigger Details: MessageId:'))?.message).toContain('DeliveryCount: 1');
});

test('a topic with cardinality many gets batches with lists of metadata', async () => {
  const h = await start(
    `app.serviceBusTopic('f', { topicName: 't', subscriptionName: 's', connection: 'BUS', cardinality: 'many', handler: (all, c) => { seen.push([all, c.triggerMetadata.messageIdArray]); } });`,
  );
  await client.createSender('t').sendMessages(['a', 'b', 'c'].map((body) => ({ body, messageId: `id-${body}` })));
  await h.idle();
  expect(await seen(h)).toEqual([
    [
      ['a', 'b', 'c'],
      ['id-a', 'id-b', 'id-c'],
    ],
  ]);
  expect(broker.counts('t/Subscriptions/s')).toMatchObject({ active: 0, locked: 0 });
});

test('autoCompleteMessages: false leaves the message to its lock, which runs out on the clock', async () => {
  const h = await start(
    `app.serviceBusQueue('f', { queueName: 'q', connection: 'BUS', autoCompleteMessages: false, handler: (m, c) => { seen.push(c.triggerMetadata.deliveryCount); } });`,
  );
  await client.createSender('q').sendMessages({ body: 'kept' });
  await h.idle();
  expect([await seen(h), broker.counts('q').locked]).toEqual([[1], 1]);
  await h.advance('90s');
  expect(await seen(h)).toEqual([1, 2]);
});

test('sessions are handled in order, one message at a time', async () => {
  const h = await start(
    `const busy = {}; app.serviceBusQueue('f', { queueName: 'sessions', connection: 'BUS', isSessionsEnabled: true, handler: async (m, c) => {
      const id = c.triggerMetadata.sessionId; if (busy[id]) seen.push('overlap'); busy[id] = true; await new Promise((r) => setTimeout(r, 5)); busy[id] = false; seen.push(id + m); } });`,
  );
  const sender = client.createSender('sessions');
  for (let i = 0; i < 4; i++) for (const sessionId of ['x', 'y']) await sender.sendMessages({ body: i, sessionId });
  await h.idle();
  const all = (await seen(h)) as string[];
  expect(all.filter((s) => s.startsWith('x'))).toEqual(['x0', 'x1', 'x2', 'x3']);
  expect(all.filter((s) => s.startsWith('y'))).toEqual(['y0', 'y1', 'y2', 'y3']);
  expect(all).toHaveLength(8);
});

test('a scheduled message comes at its instant, in order with durable timers, on a clock that is advanced', async () => {
  const h = await start(
    `app.serviceBusQueue('f', { queueName: 'q', connection: 'BUS', handler: (m) => { seen.push([m, new Date().toISOString()]); } });
    df.app.orchestration('o', function* (c) { for (const h of [1, 3]) { yield c.df.createTimer(new Date(Date.parse('${START}') + h * 3600000)); yield c.df.callActivity('note', h); } });
    df.app.activity('note', { handler: (h) => { seen.push(['timer ' + h, new Date().toISOString()]); } });`,
  );
  await client.createSender('q').scheduleMessages({ body: 'two' }, new Date(Date.parse(START) + 7_200_000));
  await h.client.startNew('o');
  await h.idle();
  expect(await seen(h)).toEqual([]);
  await h.advance('5h');
  expect(await seen(h)).toEqual([
    ['timer 1', '2026-01-05T10:00:00.000Z'],
    ['two', '2026-01-05T11:00:00.000Z'],
    ['timer 3', '2026-01-05T12:00:00.000Z'],
  ]);
});

test('an auto clock does not jump while a message is queued or handled', async () => {
  const h = await start(
    `const send = output.serviceBusQueue({ queueName: 'q', connection: 'BUS' });
    df.app.activity('send', { extraOutputs: [send], handler: (n, c) => { c.extraOutputs.set(send, String(n)); } });
    df.app.orchestration('o', function* (c) { for (let n = 0; n < 20; n++) { yield c.df.callActivity('send', n);
      yield c.df.createTimer(new Date(c.df.currentUtcDateTime.getTime() + 86400000)); } });
    app.serviceBusQueue('f', { queueName: 'q', connection: 'BUS', cardinality: 'many', handler: (all) => { for (const m of all) seen.push([m, new Date().toISOString().slice(0, 10)]); } });`,
    { clock: 'auto' },
  );
  await h.client.startNew('o', { instanceId: 'o' });
  await h.waitFor('o');
  const day = (n: number): string => new Date(Date.parse(START) + n * 86_400_000).toISOString().slice(0, 10);
  expect(await seen(h)).toEqual(Array.from({ length: 20 }, (_, n) => [n, day(n)]));
});

test('outputs go to queues and topics: a list is one message each', async () => {
  const h = await start(
    `const out = output.serviceBusQueue({ queueName: 'out', connection: 'BUS' });
    app.http('h', { extraOutputs: [out], handler: (r, c) => { c.extraOutputs.set(out, ['a', { b: 1 }]); return { body: 'ok' }; } });
    app.serviceBusTopic('f', { topicName: 't', subscriptionName: 's', connection: 'BUS', return: out, handler: (m) => 'again ' + m });`,
  );
  expect(await (await fetch(`${h.url}/api/h`)).text()).toBe('ok');
  await client.createSender('t').sendMessages({ body: 'x' });
  await h.idle();
  const received = await client
    .createReceiver('out', { receiveMode: 'receiveAndDelete', skipParsingBodyAsJson: true })
    .receiveMessages(3);
  expect(received.map((m) => String(m.body))).toEqual(['a', '{"b":1}', 'again x']);
});
