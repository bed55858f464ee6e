/**
 * Azurite for a run: in a thread of its own, so that it ends with this process however that ends, on free ports of the
 * loopback, without telemetry, in memory unless a folder is given. Prints nothing. What it keeps is gone with `stop` when
 * in memory; in a folder it stays.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface Azurite {
  /** For tables and blobs (and queues), with Azurite's published key. */
  readonly connectionString: string;
  stop(): Promise<void>;
}

export interface AzuriteOptions {
  /** Keep everything there; absent: in memory. */
  readonly folder?: string;
  /** Longest wait for it to listen, ms. Default 30,000: on a busy machine it takes some seconds. */
  readonly startMs?: number;
}

const START_MS = 30_000;
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const SERVICES = ['Blob', 'Queue', 'Table'] as const;

/** Throws when Azurite does not listen in time, with what it said. */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const worker = new Worker(require.resolve('azurite/dist/src/azurite.js'), {
    argv: argumentsFor(options.folder),
    stdout: true,
    stderr: true,
  });
  const stop = async (): Promise<void> => {
    await worker.terminate();
  };
  try {
    const ports = await portsOf(worker, options.startMs ?? START_MS);
    // A run that fails before `stop` still ends.
    worker.unref();
    return { connectionString: connectionStringOf(ports), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function argumentsFor(folder: string | undefined): string[] {
  // Version checks would make each newer SDK fail; nothing here depends on what it adds.
  const flags = ['--silent', '--disableTelemetry', '--skipApiVersionCheck'];
  const ports = SERVICES.flatMap((service) => [
    `--${service.toLowerCase()}Host`,
    '127.0.0.1',
    `--${service.toLowerCase()}Port`,
    '0',
  ]);
  return [...flags, ...ports, ...(folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder])];
}

/** Ports by service, read from the lines in which Azurite says that it listens. */
async function portsOf(worker: Worker, startMs: number): Promise<Record<string, string>> {
  const ports: Record<string, string> = {};
  let said = '';
  const abort = new AbortController();
  const listening = new Promise<void>((resolve) => {
    const read = (chunk: Buffer) => {
      said += chunk.toString();
      for (const [, service, port] of said.matchAll(/Azurite (\w+) service is successfully listening at \S+:(\d+)/g))
        ports[service!] = port!;
      if (SERVICES.every((service) => ports[service])) resolve();
    };
    worker.stdout.on('data', read);
    worker.stderr.on('data', read);
  });
  const { signal } = abort;
  const failed = async (): Promise<never> => {
    const timer = new Promise((resolve) => {
      const timeout = setTimeout(() => resolve('no answer in time'), startMs);
      signal.addEventListener('abort', () => clearTimeout(timeout));
    });
    const ended = once(worker, 'exit', { signal }).then(() => 'it ended');
    const broke = once(worker, 'error', { signal }).then(([error]: unknown[]) => String(error));
    const why = await Promise.race([timer, ended, broke]);
    throw new Error(`Azurite did not start: ${String(why)}; it said: ${said.trim().slice(-500) || 'nothing'}`);
  };
  try {
    await Promise.race([listening, failed()]);
    return ports;
  } finally {
    abort.abort();
  }
}

function connectionStringOf(ports: Readonly<Record<string, string>>): string {
  const endpoints = SERVICES.map((service) => `${service}Endpoint=http://127.0.0.1:${ports[service]}/${ACCOUNT}`);
  return [`DefaultEndpointsProtocol=http`, `AccountName=${ACCOUNT}`, `AccountKey=${KEY}`, ...endpoints].join(';');
}
