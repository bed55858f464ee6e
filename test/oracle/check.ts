/**
 * The oracle: recomputes from a recording what formats.md determines and compares an output folder with it. Shares no
 * code with the product. AMBIGUITIES.md says where formats.md could be read in two ways and what is done there.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildContext } from './context';
import { readOutput } from './readOutput';
import { readRecording } from './readRecording';
import { checkAdaptive } from './rules/adaptive';
import { checkAnswers } from './rules/answers';
import { checkIntake } from './rules/intake';
import { checkPasses } from './rules/passes';
import { checkPeople } from './rules/people';
import { checkPrivacy } from './rules/privacy';
import { checkRows } from './rules/rows';
import { checkTexts } from './rules/texts';
import { checkDays } from './rules/throttle';
import { checkTouches } from './rules/touches';
import { checkWaves } from './rules/waves';
import { collector, type Violation } from './violations';
import { World } from './world';

export type { Violation } from './violations';

const CHECKS = [
  checkRows,
  checkWaves,
  checkTexts,
  checkTouches,
  checkPasses,
  checkAdaptive,
  checkAnswers,
  checkDays,
  checkPeople,
  checkIntake,
];

/** Every breach found in `outDir`, the output of a run of the recording in `recordingDir`; none means none found. */
export function checkRun(
  recordingDir: string,
  outDir: string,
  isKept?: (violation: Violation) => boolean,
): Violation[] {
  const { violations, report } = collector(isKept);
  const recording = readRecording(recordingDir);
  const output = readOutput(outDir, recording.campaign.timeZone, report);
  for (const name of [
    'report.html',
    'recording/campaign.json',
    'recording/roster.csv',
    'recording/inputs.jsonl',
    'recording/recording.json',
  ]) {
    if (!existsSync(join(outDir, name))) report('format', `${name} is missing`);
  }
  if (output) {
    const context = buildContext(new World(recording, output), output);
    for (const check of CHECKS) check(context, report);
  }
  checkPrivacy(outDir, recording, report);
  return violations;
}
