/**
 * Where a command writes: a folder, new or empty, or replaced with `--force`; or one file. Checked before anything runs.
 * A folder is written whole at the end or not at all; one that is there already stays the folder it is (it may be a link,
 * a mount, or where the user stands), and only what is in it is replaced.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { BadInput } from '../domain/problem';
import { statOf } from './checks';

/** Written here first; inside the folder where that exists. */
const STAGED = '.writing';

/** Throws `BadInput` when `folder` cannot be written, or holds anything and `force` is off. */
export function checkOutputFolder(folder: string, force: boolean): void {
  const problem = (expected: string) =>
    new BadInput('the output folder cannot be used', [{ field: '--out', value: folder, expected }]);
  const stat = statOf(folder);
  if (stat && !stat.isDirectory()) throw problem('a folder, new or empty');
  if (stat && readdirSync(folder).some((name) => name !== STAGED) && !force)
    throw problem('a new or empty folder; --force replaces it');
  if (!isWritable(nearest(folder))) throw problem('a folder in which files can be written');
}

/** Throws `BadInput` when `file` cannot be written, or exists and `force` is off. */
export function checkOutputFile(file: string, force: boolean): void {
  const problem = (expected: string) =>
    new BadInput('the roster cannot be written', [{ field: '--out', value: file, expected }]);
  const stat = statOf(file);
  if (stat?.isDirectory()) throw problem('a file, not a folder');
  if (stat && !force) throw problem('a file that does not exist; --force replaces it');
  const folder = path.dirname(path.resolve(file));
  if (!existsSync(folder) || !isWritable(folder)) throw problem('a file in a folder that exists');
}

/** The folder itself, or the first above it that exists. */
function nearest(folder: string): string {
  let at = path.resolve(folder);
  while (!statOf(at) && path.dirname(at) !== at) at = path.dirname(at);
  return at;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

/** `out/<campaignId>-<n>` with the next free n. */
export function nextOutputFolder(campaignId: string): string {
  for (let n = 1; ; n += 1) {
    const folder = path.join('out', `${campaignId}-${n}`);
    if (!existsSync(folder)) return folder;
  }
}

/** `files`: by path inside the folder. What `out` held before is gone. */
export function writeOutputFolder(out: string, files: Readonly<Record<string, string>>): void {
  const folder = path.resolve(out);
  const isThere = existsSync(folder);
  const staged = isThere ? path.join(folder, STAGED) : folder + STAGED;
  rmSync(staged, { recursive: true, force: true });
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(staged, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  if (!isThere) return renameSync(staged, folder);
  for (const name of readdirSync(folder))
    if (name !== STAGED) rmSync(path.join(folder, name), { recursive: true, force: true });
  for (const name of readdirSync(staged)) renameSync(path.join(staged, name), path.join(folder, name));
  rmSync(staged, { recursive: true });
}
