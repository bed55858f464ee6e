/** The output folder of a run: new or empty, or replaced with `--force`; written whole at the end or not at all. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BadInput } from '../domain/problem';

/** Throws `BadInput` when `folder` holds anything and `force` is off. */
export function checkOutputFolder(folder: string, force: boolean): void {
  if (!existsSync(folder)) return;
  const problem = (value: string, expected: string) =>
    new BadInput('the output folder cannot be used', [{ field: '--out', value, expected }]);
  if (!statSync(folder).isDirectory()) throw problem(folder, 'a folder, new or empty');
  if (readdirSync(folder).length > 0 && !force) throw problem(folder, 'a new or empty folder; --force replaces it');
}

/** `out/<campaignId>-<n>` with the next free n. */
export function nextOutputFolder(campaignId: string): string {
  for (let n = 1; ; n += 1) {
    const folder = path.join('out', `${campaignId}-${n}`);
    if (!existsSync(folder)) return folder;
  }
}

/** `files`: by path inside the folder. */
export function writeOutputFolder(folder: string, files: Readonly<Record<string, string>>): void {
  const staged = `${folder}.writing`;
  rmSync(staged, { recursive: true, force: true });
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(staged, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(staged, folder);
}
