/**
 * `durable-emulator start`: hosts an app until it is told to end. SIGINT and SIGTERM end it in order; a second one at once.
 * The end of npx ends it too.
 */
import type { Command } from 'commander';
import { startHost } from '../index';
import type { Host, StartHostOptions } from '../types';
import { jsonPrinter, textPrinter, type Printer } from './print';
import { addOptions, faultOptions, hostOptions, type StartFlags } from './startOptions';
import { UsageError } from './usageError';

/** What the app's appTerminate hooks and open requests may take. */
const STOP_MAX_MS = 10_000;
/** How often npx is looked for. */
const PARENT_CHECK_MS = 500;

export function addStart(program: Command): void {
  addOptions(program.command('start').description('Hosts the app in a folder, until Ctrl+C.')).action(start);
}

async function start(flags: StartFlags): Promise<void> {
  const startedAt = performance.now();
  const printer = flags.json ? jsonPrinter(flags.quiet) : textPrinter(flags.quiet);
  const options = hostOptions(flags);
  const failure = new Promise<Error>((resolve) => (options.onFailure = resolve));
  const host = await open({ ...options, log: (line) => printer.line(line) }, printer, flags.json);
  if (!host) return;
  const told = signal();
  printer.ready(host, await host.functions(), await notes(host, flags, performance.now() - startedAt));
  const failed = await Promise.race([told, failure]);
  if (failed) {
    printer.failed(failed);
    process.exitCode = 1;
  }
  await close(host, failed !== undefined);
  printer.stopped();
}

/** Null when the host does not start; the reason is written then. */
async function open(options: StartHostOptions, printer: Printer, isJson: boolean): Promise<Host | null> {
  try {
    return await startHost(options);
  } catch (error) {
    if (!isJson) throw new UsageError((error as Error).message);
    printer.failed(error as Error);
    process.exitCode = 2;
    return null;
  }
}

/** Resolves with nothing on the first signal, or when npx, which passes no signal on, has been ended. */
function signal(): Promise<undefined> {
  return new Promise((resolve) => {
    if (process.env.npm_command === 'exec') onOrphaned(() => resolve(undefined));
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => {
        process.once(name, () => process.exit(1));
        resolve(undefined);
      });
    }
  });
}

function onOrphaned(then: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, PARENT_CHECK_MS).unref();
}

async function close(host: Host, isBroken: boolean): Promise<void> {
  const late = setTimeout(() => process.exit(1), STOP_MAX_MS);
  await host.stop();
  clearTimeout(late);
  if (isBroken) process.exitCode = 1;
}

async function notes(host: Host, flags: StartFlags, tookMs: number): Promise<string[]> {
  const faults = faultOptions(flags);
  const lines = [`Host started (${Math.round(tookMs)}ms). Clock: ${flags.clock}, ${(await host.now()).toISOString()}.`];
  if (flags.data !== undefined) lines.push(`Data: ${flags.data}`);
  if (flags.strict === 'off') lines.push('Strict is off: traps behave as on the real host.');
  if (faults) lines.push(`Faults: ${JSON.stringify(faults)}`);
  if (flags.keys) {
    const { master, host: hostKey, durable } = await host.keys();
    lines.push(`Keys: master ${master}`, `      host (every function) ${hostKey}`, `      durable webhooks ${durable}`);
  }
  return lines;
}
