/**
 * `host.client`: the durable client for whoever holds a host, in the methods of durable-functions. Calls go to the same
 * handlers as the app's own client, without TCP. Unlike there, ids and names are escaped, a missing input is null, and an event
 * for an instance that has ended is an error. Source: contract B and F.
 */
import type { ManageAnswer } from './realm/protocol';
import type { EntityName, HostClient, InstanceQuery, Status } from './types';

export type Manage = (
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
) => Promise<ManageAnswer>;

const ENDED = ['Completed', 'Failed', 'Terminated', 'Canceled'];
const TOKEN = 'x-ms-continuation-token';
/** Pages read before a list is taken for endless. */
const PAGES_MAX = 1_000_000;

export function hostClient(manage: Manage): HostClient {
  const post = async (path: string, what: string, body?: unknown): Promise<ManageAnswer> => {
    const answer = await manage('POST', path, body === undefined ? undefined : text(body));
    return expect(answer, what);
  };
  const command = (operation: string) => async (id: string, reason?: string) => {
    const query = reason === undefined ? '' : `?reason=${encodeURIComponent(reason)}`;
    await post(`${instance(id)}/${operation}${query}`, `${operation} of '${id}'`);
  };
  const list = (query: InstanceQuery): Promise<Status[]> => pages<Status>(manage, `instances?${instanceQuery(query)}`);
  return {
    async startNew(orchestrator, options = {}) {
      const { instanceId, input = null, version } = options;
      const id = instanceId === undefined ? '' : `/${segment(instanceId)}`;
      const query = version === undefined ? '' : `?version=${encodeURIComponent(version)}`;
      const path = `orchestrators/${segment(orchestrator)}${id}${query}`;
      const answer = await post(path, `start of '${orchestrator}'`, input);
      return (JSON.parse(answer.body) as { id: string }).id;
    },
    async getStatus(id, options = {}) {
      const query = Object.entries(options).map(([key, value]) => `${key}=${value}`);
      const answer = expect(await manage('GET', `${instance(id)}?${query.join('&')}`), `status of '${id}'`);
      return JSON.parse(answer.body) as Status;
    },
    getStatusAll: () => list({}),
    getStatusBy: list,
    async raiseEvent(id, name, data = null) {
      await post(`${instance(id)}/raiseEvent/${segment(name)}`, `event '${name}' for '${id}'`, data);
    },
    terminate: command('terminate'),
    suspend: command('suspend'),
    resume: command('resume'),
    rewind: command('rewind'),
    async restart(id, restartWithNewInstanceId = true) {
      const path = `${instance(id)}/restart?restartWithNewInstanceId=${restartWithNewInstanceId}`;
      return (JSON.parse((await post(path, `restart of '${id}'`)).body) as { id: string }).id;
    },
    async purgeInstanceHistory(id) {
      return deleted(await manage('DELETE', instance(id)), `purge of '${id}'`);
    },
    async purgeInstanceHistoryBy(query) {
      const statuses = query.runtimeStatus ?? [];
      const unsafe = statuses.length === 0 || statuses.some((s) => !ENDED.includes(s));
      if (query.createdTimeFrom === undefined || unsafe) {
        throw new Error(`A purge needs createdTimeFrom and statuses of ${ENDED.join(', ')}: ${JSON.stringify(query)}.`);
      }
      return deleted(await manage('DELETE', `instances?${instanceQuery(query)}`), 'purge');
    },
    async readEntityState<T>(entity: EntityName) {
      const answer = await manage('GET', entityPath(entity));
      if (answer.status === 404) return { entityExists: false };
      const state = expect(answer, `state of '${entity.name}'`).body;
      return { entityExists: true, entityState: JSON.parse(state) as T };
    },
    async signalEntity(entity, operation, input = null) {
      const path = `${entityPath(entity)}?op=${encodeURIComponent(operation)}`;
      await post(path, `signal '${operation}' to '${entity.name}'`, input);
    },
    listEntities({ name, fetchState = false } = {}) {
      const path = name === undefined ? 'entities' : `entities/${segment(name)}`;
      return pages(manage, `${path}?fetchState=${fetchState}`);
    },
  };
}

/** Throws for a slash, which the API cannot address: it would be another route. */
function segment(name: string): string {
  if (!name.includes('/')) return encodeURIComponent(name);
  throw new Error(`'${name}' holds a '/', which no route of the durable API can carry. Use another character.`);
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'null';
const instance = (id: string): string => `instances/${segment(id)}`;
const entityPath = ({ name, key }: EntityName): string => `entities/${segment(name)}/${segment(key)}`;

function expect(answer: ManageAnswer, what: string): ManageAnswer {
  if (answer.status < 300) return answer;
  const known: Record<number, string> = { 404: 'not found', 410: 'it has ended' };
  const why = known[answer.status] ?? (answer.body === '' ? `status ${answer.status}` : answer.body);
  throw new Error(`The ${what} failed: ${why}.`);
}

function deleted(answer: ManageAnswer, what: string): { instancesDeleted: number } {
  if (answer.status === 404) return { instancesDeleted: 0 };
  return JSON.parse(expect(answer, what).body) as { instancesDeleted: number };
}

function instanceQuery(query: InstanceQuery): string {
  const params = new URLSearchParams();
  for (const key of ['createdTimeFrom', 'createdTimeTo'] as const) {
    const value = query[key];
    if (value !== undefined) params.set(key, new Date(value).toISOString());
  }
  if (query.runtimeStatus && query.runtimeStatus.length > 0) params.set('runtimeStatus', query.runtimeStatus.join(','));
  if (query.instanceIdPrefix !== undefined) params.set('instanceIdPrefix', query.instanceIdPrefix);
  return params.toString();
}

async function pages<T>(manage: Manage, path: string): Promise<T[]> {
  const all: T[] = [];
  let token = '';
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = expect(await manage('GET', path, undefined, token === '' ? {} : { [TOKEN]: token }), 'list');
    all.push(...(JSON.parse(answer.body) as T[]));
    token = String(answer.headers[TOKEN] ?? '');
    if (token === '') return all;
  }
  throw new Error(`The list ${path} has more than ${PAGES_MAX} pages.`);
}
