/**
 * Where a request goes: webhook API, admin, page, home page, or an HTTP function; and who may not pass. Shared by TCP and
 * in-realm requests.
 */
import { hasKey, keysFor } from '../realm/keys';
import { admin, unauthorized, type AdminHost } from './admin';
import { addCors, preflight, type Cors } from './cors';
import { refuseForeign } from './guard';
import { callHttpFunction } from './httpFunction';
import { manage, type ManagementHost } from './management';
import { type HttpAnswer, type HttpMessage, emptyAnswer } from './message';
import type { RouteMatch } from './routes';
import { callStreaming } from './streaming';
import type { Throttle } from './throttle';
import { UI, serveUi } from './ui';

export interface GatewayHost {
  admin: AdminHost;
  management: ManagementHost;
  /** null: no cross-origin requests are answered */
  cors: Cors | null;
  /** null: no limits */
  throttle: Throttle | null;
  /** where streamed requests go; null: the app does not stream */
  httpUri: string | null;
  /** of host.json, on every answer of a function */
  customHeaders: Record<string, string>;
  /** whether the root shows that the host is up */
  homePage: boolean;
}

const WEBHOOKS = '/runtime/webhooks/durabletask';
const RPC = '/durabletask/';

/** A request to the public listener, or from within the realm. */
export async function handlePublic(host: GatewayHost, m: HttpMessage): Promise<HttpAnswer> {
  const path = pathOf(m.target);
  if (path.startsWith('/admin/')) return refuseForeign(m) ?? admin(host.admin, m, path);
  if (path === UI || path.startsWith(`${UI}/`)) return refuseForeign(m) ?? serveUi(m, path);
  const asked = host.cors === null ? null : preflight(host.cors, m);
  if (asked) return asked;
  const answer = await handleOpen(host, m, path);
  if (host.cors !== null) addCors(host.cors, m, answer);
  return answer;
}

async function handleOpen(host: GatewayHost, m: HttpMessage, path: string): Promise<HttpAnswer> {
  const { engine, routes, keys } = host.admin;
  if (path.toLowerCase().startsWith(WEBHOOKS)) {
    if (path.length > WEBHOOKS.length && path[WEBHOOKS.length] !== '/') return emptyAnswer(404);
    if (keys && !hasKey(m, keys.durable, keys.master)) return unauthorized();
    engine.stats.managementRequests++;
    return manage(host.management, m, m.target.slice(WEBHOOKS.length + 1), false);
  }
  const match = routes.find(m.method, path);
  if (!match) return path === '/' ? home(host, m) : emptyAnswer(404);
  const allowed = keys && keysFor(keys, match.fn.trigger.authLevel, match.fn.name);
  if (allowed && !hasKey(m, ...allowed)) return unauthorized();
  engine.stats.httpRequests++;
  const answer = await (host.throttle ? host.throttle.run(() => call(host, match, m)) : call(host, match, m));
  Object.assign(answer.headers, host.customHeaders);
  return answer;
}

function call(host: GatewayHost, match: RouteMatch, m: HttpMessage): Promise<HttpAnswer> {
  const { invoke, origin, clientInput } = host.admin;
  if (host.httpUri !== null) return callStreaming(invoke, host.httpUri, match, m, origin, clientInput);
  return callHttpFunction(invoke, match, m, origin, clientInput);
}

/** Whether the request's body must reach its function unread. */
export function isStreamed(host: GatewayHost, method: string, target: string): boolean {
  return host.httpUri !== null && host.admin.routes.find(method, pathOf(target)) !== null;
}

function home(host: GatewayHost, m: HttpMessage): HttpAnswer {
  if (m.method !== 'GET' && m.method !== 'HEAD') return emptyAnswer(404);
  if (!host.homePage) return { status: 204, headers: {}, body: '' };
  const body = '<!doctype html><title>Functions</title><p>Your Functions 4.0 app is up and running.</p>';
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** A call of the durable client. */
export async function handleRpc(host: GatewayHost, m: HttpMessage): Promise<HttpAnswer> {
  if (!m.target.startsWith(RPC)) return emptyAnswer(404);
  host.admin.engine.stats.managementRequests++;
  return manage(host.management, m, m.target.slice(RPC.length), true);
}

function pathOf(target: string): string {
  const at = target.indexOf('?');
  return at < 0 ? target : target.slice(0, at);
}

/** Admin requests wait for the clock and must not hold it. */
export const holdsClock = (target: string): boolean => !target.startsWith('/admin/') && !target.startsWith(UI);
