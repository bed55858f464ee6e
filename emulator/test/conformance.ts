/**
 * Plays recorded scenarios of a real host against any host that runs the conformance app, and returns every answer that
 * differs. The requests and expected answers are a table (recorded/*.json); this file only plays them, on a clock that the
 * driver moves, so that the same table runs in memory, on a data folder and under faults.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { differences, normalised, placed, type Places } from './conformanceCompare';
import { knownDifference } from './conformanceKnown';

const FOLDER = path.join(__dirname, 'recorded');
export const APPS = {
  plain: path.join(__dirname, 'apps', 'conformance'),
  properties: path.join(__dirname, 'apps', 'conformance-properties'),
  versions: path.join(__dirname, 'apps', 'conformance-versions'),
} as const;

export interface Step {
  /** ms after the start of the scenario */
  at: number;
  method: string;
  path: string;
  body?: string;
  note?: string;
  status: number;
  headers?: Record<string, string>;
  answer: unknown;
  /** the answer also holds the links of a check-status response, as the client or the management API gives them */
  links?: 'client' | 'management';
}

export interface Scenario {
  scenario: string;
  startAt: string;
  /** ms after the start: all is over by then */
  endAt: number;
  steps: Step[];
  /** asked at the end */
  finals: Omit<Step, 'at'>[];
}

/** What the table needs of a host. A driver of a host that is killed now and then brings it back before it sends again. */
export interface ConformanceHost {
  places: Places;
  /** `path` begins with `/`; `local` goes to the endpoint of the durable client. Resolves with the whole answer. */
  send(request: ConformanceRequest): Promise<ConformanceAnswer>;
  /** Moves the clock to an instant (ms since 1970), or waits for it, and lets everything due be done. */
  moveTo(atMs: number): Promise<void>;
  /** when the clock cannot be set to the times of the recording: the instant at which the scenario starts */
  startAtMs?: number;
  /** how long after the end of the recording a scenario may still be at work */
  slackMs?: number;
}

export interface ConformanceRequest {
  method: string;
  path: string;
  local: boolean;
  headers: Record<string, string>;
  body?: string;
}

export interface ConformanceAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** All scenarios, in the order in which they were recorded (later ones see the entities of earlier ones). */
export const SCENARIOS: readonly Scenario[] = readdirSync(FOLDER)
  .filter((f) => f.endsWith('.json'))
  .map((f) => JSON.parse(readFileSync(path.join(FOLDER, f), 'utf8')) as Scenario)
  .sort((a, b) => a.startAt.localeCompare(b.startAt));

export const appOf = (scenario: string): keyof typeof APPS =>
  scenario === 'exception-properties' ? 'properties' : scenario === 'versioning' ? 'versions' : 'plain';

/** Scenarios whose activities sleep in real time, so that a clock which stands still cannot show what they are about. */
export const REAL_TIME: ReadonlySet<string> = new Set([
  'continue-as-new-events',
  'durable-timer',
  'external-events',
  'fan-out',
  'library-pitfalls',
  'suspend-resume',
  'terminate',
]);

export interface Played {
  scenario: string;
  requests: number;
  /** one line each, without those that are explained */
  differences: string[];
}

export interface PlayOptions {
  /**
   * Only the requests that change something, and of the final statuses what must be equal under faults too: name, status,
   * input, output and custom status, no histories.
   */
  finalsOnly?: boolean;
}

/**
 * Scenarios that come out the same whatever fails in between: nothing in them depends on what the app remembers in memory
 * (counters of attempts, flags), on real time, or on several activities ending in a given order.
 */
export const FAULT_PROOF: ReadonlySet<string> = new Set([
  'activity-chain',
  'activity-failure',
  'activity-values',
  'continue-as-new',
  'continue-as-new-links',
  'entity-lock',
  'entity-orchestrator',
  'exception-properties',
  'large-values',
  'parent-ends-first',
  'sub-orchestration',
  'timer-event-race',
  'timer-long',
  'versioning',
]);

/**
 * Plays scenarios one after the other, each on the host that `hostFor` gives for its app (it may be the same one again).
 * Returns what was played, in order; nothing differs when every `differences` is empty.
 */
export async function runConformance(
  hostFor: (app: keyof typeof APPS, scenario: Scenario) => Promise<ConformanceHost>,
  options: PlayOptions & { only?: (scenario: string) => boolean } = {},
): Promise<Played[]> {
  const played: Played[] = [];
  for (const s of SCENARIOS) {
    if (options.only && !options.only(s.scenario)) continue;
    played.push(await playScenario(await hostFor(appOf(s.scenario), s), s, options));
  }
  return played;
}

/** Plays one scenario. Never throws for a difference. */
export async function playScenario(host: ConformanceHost, s: Scenario, options: PlayOptions = {}): Promise<Played> {
  const startAt = host.startAtMs ?? Date.parse(s.startAt);
  const shiftMs = startAt - Date.parse(s.startAt);
  const found: string[] = [];
  let requests = 0;
  let last: { path: string; token: string | undefined } = { path: '', token: undefined };
  // ids that a host made up, by those of the recording
  const ids = new Map<string, string>();
  const ask = async (recorded: Omit<Step, 'at'>, compared: boolean): Promise<void> => {
    const step = { ...recorded, path: recorded.path.replace(GENERATED, (id) => ids.get(id) ?? id) };
    const answer = await host.send(requestOf(step, host.places, last.path === step.path ? last.token : undefined));
    rememberId(ids, step, answer);
    last = { path: step.path, token: answer.headers['x-ms-continuation-token'] };
    requests++;
    if (compared) found.push(...judge(s.scenario, step, answer, host.places, shiftMs));
  };
  for (const step of s.steps) {
    if (step.status === 401) continue;
    if (options.finalsOnly && step.method === 'GET') continue;
    await host.moveTo(startAt + step.at);
    await ask(step, !options.finalsOnly);
  }
  await host.moveTo(startAt + s.endAt + (host.slackMs ?? 0));
  for (const step of s.finals) {
    if (options.finalsOnly && step.path.includes('showHistory')) continue;
    await ask(step, true);
  }
  return { scenario: s.scenario, requests, differences: found };
}

