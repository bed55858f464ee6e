#!/usr/bin/env node
/**
 * `vip`: parse, call, print. Exit codes (formats.md): 0 done; 1 the run failed; 2 bad usage or bad input, with everything
 * that is wrong on stderr and nothing written.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { BadInput, describeProblem } from '../domain/problem';

function integer(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Expected an integer from ${min} to ${max}.`);
    return value;
  };
}

/** A roster of a million patients is beyond what the in-memory run can hold. */
const PATIENTS_MAX = 1_000_000;

function withParts(command: Command): Command {
  return command
    .addOption(
      new Option('--storage <kind>', 'where tables and blobs live').choices(['memory', 'azurite']).default('memory'),
    )
    .addOption(new Option('--bus <kind>', 'what carries messages').choices(['memory', 'amqp']).default('memory'));
}

function withCommon(command: Command): Command {
  return withStreams(withParts(command)).option('--force', 'replace what the output folder holds');
}

function withStreams(command: Command): Command {
  return command.option('--json', 'print the summary as JSON on stdout').option('--quiet', 'print nothing');
}

function program(): Command {
  const vip = new Command('vip')
    .description('Staged patient-outreach campaigns, run on a virtual clock.')
    .exitOverride();
  const seed = integer(0, Number.MAX_SAFE_INTEGER);
  withCommon(
    vip
      .command('pilot')
      .description('run a campaign in the local emulator with simulated patients')
      .option('--campaign <file>', 'campaign.json (default: the built-in five-week pilot)')
      .option('--roster <file>', 'roster.csv (default: a synthetic one)')
      .option('--seed <n>', 'seed of the draw, the roster and the simulated world', seed)
      .option('--patients <n>', 'size of the synthetic roster (default: 1000)', integer(1, PATIENTS_MAX))
      .option('--out <dir>', 'output folder, new or empty (default: out/<campaignId>-<n>)'),
  ).action(async (options) =>
    (await import('./host.js')).withHost(async (host) => (await import('./commands.js')).pilot(options, host), options),
  );
  withCommon(
    vip
      .command('replay')
      .description("run a recording's inputs and nothing else")
      .argument('<recording>', 'recording folder')
      .requiredOption('--out <dir>', 'output folder, new or empty'),
  ).action(async (folder, options) =>
    (await import('./host.js')).withHost(
      async (host) => (await import('./commands.js')).replay(folder, options, host),
      options,
    ),
  );
  withStreams(
    vip
      .command('roster')
      .description('write a synthetic roster')
      .requiredOption('--patients <n>', 'number of patients', integer(1, PATIENTS_MAX))
      .requiredOption('--seed <n>', 'seed', seed)
      .requiredOption('--out <file>', 'file to write')
      .option('--force', 'replace the file'),
  ).action(async (options) => (await import('./commands.js')).roster(options));
  withStreams(
    withParts(
      vip
        .command('serve')
        .description('run the app in the local emulator with its HTTP API, until stopped')
        .option('--port <n>', 'port on the loopback address', integer(0, 65_535), 7071)
        .addOption(
          new Option('--clock <mode>', 'real time, jump when idle, or only by POST /admin/clock')
            .choices(['real', 'auto', 'manual'])
            .default('real'),
        ),
    ),
  ).action(async (options) => (await import('./commands.js')).serve(options));
  addDeadLetters(vip);
  addRebuild(vip);
  for (const command of vip.commands) command.exitOverride();
  return vip;
}

function addDeadLetters(vip: Command): void {
  const letters = vip.command('dead-letters').description('messages that no receiver could handle').exitOverride();
  const actions = {
    list: ['show them, by ids and reasons', 'listDeadLetters'],
    replay: [
      'put them back on their queues, each under its id; texts under a new one, or the bus would drop them as known',
      'replayDeadLetters',
    ],
  } as const;
  for (const [name, [description, action]] of Object.entries(actions))
    letters
      .command(name)
      .description(description)
      .option('--queue <name>', 'one queue (default: all)')
      .addOption(new Option('--connection <string>', 'connection string of the bus').env('ServiceBus'))
      .option('--namespace <host>', 'host of the bus, with the identity of whoever is signed in')
      .option('--max <n>', 'at most so many of a queue', integer(1, 1_000_000), 1_000)
      .option('--json', 'print JSON')
      .exitOverride()
      .action(async (options) => (await import('./deadLetters.js'))[action](options));
}

function addRebuild(vip: Command): void {
  vip
    .command('rebuild')
    .description("make a campaign's ledger and projections again from entities and events")
    .requiredOption('--campaign <id>', 'which campaign')
    .option('--url <address>', 'of the running app', 'http://localhost:7071')
    .addOption(new Option('--key <key>', 'function key').env('VIP_FUNCTION_KEY'))
    .addOption(new Option('--what <part>', 'what to rebuild').choices(['ledger', 'people', 'all']).default('all'))
    .option('--dry-run', 'change nothing, only say what would be')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./rebuild.js')).rebuild(options));
}

async function main(): Promise<number> {
  try {
    await program().parseAsync(process.argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof BadInput) {
      process.stderr.write(
        `${[`error: ${error.what}`, ...error.problems.map((p) => `  ${describeProblem(p)}`)].join('\n')}\n`,
      );
      return 2;
    }
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
