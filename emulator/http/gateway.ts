/**
 * Where a request goes: webhook API, admin, or an HTTP function. Shared by TCP and in-realm requests.
 */
import type { InvokeHost } from '../realm/invoke';
import { admin, type AdminHost } from './admin';
import { callHttpFunction } from './httpFunction';
import { manage, type ManagementHost } from './management';
import { type HttpAnswer, type HttpMessage, emptyAnswer } from './message';

export interface GatewayHost {
  admin: AdminHost;
  management: ManagementHost;
  invoke: InvokeHost;
  clientInput: () => string;
}

const WEBHOOKS = '/runtime/webhooks/durabletask';
const RPC = '/durabletask/';

/** A request to the public listener, or from within the realm. */
export async function handlePublic(host: GatewayHost, m: HttpMessage): Promise<HttpAnswer> {
  const { engine, routes, origin } = host.admin;
  const at = m.target.indexOf('?');
  const path = at < 0 ? m.target : m.target.slice(0, at);
  if (path.startsWith('/admin/')) return admin(host.admin, m, path);
  if (path.toLowerCase().startsWith(WEBHOOKS)) {
    if (path.length > WEBHOOKS.length && path[WEBHOOKS.length] !== '/') return emptyAnswer(404);
    engine.stats.managementRequests++;
    return manage(host.management, m, m.target.slice(WEBHOOKS.length + 1), false);
  }
  const match = routes.find(m.method, path);
  if (!match) return emptyAnswer(404);
  engine.stats.httpRequests++;
  return callHttpFunction(host.invoke, match, m, origin, host.clientInput);
}

/** A call of the durable client. */
export async function handleRpc(host: GatewayHost, m: HttpMessage): Promise<HttpAnswer> {
  if (!m.target.startsWith(RPC)) return emptyAnswer(404);
  host.admin.engine.stats.managementRequests++;
  return manage(host.management, m, m.target.slice(RPC.length), true);
}

/** Admin requests wait for the clock and must not hold it. */
export const holdsClock = (target: string): boolean => !target.startsWith('/admin/');
