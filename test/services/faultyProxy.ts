/**
 * A proxy on the loopback before an HTTP service, that fails on demand: refuses, or forwards a request and then loses
 * the answer, which is how a write times out after it has happened.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter?: string }
  /** Forwards, waits for the answer and closes the connection without passing it on. */
  | { readonly kind: 'loseAnswer'; readonly then?: () => Promise<void> }
  /** Forwards and never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection without forwarding. */
  | { readonly kind: 'loseRequest' };

export interface FaultyProxy {
  readonly port: number;
  /** Faults for the next requests of these methods, in order; null lets one through. */
  fail(methods: readonly string[], ...faults: (Fault | null)[]): void;
  seen(): number;
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: URL): Promise<FaultyProxy> {
  let methods: readonly string[] = [];
  let faults: (Fault | null)[] = [];
  let seen = 0;
  const server = createServer((incoming, outgoing) => {
    seen += 1;
    const fault = methods.includes(incoming.method!) ? (faults.shift() ?? null) : null;
    void handle(target, incoming, outgoing, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    fail(which, ...next) {
      methods = which;
      faults = next;
    },
    seen: () => seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handle(target: URL, incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | null) {
  const body: Buffer[] = [];
  for await (const chunk of incoming) body.push(chunk as Buffer);
  if (fault?.kind === 'answer') {
    outgoing.writeHead(fault.status, fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }).end();
    return;
  }
  if (fault?.kind === 'loseRequest') return incoming.socket.destroy();
  const answer = await forward(target, incoming, Buffer.concat(body));
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'loseAnswer') {
    await fault.then?.();
    return incoming.socket.destroy();
  }
  outgoing.writeHead(answer.status, answer.headers).end(answer.body);
}

function forward(target: URL, incoming: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
    const { method, url, headers } = incoming;
    const onward = httpRequest({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    onward.on('error', reject);
    onward.end(body);
  });
}
