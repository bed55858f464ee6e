/**
 * A process of its own for `overhead.ts`: feeds captured trigger payloads one after another to the unmodified packages and
 * the app's handlers, with a stub in the host's place that answers client calls over loopback at once, and prints the CPU
 * time that took, in ms. What any host would have to spend on this app.
 */
import { createReadStream } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import Module from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';

interface Binding {
  readonly type: string;
  readonly name: string;
}

interface Registered {
  readonly metadata: { readonly name: string; readonly bindings: Record<string, Binding> };
  readonly callback: unknown;
}

interface Model {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: unknown): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

interface Line {
  readonly atMs: number;
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly data: unknown }[];
  readonly metadata: unknown;
}

const functions = new Map<string, Registered>();
let modelOf: (context: unknown) => Model = () => {
  throw new Error('the app registered no programming model');
};
let nowMs = 0;

/** What the worker answers to `@azure/functions-core` (contract, A). */
const core = {
  version: '3.9.1',
  hostVersion: '4.1037.0',
  setProgrammingModel: (model: { getInvocationModel(context: unknown): Model }) =>
    (modelOf = (c) => model.getInvocationModel(c)),
  getProgrammingModel: () => ({ name: '@azure/functions' }),
  registerFunction: (metadata: Registered['metadata'], callback: unknown) =>
    functions.set(metadata.name, { metadata, callback }),
  registerHook: () => ({ dispose: () => undefined }),
  log: () => undefined,
  Disposable: class {},
};

function answerCore(): void {
  const original = Module.prototype.require;
  Module.prototype.require = function (this: NodeModule, id: string) {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  } as typeof original;
}

function captureTime(): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args: unknown[]) {
      super(...((args.length === 0 ? [nowMs] : args) as [number]));
    }
    static override now(): number {
      return nowMs;
    }
  } as DateConstructor;
}

/** By method. Asked for an instance it knows none: a campaign that exists would not start. */
const ANSWERS: Readonly<Record<string, { readonly status: number; readonly body: string }>> = {
  GET: { status: 404, body: '{}' },
  POST: { status: 202, body: '{"id":"stub"}' },
  DELETE: { status: 200, body: '{"instancesDeleted":1}' },
};

async function stubHost(): Promise<{ url: string; close: () => void }> {
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const { status, body } = ANSWERS[request.method!]!;
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

function clientInput(url: string): { string: string } {
  const uris = Object.fromEntries(
    [
      'statusQueryGetUri',
      'sendEventPostUri',
      'terminatePostUri',
      'rewindPostUri',
      'purgeHistoryDeleteUri',
      'restartPostUri',
      'suspendPostUri',
      'resumePostUri',
    ].map((name) => [name, `${url}/instances/INSTANCEID?code=k`]),
  );
  const create = `${url}/orchestrators/{functionName}[/{instanceId}]?code=k`;
  return {
    string: JSON.stringify({
      taskHubName: 'hub',
      creationUrls: { createNewInstancePostUri: create, createAndWaitOnNewInstancePostUri: create },
      managementUrls: { id: 'INSTANCEID', ...uris },
      baseUrl: url,
      requiredQueryStringParameters: 'code=k',
      rpcBaseUrl: `${url}/durabletask/`,
    }),
  };
}

/** Bytes were written as base64. */
function revive(_key: string, value: unknown): unknown {
  const base64 = (value as { base64?: unknown } | null)?.base64;
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : value;
}

async function feed(line: Line, client: { string: string }): Promise<void> {
  const fn = functions.get(line.name);
  if (!fn) throw new Error(`no function ${line.name}`);
  nowMs = line.atMs;
  const clients = Object.entries(fn.metadata.bindings).filter(([, binding]) => binding.type === 'durableClient');
  const inputData = [...line.inputs, ...clients.map(([name]) => ({ name, data: client }))];
  const context = {
    invocationId: 'feed',
    request: { invocationId: 'feed', inputData, triggerMetadata: line.metadata ?? {} },
    metadata: fn.metadata,
    state: undefined,
    log: () => undefined,
  };
  const model = modelOf(context);
  const { context: invocation, inputs } = await model.getArguments();
  const result = await model.invokeFunction(invocation, inputs, fn.callback);
  await model.getResponse(invocation, result);
}

async function main(): Promise<void> {
  const [file = ''] = process.argv.slice(2);
  answerCore();
  captureTime();
  const stub = await stubHost();
  process.env['WEBSITE_HOSTNAME'] = stub.url.replace('http://', '');
  await import(path.resolve(__dirname, '..', 'app.js'));
  const client = clientInput(stub.url);
  for await (const text of createInterface({ input: createReadStream(file) }))
    if (text !== '') await feed(JSON.parse(text, revive) as Line, client);
  stub.close();
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${(user + system) / 1000}\n`);
  process.exit(0);
}

void main();
