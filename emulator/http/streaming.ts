/**
 * HTTP streams (app.setup({ enableHttpStream: true })): the request goes on to the library's own server, which gives the
 * function a stream and takes the streamed answer. What the host adds is the invocation and its headers.
 * Source: @azure/functions src/http/httpProxy.ts; host HTTP proxying (x-ms-invocation-id, x-forwarded-*).
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { AppFunction } from '../realm/functionTable';
import { HTTP_CAUSE } from '../realm/invocationLog';
import { invoke, type InvokeHost, type TypedData } from '../realm/invoke';
import { type HttpAnswer, type HttpMessage, emptyAnswer } from './message';
import type { RouteMatch } from './routes';

/** Headers that belong to one connection. */
const OF_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'x-ms-invocation-id'];

/** Calls a function over the library's server. The message's body may be a stream that nobody has read. */
export async function callStreaming(
  host: InvokeHost,
  httpUri: string,
  match: RouteMatch,
  m: HttpMessage,
  origin: string,
  clientInput: () => string,
): Promise<HttpAnswer> {
  const { fn } = match;
  const invocationId = host.newInvocationId();
  const proxied = forward(httpUri, invocationId, m, origin);
  const inputs = [{ name: fn.triggerName, data: { http: {} } as TypedData }];
  for (const name of fn.clients) inputs.push({ name, data: { string: clientInput() } });
  const done = invokeStreaming(host, fn, inputs, metadata(m, match), invocationId);
  // headers come while the function still writes, or not at all when it fails before
  const first = await Promise.race([proxied.answer, done.then((ok) => (ok ? proxied.answer : null))]);
  if (first === null) {
    proxied.abort();
    return emptyAnswer(500);
  }
  const headers: Record<string, string | string[]> = {};
  for (const [key, value] of Object.entries(first.headers)) {
    if (value !== undefined && !OF_CONNECTION.includes(key)) headers[key] = value;
  }
  const length = first.headers['content-length'];
  if (length !== undefined) headers['content-length'] = length;
  return { status: first.statusCode ?? 200, headers, body: '', stream: first };
}

/** Whether the function ended well. The answer is sent within it, so that it only ends after its last chunk. */
async function invokeStreaming(
  host: InvokeHost,
  fn: AppFunction,
  inputs: { name: string; data: TypedData }[],
  metadata: Record<string, TypedData>,
  invocationId: string,
): Promise<boolean> {
  try {
    const options = { cause: HTTP_CAUSE, invocationId };
    const { value, model, context, response } = await invoke(host, fn, inputs, metadata, options);
    if (response) return true;
    // a function that returns nothing still has to end the request
    await model.getResponse(context, value ?? { status: fn.metadata.bindings.$return ? 204 : 200 });
    return true;
  } catch {
    return false;
  }
}

function forward(httpUri: string, invocationId: string, m: HttpMessage, origin: string) {
  const url = new URL(httpUri);
  const headers: Record<string, string> = { ...m.headers };
  for (const name of OF_CONNECTION) delete headers[name];
  const length = m.headers['content-length'];
  if (length !== undefined) headers['content-length'] = length;
  headers['x-ms-invocation-id'] = invocationId;
  headers['x-forwarded-host'] ??= m.headers.host ?? new URL(origin).host;
  headers['x-forwarded-proto'] ??= 'http';
  const proxy = httpRequest({ host: url.hostname, port: url.port, method: m.method, path: m.target, headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    proxy.on('response', resolve);
    proxy.on('error', reject);
  });
  answer.catch(() => undefined);
  const source: Readable | undefined = m.bodyStream;
  if (source) {
    source.on('error', (error) => proxy.destroy(error));
    source.pipe(proxy);
  } else proxy.end(m.body ?? undefined);
  return { answer, abort: () => proxy.destroy() };
}

/** Route parameters, and the headers that the library reads from here. */
function metadata(m: HttpMessage, match: RouteMatch): Record<string, TypedData> {
  const out: Record<string, TypedData> = {};
  for (const [key, value] of Object.entries(match.params)) out[key] = { string: value };
  out.Headers = { json: JSON.stringify(m.headers) };
  return out;
}
