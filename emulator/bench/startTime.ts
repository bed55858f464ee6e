/** Time from starting the command to the first answer of an HTTP function of the small app, asked for every few ms. */
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { APP, COMMAND } from './settings';

const ASK_EVERY_MS = 3;
const START_MAX_MS = 60_000;

/** Seconds. Throws when the host gives no answer in a minute. */
export async function startSeconds(node: string): Promise<number> {
  const port = await freePort();
  const startedAt = process.hrtime.bigint();
  const elapsedMs = (): number => Number(process.hrtime.bigint() - startedAt) / 1e6;
  const host = spawn(node, [COMMAND, 'start', '--app', APP, '--port', String(port), '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));
  try {
    while (!(await answers(`http://127.0.0.1:${port}/api/hello`))) {
      if (elapsedMs() > START_MAX_MS) throw new Error(`The host on ${APP} gave no answer in ${START_MAX_MS} ms.`);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    return elapsedMs() / 1000;
  } finally {
    host.kill('SIGTERM');
    await ended;
  }
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
