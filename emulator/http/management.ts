/**
 * The durable management API: the webhook routes under /runtime/webhooks/durabletask and the same under /durabletask on
 * the endpoint that the durable client uses. Keys are not asked for.
 * Source: contract F and I; recorded/management-errors, start-api, raise-event-bodies, list-queries, purge, entity-*.
 */
import type { InstanceFilter, Operations, Outcome } from '../core/operations';
import { JsonReaderError, readJson } from '../core/newtonsoft';
import { SpoiltHistory, type StatusJson, type StatusOptions } from '../core/statusView';
import { mangledCall } from './clientTraps';
import { checkStatusBody, statusUrl, type ClientUrls } from './clientUrls';
import { entities } from './managementEntities';
import { type HttpAnswer, type HttpMessage, bodyText, emptyAnswer, jsonAnswer } from './message';
import {
  TOKEN,
  booleanOf,
  dated,
  decode,
  decodeToken,
  flag,
  isEnd,
  paged,
  secondsOf,
  split,
  statusesOf,
  topOf,
} from './query';
import { THROWN, argumentError, badJson, serverError, thrown, trapHint } from './managementErrors';

export interface ManagementHost {
  operations: Operations;
  urls: ClientUrls;
  strict: boolean;
  taskHub: string;
  /** names of storage connections that requests may give; absent: those of the host itself */
  connections?: readonly string[];
  /** Resolves when the instance ends or after `timeoutMs` on the host's clock. */
  waitForEnd(id: string, timeoutMs: number): Promise<void>;
}

const CONNECTIONS = ['Storage', 'AzureWebJobsStorage'];

/** `path` is what follows the API's base, without a leading slash. `local`: the client's endpoint. */
export async function manage(host: ManagementHost, m: HttpMessage, path: string, local: boolean): Promise<HttpAnswer> {
  const [whole, fragment] = split(path, '#');
  const [route, query] = split(whole, '?');
  const raw = route.replace(/\/$/, '').split('/');
  // an encoded slash matches no route
  if (raw.some((part) => /%2f/i.test(part))) return emptyAnswer(404);
  const parts = raw.map(decode);
  const params = new URLSearchParams(query);
  const mangled = local && host.strict ? mangledCall(m.method, parts, params, fragment) : null;
  if (mangled !== null) return jsonAnswer(400, { Message: mangled });
  const connection = params.get('connection');
  if (connection !== null && connection.trim() !== '' && !knownConnection(host, connection)) {
    const problem = `Unable to resolve the Azure Storage connection named '${connection}'.`;
    return serverError(problem, 'System.InvalidOperationException');
  }
  const hub = params.get('taskHub');
  const foreign = hub !== null && hub.trim() !== '' && hub.toLowerCase() !== host.taskHub.toLowerCase();
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

const knownConnection = (host: ManagementHost, name: string): boolean =>
  [...CONNECTIONS, ...(host.connections ?? [])].some((c) => c.toLowerCase() === name.toLowerCase());

/** A body as JSON text, null when there is none, or the answer that refuses it. */
function jsonBody(text: string): string | null | HttpAnswer {
  if (text === '') return null;
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof JsonReaderError) return badJson(error.message);
    throw error;
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
  const input = jsonBody(bodyText(m));
  if (typeof input === 'object' && input !== null) return input;
  const timeout = secondsOf(params, 'timeout');
  const interval = secondsOf(params, 'pollingInterval');
  if (timeout !== null && interval !== null && interval > timeout) {
    return jsonAnswer(400, { Message: `Total timeout ${timeout} should be bigger than retry timeout ${interval}` });
  }
  const started = host.operations.start(name, id ? id : null, input, params.get('version'));
  if ('conflict' in started) {
    return jsonAnswer(409, {
      Message: `An Orchestration instance with the status ${started.conflict} already exists.`,
    });
  }
  return afterStart(host, started.id, timeout, interval);
}

