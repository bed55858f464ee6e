/**
 * /admin/functions: the list, one function, and running one by hand, in the real host's form.
 * Source: Azure Functions host, FunctionsController and FunctionMetadataResponse; "Manually run a non HTTP-triggered function".
 */
import type { AppFunction, FunctionTable } from '../realm/functionTable';
import { invoke, type InvokeHost, type TypedData } from '../realm/invoke';
import { type HttpAnswer, type HttpMessage, bodyText, emptyAnswer, jsonAnswer } from './message';
import { decode } from './query';
import type { Routes } from './routes';

export interface FunctionsHost {
  functions: FunctionTable;
  routes: Routes;
  origin: string;
  invoke: InvokeHost;
  clientInput: () => string;
  /** runs work that does not throw in the background; it holds the clock */
  background(work: () => Promise<void>): void;
}

/** `path` begins with /admin/functions. */
export function adminFunctions(host: FunctionsHost, m: HttpMessage, path: string): HttpAnswer {
  const [name, part, ...rest] = path.split('/').slice(3).map(decode);
  if (!name) return m.method === 'GET' ? jsonAnswer(200, list(host)) : emptyAnswer(405);
  const fn = host.functions.named(name);
  if (!fn || rest.length > 0) return emptyAnswer(404);
  if (part === 'status') return m.method === 'GET' ? jsonAnswer(200, { isDisabled: isDisabled(host, fn) }) : notAllowed;
  if (part) return emptyAnswer(404);
  if (m.method === 'GET') return jsonAnswer(200, describe(host, fn));
  return m.method === 'POST' ? run(host, m, fn) : notAllowed;
}

const notAllowed = emptyAnswer(405);
const isDisabled = (host: FunctionsHost, fn: AppFunction): boolean => host.functions.disabled.includes(fn);

const list = (host: FunctionsHost): unknown[] =>
  [...host.functions.all, ...host.functions.disabled].map((fn) => describe(host, fn));

function describe(host: FunctionsHost, fn: AppFunction): unknown {
  const route = host.routes.described.find((r) => r.name === fn.name);
  return {
    name: fn.name,
    script_root_path_href: null,
    script_href: null,
    config_href: null,
    test_data_href: null,
    href: `${host.origin}/admin/functions/${encodeURIComponent(fn.name)}`,
    invoke_url_template: route ? host.origin + route.path : null,
    language: 'node',
    config: { name: fn.name, language: 'node', bindings: Object.values(fn.metadata.bindings) },
    files: null,
    test_data: '',
    isDisabled: isDisabled(host, fn),
    isDirect: false,
    isProxy: false,
  };
}

function run(host: FunctionsHost, m: HttpMessage, fn: AppFunction): HttpAnswer {
  if (!/^application\/json\b/i.test(m.headers['content-type'] ?? '')) return emptyAnswer(415);
  let body: unknown;
  try {
    body = JSON.parse(bodyText(m));
  } catch (error) {
    return jsonAnswer(400, {
      Message: `The body is no JSON: ${(error as Error).message}. Expected: {"input": "text"}.`,
    });
  }
  if (typeof body !== 'object' || body === null) return emptyAnswer(400);
  const { input } = body as { input?: unknown };
  if (input !== undefined && input !== null && typeof input !== 'string') {
    return jsonAnswer(400, { Message: `The input is ${JSON.stringify(input)}; expected is text (JSON as text, too).` });
  }
  host.background(() => runOnce(host, fn, input ?? ''));
  return emptyAnswer(202);
}

async function runOnce(host: FunctionsHost, fn: AppFunction, input: string): Promise<void> {
  const inputs = [{ name: fn.triggerName, data: valueOf(host, fn, input) }];
  for (const name of fn.clients) inputs.push({ name, data: { string: host.clientInput() } });
  const cause = { reason: 'This function was programmatically called via the host APIs.' };
  const metadata = fn.kind === 'http' || fn.kind === 'timer' ? null : {};
  await invoke(host.invoke, fn, inputs, metadata, { cause }).catch(() => undefined); // invoke has logged it
}

function valueOf(host: FunctionsHost, fn: AppFunction, input: string): TypedData {
  if (fn.kind === 'timer') {
    return { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false }) };
  }
  if (fn.kind === 'blob') return { bytes: Buffer.from(input) };
  if (fn.trigger.cardinality === 'many') return { collectionString: { string: [input] } };
  if (fn.kind !== 'http') return { string: input };
  const url = `${host.origin}/api/${fn.name}`;
  const body = input === '' ? null : { string: input };
  return { http: { method: 'POST', url, headers: {}, params: {}, query: {}, body } };
}
