/**
 * `durable-emulator replay FILE... --app DIR`: recorded histories against today's code, for CI. Exit code 0: all the same,
 * 1: one differs, 2: bad usage, a bad file, or an app that does not load.
 */
import type { Command } from 'commander';
import { replayHistory, replayText } from '../replay/index';
import { EXIT, guarded } from './remote';

interface ReplayCommandOptions {
  app: string;
  exact?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('replay')
    .description("replay recorded histories against the app's code of today and show the first event that differs")
    .argument('<file...>', 'history files, or folders of them')
    .option('--app <dir>', 'folder of the app', '.')
    .option('--exact', 'changed timer instants, entity inputs and outputs count as differences')
    .option('--json', 'results as JSON')
    .action((files: string[], options: ReplayCommandOptions) => guarded(() => replay(files, options)));
}

async function replay(files: string[], options: ReplayCommandOptions): Promise<number> {
  const report = await replayHistory({ app: options.app, file: files, exact: options.exact ?? false });
  const { results, differences } = report;
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else {
    for (const r of results) process.stdout.write(`${replayText(r)}\n`);
    process.stdout.write(
      differences.length === 0
        ? `\n${results.length === 1 ? '1 history replays' : `${results.length} histories replay`} the same.\n`
        : `\n${differences.length} of ${results.length} differ: instances in flight would break.\n`,
    );
  }
  return report.same ? EXIT.ok : EXIT.differs;
}
