/** callHttp: one request, polling after a 202 on the virtual clock, and the trap of two polling calls at once. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Host } from '../index';
import { begin, host, run, status, stopAll } from './support';

let h: Host;
let server: Server;
let url: string;
let polls = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/async') response.writeHead(202, { location: `${url}/poll`, 'retry-after': '30' }).end();
    else if (request.url === '/poll')
      response.writeHead(polls++ < 2 ? 202 : 200, { location: `${url}/poll` }).end('done');
    else request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  h = await host();
});
afterAll(async () => {
  await stopAll();
  await new Promise((resolve) => server.close(resolve));
});

test('polls until the answer is final, and the next task keeps its id', async () => {
  await run(h, 'http', url);
  const begun = await h.now();
  // Retry-After 30 s, then twice the default of 30 s
  await h.advanceBy(89_999);
  expect(await status(h, 'http')).toMatchObject({ runtimeStatus: 'Running' });
  await h.advanceBy(1);
  expect((await status(h, 'http')).output).toEqual({ posted: '{"a":1}', polled: [200, 'done'], after: 'Hello after' });
  expect((await h.now()).getTime() - begun.getTime()).toBe(90_000);
});

test('two polling calls at once are the trap H26', async () => {
  await begin(h, 'h26', url);
  await h.advanceBy(60_000);
  expect((await status(h, 'h26')).output).toContain("[trap H26] 'h26'");
});
