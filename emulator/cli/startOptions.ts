/**
 * The options of `start`, read into those of startHost. Every wrong value is named with what was expected.
 */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readLocalSettings } from '../realm/settings';
import type { ClockMode, FaultOptions, StartHostOptions } from '../types';
import { UsageError } from './usageError';

export interface StartFlags {
  app: string;
  port?: number;
  clock: ClockMode;
  startAt?: Date;
  data?: string;
  strict: 'on' | 'off';
  keys: boolean;
  json: boolean;
  quiet: boolean;
  seed?: number;
  faultsSeed?: number;
  [fault: `faults${string}`]: number | undefined;
}

const DEFAULT_PORT = 7071;

/** Rates of faults by the names that FaultOptions has. */
const FAULTS: Record<Exclude<keyof FaultOptions, 'seed'>, string> = {
  crash: 'the host loses what it had in memory before or after a durable step, and recovers',
  duplicate: 'an activity runs twice, or its completion comes twice',
  delay: 'a completion comes after everything else that is due',
  delayMs: 'how much later a delayed completion may come, in ms (no rate)',
  reorder: 'receivers that are ready run in another order',
  earlyTimers: 'a durable timer fires up to a second early',
  clockJumps: 'a virtual clock goes past the next due instant, and all is late',
  clockJumpMs: 'how far past at most, in ms (no rate)',
  failActivities: 'an activity throws instead of running',
  slowStorage: 'a write takes 1 to 20 ms longer',
};

export function addOptions(command: Command): Command {
  command
    .option('--app <folder>', "the app's folder, with package.json and host.json", '.')
    .option(
      '--port <number>',
      `port of the host; 0 takes a free one (default: LocalHttpPort, or ${DEFAULT_PORT})`,
      port,
    )
    .addOption(
      new Option('--clock <mode>', "real: the machine's; auto: jumps when all is idle; manual: moves when told")
        .choices(['real', 'auto', 'manual'])
        .default('real'),
    )
    .option('--start-at <instant>', 'where the clock starts, ISO 8601 (default: now)', instant)
    .option('--data <folder>', 'keeps instances, histories, entities and timers there (default: in memory)')
    .addOption(
      new Option('--strict <on|off>', 'on: traps of the real host end the instance with a message; off: as it does')
        .choices(['on', 'off'])
        .default('on'),
    )
    .option('--keys', 'asks for function, system and master keys as Azure does', false)
    .option('--seed <number>', 'where generated ids and keys come from', wholeNumber)
    .option('--json', 'writes one JSON object a line', false)
    .option('--quiet', 'writes warnings and errors only', false)
    .option('--faults-seed <number>', 'seed of the faults below; the same seed makes the same faults', wholeNumber);
  for (const [name, text] of Object.entries(FAULTS)) {
    const flag = `faults-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
    command.option(`--${flag} <number>`, name === 'delayMs' ? text : `rate in [0, 1]: ${text}`, fault(name));
  }
  return command;
}

/** Throws UsageError for an app folder that is not there, or a local.settings.json that cannot be read. */
export function hostOptions(flags: StartFlags): StartHostOptions {
  const app = path.resolve(flags.app);
  if (!existsSync(app) || !statSync(app).isDirectory()) throw new UsageError(`The app folder ${app} does not exist.`);
  const options: StartHostOptions = {
    app,
    clock: flags.clock,
    port: flags.port ?? localPort(app) ?? DEFAULT_PORT,
    strict: flags.strict === 'on',
    keys: flags.keys,
    console: 'log',
    logLevel: flags.quiet ? 'warning' : 'trace',
  };
  if (flags.startAt !== undefined) options.startAt = flags.startAt;
  if (flags.data !== undefined) options.data = path.resolve(flags.data);
  if (flags.seed !== undefined) options.seed = flags.seed;
  const faults = faultOptions(flags);
  if (faults) options.faults = faults;
  return options;
}

function localPort(app: string): number | null {
  try {
    return readLocalSettings(app).port;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Undefined when no fault is asked for. */
export function faultOptions(flags: StartFlags): FaultOptions | undefined {
  const rates: Partial<FaultOptions> = {};
  for (const name of Object.keys(FAULTS) as (keyof typeof FAULTS)[]) {
    const value = flags[`faults${name[0]?.toUpperCase()}${name.slice(1)}`];
    if (value !== undefined) rates[name] = value;
  }
  if (Object.keys(rates).length === 0) {
    if (flags.faultsSeed === undefined) return undefined;
    throw new UsageError('--faults-seed is given without a rate: give one, such as --faults-crash 0.01.');
  }
  return { seed: flags.faultsSeed ?? 1, ...rates };
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65535) return value;
  throw new InvalidArgumentError('Expected is a whole number from 0 to 65535.');
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected is a whole number.');
}

const fault =
  (name: string) =>
  (text: string): number => {
    const value = Number(text);
    const max = name === 'delayMs' ? Number.MAX_SAFE_INTEGER : 1;
    if (text.trim() !== '' && value >= 0 && value <= max) return value;
    throw new InvalidArgumentError(max === 1 ? 'Expected is a number from 0 to 1.' : 'Expected are milliseconds.');
  };

function instant(text: string): Date {
  const at = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('Expected is an instant such as 2026-01-05T09:00:00Z.');
}
