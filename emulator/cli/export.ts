/**
 * `durable-emulator export ID`: writes an instance's raw history, as the orchestrator trigger receives it, to a file that
 * `replay` reads. Format: docs/replay.md.
 */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { HistoryFile } from '../replay/historyFile';
import { CommandError, DEFAULT_URL, EXIT, getJson, guarded, type RemoteOptions } from './remote';

interface ExportOptions extends RemoteOptions {
  out?: string;
  withChildren?: boolean;
}

export function register(program: Command): void {
  program
    .command('export')
    .description('write the history of an instance to a file for replay')
    .argument('<id>', 'instance id')
    .option('--out <file>', 'file to write (default: standard output)')
    .option('--with-children', 'sub-orchestrations too, all the way down')
    .option('--url <url>', 'address of the host', DEFAULT_URL)
    .option('--code <key>', 'master key, where the host asks for one')
    .action((id: string, options: ExportOptions) => guarded(() => exportHistory(id, options)));
}

async function exportHistory(id: string, options: ExportOptions): Promise<void> {
  const query = options.withChildren ? '?children=true' : '';
  const { status, body } = await getJson(options, `/admin/instances/${encodeURIComponent(id)}/history${query}`);
  const message = (body as { Message?: string } | null)?.Message;
  if (status === 404) {
    throw new CommandError(
      message ?? `${options.url} has no route for raw histories; it is not a durable-emulator.`,
      EXIT.differs,
    );
  }
  if (status !== 200) throw new CommandError(message ?? `${options.url} answered ${status}.`);
  const text = `${JSON.stringify(body, null, 1)}\n`;
  if (options.out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(options.out, text);
  } catch (error) {
    throw new CommandError(`${options.out} cannot be written: ${(error as Error).message}`);
  }
  const { instances } = body as HistoryFile;
  const events = instances.reduce((n, i) => n + i.history.length, 0);
  process.stdout.write(`${options.out}: ${instances.length} instance(s), ${events} events\n`);
}
