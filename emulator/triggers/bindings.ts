/**
 * Blob inputs, and outputs to queues, blobs, Service Bus queues and topics, with the clients of the same SDKs as the triggers.
 * Outputs are written after the function; one that cannot be written fails the invocation, as on the real host.
 */
import type { InvocationResponse } from '../realm/coreApi';
import type { AppFunction, NamedBinding } from '../realm/functionTable';
import type { InvocationInput, TriggerParts } from '../realm/invoke';
import { blobService, splitPath } from './blobService';
import { contentOf, messagesOf, resolvePath } from './payloads';
import { encoded, queueService } from './queueService';
import { tell, textOf } from './runTriggered';
import { busSender } from './serviceBusClients';
import type { TriggerHost } from './triggerHost';

type Write = (data: unknown, trigger: TriggerParts) => Promise<void>;
type Read = (trigger: TriggerParts) => Promise<Buffer | null>;

/**
 * Makes a client for every binding. A missing package or setting is told at the start, and fails the invocations that need
 * it: an app whose other functions do without goes on.
 */
export function connectBindings(host: TriggerHost, functions: readonly AppFunction[]): void {
  const writers = new Map<NamedBinding, Write>();
  const readers = new Map<NamedBinding, Read>();
  for (const fn of functions) {
    for (const output of fn.outputs)
      writers.set(
        output,
        orFail(host, fn, () => writer(host, fn, output)),
      );
    for (const input of fn.blobInputs)
      readers.set(
        input,
        orFail(host, fn, () => reader(host, fn, input)),
      );
  }
  host.invoke.writeOutputs = async (fn, response, trigger) => {
    for (const output of fn.outputs) await writers.get(output)?.(dataOf(response, output.key), trigger);
  };
  host.invoke.readInputs = async (fn, trigger) => {
    const inputs: InvocationInput[] = [];
    for (const input of fn.blobInputs) {
      const content = await readers.get(input)?.(trigger);
      inputs.push({ name: input.key, data: content ? { bytes: content } : {} });
    }
    return inputs;
  };
}

function orFail<T extends (...args: never[]) => Promise<unknown>>(
  host: TriggerHost,
  fn: AppFunction,
  make: () => T,
): T {
  try {
    return make();
  } catch (error) {
    tell(host, fn, 'warning', textOf(error));
    return (async () => {
      throw error;
    }) as unknown as T;
  }
}

function dataOf(response: InvocationResponse, key: string): unknown {
  if (key === '$return') return response.returnValue;
  return response.outputData?.find((o) => o.name === key)?.data;
}

function writer(host: TriggerHost, fn: AppFunction, { key, binding }: NamedBinding): Write {
  const neededBy = `The output '${key}' of function '${fn.name}'`;
  const connection = String(binding.connection ?? '');
  switch (binding.type.toLowerCase()) {
    case 'queue':
      return queueWriter(host, connection, String(binding.queueName).toLowerCase(), neededBy);
    case 'blob':
      return blobWriter(host, connection, String(binding.path), neededBy);
    case 'servicebus':
      return busWriter(host, connection, String(binding.queueName ?? binding.topicName), neededBy);
    default:
      return unsent(host, fn, `The ${binding.type} output '${key}' of function '${fn.name}'`);
  }
}

/** An output that no client here can send: the app runs, and hears of it. */
function unsent(host: TriggerHost, fn: AppFunction, what: string): Write {
  return async (data) => {
    const size = contentOf(data)?.length;
    if (size !== undefined)
      tell(host, fn, 'warning', `${what} was set (${size} bytes), and this host does not send it.`);
  };
}

function queueWriter(host: TriggerHost, connection: string, queueName: string, neededBy: string): Write {
  const service = queueService(host, connection, neededBy);
  let created: Promise<unknown> | null = null;
  return async (data, trigger) => {
    const messages = messagesOf(data);
    if (messages.length === 0) return;
    const queue = service.getQueueClient(resolvePath(queueName, trigger, new Date(host.engine.now())));
    await (created ??= queue.createIfNotExists());
    for (const m of messages) await queue.sendMessage(encoded(m, host.hostJson.queues.encoding));
  };
}

function blobWriter(host: TriggerHost, connection: string, template: string, neededBy: string): Write {
  const service = blobService(host, connection, neededBy);
  splitPath(template, neededBy);
  return async (data, trigger) => {
    const content = contentOf(data);
    if (content === null) return;
    const path = resolvePath(template, trigger, new Date(host.engine.now()));
    const { container, name } = splitPath(path, neededBy);
    const client = service.getContainerClient(container);
    await client.createIfNotExists();
    await client.getBlockBlobClient(name).uploadData(content);
  };
}

function busWriter(host: TriggerHost, connection: string, entity: string, neededBy: string): Write {
  const sender = busSender(host, connection, entity, neededBy);
  return async (data) => {
    const isJson = (data as { json?: string } | null | undefined)?.json !== undefined;
    const messages = messagesOf(data).map((body) => ({
      body: Buffer.from(body),
      contentType: isJson ? 'application/json' : 'text/plain',
    }));
    if (messages.length > 0) await sender.sendMessages(messages);
  };
}

function reader(host: TriggerHost, fn: AppFunction, { key, binding }: NamedBinding): Read {
  const neededBy = `The input '${key}' of function '${fn.name}'`;
  const template = String(binding.path);
  const service = blobService(host, String(binding.connection ?? ''), neededBy);
  return async (trigger) => {
    const { container, name } = splitPath(resolvePath(template, trigger, new Date(host.engine.now())), neededBy);
    const client = service.getContainerClient(container).getBlockBlobClient(name);
    return (await client.exists()) ? client.downloadToBuffer() : null;
  };
}
