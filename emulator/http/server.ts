/**
 * The node:http listeners on this machine: bytes to HttpMessage and back. Leaves out what a request means (gateway).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { HttpAnswer, HttpMessage } from './message';

/** Largest request body, as the real host's default. */
export const BODY_MAX_BYTES = 100 * 1024 * 1024;

export type Handler = (m: HttpMessage) => Promise<HttpAnswer>;

/** Whether a request goes to its handler with its body unread. */
export type StreamsBody = (method: string, target: string) => boolean;

export interface Listener {
  port: number;
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1, and on ::1 where the machine has it, so that `localhost` is answered whatever it stands for.
 * Rejects with a message that names the port when it is in use.
 */
export async function listen(
  port: number,
  begin: (target: string) => () => void,
  handler: Handler,
  streamsBody: StreamsBody = () => false,
): Promise<Listener> {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const end = begin(request.url ?? '/');
    serve(request, response, handler, streamsBody)
      .catch(() => response.destroy())
      .finally(end);
  };
  const servers = [await open(port, '127.0.0.1', onRequest)];
  const actual = (servers[0]?.address() as AddressInfo).port;
  const sixth = await open(actual, '::1', onRequest).catch(() => null);
  if (sixth) servers.push(sixth);
  return { port: actual, close: async () => void (await Promise.all(servers.map(closeServer))) };
}

function open(
  port: number,
  address: string,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(onRequest);
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is in use. Choose another one, or 0 for any free port.`)
          : error,
      ),
    );
    server.listen(port, address, () => resolve(server));
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
  streamsBody: StreamsBody,
): Promise<void> {
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const isStreamed = streamsBody(method, target);
  const body = isStreamed ? null : await readBody(request);
  if (body === 'tooLarge') {
    write(response, { status: 413, headers: { connection: 'close' }, body: '' }, false);
    return;
  }
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[key] = Array.isArray(value) ? value.join(', ') : value;
  }
  const m: HttpMessage = { method, target, headers, body };
  if (isStreamed) m.bodyStream = request;
  const answer = await handler(m);
  if (answer.stream) {
    response.writeHead(answer.status, answer.headers);
    await pipeline(answer.stream, response);
  } else write(response, answer, method === 'HEAD');
}

function readBody(request: IncomingMessage): Promise<Buffer | null | 'tooLarge'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_MAX_BYTES) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve('tooLarge');
      }
    });
    request.on('end', () =>
      resolve(chunks.length === 0 ? null : chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
    );
    request.on('error', reject);
    request.on('close', () => reject(new Error('The request was cut off.')));
  });
}

function write(response: ServerResponse, answer: HttpAnswer, head: boolean): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body, 'utf8') : answer.body;
  const headers: Record<string, string | string[] | number> = { ...answer.headers };
  if (answer.status !== 204 && answer.status !== 304) headers['content-length'] = body.length;
  response.writeHead(answer.status, headers);
  response.end(head || answer.status === 204 || answer.status === 304 ? undefined : body);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
