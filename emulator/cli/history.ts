/**
 * `durable-emulator history ID`: one instance's history as a timeline to be read, from the management API alone, so that
 * it serves a real host too. Leaves out how the text is laid out (historyText).
 */
import type { Command } from 'commander';
import type { Status } from '../types';
import { historyText } from './historyText';
import { CommandError, DEFAULT_URL, EXIT, getJson, guarded, type RemoteOptions } from './remote';

const MANAGEMENT = '/runtime/webhooks/durabletask';
const ALL = 'showHistory=true&showHistoryOutput=true&showInput=true';

export function register(program: Command): void {
  program
    .command('history')
    .description('print the history of an instance')
    .argument('<id>', 'instance id')
    .option('--url <url>', 'address of the host', DEFAULT_URL)
    .option('--code <key>', 'system or master key, where the host asks for one')
    .option('--json', 'the status with its history, as the management API gives it')
    .action((id: string, options: RemoteOptions & { json?: boolean }) => guarded(() => history(id, options)));
}

async function history(id: string, options: RemoteOptions & { json?: boolean }): Promise<void> {
  const code = options.code ? `&code=${encodeURIComponent(options.code)}` : '';
  const path = `${MANAGEMENT}/instances/${encodeURIComponent(id)}?${ALL}${code}`;
  const { status, body } = await getJson(options, path);
  if (status === 404) throw new CommandError(`There is no instance '${id}' at ${options.url}.`, EXIT.differs);
  if (status >= 300 || typeof body !== 'object' || body === null) {
    throw new CommandError(`${options.url} answered ${status}: ${JSON.stringify(body).slice(0, 200)}`);
  }
  const text = options.json ? JSON.stringify(body, null, 2) : historyText(body as Status);
  process.stdout.write(`${text}\n`);
}