const GENERATED = /\b[0-9a-f]{32}\b/g;

function rememberId(ids: Map<string, string>, step: Omit<Step, 'at'>, answer: ConformanceAnswer): void {
  const recorded = (step.answer as { id?: unknown } | null)?.id;
  const got = (parsed(answer.text) as { id?: unknown } | null)?.id;
  if (typeof recorded === 'string' && typeof got === 'string') ids.set(recorded, got);
}

function requestOf(step: Omit<Step, 'at'>, places: Places, token: string | undefined): ConformanceRequest {
  const headers: Record<string, string> = {};
  if (step.body !== undefined) headers['content-type'] = step.note === 'text/plain' ? 'text/plain' : 'application/json';
  if (step.note === 'bad token') headers['x-ms-continuation-token'] = 'no-token!';
  else if (token) headers['x-ms-continuation-token'] = token;
  const target = placed(step.path, places);
  const request = { method: step.method, path: target, local: target.startsWith('/durabletask/'), headers };
  return step.body === undefined ? request : { ...request, body: placed(step.body, places) };
}

/** Timers of the recorded host were up to a second early or late; what follows from them adds up. */
const TOLERANCE_MS = 3500;

/** The two instants of a status, against the recorded ones. `shiftMs`: how much later this host's scenario began. */
function lateness(recorded: unknown, got: unknown, shiftMs: number): string[] {
  return ['createdTime', 'lastUpdatedTime'].flatMap((key) => {
    const expected = Date.parse(String((recorded as Record<string, unknown> | null)?.[key]));
    const actual = Date.parse(String((got as Record<string, unknown> | null)?.[key]));
    if (Number.isNaN(expected) || Number.isNaN(actual)) return [];
    const apart = actual - expected - shiftMs;
    return Math.abs(apart) > TOLERANCE_MS ? [`/answer/${key}: ${apart} ms apart from the recorded instant`] : [];
  });
}

function judge(
  scenario: string,
  step: Omit<Step, 'at'>,
  answer: ConformanceAnswer,
  places: Places,
  shiftMs: number,
): string[] {
  const got = {
    status: answer.status,
    headers: Object.fromEntries(Object.keys(step.headers ?? {}).map((k) => [k, answer.headers[k]])),
    answer: parsed(answer.text),
  };
  const expected: Record<string, unknown> = { status: step.status, headers: step.headers ?? {}, answer: step.answer };
  if (step.links) expected.answer = { ...(step.answer as object), ...links(step, got.answer) };
  const lines = differences(normalised(newerForm(expected), null), normalised(got, places));
  lines.push(...lateness(step.answer, got.answer, shiftMs));
  const where = `${scenario}: ${step.method} ${step.path.slice(0, 200)}${step.note ? ` (${step.note})` : ''}`;
  return lines.filter((l) => !knownDifference(scenario, step, l)).map((l) => `${where} ${l}`);
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The links that the client (nine members) and the management API (eight) hand out for the id of the answer. */
function links(step: Omit<Step, 'at'>, got: unknown): Record<string, string> {
  const id = (step.answer as { id: string }).id;
  const generated = /^[0-9a-f]{32}$/.test(id);
  const real = generated ? (got as { id: string } | null)?.id : id;
  // .NET encodes a blank in these links as a plus sign
  const encoded = encodeURIComponent(String(real)).replaceAll('%20', '+');
  const one = `http://{host}/runtime/webhooks/durabletask/instances/${encoded}`;
  const q = 'taskHub=TestHubName&connection=Storage&code={code}';
  return {
    statusQueryGetUri: `${one}?${q}`,
    sendEventPostUri: `${one}/raiseEvent/{eventName}?${q}`,
    terminatePostUri: `${one}/terminate?reason={text}&${q}`,
    ...(step.links === 'client' ? { rewindPostUri: `${one}/rewind?reason={text}&${q}` } : {}),
    purgeHistoryDeleteUri: `${one}?${q}`,
    restartPostUri: `${one}/restart?${q}`,
    suspendPostUri: `${one}/suspend?reason={text}&${q}`,
    resumePostUri: `${one}/resume?reason={text}&${q}`,
  };
}

/** Recordings of extension 3.14.1 in the words of 3.19.0: one blank in failure texts, InstanceId in children's events. */
function newerForm(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/(function '\w+' failed:) {2}/g, '$1 ').replaceAll(/(Message\\*":\\*") (?=\S)/g, '$1');
  }
  if (Array.isArray(value)) return value.map(newerForm);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, newerForm(v)]));
  if (/^SubOrchestrationInstance(Completed|Failed)$/.test(String(copy.EventType))) copy.InstanceId ??= '<any>';
  return copy;
}
