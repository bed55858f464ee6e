/**
 * The patterns of the public samples (chaining, fan-out, monitor, human interaction, counter) as an app of several files,
 * driven over HTTP alone by the links that the starter gives.
 */
import path from 'node:path';
import type { Host } from '../index';
import { host, stopAll } from './support';

let h: Host;
beforeAll(async () => void (h = await host({ app: path.join(__dirname, 'apps', 'patterns') })));
afterAll(stopAll);

interface Links {
  id: string;
  statusQueryGetUri: string;
  sendEventPostUri: string;
}

async function start(name: string, input: unknown): Promise<Links> {
  const reply = await fetch(`${h.url}/api/orchestrators/${name}`, { method: 'POST', body: JSON.stringify(input) });
  expect(reply.status).toBe(202);
  return (await reply.json()) as Links;
}

const status = async (links: Links) => (await (await fetch(links.statusQueryGetUri)).json()) as Record<string, unknown>;

test('chaining', async () => {
  const links = await start('chaining', 'tea');
  await h.idle();
  expect(await status(links)).toMatchObject({
    runtimeStatus: 'Completed',
    output: { kind: 'tea', steps: ['brewed', 'poured', 'served'] },
  });
});

test('fan-out with a member that is retried', async () => {
  const links = await start('fanOut', ['a', 'bcd', 'flaky']);
  await h.idle();
  expect(await status(links)).toMatchObject({ runtimeStatus: 'Running' });
  await h.advance('5s');
  expect(await status(links)).toMatchObject({ runtimeStatus: 'Completed', output: 9 });
});

test('a monitor that finds, and one that gives up', async () => {
  const [found, never] = [
    await start('monitor', { name: 'x', readyAtLook: 4 }),
    await start('monitor', { name: 'y', readyAtLook: 99 }),
  ];
  await h.advance('1h');
  expect(await status(found)).toMatchObject({ runtimeStatus: 'Running', customStatus: { look: 3 } });
  await h.advance('6h');
  expect(await status(found)).toMatchObject({ output: { ready: true, looks: 4 } });
  expect(await status(never)).toMatchObject({ output: { ready: false } });
});

test('a human who answers, and one who does not', async () => {
  const [answered, silent] = [await start('approval', 'Ada'), await start('approval', 'Bob')];
  await h.advance('2d');
  await fetch(answered.sendEventPostUri.replace('{eventName}', 'Approval'), {
    method: 'POST',
    body: 'true',
    headers: { 'content-type': 'application/json' },
  });
  await h.advance('2d');
  expect([(await status(answered)).output, (await status(silent)).output]).toEqual([
    'approved',
    'told the manager of Bob',
  ]);
});

test('a counter', async () => {
  await h.client.signalEntity({ name: 'counter', key: 'c' }, 'add', 2);
  const links = await start('countUp', 'c');
  await h.idle();
  expect(await status(links)).toMatchObject({ runtimeStatus: 'Completed', output: 7 });
});
