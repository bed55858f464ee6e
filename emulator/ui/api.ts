/**
 * Requests of the page: reads under /admin, actions by the durable management API. A refusal becomes an Error with the
 * host's own message. When the host asks for keys, open the page with ?code=KEY.
 */
import type {
  ClockReading,
  Counts,
  EntityPage,
  EventPage,
  FunctionRow,
  InstanceFacts,
  InstancePage,
  Timeline,
} from './shapes.js';

const MANAGEMENT = '/runtime/webhooks/durabletask';
const code = new URLSearchParams(location.search).get('code');

export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function send(method: string, path: string, body?: string): Promise<string> {
  const headers: Record<string, string> = {};
  if (code) headers['x-functions-key'] = code;
  if (method === 'POST') headers['content-type'] = 'application/json';
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = body;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new RequestError(0, 'The host does not answer. Is it still running?');
  }
  const text = await response.text();
  if (response.ok) return text;
  throw new RequestError(response.status, refusal(response.status, text));
}

function refusal(status: number, text: string): string {
  if (status === 401) return 'The host asks for a key: open this page with ?code=KEY.';
  if (status === 404 && text === '') return 'Not found: it may have been purged.';
  if (status === 410) return 'The instance has already ended.';
  try {
    const body = JSON.parse(text) as { Message?: string; ExceptionMessage?: string } | string;
    if (typeof body === 'string') return body;
    return body.ExceptionMessage ?? body.Message ?? text;
  } catch {
    return text || `The host answered ${status}.`;
  }
}

async function get<T>(path: string, query: Record<string, string | number | null> = {}): Promise<T> {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== null && value !== '') params.set(key, String(value));
  const search = params.toString();
  return JSON.parse(await send('GET', search ? `${path}?${search}` : path)) as T;
}

const part = encodeURIComponent;
const instance = (id: string): string => `/admin/instances/${part(id)}`;
const managed = (id: string): string => `${MANAGEMENT}/instances/${part(id)}`;

export const api = {
  instances: (query: Record<string, string | number | null>) => get<InstancePage>('/admin/instances', query),
  counts: () => get<Counts>('/admin/counts'),
  facts: (id: string) => get<InstanceFacts>(instance(id)),
  timeline: (id: string, after: number, top: number) => get<Timeline>(`${instance(id)}/timeline`, { after, top }),
  events: (id: string, after: number, top: number) => get<EventPage>(`${instance(id)}/events`, { after, top }),
  event: (id: string, index: number) => get<unknown>(`${instance(id)}/events/${index}`),
  data: (id: string, what: 'input' | 'output' | 'customStatus' | 'state') => get<unknown>(`${instance(id)}/${what}`),
  historyUrl: (id: string) => `${instance(id)}/history?children=true`,
  entities: (query: Record<string, string | number | null>) => get<EntityPage>('/admin/entities', query),
  functions: () => get<FunctionRow[]>('/admin/functions'),
  hostStatus: () => get<{ state: string; version: string; processUptime: number }>('/admin/host/status'),
  clock: () => get<ClockReading>('/admin/clock'),
  setClock: async (change: Record<string, unknown>) =>
    JSON.parse(await send('POST', '/admin/clock', JSON.stringify(change))) as ClockReading,
  /** `json` is sent as it is */
  raise: (id: string, name: string, json: string) => send('POST', `${managed(id)}/raiseEvent/${part(name)}`, json),
  act: (id: string, operation: 'terminate' | 'suspend' | 'resume' | 'rewind', reason: string) =>
    send('POST', `${managed(id)}/${operation}?reason=${part(reason)}`),
  restart: async (id: string, newId: boolean) =>
    (JSON.parse(await send('POST', `${managed(id)}/restart?restartWithNewInstanceId=${newId}`)) as { id: string }).id,
  purge: (id: string) => send('DELETE', managed(id)),
  start: async (name: string, id: string, json: string) => {
    const path = `${MANAGEMENT}/orchestrators/${part(name)}${id === '' ? '' : `/${part(id)}`}`;
    return (JSON.parse(await send('POST', path, json)) as { id: string }).id;
  },
  signal: (name: string, key: string, operation: string, json: string) =>
    send('POST', `${MANAGEMENT}/entities/${part(name)}/${part(key)}?op=${part(operation)}`, json),
};
