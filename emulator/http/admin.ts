/**
 * /admin routes: the clock, host status, ping, functions and instances. They never hold the clock.
 * Source: issue 4 items 0 and 4; admin/host/status as the real host has it.
 */
import type { Engine } from '../loop/engine';
import { hasKey, type KeyRing } from '../realm/keys';
import { adminClock } from './adminClock';
import { adminFunctions, type FunctionsHost } from './adminFunctions';
import { adminInstances, type InstancesHost } from './adminInstances';
import { type HttpAnswer, type HttpMessage, emptyAnswer, jsonAnswer } from './message';

export interface AdminHost extends FunctionsHost {
  engine: Engine;
  hostId: string;
  /** machine's clock, epoch ms */
  startedAtMs: number;
  realNow(): number;
  /** null: keys are not asked for */
  keys: KeyRing | null;
}

/** The routes that Azure has too; there they ask for the master key. */
const AZURES = ['/admin/host/status', '/admin/functions'];

export async function admin(host: AdminHost, m: HttpMessage, requested: string): Promise<HttpAnswer> {
  const path = requested.replace(/\/$/, '');
  const isAzures = AZURES.some((p) => path === p || path.startsWith(`${p}/`));
  if (host.keys && isAzures && !hasKey(m, host.keys.master)) return unauthorized();
  if (path === '/admin/functions' || path.startsWith('/admin/functions/')) return adminFunctions(host, m, path);
  switch (path) {
    case '/admin/clock':
      return adminClock(host.engine, m);
    case '/admin/host/status':
      return m.method === 'GET' ? jsonAnswer(200, status(host)) : emptyAnswer(405);
    case '/admin/host/ping':
      return m.method === 'GET' || m.method === 'POST' ? emptyAnswer(200) : emptyAnswer(405);
    default:
      return adminInstances(instancesOf(host.engine), m, path) ?? emptyAnswer(404);
  }
}

/** As recorded for the durable webhooks. */
export const unauthorized = (): HttpAnswer => ({
  status: 401,
  headers: { 'content-length': '0', 'www-authenticate': 'Bearer' },
  body: '',
});

const status = (host: AdminHost): unknown => ({
  id: host.hostId,
  state: 'Running',
  version: '4.1037.0.0',
  versionDetails: '4.1037.0 (durable-emulator)',
  platformVersion: '',
  instanceId: host.hostId,
  computerName: '',
  processUptime: Math.round(host.realNow() - host.startedAtMs),
  functionAppContentEditingState: 'NotAllowed',
});

const instancesOf = (engine: Engine): InstancesHost => ({
  store: engine.store,
  now: () => engine.now(),
  strict: engine.options.strict,
});
