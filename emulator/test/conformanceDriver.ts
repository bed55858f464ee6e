/**
 * Drives an emulator host for the conformance table: sends over loopback HTTP, moves the clock through the host handle, and
 * keeps the small server that the recorded callHttp scenarios talk to.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Host } from '../index';
import type { ConformanceAnswer, ConformanceHost, ConformanceRequest } from './conformance';

/** A driver of a host on a manual clock. `server`: what testServer() returned. */
export async function manualDriver(host: Host, server: TestServer): Promise<ConformanceHost> {
  return {
    places: await placesOf(host, server),
    send: (request) => sendTo(host, request),
    async moveTo(atMs) {
      if (atMs > (await host.now()).getTime()) await host.advanceTo(new Date(atMs));
      await host.runUntilIdle();
    },
  };
}

/** A driver of a host on a real clock: the scenario starts now and takes as long as it did. */
export async function realDriver(host: Host, server: TestServer): Promise<ConformanceHost> {
  return {
    places: await placesOf(host, server),
    send: (request) => sendTo(host, request),
    async moveTo(atMs) {
      const waitMs = atMs - (await host.now()).getTime();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    },
    startAtMs: (await host.now()).getTime(),
    slackMs: 2000,
  };
}

async function placesOf(host: Host, server: TestServer): Promise<ConformanceHost['places']> {
  const reply = await fetch(`${host.url}/api/places`);
  const { rpcBaseUrl } = (await reply.json()) as { rpcBaseUrl: string };
  return {
    host: new URL(host.url).host,
    rpcHost: new URL(rpcBaseUrl).host,
    testServer: server.address,
    closedPort: server.closed,
  };
}

const rpcHosts = new WeakMap<Host, string>();

async function sendTo(host: Host, request: ConformanceRequest): Promise<ConformanceAnswer> {
  let origin = host.url;
  if (request.local) {
    let known = rpcHosts.get(host);
    if (known === undefined) {
      const { rpcBaseUrl } = (await (await fetch(`${host.url}/api/places`)).json()) as { rpcBaseUrl: string };
      known = new URL(rpcBaseUrl).origin;
      rpcHosts.set(host, known);
    }
    origin = known;
  }
  return rawRequest(origin, request);
}

/** node:http leaves the path as it is, where fetch would tidy it up. */
export function rawRequest(origin: string, r: ConformanceRequest): Promise<ConformanceAnswer> {
  const { hostname, port } = new URL(origin);
  const headers: Record<string, string> = { ...r.headers };
  if (r.body !== undefined) headers['content-length'] = String(Buffer.byteLength(r.body));
  return new Promise((resolve, reject) => {
    const request = http.request(
      { hostname, port, method: r.method, path: r.path, headers, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (c: Buffer) => chunks.push(c));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(answer.headers).map(([k, v]) => [k, String(v)])),
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(r.body);
  });
}

export interface TestServer {
  /** host:port */
  address: string;
  /** host:port where nobody listens */
  closed: string;
  close(): Promise<void>;
}

/** The server of the recordings: /echo mirrors, /status?c= answers that code, /async 202, /poll 202 once, then 200. */
export async function testServer(): Promise<TestServer> {
  const polled = new Set<string>();
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (c: Buffer) => (body += c.toString('utf8')));
    request.on('end', () => answer(request, response, body, polled));
  });
  const port = await listening(server);
  const unused = http.createServer();
  const closedPort = await listening(unused);
  await new Promise((resolve) => unused.close(resolve));
  return {
    address: `127.0.0.1:${port}`,
    closed: `127.0.0.1:${closedPort}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function answer(request: http.IncomingMessage, response: http.ServerResponse, body: string, polled: Set<string>): void {
  const url = new URL(request.url ?? '/', 'http://x');
  const own = Object.fromEntries(Object.entries(request.headers).filter(([k]) => k !== 'connection'));
  const say = (status: number, text: string, headers: Record<string, string | string[]> = {}): void => {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  if (url.pathname === '/echo') {
    say(200, JSON.stringify({ method: request.method, headers: own, body }), { 'X-Multi': ['a', 'b'] });
  } else if (url.pathname === '/status') say(Number(url.searchParams.get('c')), 'status body');
  else if (url.pathname === '/async') say(202, 'accepted', later(request, url));
  else if (url.pathname === '/poll' && !polled.has(url.search)) {
    polled.add(url.search);
    say(202, 'pending', later(request, url));
  } else if (url.pathname === '/poll') say(200, 'finished', { 'X-Seen': JSON.stringify(own) });
  else say(404, '');
}

const later = (request: http.IncomingMessage, url: URL): Record<string, string> => ({
  Location: `http://${request.headers.host ?? ''}/poll${url.search}`,
  'Retry-After': '1',
});

async function listening(server: http.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
