/**
 * The built-in activity behind context.df.callHttp: one real HTTP request, answered as JSON text. Polling after a 202 is
 * the host run's (core/hostRun). Header names keep their letter case; what describes the content is left out, as .NET
 * keeps it apart. Source: contract D "CallHttp", recorded/call-http.
 */
import http from 'node:http';
import https from 'node:https';

interface DurableHttpRequest {
  method: string;
  uri: string;
  content?: string | null;
  headers?: Record<string, string> | null;
  tokenSource?: { resource?: string; kind?: string } | null;
}

/** Where managed identity tokens come from: IDENTITY_ENDPOINT and IDENTITY_HEADER of the environment. */
export interface IdentityEndpoint {
  endpoint: string;
  header: string;
}

/** No answer came. `address` is host:port. */
export class HttpCallError extends Error {
  constructor(
    message: string,
    readonly code: string | undefined,
    readonly address: string,
  ) {
    super(message);
  }
}

/** Returns `{"statusCode","headers","content"}` as JSON text. Throws HttpCallError, or Error for a token that is not to be had. */
export async function callHttp(requestText: string, identity: IdentityEndpoint | null): Promise<string> {
  const request = JSON.parse(requestText) as DurableHttpRequest;
  const resource = request.tokenSource?.resource;
  const token = request.tokenSource ? await managedToken(resource ?? '', identity) : null;
  const answer = await send(request, token === null ? {} : { Authorization: `Bearer ${token}` });
  return JSON.stringify({ statusCode: answer.status, headers: answer.headers, content: answer.content });
}

const USER_AGENT = 'Microsoft.Azure.WebJobs.Extensions.DurableTask/3.19.0';

interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  content: string;
}

/** Host, the caller's own headers, the agent, then what describes the content: the order of .NET's HttpClient. */
function headersOf(request: DurableHttpRequest, more: Record<string, string>): Record<string, string> {
  const own = Object.entries({ ...request.headers, ...more });
  const content = own.filter(([name]) => isContent(name));
  const headers: Record<string, string> = {
    Host: new URL(request.uri).host,
    ...Object.fromEntries(own.filter(([name]) => !isContent(name))),
  };
  if (!own.some(([name]) => name.toLowerCase() === 'user-agent')) headers['User-Agent'] = USER_AGENT;
  if (request.content === undefined || request.content === null) return headers;
  if (!content.some(([name]) => name.toLowerCase() === 'content-type')) headers['Content-Type'] = 'text/plain';
  Object.assign(headers, Object.fromEntries(content));
  headers['Content-Length'] = String(Buffer.byteLength(request.content));
  return headers;
}

const isContent = (name: string): boolean => /^(content-|expires$|last-modified$|allow$)/i.test(name);

function send(request: DurableHttpRequest, more: Record<string, string>): Promise<Answer> {
  const url = new URL(request.uri);
  const { request: open } = url.protocol === 'https:' ? https : http;
  const address = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(new HttpCallError(error.message, error.code, address));
    const call = open(url, { method: request.method, headers: headersOf(request, more), agent: undefined }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (c: Buffer) => chunks.push(c));
      reply.on('error', fail);
      reply.on('end', () =>
        resolve({
          status: reply.statusCode ?? 0,
          headers: headersFrom(reply.rawHeaders),
          content: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    call.on('error', fail);
    call.end(request.content ?? undefined);
  });
}

function headersFrom(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    if (isContent(name)) continue;
    const before = headers[name];
    headers[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return headers;
}

async function managedToken(resource: string, identity: IdentityEndpoint | null): Promise<string> {
  if (!identity) {
    throw new Error(
      `callHttp asks for a managed identity token for '${resource}', but there is no managed identity here: set ` +
        'IDENTITY_ENDPOINT and IDENTITY_HEADER, as App Service does, or call without tokenSource.',
    );
  }
  const uri = `${identity.endpoint}?api-version=2019-08-01&resource=${encodeURIComponent(scopeResource(resource))}`;
  const answer = await send({ method: 'GET', uri, headers: { 'X-IDENTITY-HEADER': identity.header } }, {});
  const token =
    answer.status === 200 ? (JSON.parse(answer.content) as { access_token?: string }).access_token : undefined;
  if (token) return token;
  throw new Error(`The identity endpoint answered ${answer.status} to the request for a token for '${resource}'.`);
}

/** Azure Resource Manager and Graph are known under names without a scope; all others as given. */
const scopeResource = (resource: string): string => resource.replace(/\/\.default$/, '');
