/** The command: help, readiness, ending on a signal, and what it says when it cannot start. Needs a build. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { CONFIG } from './support';

const COMMAND = path.join(__dirname, '../bin/local-service-bus.js');
let folder: string;
let config: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'broker-'));
  config = path.join(folder, 'config.json');
  writeFileSync(config, JSON.stringify(CONFIG));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly out: () => string;
  readonly error: () => string;
  readonly ended: Promise<number | null>;
  readonly ready: Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [COMMAND, ...args]);
  let out = '';
  let error = '';
  child.stderr.on('data', (data: Buffer) => (error += String(data)));
  const ready = new Promise<string>((resolve) =>
    child.stdout.on('data', (data: Buffer) => {
      out += String(data);
      const match = /Endpoint=\S+/.exec(out);
      if (match) resolve(match[0]);
    }),
  );
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { out: () => out, error: () => error, ended, ready, kill: (signal) => void child.kill(signal) };
}

test.each(['SIGTERM', 'SIGINT'] as const)('it says when it is ready, serves, and ends on %s', async (signal) => {
  const broker = run('--config', config, '--port', '0');
  const connection = await broker.ready;
  expect(broker.out().trim().split('\n')).toHaveLength(1);
  expect(connection).toMatch(/^Endpoint=sb:\/\/127\.0\.0\.1:\d+;.*UseDevelopmentEmulator=true;$/);
  const client = new ServiceBusClient(connection);
  await client.createSender('plain').sendMessages({ body: 1 });
  broker.kill(signal);
  expect(await broker.ended).toBe(0);
  expect(broker.error()).toBe('');
  await client.close();
});

test('--help', async () => {
  const broker = run('--help');
  expect(await broker.ended).toBe(0);
  expect(broker.out()).toContain('Usage: local-service-bus --config FILE');
});

test('a port in use', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  const broker = run('--config', config, '--port', String(port));
  expect(await broker.ended).toBe(2);
  expect(broker.error()).toContain('port is in use');
  server.close();
});

test.each<[name: string, args: string[], told: string]>([
  ['no configuration', [], '--config FILE is missing'],
  ['no such file', ['--config', '/nowhere/config.json'], 'cannot read /nowhere/config.json'],
  [
    'a wrong port',
    ['--config', 'CONFIG', '--port', 'x'],
    '--port: expected a whole number from 0 to 65535 but got "x"',
  ],
  ['an unknown option', ['--nonsense'], 'nonsense'],
  ['not JSON', ['--config', __filename], 'is not JSON'],
  [
    'a wrong configuration',
    ['--config', 'WRONG'],
    'MaxDeliveryCount: expected a whole number from 1 to 10, but found 99',
  ],
])('%s', async (_, args, told) => {
  const wrong = path.join(folder, 'wrong.json');
  const queue = { Name: 'q', Properties: { MaxDeliveryCount: 99 } };
  writeFileSync(wrong, JSON.stringify({ UserConfig: { Namespaces: [{ Name: 'n', Queues: [queue] }] } }));
  const broker = run(...args.map((arg) => arg.replace('CONFIG', config).replace('WRONG', wrong)));
  expect(await broker.ended).toBe(2);
  expect(broker.error()).toContain(told);
});
