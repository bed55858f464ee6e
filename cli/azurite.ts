/**
 * Azurite for a run: in a thread of its own, so that it ends with this process however that ends, on free ports of the
 * loopback, without telemetry, in memory unless a folder is given. Prints nothing. With a folder, `stop` must be awaited:
 * Azurite writes its databases every few seconds and when it closes.
 */
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
/** For closing, which waits for requests under way. */
const STOP_MS = 10_000;
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const SERVICES = ['Blob', 'Queue', 'Table'] as const;

/** Azurite speaks by console.log and, as a child process, ends at a message; in a thread both go over the port. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const say = (...words) => parentPort.postMessage(words.join(' '));
  Object.assign(console, { log: say, info: say, warn: say, error: say });
  parentPort.once('message', () => process.emit('message', 'shutdown'));
  require(workerData);
`;

/** Throws when Azurite does not listen in time, with what it said. */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: require.resolve('azurite/dist/src/azurite.js'),
    argv: argumentsFor(options.folder),
  });
  try {
    const ports = await portsOf(worker, options.startMs ?? START_MS);
    // A run that fails before `stop` still ends.
    worker.unref();
    const isKept = options.folder !== undefined;
    return { connectionString: connectionStringOf(ports), stop: () => stopped(worker, isKept) };
  } catch (error) {
    await worker.terminate();
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
function portsOf(worker: Worker, startMs: number): Promise<Record<string, string>> {
  const ports: Record<string, string> = {};
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timeout);
      reject(new Error(`Azurite did not start: ${why}; it said: ${said.join(' ').slice(-500) || 'nothing'}`));
    };
    const timeout = setTimeout(() => fail(`no answer in ${startMs} ms`), startMs);
    worker.on('message', (line: string) => {
      said.push(line);
      const [, service, port] = /Azurite (\w+) service is successfully listening at \S+:(\d+)/.exec(line) ?? [];
      if (service && port) ports[service] = port;
      if (!SERVICES.every((each) => ports[each])) return;
      clearTimeout(timeout);
      resolve(ports);
    });
    worker.once('error', (error) => fail(String(error)));
    worker.once('exit', (code) => fail(`it ended with ${code}`));
  });
}

async function stopped(worker: Worker, isKept: boolean): Promise<void> {
  if (isKept) {
    const closed = new Set<string>();
    await new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, STOP_MS);
      const finish = () => {
        clearTimeout(timeout);
        resolve();
      };
      worker.on('message', (line: string) => {
        const [, service] = /Azurite (\w+) service successfully closed/.exec(line) ?? [];
        if (service) closed.add(service);
        if (closed.size === SERVICES.length) finish();
      });
      worker.once('exit', finish);
      worker.postMessage('stop');
    });
  }
  await worker.terminate();
}

function connectionStringOf(ports: Readonly<Record<string, string>>): string {
  const endpoints = SERVICES.map((service) => `${service}Endpoint=http://127.0.0.1:${ports[service]}/${ACCOUNT}`);
  return [`DefaultEndpointsProtocol=http`, `AccountName=${ACCOUNT}`, `AccountKey=${KEY}`, ...endpoints].join(';');
}
