/**
 * Calls an HTTP function: the request as the host gives it to the worker, and the worker's answer as an HTTP answer.
 * Plain results (status, headers, jsonBody or text body) are converted directly; everything else goes through the
 * model's own conversion. Source: contract A, @azure/functions src/http/HttpResponse.ts, src/converters/toRpcHttp.ts.
 */
import type { AppFunction } from '../realm/functionTable';
import { HTTP_CAUSE } from '../realm/invocationLog';
import { invoke, type InvocationResult, type InvokeHost } from '../realm/invoke';
import { LightRequest } from './lightRequest';
import { type HttpAnswer, type HttpMessage, emptyAnswer } from './message';
import type { RouteMatch } from './routes';

export async function callHttpFunction(
  host: InvokeHost,
  match: RouteMatch,
  m: HttpMessage,
  origin: string,
  clientInput: () => string,
): Promise<HttpAnswer> {
  const { fn } = match;
  const inputs = [{ name: fn.triggerName, data: { http: requestData(m, match.params, origin) } }];
  for (const name of fn.clients) inputs.push({ name, data: { string: clientInput() } as never });
  let result: InvocationResult;
  try {
    result = await invoke(host, fn, inputs, null, { cause: HTTP_CAUSE });
  } catch {
    return emptyAnswer(500); // invoke has logged it
  }
  const { value, model, context, response } = result;
  try {
    if (response) return await modelAnswer(fn, response);
    return plainAnswer(value) ?? (await modelAnswer(fn, await model.getResponse(context, value)));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = `The result of function '${fn.name}' is no HTTP response: ${text}`;
    host.log?.({ level: 'error', category: 'host', message, functionName: fn.name });
    return emptyAnswer(500);
  }
}

function requestData(m: HttpMessage, params: Record<string, string>, origin: string): Record<string, unknown> {
  const at = m.target.indexOf('?');
  const query: Record<string, string> = {};
  if (at >= 0) {
    for (const [key, value] of new URLSearchParams(m.target.slice(at + 1))) {
      query[key] = key in query ? `${query[key]},${value}` : value;
    }
  }
  const host = m.headers.host;
  const url = normalised((host ? `http://${host}` : origin) + m.target);
  const bodiless = m.method === 'GET' || m.method === 'HEAD' || m.body === null || m.body.length === 0;
  const body = bodiless ? null : m.body;
  return {
    method: m.method,
    url,
    headers: m.headers,
    params,
    query,
    body: body === null ? null : typeof body === 'string' ? { string: body } : { bytes: body },
    nativeRequest: new LightRequest(url, m.method, m.headers, body),
  };
}

/** The URL as a fetch Request would show it; most need no work. */
const normalised = (url: string): string =>
  /^http:\/\/[a-z0-9.-]+(?::\d+)?\/[\w\-.~!$&'()*+,;=:@%/?]*$/.test(url) && !url.includes('/.')
    ? url
    : new URL(url).href;

interface PlainResult {
  status?: unknown;
  headers?: unknown;
  body?: unknown;
  jsonBody?: unknown;
  cookies?: unknown;
}

/** The common results, converted without building a fetch Response. Null when the model must do it. */
function plainAnswer(value: unknown): HttpAnswer | null {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return null;
  const r = value as PlainResult;
  const status = r.status ?? 200;
  if (
    (Array.isArray(r.cookies) && r.cookies.length > 0) ||
    typeof status !== 'number' ||
    status < 200 ||
    status > 599 ||
    status === 204 ||
    status === 205 ||
    status === 304
  ) {
    return null;
  }
  if (r.headers !== undefined && Object.getPrototypeOf(r.headers) !== Object.prototype) return null;
  const headers: Record<string, string> = {};
  for (const [key, v] of Object.entries((r.headers ?? {}) as Record<string, unknown>)) {
    if (typeof v !== 'string' || !/^[\t\x20-\x7e]*$/.test(v)) return null;
    headers[key.toLowerCase()] = v.trim();
  }
  if (r.jsonBody !== undefined && r.jsonBody !== null) {
    headers['content-type'] ??= 'application/json';
    return { status, headers, body: JSON.stringify(r.jsonBody) };
  }
  if (typeof r.body === 'string') {
    headers['content-type'] ??= 'text/plain;charset=UTF-8';
    return { status, headers, body: r.body };
  }
  return r.body === undefined || r.body === null ? { status, headers, body: '' } : null;
}

interface RpcHttp {
  statusCode?: string;
  headers?: Record<string, string>;
  cookies?: { name: string; value: string; path?: unknown }[];
  body?: { bytes?: Uint8Array; string?: string } | null;
}

async function modelAnswer(fn: AppFunction, response: { returnValue?: unknown }): Promise<HttpAnswer> {
  const http = (response.returnValue as { http?: RpcHttp } | null | undefined)?.http;
  // a handler that returns nothing gives 204, as on the real host
  if (!http) return { status: fn.metadata.bindings.$return ? 204 : 200, headers: {}, body: '' };
  const headers: Record<string, string | string[]> = { ...http.headers };
  if (http.cookies && http.cookies.length > 0) headers['set-cookie'] = http.cookies.map(cookieText);
  const bytes = http.body?.bytes;
  return {
    status: Number(http.statusCode ?? 200),
    headers,
    body: bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : (http.body?.string ?? ''),
  };
}

/** As the host writes the library's form of a cookie: `explicitNone` is "None", `none` says nothing of it. */
function cookieText(c: { name: string; value: string } & Record<string, unknown>): string {
  const plain = (v: unknown): unknown =>
    typeof v === 'object' && v !== null && 'value' in v ? (v as { value: unknown }).value : v;
  let text = `${encodeURIComponent(c.name)}=${encodeURIComponent(c.value)}`;
  const expires = plain(c.expires) as { seconds?: unknown } | null | undefined;
  if (typeof expires?.seconds === 'number') text += `; expires=${new Date(expires.seconds * 1000).toUTCString()}`;
  const maxAge = plain(c.maxAge);
  if (typeof maxAge === 'number') text += `; max-age=${maxAge}`;
  const domain = plain(c.domain);
  if (typeof domain === 'string' && domain !== '') text += `; domain=${domain}`;
  text += `; path=${String(plain(c.path) ?? '/') || '/'}`;
  if (plain(c.secure) === true) text += '; secure';
  const sameSite = typeof c.sameSite === 'string' ? c.sameSite.toLowerCase() : 'none';
  if (sameSite !== 'none') text += `; samesite=${sameSite === 'explicitnone' ? 'none' : sameSite}`;
  if (plain(c.httpOnly) === true) text += '; httponly';
  return text;
}
