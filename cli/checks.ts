/**
 * What a command was given, checked before anything runs: files that can be read, and every problem of all of them at
 * once (formats.md, "Exit codes"). A file's name is told as it was typed, what is in it only where it is not personal.
 */
import { readFileSync, statSync, type Stats } from 'node:fs';
import { BadInput, type Problem } from '../domain/problem';

/** Runs one check after another and keeps what each found. */
export class Checks {
  private readonly failed: BadInput[] = [];

  get sound(): boolean {
    return this.failed.length === 0;
  }

  /** What `check` gives, or undefined when its input is bad. */
  run<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      this.failed.push(error);
      return undefined;
    }
  }

  /** Throws one `BadInput` with every problem that was found. */
  done(): void {
    if (this.sound) return;
    const what = [...new Set(this.failed.map((error) => error.what))].join('; ');
    throw new BadInput(
      what,
      this.failed.flatMap((error): readonly Problem[] => error.problems),
    );
  }

  /** The roster is checked by the app, when everything else was sound; otherwise its problems are listed here. */
  async andRoster(csv: string, startsOn: string): Promise<void> {
    if (this.sound) return;
    const { parseRoster } = await import('../services/rosterFile.js');
    this.run(() => parseRoster(csv, startsOn === '' ? LAST_DATE : startsOn));
  }
}

/** No date of a row lies after it. */
const LAST_DATE = '9999-12-31';

/** What stands at `name`; nothing also where a folder on the way to it is a file. */
export function statOf(name: string): Stats | undefined {
  try {
    return statSync(name);
  } catch {
    return undefined;
  }
}

/** The text of a file. `option`: by which it was named. */
export function readInput(file: string, option: string): string {
  const bad = (expected: string) =>
    new BadInput('an input is missing', [{ field: option, value: JSON.stringify(file), expected }]);
  const stat = statOf(file);
  if (!stat) throw bad('a file that exists');
  if (stat.isDirectory()) throw bad('a file, not a folder');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw bad('a file that can be read');
  }
}

export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new BadInput('campaign.json is not valid', [
      { field: file, value: `${text.length} characters`, expected: 'JSON' },
    ]);
  }
}
