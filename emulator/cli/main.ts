/**
 * The command line: sub-commands, and what an error means for the exit code (2: it could not start, or was asked wrongly;
 * 1: it failed while it ran). Leaves out what each sub-command does.
 */
import { Command, CommanderError } from 'commander';
import { UsageError } from './usageError';
import { version } from './version';

/** Runs a command line without program names. Sets process.exitCode. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('durable-emulator')
    .description(
      'A local host for Azure Functions v4 and Durable Functions apps in JavaScript, on a clock you can move.',
    )
    .version(version())
    .showHelpAfterError('(durable-emulator --help tells what can be asked)')
    .exitOverride()
    .helpCommand(true);
  const { addStart } = await import('./start.js');
  addStart(program);
  // a start is not kept waiting by what it does not need
  if (args[0] !== 'start') {
    (await import('./history.js')).register(program);
    (await import('./export.js')).register(program);
    (await import('./replay.js')).register(program);
  }
  if (args.length === 0) return program.outputHelp();
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  // commander has written its own message, and help is no error
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UsageError ? 2 : 1;
}
