/**
 * replayHistory(): recorded histories against an app's orchestrators of today, in a thread of its own. For tests and CI.
 * Leaves out what is compared (run, compare) and what files are read (historyFile).
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { parseHistories, readHistoryFile, type RecordedHistory } from './historyFile';
import type { ReplayResult } from './run';
import type { FromReplay, ReplayData } from './worker';

export { HistoryFileError, type ExportedInstance, type HistoryFile } from './historyFile';
export type { ReplayDifference, ReplayResult } from './run';
export { replayText } from './report';

export interface ReplayOptions {
  /** the app's folder, as for startHost */
  app: string;
  /** a file, a folder of files (.json, .jsonl), or several of these */
  file?: string | string[];
  /** a history as an object, instead of `file` */
  history?: unknown;
  /** default false: changed timer instants, entity inputs and outputs are remarks, not differences */
  exact?: boolean;
  /** set before the app loads */
  env?: Record<string, string>;
}

export interface ReplayReport {
  /** every history replayed the same */
  same: boolean;
  /** in the order of the files */
  results: (ReplayResult & { file: string })[];
  /** those that differ */
  differences: (ReplayResult & { file: string })[];
}

/** Files read from one folder: more are more than a CI run wants to wait for. */
const FILES_MAX = 10_000;

/** Throws HistoryFileError for a file that cannot be replayed, and Error when the app does not load. */
export async function replayHistory(options: ReplayOptions): Promise<ReplayReport> {
  const named = read(options);
  const data: ReplayData = {
    app: path.resolve(options.app),
    env: options.env ?? {},
    exact: options.exact ?? false,
    histories: named.map((n) => n.history),
  };
  const results = (await inThread(data)).map((r, i) => ({ file: named[i]?.file ?? '', ...r }));
  const differences = results.filter((r) => !r.same);
  return { same: differences.length === 0, results, differences };
}

function read(options: ReplayOptions): { file: string; history: RecordedHistory }[] {
  if (options.history !== undefined) {
    return parseHistories(JSON.stringify(options.history)).map((history) => ({ file: '', history }));
  }
  const asked = options.file === undefined ? [] : [options.file].flat();
  if (asked.length === 0) throw new Error('replayHistory() needs a file or a history.');
  return asked.flatMap(filesIn).flatMap((file) => readHistoryFile(file).map((history) => ({ file, history })));
}

function filesIn(name: string): string[] {
  if (!existsSync(name) || !statSync(name).isDirectory()) return [name];
  const found = readdirSync(name, { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.jsonl?$/.test(f))
    .sort();
  if (found.length === 0) throw new Error(`The folder ${name} holds no .json or .jsonl file.`);
  if (found.length > FILES_MAX)
    throw new Error(`The folder ${name} holds ${found.length} files; at most ${FILES_MAX}.`);
  return found.map((f) => path.join(name, f));
}

function inThread(data: ReplayData): Promise<ReplayResult[]> {
  const worker = new Worker(workerFile(), { workerData: data });
  return new Promise<ReplayResult[]>((resolve, reject) => {
    worker.on('message', (m: FromReplay) => ('failed' in m ? reject(new Error(m.failed)) : resolve(m.results)));
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`The app ended the replay (exit code ${code}).`)));
  }).finally(() => void worker.terminate());
}

/** The built worker, also when this file runs as TypeScript. */
function workerFile(): string {
  const name = path.join('replay', 'worker.js');
  const built = path.join(__dirname, '..', ...(__filename.endsWith('.ts') ? ['dist'] : []), name);
  if (existsSync(built)) return built;
  throw new Error(`The replay runs from ${built}, which does not exist. Run "npm run build" first.`);
}
