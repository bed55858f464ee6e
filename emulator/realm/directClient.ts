/**
 * Client calls without TCP: the axios copy that durable-functions uses gets an adapter which hands requests for the host's
 * own client endpoint straight to its handler; all other requests go where they went. A call costs a tenth of a loopback
 * round trip and ends within microtasks, so that its order is fixed. The endpoint itself stays open for everyone else.
 */
import { createRequire } from 'node:module';
import type { HttpAnswer, HttpMessage } from '../http/message';

interface AxiosConfig {
  url?: string;
  method?: string;
  data?: unknown;
  headers?: Record<string, unknown>;
}

type Adapter = (config: AxiosConfig) => Promise<unknown>;

interface Axios {
  defaults: { adapter?: unknown };
  getAdapter?: (adapters: unknown) => Adapter;
}

/** How each copy reaches the network, before any host of this thread. */
const networks = new WeakMap<Axios, Adapter>();

/** Patches every loaded copy. `rpcBaseUrl` ends in a slash. Copies of axios that it does not understand stay as they are. */
export function connectClients(
  cache: NodeJS.Dict<NodeModule>,
  rpcBaseUrl: string,
  handle: (m: HttpMessage) => Promise<HttpAnswer>,
): void {
  for (const file of Object.keys(cache)) {
    if (!/durable-functions[\\/]lib[\\/]src[\\/]durableClient[\\/]DurableClient\.js$/.test(file)) continue;
    const module = createRequire(file)('axios') as Axios & { default?: Axios };
    const axios = module.default ?? module;
    const network = networks.get(axios) ?? axios.getAdapter?.(axios.defaults.adapter);
    if (!network) continue;
    networks.set(axios, network);
    axios.defaults.adapter = (config: AxiosConfig) =>
      config.url?.startsWith(rpcBaseUrl) ? direct(config, handle) : network(config);
  }
}

async function direct(config: AxiosConfig, handle: (m: HttpMessage) => Promise<HttpAnswer>): Promise<unknown> {
  const url = new URL(config.url as string);
  const headers: Record<string, string> = { host: url.host };
  for (const [key, value] of Object.entries(config.headers ?? {})) {
    if (typeof value === 'string') headers[key.toLowerCase()] = value;
  }
  const answer = await handle({
    method: (config.method ?? 'get').toUpperCase(),
    target: url.pathname + url.search + url.hash,
    headers,
    body: typeof config.data === 'string' || Buffer.isBuffer(config.data) ? config.data : null,
  });
  const data = typeof answer.body === 'string' ? answer.body : answer.body.toString('utf8');
  return { data, status: answer.status, statusText: '', headers: answer.headers, config, request: {} };
}
