/**
 * Random recordings through the built command, held to the oracle. RUNS says how many (default 10: a hundred others run in
 * test/sim, under faults), SEED which (default: the same in every run; SEED=random for ones nobody has seen). A failure is
 * shrunk; its folder is kept and named, so that it can become a recording under test/recordings.
 */
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RecordingPlan } from '../arbitraries/plan';
import { recordingPlan } from '../arbitraries/recording';
import { writeRecording } from '../arbitraries/write';
import { checkRun } from './check';
import { productIsBuilt, replay } from './product';
import { readRecording } from './readRecording';
import { personalDataIn } from './rules/privacy';

const RUNS = Number(process.env['RUNS'] ?? 10);
const SEED = process.env['SEED'] === 'random' ? {} : { seed: Number(process.env['SEED'] ?? 20261125) };
/** A pattern of violations already known, so that a run can look behind them: IGNORE='no row for phone'. */
const IGNORE = process.env['IGNORE'] === undefined ? undefined : new RegExp(process.env['IGNORE']);
/** Shrinking runs the command again and again; past this the smallest failure so far must do. */
const SHRINK_MS_MAX = 240_000;
const built = productIsBuilt ? describe : describe.skip;

function run(plan: RecordingPlan): void {
  const folder = mkdtempSync(join(tmpdir(), 'random-'));
  const recording = join(folder, 'recording');
  writeRecording(plan, recording);
  const result = replay(recording);
  const found =
    result.exitCode === 0
      ? checkRun(recording, result.out).map(({ rule, detail }) => `[${rule}] ${detail}`)
      : [`exit ${result.exitCode}: ${result.stderr.slice(0, 2000)}`];
  const leaked = personalDataIn(result.stdout + result.stderr, readRecording(recording).roster.personal);
  found.push(...leaked.map((what) => `[11] the streams hold the ${what}`));
  const told = found.filter((line) => !IGNORE?.test(line));
  const folders = [folder, dirname(result.out)];
  if (told.length === 0) return remove(folders);
  // Only the smallest failure is worth keeping.
  remove(kept.splice(0, kept.length, ...folders));
  throw new Error(`\nrecording ${recording}\noutput    ${result.out}\n${told.slice(0, 12).join('\n')}\n`);
}

const kept: string[] = [];

function remove(folders: string[]): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

built('random recordings', () => {
  it(`keep every rule of formats.md (${RUNS} runs)`, () => {
    let failedAt: number | undefined;
    const property = fc.property(recordingPlan, (plan) => {
      if (failedAt !== undefined && Date.now() - failedAt > SHRINK_MS_MAX) return;
      try {
        run(plan);
      } catch (error) {
        failedAt ??= Date.now();
        throw error;
      }
    });
    fc.assert(property, { numRuns: RUNS, ...SEED });
  }, 3_600_000);
});
