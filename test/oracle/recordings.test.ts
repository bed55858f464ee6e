/**
 * Each recording written by hand under test/recordings, replayed by the built command: accepted by the oracle, true to
 * its own expect.json, silent about persons, and reproduced to the byte by its own recording under another machine zone.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkRun } from './check';
import { contradictions, readExpectation } from './expectations';
import { differences, productIsBuilt, replay } from './product';
import { readRecording } from './readRecording';
import { personalDataIn } from './rules/privacy';

const ROOT = join(__dirname, '..', 'recordings');
const all = readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'expect.json')));
const isBad = (name: string): boolean => readExpectation(join(ROOT, name)).exitCode === 2;
const built = productIsBuilt ? describe : describe.skip;

built('the recordings written by hand', () => {
  jest.setTimeout(300_000);

  it.each(all.filter((name) => !isBad(name)))('%s replays as formats.md says', (name) => {
    const recording = join(ROOT, name);
    const run = replay(recording, 'Asia/Tokyo');
    expect({ exitCode: run.exitCode, stderr: run.exitCode === 0 ? '' : run.stderr }).toEqual({
      exitCode: 0,
      stderr: '',
    });
    const people = readRecording(recording).roster.personal;
    expect(personalDataIn(run.stdout + run.stderr, people)).toEqual([]);
    expect(checkRun(recording, run.out)).toEqual([]);
    expect(contradictions(readExpectation(recording), run.out)).toEqual([]);
    const again = replay(join(run.out, 'recording'), 'America/Los_Angeles');
    expect(again.exitCode).toBe(0);
    expect(differences(run.out, again.out)).toEqual([]);
    rmSync(dirname(run.out), { recursive: true });
    rmSync(dirname(again.out), { recursive: true });
  });

  it.each(all.filter(isBad))('%s is refused with every problem listed and nothing written', (name) => {
    const run = replay(join(ROOT, name));
    expect(run.exitCode).toBe(2);
    for (const problem of readExpectation(join(ROOT, name)).stderr ?? []) expect(run.stderr).toContain(problem);
    expect(existsSync(run.out)).toBe(false);
  });
});
