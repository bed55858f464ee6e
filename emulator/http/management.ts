/**
 * The durable management API: the webhook routes under /runtime/webhooks/durabletask and the same under /durabletask on
 * the endpoint that the durable client uses. Keys are not asked for.
 * Source: contract F and I; recorded/management-errors, start-api, raise-event-bodies, list-queries, purge, entity-*.
 */
import type { InstanceFilter, Operations, Outcome } from '../core/operations';
import type { StatusJson, StatusOptions } from '../core/statusView';
import { checkStatusBody, statusUrl, type ClientUrls } from './clientUrls';
import { entities } from './managementEntities';
import { type HttpAnswer, type HttpMessage, bodyText, emptyAnswer, jsonAnswer } from './message';
import { TOKEN, dated, decode, decodeToken, flag, isEnd, isJson, paged, split, topOf } from './query';
import { argumentError, badJson, serverError, trapHint } from './managementErrors';

export interface ManagementHost {
  operations: Operations;
  urls: ClientUrls;
  strict: boolean;
  taskHub: string;
  /** Resolves when the instance ends or after `timeoutMs` on the host's clock. */
  waitForEnd(id: string, timeoutMs: number): Promise<void>;
}

const STATUSES = ['Pending', 'Running', 'Completed', 'ContinuedAsNew', 'Failed', 'Canceled', 'Terminated', 'Suspended'];

/** `path` is what follows the API's base, without a leading slash. `local`: the client's endpoint. */
export async function manage(host: ManagementHost, m: HttpMessage, path: string, local: boolean): Promise<HttpAnswer> {
  const [route = '', query = ''] = split(path, '?');
  const parts = route.replace(/\/$/, '').split('/').map(decode);
  const params = new URLSearchParams(query);
  const hub = params.get('taskHub');
  const foreign = hub !== null && hub.toLowerCase() !== host.taskHub.toLowerCase();
  if (foreign) return emptyAnswer(404);
  switch (parts[0]) {
    case 'orchestrators':
      return m.method === 'POST' ? start(host, m, parts, params) : emptyAnswer(404);
    case 'instances':
      return instances(host, m, parts, params, local);
    case 'entities':
      return entities(host, m, parts, params, local);
    default:
      return emptyAnswer(404);
  }
}

async function start(
  host: ManagementHost,
  m: HttpMessage,
  parts: string[],
  params: URLSearchParams,
): Promise<HttpAnswer> {
  const [, name, id] = parts;
  if (!name || parts.length > 3) return emptyAnswer(404);
  const text = bodyText(m);
  if (text !== '' && !isJson(text)) return badJson(text);
  const timeout = Number(params.get('timeout') ?? Number.NaN);
  const interval = Number(params.get('pollingInterval') ?? Number.NaN);
  const waits = Number.isFinite(timeout) && Number.isFinite(interval);
  if (waits && interval > timeout) {
    return jsonAnswer(400, { Message: `Total timeout ${timeout} should be bigger than retry timeout ${interval}` });
  }
  const version = params.get('version');
  const started = host.operations.start(name, id ? id : null, text === '' ? null : text, version ? version : null);
  if ('conflict' in started) {
    return jsonAnswer(409, {
      Message: `An Orchestration instance with the status ${started.conflict} already exists.`,
    });
  }
  if (waits) {
    await host.waitForEnd(started.id, timeout * 1000);
    const status = host.operations.get(started.id, { showInput: true, showHistory: false, showHistoryOutput: false });
    if (status?.runtimeStatus === 'Completed') return jsonAnswer(200, status.output);
    if (status && isEnd(status.runtimeStatus)) return jsonAnswer(200, status);
  }
  return checkStatus(host, started.id);
}

function checkStatus(host: ManagementHost, id: string): HttpAnswer {
  const body = checkStatusBody(host.urls, id);
  return jsonAnswer(202, body, { location: statusUrl(host.urls, id), 'retry-after': '10' });
}

async function instances(
  host: ManagementHost,
  m: HttpMessage,
  parts: string[],
  params: URLSearchParams,
  local: boolean,
): Promise<HttpAnswer> {
  const [, id, operation, name] = parts;
  if (!id) {
    if (m.method === 'GET') return list(host, m, params, local);
    return m.method === 'DELETE' ? purgeBy(host, params) : emptyAnswer(404);
  }
  if (!operation) {
    if (m.method === 'GET') return status(host, m, id, params);
    return m.method === 'DELETE' ? purge(host, id) : emptyAnswer(404);
  }
  if (m.method !== 'POST' || parts.length > 4) return emptyAnswer(404);
  const reason = params.get('reason');
  switch (operation.toLowerCase()) {
    case 'raiseevent':
      return name ? raise(host, m, id, name) : emptyAnswer(404);
    case 'terminate':
      return outcome(host.operations.terminate(id, reason));
    case 'suspend':
      return suspended(id, 'suspend', host.operations.suspend(id, reason));
    case 'resume':
      return suspended(id, 'resume', host.operations.resume(id, reason));
    case 'rewind':
      return rewind(host, id);
    case 'restart':
      return restart(host, id, params.get('restartWithNewInstanceId') !== 'false');
    default:
      return emptyAnswer(404);
  }
}

