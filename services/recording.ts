/**
 * A recording folder (formats.md, "A recording"), read whole and checked before anything starts: every problem is listed
 * with its file and line. Leaves out the roster's rows, which the app itself checks when it takes the roster.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isInstant, isoInZone } from '../domain/calendar';
import { parseInput, problemsIn, type Input } from '../domain/input';
import { changePolicy, policyOf, readCampaign, type Campaign, type Policy } from '../domain/policy';
import { BadInput, quote, type Problem } from '../domain/problem';
import { startsAtMs } from '../domain/schedule';

const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'an id of 1 to 64 letters, digits and hyphens');
const instant = z.string().refine(isInstant, 'an ISO 8601 instant with an offset');
const initialFacts = {
  preference: z.strictObject({
    type: z.literal('preference'),
    patientId: id,
    status: z.enum(['OPT_IN', 'OPT_OUT'], { error: 'OPT_IN or OPT_OUT' }),
    source: z.enum(['VENDOR', 'REPLY'], { error: 'VENDOR or REPLY' }),
    effectiveAt: instant,
  }),
  stop: z.strictObject({
    type: z.literal('stop'),
    phone: z.string().regex(/^\+[1-9]\d{1,14}$/, 'a phone number in E.164'),
    at: instant,
  }),
  text: z.strictObject({ type: z.literal('text'), patientId: id, sentAt: instant }),
  booking: z.strictObject({ type: z.literal('booking'), patientId: id, appointmentId: id, startsAt: instant }),
} as const;
const PERSONAL: ReadonlySet<string> = new Set(['phone']);
const about = z.looseObject({
  format: z.literal(1, { error: '1' }),
  startedAt: instant,
  seed: z.number(),
  simulated: z.boolean(),
});

/** What was known when the recording started. */
export type InitialFact = {
  [T in keyof typeof initialFacts]: z.infer<(typeof initialFacts)[T]>;
}[keyof typeof initialFacts];

export interface Recording {
  readonly campaign: Campaign;
  readonly simulated: boolean;
  readonly inputs: readonly Input[];
  readonly initial: readonly InitialFact[];
  /** Preference files by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Every file of the recording as it stands, by path inside the folder, without recording.json. */
  readonly sources: Readonly<Record<string, string>>;
  readonly rosterCsv: string;
}

/** Throws `BadInput` with every problem of the folder but those of the roster's rows. */
export function readRecording(folder: string): Recording {
  const problems: Problem[] = [];
  const sources: Record<string, string> = {};
  const read = (name: string, required: boolean, askedBy = '') => {
    const path = join(folder, name);
    const isFile = existsSync(path) && statSync(path).isFile();
    if (isFile) return (sources[name] = readFileSync(path, 'utf8'));
    const value = existsSync(path) ? 'no file' : 'no such file';
    if (required || existsSync(path))
      problems.push({ field: askedBy + name, value, expected: 'a file of the recording' });
    return undefined;
  };
  const campaign = campaignFrom(read('campaign.json', true), problems);
  const rosterCsv = read('roster.csv', true) ?? '';
  const lines = inputsFrom(read('inputs.jsonl', true) ?? '', campaign, problems);
  const initial = initialFrom(read('initial.jsonl', false) ?? '', problems);
  const files: Record<string, string> = {};
  for (const { input, place } of lines)
    if (input.type === 'preferences.file' && files[input.file] === undefined)
      files[input.file] = read(`preferences/${input.file}`, true, `${place}: `) ?? '';
  const simulated = simulatedFrom(folder, problems);
  if (problems.length > 0) throw new BadInput(`the recording cannot be replayed`, problems);
  return { campaign, simulated, inputs: lines.map(({ input }) => input), initial, files, sources, rosterCsv };
}

/** The text of recording.json for a run. */
export function recordingJson(campaign: Campaign, simulated: boolean): string {
  const startedAt = isoInZone(startsAtMs(campaign), campaign.timeZone);
  return `${JSON.stringify({ format: 1, startedAt, seed: campaign.seed, simulated })}\n`;
}

