/**
 * The benchmarks of the emulator, beside its rivals: `npm run bench -- --emulator [--rivals DIR] [--node PATH]
 * [--samples N] [--only SECTIONS] [--large]`. Never run by the tests, since a timed test fails on a busy machine. What is
 * measured, and what was promised, stands in settings.ts.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Command } from 'commander';
import { compare } from './compare';
import { machine, say } from './print';
import { rivalsIn } from './rivals';
import { idle, list, start } from './sections';
import { LISTED, SAMPLES } from './settings';

interface Options {
  readonly rivals?: string;
  readonly node: string;
  readonly samples: string;
  readonly only: string;
  readonly large?: true;
}

/** In the order in which they run. */
const SECTIONS: Readonly<Record<string, (options: Options, samples: number) => void | Promise<void>>> = {
  start: ({ node }, samples) => start(node, samples),
  compare: ({ node, rivals }, samples) => {
    const rivalFolder = path.resolve(rivals ?? '.');
    const present = rivalsIn(rivals === undefined ? undefined : rivalFolder, node, (line) => say(`${line}\n`));
    compare({ node, rivals: present, rivalFolder, samples });
  },
  idle: ({ node }) => idle(node),
  list: ({ node, large }) => list(node, large ? LISTED.large : LISTED.usual),
};

async function main(options: Options): Promise<void> {
  const samples = Number(options.samples);
  if (!Number.isInteger(samples) || samples < 1)
    throw new Error(`--samples is '${options.samples}', not a whole number from 1.`);
  const wanted = options.only.split(',');
  const unknown = wanted.find((name) => !(name in SECTIONS));
  if (unknown !== undefined)
    throw new Error(`--only has '${unknown}', which is none of ${Object.keys(SECTIONS).join(', ')}.`);
  const version = execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim();
  say(machine(version));
  say(`Medians of ${samples} where several runs are made.`);
  for (const [name, section] of Object.entries(SECTIONS)) {
    if (!wanted.includes(name)) continue;
    say();
    await section(options, samples);
  }
  say();
  say(`At the end: ${machine(version)}`);
}

new Command('bench')
  .description('Benchmarks of the emulator beside its rivals; prints Markdown.')
  .option('--rivals <dir>', 'folder with the rivals installed; without it they are left out')
  .option('--node <path>', 'Node that runs all that is measured', process.execPath)
  .option('--samples <n>', 'runs of which each figure is the median', String(SAMPLES))
  .option('--only <sections>', 'which sections to run', Object.keys(SECTIONS).join(','))
  .option('--large', `list ${LISTED.large} instances instead of ${LISTED.usual}`)
  .action(main)
  .parseAsync()
  .catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
