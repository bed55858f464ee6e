/**
 * Where the emulator answers otherwise than the recording, and why that is right. Everything else is a fault.
 */
import type { Step } from './conformance';

interface Known {
  scenario?: RegExp;
  /** of `METHOD path (note)` */
  request?: RegExp;
  /** of the line of the difference */
  line?: RegExp;
  why: string;
}

const KNOWN: Known[] = [
  {
    request: /\(at once after the 202\)/,
    line: /^\/answer\/|^\/status|^\/headers/,
    why: 'the emulator has already done what the real host does some milliseconds later',
  },
  {
    scenario: /^start-api$/,
    request: /start-api-(bad)?ver/,
    line: /^\/answer\/version/,
    why: 'recorded on 3.14.1; from 3.19.0 on the status shows the version',
  },
  {
    scenario: /^continue-as-new$/,
    request: /eternalTimer/,
    line: /^\/answer\/input\/n/,
    why: 'timers of the recorded host were up to a second early or late',
  },
  {
    scenario: /^fan-out$/,
    line: /\/historyEvents\//,
    why: 'activities that run at once end in any order',
  },
  {
    scenario: /^list-queries$/,
    request: /createdTimeTo=|bad date/,
    line: /^\/answer\/|continuation-token/,
    why: 'a list of the whole hub begins with generated ids, which are other ones here',
  },
];

export const knownDifference = (scenario: string, step: Omit<Step, 'at'>, line: string): boolean =>
  KNOWN.some(
    (k) =>
      (k.scenario?.test(scenario) ?? true) &&
      (k.request?.test(`${step.method} ${step.path} (${step.note ?? ''})`) ?? true) &&
      (k.line?.test(line) ?? true),
  );
