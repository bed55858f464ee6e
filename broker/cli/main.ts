/**
 * The command `local-service-bus`: reads its arguments and the configuration, starts the broker, prints the connection
 * string and runs until it is told to end. Exit code 0 when ended by a signal, 2 when it could not start, 1 when it failed.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError } from '../config/readConfig';
import { JournalError } from '../journal/journalError';
import { startBroker, type BrokerOptions } from '../startBroker';

const DEFAULT_PORT = 5672;

export const HELP = `Usage: local-service-bus --config FILE [--port N] [--host H] [--journal DIR] [--strict]

A local Azure Service Bus broker (AMQP 1.0, plain TCP) for the real client libraries.

  --config FILE   entities, in the format of the official Service Bus emulator's config.json
  --port N        port to listen on (default ${DEFAULT_PORT}; 0 takes a free one)
  --host H        address to listen on (default 127.0.0.1)
  --journal DIR   keep messages in this folder; without it they are in memory only
  --strict        also refuse times that the official emulator refuses
  --help          this text

When ready it prints one line with its connection string. SIGTERM or SIGINT (Ctrl+C) ends it.`;

/** What cannot be started, in words for the person who started it. */
class UsageError extends Error {}

export async function main(args: readonly string[]): Promise<void> {
  try {
    const options = readArguments(args);
    if (!options) return console.log(HELP);
    const broker = await startBroker(options);
    console.log(`Service Bus ready: ${broker.connectionString}`);
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) return;
      isStopping = true;
      void broker.stop().then(() => process.exit(0), fail);
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  } catch (error) {
    fail(error, args);
  }
}

function readArguments(args: readonly string[]): BrokerOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  if (values.config === undefined)
    throw new UsageError('--config FILE is missing: it names the entities (see --help).');
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port: expected a whole number from 0 to 65535 but got ${JSON.stringify(values.port)}.`);
  }
  return {
    config: readConfigFile(values.config),
    port,
    isStrict: values.strict === true,
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values.journal === undefined ? {} : { journal: values.journal }),
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseKnown> {
  try {
    return parseKnown(args);
  } catch (error) {
    throw new UsageError(`${(error as Error).message} (see --help).`);
  }
}

function parseKnown(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      config: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      journal: { type: 'string' },
      strict: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function readConfigFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--config: cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw new UsageError(`--config: ${file} is not JSON: ${(error as Error).message}`);
  }
}

function fail(error: unknown, args: readonly string[] = []): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    console.error(
      `The port is in use by another program (${args.join(' ')}). Give another --port, or 0 for a free one.`,
    );
    process.exit(2);
  }
  const isExpected = error instanceof UsageError || error instanceof ConfigError || error instanceof JournalError;
  const isSystem = code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'ENOTDIR';
  if (isExpected || isSystem) {
    console.error((error as Error).message);
    process.exit(2);
  }
  console.error(error);
  process.exit(1);
}