const outcome = (o: Outcome): HttpAnswer => emptyAnswer(o === 'ok' ? 202 : o === 'notFound' ? 404 : 410);

function suspended(id: string, verb: string, result: Outcome | { wrong: string }): HttpAnswer {
  if (typeof result === 'string') return outcome(result);
  return serverError(
    `Cannot ${verb} the orchestration instance ${id} because instance is in the ${result.wrong} state.`,
    'System.InvalidOperationException',
  );
}

function raise(host: ManagementHost, m: HttpMessage, id: string, name: string): HttpAnswer {
  if (!/^application\/json/i.test(m.headers['content-type'] ?? '')) {
    return jsonAnswer(400, { Message: 'Only application/json request content is supported' });
  }
  const text = bodyText(m);
  if (!isJson(text)) return badJson(text, host.strict && text === '' ? trapHint('H2') : '');
  return outcome(host.operations.raise(id, name, text));
}

function rewind(host: ManagementHost, id: string): HttpAnswer {
  const found = host.operations.get(id, { showInput: false, showHistory: false, showHistoryOutput: false });
  if (!found) return jsonAnswer(404, `No orchestration with instance ID "$${id}" found.`);
  if (found.runtimeStatus !== 'Failed') {
    const text = `This orchestration has status ${found.runtimeStatus}, but only orchestrations in the "Failed" state can be rewound.`;
    return jsonAnswer(412, text);
  }
  return jsonAnswer(501, 'This host does not rewind orchestrations yet. Restart the instance instead.');
}

function restart(host: ManagementHost, id: string, newId: boolean): HttpAnswer {
  const result = host.operations.restart(id, newId);
  if (result === null) {
    return argumentError(
      'InstanceId does not match a valid orchestration instance.',
      `No instance with ID '${id}' was found. (Parameter 'instanceId')`,
    );
  }
  if ('conflict' in result) {
    return jsonAnswer(409, {
      Message: 'A non-terminal instance with this instance ID already exists.',
      ExceptionMessage: `An Orchestration instance with the status ${result.conflict} already exists.`,
      ExceptionType: 'DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException',
      StackTrace: '',
    });
  }
  return checkStatus(host, result.id);
}

function status(host: ManagementHost, m: HttpMessage, id: string, params: URLSearchParams): HttpAnswer {
  const found = host.operations.get(id, {
    showInput: params.get('showInput') !== 'false',
    showHistory: flag(params, 'showHistory'),
    showHistoryOutput: flag(params, 'showHistoryOutput'),
  });
  if (!found) return emptyAnswer(404);
  if (!isEnd(found.runtimeStatus)) {
    const location = `http://${m.headers.host ?? 'localhost'}${m.target}`;
    return jsonAnswer(202, found, { location, 'retry-after': '5' });
  }
  const failed = found.runtimeStatus === 'Failed' && flag(params, 'returnInternalServerErrorOnFailure');
  return jsonAnswer(failed ? 500 : 200, found);
}

function list(host: ManagementHost, m: HttpMessage, params: URLSearchParams, local: boolean): HttpAnswer {
  const top = topOf(params);
  if (top < 0) return serverError('An error occurred while communicating with Azure Storage', STORAGE_EXCEPTION);
  const token = decodeToken(m.headers[TOKEN]);
  if (token === 'bad') return jsonAnswer(200, []);
  const options: StatusOptions = {
    showInput: params.get('showInput') !== 'false',
    showHistory: false,
    showHistoryOutput: false,
  };
  const page = host.operations.list(filterOf(params), top, token.after, options);
  return paged(page.items satisfies StatusJson[], page.next, local);
}

const STORAGE_EXCEPTION = 'DurableTask.AzureStorage.Storage.DurableTaskStorageException';

function purge(host: ManagementHost, id: string): HttpAnswer {
  const result = host.operations.purge(id);
  if (result === 'notFound') return emptyAnswer(404);
  if (result === 'ok') return jsonAnswer(200, { instancesDeleted: 1 });
  return jsonAnswer(
    412,
    `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${result.wrong}`,
  );
}

function purgeBy(host: ManagementHost, params: URLSearchParams): HttpAnswer {
  const filter = filterOf(params);
  if (filter.createdFrom === undefined) {
    return jsonAnswer(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  const count = host.operations.purgeBy(filter);
  return count === 0 ? emptyAnswer(404) : jsonAnswer(200, { instancesDeleted: count });
}

function filterOf(params: URLSearchParams): InstanceFilter {
  const asked = params.getAll('runtimeStatus').flatMap((s) => s.split(','));
  const prefix = params.get('instanceIdPrefix');
  return {
    ...(prefix ? { prefix } : {}),
    ...dated('createdFrom', params.get('createdTimeFrom')),
    ...dated('createdTo', params.get('createdTimeTo')),
    statuses: new Set(asked.filter((s) => STATUSES.includes(s))),
  };
}
