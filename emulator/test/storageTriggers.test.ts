/** Storage queue and blob triggers and outputs with the real clients against Azurite. */
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import type { Host, LogLine } from '../index';
import { host, send, stopAll } from './support';
import { startAzurite, type Azurite } from './azurite';
import { USES, tempApp, tempFolder } from './tempApp';

jest.setTimeout(60_000);

let azurite: Azurite;
let queues: QueueServiceClient;
let blobs: BlobServiceClient;
beforeAll(async () => {
  azurite = await startAzurite();
  queues = QueueServiceClient.fromConnectionString(azurite.connectionString);
  blobs = BlobServiceClient.fromConnectionString(azurite.connectionString);
});
afterEach(stopAll);
afterAll(() => azurite.stop());

let names = 0;
const fresh = (kind: string): string => `${kind}-${process.pid}-${names++}`;

async function queue(): Promise<QueueClient> {
  const client = queues.getQueueClient(fresh('queue'));
  await client.create();
  return client;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const SEEN = "const seen = []; app.http('seen', { handler: () => ({ jsonBody: seen }) });";
const seen = async (h: Host): Promise<unknown[]> => (await send(h, 'GET', '/api/seen')).json as unknown[];
const start = (code: string, options: object = {}, files: object = {}): Promise<Host> =>
  host({
    app: tempApp({ 'a.js': USES + SEEN + code, ...files }),
    env: { STORE: azurite.connectionString },
    ...options,
  });

describe('queues', () => {
  const recorder = (name: string, body = ''): string =>
    `app.storageQueue('q', { queueName: '${name}', connection: 'STORE', handler: (value, context) => { ${body}
      seen.push([value, context.triggerMetadata.dequeueCount, context.triggerMetadata.queueTrigger]); } });`;

  test('a message runs the function with its value and metadata, and is deleted', async () => {
    const q = await queue();
    const h = await start(recorder(q.name));
    await q.sendMessage(base64('{"a":1}'));
    await q.sendMessage(base64('plain'));
    await h.idle();
    expect(await seen(h)).toEqual([
      [{ a: 1 }, 1, { a: 1 }],
      ['plain', 1, 'plain'],
    ]);
    expect((await q.getProperties()).approximateMessagesCount).toBe(0);
  });

  test('messageEncoding none takes texts as they are', async () => {
    const q = await queue();
    const hostJson = { version: '2.0', extensions: { queues: { messageEncoding: 'none' } } };
    const h = await start(recorder(q.name), {}, { 'host.json': hostJson });
    await q.sendMessage('as is');
    await h.idle();
    expect((await seen(h))[0]).toEqual(['as is', 1, 'as is']);
  });

  test('what fails is tried again, and after maxDequeueCount goes to the poison queue', async () => {
    const q = await queue();
    const log: LogLine[] = [];
    const hostJson = { version: '2.0', extensions: { queues: { maxDequeueCount: 3 } } };
    const code = recorder(q.name, "seen.push(context.triggerMetadata.dequeueCount); throw new Error('no');");
    const h = await start(code, { log: (l: LogLine) => log.push(l) }, { 'host.json': hostJson });
    await q.sendMessage(base64('bad'));
    await h.idle();
    expect(await seen(h)).toEqual([1, 2, 3]);
    const poison = await queues.getQueueClient(`${q.name}-poison`).receiveMessages();
    expect(poison.receivedMessageItems.map((m) => m.messageText)).toEqual([base64('bad')]);
    expect((await q.getProperties()).approximateMessagesCount).toBe(0);
    expect(log.map((l) => l.message).join('\n')).toContain(
      `MaxDequeueCount of 3. Moving message to queue '${q.name}-poison'`,
    );
  });

  test('what is no base64 goes to the poison queue untouched', async () => {
    const q = await queue();
    const h = await start(recorder(q.name));
    await q.sendMessage('not base64!');
    await h.idle();
    expect(await seen(h)).toEqual([]);
    const poison = await queues.getQueueClient(`${q.name}-poison`).receiveMessages();
    expect(poison.receivedMessageItems.map((m) => m.messageText)).toEqual(['not base64!']);
  });

  test('an auto clock waits for messages before it jumps', async () => {
    const q = await queue();
    const code =
      recorder(
        q.name,
        'await new Promise((r) => setTimeout(r, 20)); value = new Date().toISOString().slice(0, 10);',
      ).replace('(value, context) =>', 'async (value, context) =>') +
      `const { QueueClient } = require('@azure/storage-queue');
      df.app.activity('send', { handler: async (n) => { await new QueueClient(process.env.STORE, '${q.name}').sendMessage(Buffer.from(String(n)).toString('base64')); } });
      df.app.orchestration('o', function* (c) { for (let n = 0; n < 5; n++) { yield c.df.callActivity('send', n);
        yield c.df.createTimer(new Date(c.df.currentUtcDateTime.getTime() + 86400000)); } });`;
    const h = await start(code, { clock: 'auto' });
    await h.client.startNew('o', { instanceId: 'o' });
    await h.waitFor('o');
    expect((await seen(h)).map((s) => (s as string[])[0])).toEqual([
      '2026-01-05',
      '2026-01-06',
      '2026-01-07',
      '2026-01-08',
      '2026-01-09',
    ]);
  });

  test('on a real clock messages arrive within moments', async () => {
    const q = await queue();
    const h = await start(recorder(q.name), { clock: 'real' });
    await q.sendMessage(base64('now'));
    for (let i = 0; i < 100 && (await seen(h)).length === 0; i++) await new Promise((r) => setTimeout(r, 50));
    expect(await seen(h)).toHaveLength(1);
  });
});

describe('blobs', () => {
  const code = (container: string): string =>
    `app.storageBlob('b', { path: '${container}/in/{name}.txt', connection: 'STORE', handler: (blob, context) => {
      seen.push([Buffer.isBuffer(blob), blob.toString(), context.triggerMetadata.name, context.triggerMetadata.blobTrigger]); } });`;

  async function container() {
    const client = blobs.getContainerClient(fresh('container'));
    await client.create();
    const put = (name: string, text: string) => client.getBlockBlobClient(name).upload(text, Buffer.byteLength(text));
    return { name: client.containerName, put };
  }

  test('each version of a blob that fits the path runs the function once', async () => {
    const c = await container();
    const h = await start(code(c.name));
    await c.put('in/a.txt', 'one');
    await c.put('in/b.csv', 'other');
    await c.put('out/a.txt', 'other');
    await h.idle();
    await h.idle();
    await c.put('in/a.txt', 'two');
    await h.idle();
    const entry = (text: string) => [true, text, 'a', `${c.name}/in/a.txt`];
    expect(await seen(h)).toEqual([entry('one'), entry('two')]);
  });

  test('receipts in the data folder outlive the host', async () => {
    const c = await container();
    const data = tempFolder();
    await c.put('in/a.txt', 'one');
    const first = await start(code(c.name), { data });
    await first.idle();
    expect(await seen(first)).toHaveLength(1);
    await first.stop();
    await c.put('in/b.txt', 'late');
    const second = await start(code(c.name), { data });
    await second.idle();
    expect((await seen(second)).map((s) => (s as string[])[1])).toEqual(['late']);
  });

  test('a blob that always fails is tried five times, and a note goes to the poison queue', async () => {
    const c = await container();
    const h = await start(
      `app.storageBlob('b', { path: '${c.name}/{name}', connection: 'STORE', handler: () => { seen.push(1); throw new Error('no'); } });`,
    );
    await c.put('bad', 'x');
    await h.idle();
    expect(await seen(h)).toHaveLength(5);
    const { receivedMessageItems } = await queues
      .getQueueClient('webjobs-blobtrigger-poison')
      .receiveMessages({ numberOfMessages: 32 });
    const notes = receivedMessageItems.map(
      (m) => JSON.parse(Buffer.from(m.messageText, 'base64').toString()) as object,
    );
    expect(notes).toContainEqual(
      expect.objectContaining({ Type: 'BlobTrigger', ContainerName: c.name, BlobName: 'bad' }),
    );
  });

  test('inputs are read and outputs written by paths with parts of the trigger', async () => {
    const c = await container();
    const q = await queue();
    await c.put('in/7.txt', 'content of seven');
    const h = await start(
      `const toQueue = output.storageQueue({ queueName: '${q.name}', connection: 'STORE' });
      const toBlob = output.storageBlob({ path: '${c.name}/out/{id}-{rand-guid}.json', connection: 'STORE' });
      const fromBlob = input.storageBlob({ path: '${c.name}/in/{id}.txt', connection: 'STORE' });
      app.http('h', { route: 'h/{id}', extraInputs: [fromBlob], extraOutputs: [toQueue, toBlob], handler: (request, context) => {
        const blob = context.extraInputs.get(fromBlob);
        context.extraOutputs.set(toQueue, ['a', { b: 2 }]);
        context.extraOutputs.set(toBlob, { read: blob ? blob.toString() : null });
        return { status: 202, body: 'taken' };
      } });`,
    );
    expect((await send(h, 'POST', '/api/h/7')).text).toBe('taken');
    const { receivedMessageItems } = await q.receiveMessages({ numberOfMessages: 10 });
    expect(receivedMessageItems.map((m) => Buffer.from(m.messageText, 'base64').toString())).toEqual(['a', '{"b":2}']);
    const written: string[] = [];
    for await (const blob of blobs.getContainerClient(c.name).listBlobsFlat({ prefix: 'out/' }))
      written.push(blob.name);
    expect(written).toEqual([expect.stringMatching(/^out\/7-[0-9a-f-]{36}\.json$/)]);
    const content = await blobs
      .getContainerClient(c.name)
      .getBlockBlobClient(written[0] as string)
      .downloadToBuffer();
    expect(JSON.parse(content.toString())).toEqual({ read: 'content of seven' });
    expect((await send(h, 'POST', '/api/h/none')).status).toBe(202);
  });
});

test('a store that is not there is told, and does not keep the host from running', async () => {
  const log: LogLine[] = [];
  const connection = azurite.connectionString.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:1');
  const h = await host({
    app: tempApp({
      'a.js': `${USES}${SEEN}app.storageQueue('q', { queueName: 'x', connection: 'STORE', handler: () => {} });`,
    }),
    env: { STORE: connection },
    clock: 'real',
    log: (l) => log.push(l),
    logLevel: 'error',
  });
  expect((await send(h, 'GET', '/api/seen')).status).toBe(200);
  for (let i = 0; i < 100 && log.length === 0; i++) await new Promise((r) => setTimeout(r, 100));
  expect(log[0]?.message).toMatch(/The queue 'x' cannot be read: .*ECONNREFUSED/);
  const began = performance.now();
  await h.stop();
  expect(performance.now() - began).toBeLessThan(20_000);
});
