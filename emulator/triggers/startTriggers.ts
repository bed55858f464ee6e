/**
 * Starts what listens to brokers and storage, and gives functions their outputs. The code and the SDKs behind it are loaded
 * only when the app has such a function, so that other apps start as fast as before.
 */
import type { AppFunction, FunctionTable } from '../realm/functionTable';
import type { Listening, TriggerHost } from './triggerHost';

/** Checks connections and installs inputs and outputs. Throws, naming function and setting, before anything listens. */
export async function prepareBindings(host: TriggerHost, functions: FunctionTable): Promise<void> {
  if (!functions.all.some((fn) => fn.outputs.length > 0 || fn.blobInputs.length > 0)) return;
  const { connectBindings } = await import('./bindings.js');
  connectBindings(host, functions.all);
}

/** Resolves when all triggers listen. */
export async function startTriggers(host: TriggerHost, functions: FunctionTable): Promise<Listening> {
  const started: Listening[] = [];
  try {
    for (const fn of functions.all) {
      const listening = await startOne(host, fn);
      if (listening) started.push(listening);
    }
  } catch (error) {
    await stopAll(started);
    throw error;
  }
  return { stop: () => stopAll(started) };
}

const stopAll = async (all: Listening[]): Promise<void> => void (await Promise.all(all.map((l) => l.stop())));

async function startOne(host: TriggerHost, fn: AppFunction): Promise<Listening | null> {
  switch (fn.kind) {
    case 'serviceBus':
      return (await import('./serviceBus.js')).startServiceBus(host, fn);
    case 'storageQueue':
      return (await import('./storageQueue.js')).startStorageQueue(host, fn);
    case 'blob':
      return (await import('./blob.js')).startBlob(host, fn);
    case 'http':
    case 'timer':
    case 'orchestration':
    case 'activity':
    case 'entity':
      return null;
    default:
      return fn.kind satisfies never;
  }
}
