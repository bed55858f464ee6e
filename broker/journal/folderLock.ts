/**
 * One process per journal folder: a file with the process's number and start. A file left behind by a process that is
 * gone (its number unused, or used by one that started later) is taken over.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { JournalError } from './journalError';

const NAME = 'lock';
const heldHere = new Set<string>();

/** Gives what releases it. @throws JournalError when another broker has the folder. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(path.resolve(folder), NAME);
  const owner = `${process.pid} ${startOf(process.pid)}`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const descriptor = openSync(file, 'wx');
      writeSync(descriptor, owner);
      closeSync(descriptor);
      heldHere.add(file);
      return () => {
        heldHere.delete(file);
        rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readOwner(file);
      if (heldHere.has(file) || isAlive(holder)) throw inUse(folder, holder);
      rmSync(file, { force: true });
    }
  }
  throw inUse(folder, readOwner(file));
}

function inUse(folder: string, holder: string): JournalError {
  const process = holder.split(' ')[0];
  return new JournalError(
    `The journal folder ${folder} is in use by process ${process}. Stop that broker first, or give another folder.`,
  );
}

function readOwner(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(owner: string): boolean {
  const [id, start] = owner.split(' ');
  const pid = Number(id);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return pid !== process.pid && (start === '' || startOf(pid) === start);
}

/** When a process started, as Linux counts it; empty where that cannot be known. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
