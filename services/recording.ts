/**
 * A recording folder (formats.md, "A recording"), read whole and checked before anything starts: every problem is listed
 * with its file and line. Leaves out the roster's rows, which the app itself checks when it takes the roster.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isInstant, isoInZone } from '../domain/calendar';
import { parseInput, type Input } from '../domain/input';
import { changePolicy, parseCampaign, policyOf, type Campaign, type Policy } from '../domain/policy';
import { BadInput, quote, type Problem } from '../domain/problem';
import { startsAtMs } from '../domain/schedule';

const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'an id of 1 to 64 letters, digits and hyphens');
const instant = z.string().refine(isInstant, 'an ISO 8601 instant with an offset');
const initialFact = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('preference'),
    patientId: id,
    status: z.enum(['OPT_IN', 'OPT_OUT']),
    source: z.enum(['VENDOR', 'REPLY']),
    effectiveAt: instant,
  }),
  z.strictObject({
    type: z.literal('stop'),
    phone: z.string().regex(/^\+[1-9]\d{1,14}$/, 'a phone number in E.164'),
    at: instant,
  }),
  z.strictObject({ type: z.literal('text'), patientId: id, sentAt: instant }),
  z.strictObject({ type: z.literal('booking'), patientId: id, appointmentId: id, startsAt: instant }),
]);
const about = z.looseObject({ format: z.literal(1), startedAt: instant, seed: z.number(), simulated: z.boolean() });

/** What was known when the recording started. */
export type InitialFact = z.infer<typeof initialFact>;

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

/** Throws `BadInput` with every problem of the folder. */
export function readRecording(folder: string): Recording {
  const problems: Problem[] = [];
  const sources: Record<string, string> = {};
  const read = (name: string, required: boolean) => {
    const path = join(folder, name);
    if (!existsSync(path)) {
      if (required) problems.push({ field: name, value: 'no such file', expected: 'a file of the recording' });
      return undefined;
    }
    return (sources[name] = readFileSync(path, 'utf8'));
  };
  const campaign = campaignFrom(read('campaign.json', true), problems);
  const rosterCsv = read('roster.csv', true) ?? '';
  const inputs = inputsFrom(read('inputs.jsonl', true) ?? '', campaign, problems);
  const initial = initialFrom(read('initial.jsonl', false) ?? '', problems);
  const files: Record<string, string> = {};
  for (const input of inputs)
    if (input.type === 'preferences.file' && files[input.file] === undefined)
      files[input.file] = read(`preferences/${input.file}`, true) ?? '';
  const simulated = simulatedFrom(folder, problems);
  if (problems.length > 0 || !campaign) throw new BadInput(`the recording cannot be replayed`, problems);
  return { campaign, simulated, inputs, initial, files, sources, rosterCsv };
}

/** The text of recording.json for a run. */
export function recordingJson(campaign: Campaign, simulated: boolean): string {
  const startedAt = isoInZone(startsAtMs(campaign), campaign.timeZone);
  return `${JSON.stringify({ format: 1, startedAt, seed: campaign.seed, simulated })}\n`;
}

function campaignFrom(text: string | undefined, problems: Problem[]): Campaign | null {
  if (text === undefined) return null;
  const json = parseJson(text, 'campaign.json', problems);
  if (json === undefined) return null;
  try {
    return parseCampaign(json);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    problems.push(...error.problems.map((p) => ({ ...p, field: `campaign.json: ${p.field}` })));
    return null;
  }
}

function inputsFrom(text: string, campaign: Campaign | null, problems: Problem[]): Input[] {
  const inputs: Input[] = [];
  let policy: Policy | null = campaign && policyOf(campaign);
  let lastMs = campaign ? startsAtMs(campaign) : -Infinity;
  for (const { line, json, place } of jsonLines(text, 'inputs.jsonl', problems)) {
    const parsed = parseInput(json, place);
    if ('problems' in parsed) {
      problems.push(...parsed.problems);
      continue;
    }
    const { input } = parsed;
    const atMs = Date.parse(input.at);
    if (atMs < lastMs)
      problems.push({
        field: `${place}: at`,
        value: quote(input.at),
        expected: line === 1 || inputs.length === 0 ? 'not before 00:00 of startsOn' : 'not before the line above',
      });
    lastMs = Math.max(lastMs, atMs);
    if (input.type === 'control.policy' && policy && campaign)
      policy = changed(policy, input.policy, campaign, place, problems);
    inputs.push(input);
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
  return [...jsonLines(text, 'initial.jsonl', problems)].flatMap(({ json, place }) => {
    const parsed = initialFact.safeParse(json);
    if (parsed.success) return [parsed.data];
    problems.push(
      ...parsed.error.issues.map((issue) => ({
        field: `${place}: ${issue.path.join('.') || 'line'}`,
        expected: issue.message,
      })),
    );
    return [];
  });
}

function simulatedFrom(folder: string, problems: Problem[]): boolean {
  const path = join(folder, 'recording.json');
  if (!existsSync(path)) return false;
  const json = parseJson(readFileSync(path, 'utf8'), 'recording.json', problems);
  const parsed = about.safeParse(json);
  if (parsed.success) return parsed.data.simulated;
  problems.push(
    ...parsed.error.issues.map((issue) => ({
      field: `recording.json: ${issue.path.join('.')}`,
      expected: issue.message,
    })),
  );
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
