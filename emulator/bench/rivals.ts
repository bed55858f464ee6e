/**
 * The rivals of the comparison: packages that are in no package.json of ours, installed by whoever wants to compare into a
 * folder outside the repository. Both need Node 22 and have a script in bench/rivals.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RIVALS } from './settings';

export interface Rival {
  readonly title: string;
  readonly package: string;
  readonly script: string;
}

const KNOWN: readonly Rival[] = [
  {
    title: 'durabletask-js',
    package: '@microsoft/durabletask-js',
    script: path.join(RIVALS, 'durabletask.js'),
  },
  {
    title: 'AWS testing',
    package: '@aws/durable-execution-sdk-js-testing',
    script: path.join(RIVALS, 'aws.js'),
  },
];
const NODE_MIN = 22;
const INSTALL = `mkdir DIR && cd DIR && npm install ${KNOWN.map((r) => r.package).join(' ')} @aws/durable-execution-sdk-js`;

/** The rivals installed in a folder, with their versions in the title; what is absent is said in one line each. */
export function rivalsIn(folder: string | undefined, node: string, say: (line: string) => void): Rival[] {
  if (folder === undefined) {
    say(`Rivals left out: ${INSTALL}, then --rivals DIR (with Node ${NODE_MIN} or newer, or --node PATH of one).`);
    return [];
  }
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  if (Number(/^v(\d+)/.exec(version)?.[1]) < NODE_MIN) {
    say(`Rivals left out: they need Node ${NODE_MIN}, and ${node} is ${version}; give --node PATH of a newer one.`);
    return [];
  }
  return KNOWN.flatMap((rival) => {
    const manifest = path.join(folder, 'node_modules', rival.package, 'package.json');
    if (existsSync(manifest)) {
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
      return [{ ...rival, title: `${rival.title} ${version}` }];
    }
    say(`${rival.package} left out: not in ${folder}. ${INSTALL}`);
    return [];
  });
}
