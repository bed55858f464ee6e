/**
 * The two node:http listeners on 127.0.0.1: bytes to HttpMessage and back. Leaves out what a request means (gateway).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpAnswer, HttpMessage } from './message';

/** Largest request body, as the real host's default. */
export const BODY_MAX_BYTES = 100 * 1024 * 1024;

export type Handler = (m: HttpMessage) => Promise<HttpAnswer>;

export interface Listener {
  port: number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. Rejects with a message that names the port when it is in use. */
export function listen(port: number, begin: () => () => void, handler: Handler): Promise<Listener> {
  const server = createServer((request, response) => {
    const end = begin();
    serve(request, response, handler)
      .catch(() => response.destroy())
      .finally(end);
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is in use. Choose another one, or 0 for any free port.`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', () => {
      resolve({ port: (server.address() as AddressInfo).port, close: () => closeServer(server) });
    });
  });
}

async function serve(request: IncomingMessage, response: ServerResponse, handler: Handler): Promise<void> {
  const body = await readBody(request);
  if (body === 'tooLarge') {
    write(response, { status: 413, headers: { connection: 'close' }, body: '' }, false);
    return;
  }
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[key] = Array.isArray(value) ? value.join(', ') : value;
  }
  const method = request.method ?? 'GET';
  const answer = await handler({ method, target: request.url ?? '/', headers, body });
  write(response, answer, method === 'HEAD');
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