/** What of it is bad, or the whole where there is none, is as by default: only so are the inputs checked against it. */
function campaignFrom(text: string | undefined, problems: Problem[]): Campaign {
  const json = text === undefined ? undefined : parseJson(text, 'campaign.json', problems);
  const { campaign, problems: own } = readCampaign(json ?? {});
  if (json !== undefined) problems.push(...own.map((p) => ({ ...p, field: `campaign.json: ${p.field}` })));
  return campaign;
}

interface InputLine {
  readonly input: Input;
  readonly place: string;
}

function inputsFrom(text: string, campaign: Campaign, problems: Problem[]): InputLine[] {
  const inputs: InputLine[] = [];
  let policy = policyOf(campaign);
  const startMs = campaign.startsOn === '' ? -Infinity : startsAtMs(campaign);
  let lastMs = startMs;
  for (const { json, place } of jsonLines(text, 'inputs.jsonl', problems)) {
    const parsed = parseInput(json, place);
    if ('problems' in parsed) problems.push(...parsed.problems);
    // Asked also of a line that is bad in another way.
    const { at } = (json ?? {}) as { at?: unknown };
    const atMs = typeof at === 'string' && isInstant(at) ? Date.parse(at) : lastMs;
    if (atMs < lastMs) {
      const expected = atMs < startMs ? 'not before 00:00 of startsOn' : 'not before the line above';
      problems.push({ field: `${place}: at`, value: quote(at), expected });
    }
    lastMs = Math.max(lastMs, atMs);
    if ('problems' in parsed) continue;
    const { input } = parsed;
    if (input.type === 'control.policy') policy = changed(policy, input.policy, campaign, place, problems);
    inputs.push({ input, place });
  }
  return inputs;
}

function changed(policy: Policy, change: unknown, campaign: Campaign, place: string, problems: Problem[]): Policy {
  try {
    return changePolicy(policy, change, campaign.sendDays);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    problems.push(...error.problems.map((p) => ({ ...p, field: `${place}: policy.${p.field}` })));
    return policy;
  }
}

function initialFrom(text: string, problems: Problem[]): InitialFact[] {
  return [...jsonLines(text, 'initial.jsonl', problems)].flatMap(({ json, place }): InitialFact[] => {
    const type = (json as { type?: unknown } | null)?.type;
    if (typeof type !== 'string' || !Object.hasOwn(initialFacts, type)) {
      const expected = `one of ${Object.keys(initialFacts).join(', ')}`;
      problems.push({ field: `${place}: type`, value: quote(type), expected });
      return [];
    }
    const parsed = initialFacts[type as keyof typeof initialFacts].safeParse(json);
    if (parsed.success) return [parsed.data];
    problems.push(...problemsIn(parsed.error, json, place, type, PERSONAL));
    return [];
  });
}

function simulatedFrom(folder: string, problems: Problem[]): boolean {
  const path = join(folder, 'recording.json');
  if (!existsSync(path)) return false;
  const json = parseJson(readFileSync(path, 'utf8'), 'recording.json', problems);
  if (json === undefined) return false;
  const parsed = about.safeParse(json);
  if (parsed.success) return parsed.data.simulated;
  problems.push(...problemsIn(parsed.error, json, 'recording.json', 'recording.json'));
  return false;
}

function* jsonLines(
  text: string,
  file: string,
  problems: Problem[],
): Iterable<{ line: number; json: unknown; place: string }> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [i, content] of lines.entries()) {
    if (content.trim() === '') continue;
    const place = `${file} line ${i + 1}`;
    const json = parseJson(content, place, problems);
    if (json !== undefined) yield { line: i + 1, json, place };
  }
}

function parseJson(text: string, place: string, problems: Problem[]): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    problems.push({ field: place, value: `${text.length} characters`, expected: 'JSON' });
    return undefined;
  }
}
