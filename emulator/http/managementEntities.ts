/**
 * The entity routes of the management API: signal, read, delete, list.
 * Source: contract F and I; recorded/entity-client, entity-queries.
 */
import type { ManagementHost } from './management';
import { type HttpAnswer, type HttpMessage, bodyText, emptyAnswer, jsonAnswer, jsonText } from './message';
import { unknownEntityText } from '../core/hostRun';
import { JsonReaderError, readJson } from '../core/newtonsoft';
import { TOKEN, dated, decodeToken, flag, paged, topOf } from './query';

export async function entities(
  host: ManagementHost,
  m: HttpMessage,
  parts: string[],
  params: URLSearchParams,
  local: boolean,
): Promise<HttpAnswer> {
  const [, name, key] = parts;
  if (parts.length > 3) return emptyAnswer(404);
  if (!key) return m.method === 'GET' ? listEntities(host, m, name, params, local) : emptyAnswer(404);
  if (m.method === 'GET') {
    const state = host.operations.readEntity(name as string, key === '$' ? '' : key);
    return state === null ? emptyAnswer(404) : jsonText(200, state);
  }
  if (m.method !== 'POST' && m.method !== 'DELETE') return emptyAnswer(404);
  if (!host.operations.hasEntity(name as string)) return unknownEntity(host, name as string);
  const operation = m.method === 'DELETE' ? 'delete' : (params.get('op') ?? '');
  try {
    host.operations.signal(name as string, key, operation, inputOf(m));
    return emptyAnswer(202);
  } catch (error) {
    if (!(error instanceof JsonReaderError)) throw error;
    return jsonAnswer(400, { Message: `Could not parse JSON content: ${error.message}` });
  }
}

/** A body that is not declared as JSON is the input as it is: text. */
function inputOf(m: HttpMessage): string | null {
  const text = bodyText(m);
  if (text === '') return null;
  const isJson = /^application\/json\s*(;|$)/i.test(m.headers['content-type'] ?? '');
  return isJson ? readJson(text) : JSON.stringify(text);
}

const unknownEntity = (host: ManagementHost, name: string): HttpAnswer =>
  jsonAnswer(400, { Message: unknownEntityText(name, host.operations.entityNames()) });

function listEntities(
  host: ManagementHost,
  m: HttpMessage,
  name: string | undefined,
  params: URLSearchParams,
  local: boolean,
): HttpAnswer {
  const token = decodeToken(m.headers[TOKEN]);
  if (token === 'bad') return jsonAnswer(200, []);
  const filter = {
    ...(name ? { name } : {}),
    ...dated('from', params.get('lastOperationTimeFrom')),
    ...dated('to', params.get('lastOperationTimeTo')),
    fetchState: flag(params, 'fetchState'),
  };
  const page = host.operations.listEntities(filter, Math.max(0, topOf(params)), token.from);
  return paged(page.items, page.next, local);
}