/** Waits for the end when the caller asked for it by both times (seconds); otherwise hands out the links. */
async function afterStart(
  host: ManagementHost,
  id: string,
  timeout: number | null,
  interval: number | null,
): Promise<HttpAnswer> {
  if (timeout !== null && interval !== null) {
    await host.waitForEnd(id, timeout * 1000);
    const status = host.operations.get(id, { showInput: true, showHistory: false, showHistoryOutput: false });
    if (status?.runtimeStatus === 'Completed') return jsonAnswer(200, status.output);
    if (status && isEnd(status.runtimeStatus)) return jsonAnswer(200, status);
  }
  return checkStatus(host, id);
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
      return rewind(host, id, reason);
    case 'restart':
      return restart(host, id, params);
    default:
      return emptyAnswer(404);
  }
}

const outcome = (o: Outcome): HttpAnswer => emptyAnswer(o === 'ok' ? 202 : o === 'notFound' ? 404 : 410);

function suspended(id: string, verb: 'suspend' | 'resume', result: Outcome | { wrong: string }): HttpAnswer {
  if (typeof result === 'string') return outcome(result);
  return serverError(
    `Cannot ${verb} the orchestration instance ${id} because instance is in the ${result.wrong} state.`,
    'System.InvalidOperationException',
    THROWN[verb],
  );
}

function raise(host: ManagementHost, m: HttpMessage, id: string, name: string): HttpAnswer {
  const found = host.operations.get(id, { showInput: false, showHistory: false, showHistoryOutput: false });
  if (!found) return emptyAnswer(404);
  if (isEnd(found.runtimeStatus)) return emptyAnswer(410);
  if (!/^application\/json\s*(;|$)/i.test(m.headers['content-type'] ?? '')) {
    return jsonAnswer(400, { Message: 'Only application/json request content is supported' });
  }
  const input = jsonBody(bodyText(m));
  if (input === null) return badJson(NO_CONTENT, host.strict ? trapHint('H2') : '');
  if (typeof input !== 'string') return input;
  return outcome(host.operations.raise(id, name, input));
}

const NO_CONTENT = "Error reading JToken from JsonReader. Path '', line 0, position 0.";

function rewind(host: ManagementHost, id: string, reason: string | null): HttpAnswer {
  const result = host.operations.rewind(id, reason);
  if (result === 'ok') return emptyAnswer(202);
  // the stray dollar sign is the real host's
  if (result === 'notFound') return jsonAnswer(404, `No orchestration with instance ID "$${id}" found.`);
  const text = `This orchestration has status ${result.wrong}, but only orchestrations in the "Failed" state can be rewound.`;
  return jsonAnswer(412, text);
}

async function restart(host: ManagementHost, id: string, params: URLSearchParams): Promise<HttpAnswer> {
  const result = host.operations.restart(id, booleanOf(params, 'restartWithNewInstanceId') ?? true);
  if (result === null) {
    return argumentError(
      'InstanceId does not match a valid orchestration instance.',
      `No instance with ID '${id}' was found. (Parameter 'instanceId')`,
      THROWN.restart,
    );
  }
  if ('conflict' in result) {
    return thrown(409, {
      message: 'A non-terminal instance with this instance ID already exists.',
      exceptionMessage: `An Orchestration instance with the status ${result.conflict} already exists.`,
      type: 'DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException',
      at: THROWN.restart.slice(2),
    });
  }
  return afterStart(host, result.id, secondsOf(params, 'timeout'), secondsOf(params, 'pollingInterval'));
}

function status(host: ManagementHost, m: HttpMessage, id: string, params: URLSearchParams): HttpAnswer {
  let found: StatusJson | null;
  try {
    found = host.operations.get(id, {
      showInput: booleanOf(params, 'showInput') ?? true,
      showHistory: flag(params, 'showHistory'),
      showHistoryOutput: flag(params, 'showHistoryOutput'),
    });
  } catch (error) {
    if (!(error instanceof SpoiltHistory)) throw error;
    return argumentError('One or more of the arguments submitted is incorrect', error.message, THROWN.history);
  }
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
    showInput: booleanOf(params, 'showInput') ?? true,
    showHistory: false,
    showHistoryOutput: false,
  };
  const page = host.operations.list(filterOf(params), top, token.from, options);
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
  const prefix = params.get('instanceIdPrefix');
  return {
    ...(prefix ? { prefix } : {}),
    ...dated('createdFrom', params.get('createdTimeFrom')),
    ...dated('createdTo', params.get('createdTimeTo')),
    statuses: statusesOf(params),
  };
}
