/**
 * The entity routes of the management API: signal, read, delete, list.
 * Source: contract F and I; recorded/entity-client, entity-queries.
 */
import type { ManagementHost } from './management';
import { type HttpAnswer, type HttpMessage, bodyText, emptyAnswer, jsonAnswer, jsonText } from './message';
import { TOKEN, dated, decodeToken, flag, isJson, paged, parseError, topOf } from './query';

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
  const text = m.method === 'DELETE' ? '' : bodyText(m);
  if (text !== '' && !isJson(text))
    return jsonAnswer(400, { Message: `Could not parse JSON content: ${parseError(text)}` });
  const operation = m.method === 'DELETE' ? 'delete' : params.get('op');
  host.operations.signal(name as string, key, operation, text === '' ? null : text);
  return emptyAnswer(202);
}

function unknownEntity(host: ManagementHost, name: string): HttpAnswer {
  const known = host.operations.entityNames().map((n) => `'${n}'`);
  const more =
    known.length > 0
      ? `The following are the known entity functions: ${known.join(', ')}.`
      : 'No entity functions are currently registered!';
  return jsonAnswer(400, {
    Message: `The function '${name}' doesn't exist, is disabled, or is not an entity function. Additional info: ${more}`,
  });
}

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
  const page = host.operations.listEntities(filter, Math.max(0, topOf(params)), token.after);
  return paged(page.items, page.next, local);
}
