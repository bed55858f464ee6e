/**
 * `campaign.json` and what may change of it while a campaign runs. One schema turns unknown JSON into a `Campaign`
 * once; every problem is listed at once. Defaults, limits and error rules: formats.md, "In: campaign.json".
 */
import { z } from 'zod';
import { isDate, isTimeOfDay, isZone, minutesOfDay } from './calendar';
import { BadInput, nameOf, Problem, quote, typePhrase } from './problem';

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The hard outer limit of 47 CFR 64.1200(c)(1); a campaign's window lies inside it. */
export const WINDOW_LIMIT = { from: '08:00', to: '21:00' } as const;
/** More touches than this is harassment, not outreach (formats.md). */
export const TOUCHES_MAX = 10;
/** Days after touch 0: ten years, five times the longest campaign, and far from where calendars end. */
export const TOUCH_DAYS_MAX = 3650;

const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'an id of 1 to 64 letters, digits and hyphens');
const date = z.string().refine(isDate, 'a date YYYY-MM-DD');
const timeOfDay = z.string().refine(isTimeOfDay, 'a time of day HH:MM');
const integer = (min: number, max: number) =>
  z
    .number()
    .refine(
      (n) => Number.isInteger(n) && n >= min && n <= max,
      max >= Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`,
    );
const atLeast = (min: number) => z.number().refine((n) => n >= min, `a number of at least ${min}`);
const above = (min: number) => z.number().refine((n) => n > min, `a number above ${min}`);
const share = z.number().refine((n) => n >= 0 && n <= 1, 'a number from 0 to 1');
const threshold = z.number().refine((n) => n > 0 && n <= 1, 'a number above 0 and at most 1');

const practice = z.strictObject({
  name: z.string().refine((s) => s.trim().length > 0, 'a name'),
  phone: z.string().regex(/^\+[1-9]\d{6,14}$/, 'a phone number in E.164'),
  bookingUrl: z.string().regex(/^https?:\/\/\S+$/, 'an http(s) address'),
});
const sendWindow = z.strictObject({ from: timeOfDay, to: timeOfDay });
const anyFrom = (min: number) => integer(min, Number.MAX_SAFE_INTEGER);
const caps = z.strictObject({ perDay: anyFrom(1), perSevenDays: anyFrom(1) });
const baseForecast = z.strictObject({
  mon: atLeast(0),
  tue: atLeast(0),
  wed: atLeast(0),
  thu: atLeast(0),
  fri: atLeast(0),
  sat: atLeast(0),
  sun: atLeast(0),
});
const callCentre = z.strictObject({
  capacityPerDay: atLeast(0),
  hoursPerDay: above(0),
  abandonmentMax: share,
  serviceLevelMin: share,
  baseForecast: baseForecast.partial(),
  callsPerTextPrior: above(0),
  floorPerDay: anyFrom(0),
});
const adaptive = z.strictObject({ touchesMax: anyFrom(0), minDaysBetween: anyFrom(0) });

const changeable = {
  weeklyThreshold: threshold,
  sendWindow: sendWindow.partial(),
  caps: caps.partial(),
  adaptive: adaptive.partial(),
  callCentre: callCentre.partial(),
  requireFreshPreferences: z.boolean(),
  preferencesDeadline: timeOfDay,
};

const campaignInput = z.strictObject({
  campaignId: id,
  startsOn: date,
  ...z
    .strictObject({
      ...changeable,
      timeZone: z.string().refine(isZone, 'an IANA time zone'),
      seed: anyFrom(0),
      practice: practice.partial(),
      weeks: integer(1, 52),
      postPilotWeeks: integer(0, 52),
      sendDays: z
        .array(z.enum(WEEKDAYS, { error: `one of ${WEEKDAYS.join(', ')}` }))
        .refine((days) => days.length > 0 && new Set(days).size === days.length, 'at least one day, none twice'),
      skipDates: z.array(date),
      touches: z
        .array(z.number())
        .refine(
          (t) =>
            t.length >= 1 &&
            t.length <= TOUCHES_MAX &&
            t[0] === 0 &&
            t.every((n, i) => Number.isInteger(n) && n <= TOUCH_DAYS_MAX && (i === 0 || n > t[i - 1]!)),
          `1 to ${TOUCHES_MAX} whole days, ascending from 0, none above ${TOUCH_DAYS_MAX}`,
        ),
    })
    .partial().shape,
});
const policyInput = z.strictObject(changeable).partial();

export type PolicyChange = z.infer<typeof policyInput>;
export type SendWindow = z.infer<typeof sendWindow>;
export type Caps = z.infer<typeof caps>;
export type CallCentre = z.infer<typeof callCentre>;
export type Adaptive = z.infer<typeof adaptive>;
export type Practice = z.infer<typeof practice>;

/** What may change while a campaign runs. */
export interface Policy {
  readonly weeklyThreshold: number;
  readonly sendWindow: SendWindow;
  readonly caps: Caps;
  readonly callCentre: CallCentre;
  readonly adaptive: Adaptive;
  readonly requireFreshPreferences: boolean;
  /** Organisation's time of day, inclusive. */
  readonly preferencesDeadline: string;
}

/** `campaign.json` with every default filled in. */
export interface Campaign extends Policy {
  readonly campaignId: string;
  readonly startsOn: string;
  readonly timeZone: string;
  readonly seed: number;
  readonly practice: Practice;
  readonly weeks: number;
  readonly postPilotWeeks: number;
  readonly sendDays: readonly Weekday[];
  readonly skipDates: readonly string[];
  /** Whole days after touch 0, ascending from 0. */
  readonly touches: readonly number[];
}

export const DEFAULT_PRACTICE: Practice = {
  name: 'Zephyr Health',
  phone: '+13125550100',
  bookingUrl: 'https://zephyr.example/b',
};

/** Every default of formats.md but `practice`, which comes from the app's settings. */
export const DEFAULTS: Omit<Campaign, 'campaignId' | 'startsOn' | 'practice'> = {
  timeZone: 'America/Chicago',
  seed: 1,
  weeks: 5,
  weeklyThreshold: 0.2,
  postPilotWeeks: 4,
  sendDays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  skipDates: [],
  sendWindow: { from: '09:00', to: '19:00' },
  touches: [0, 3, 7],
  caps: { perDay: 1, perSevenDays: 3 },
  requireFreshPreferences: true,
  preferencesDeadline: '12:00',
  callCentre: {
    capacityPerDay: 145,
    hoursPerDay: 10,
    abandonmentMax: 0.05,
    serviceLevelMin: 0.8,
    baseForecast: { mon: 130, tue: 105, wed: 100, thu: 100, fri: 95 },
    callsPerTextPrior: 0.12,
    floorPerDay: 5,
  },
  adaptive: { touchesMax: 2, minDaysBetween: 5 },
};

/** `json` as a campaign, or `BadInput` with every problem. `practice`: the settings' own. */
export function parseCampaign(json: unknown, practiceDefault: Practice = DEFAULT_PRACTICE): Campaign {
  const { campaign, problems } = readCampaign(json, practiceDefault);
  if (problems.length > 0) throw new BadInput('campaign.json is not valid', problems);
  return campaign;
}

/**
 * Every problem of `json`, and the campaign that it would be with the defaults in place of what is bad, for whoever looks
 * for further problems: `campaignId` and `startsOn` have none and are then empty.
 */
export function readCampaign(
  json: unknown,
  practiceDefault: Practice = DEFAULT_PRACTICE,
): { campaign: Campaign; problems: Problem[] } {
  const parsed = campaignInput.safeParse(json);
  const problems = parsed.success ? [] : problemsOf(parsed.error, json);
  const given = isRecord(json) ? withoutBadFields(json, problems) : {};
  const defaults = { ...DEFAULTS, practice: practiceDefault, campaignId: '', startsOn: '' };
  const campaign = mergeMembers(defaults, given) as Campaign;
  const between = crossFieldProblems(campaign, campaign.sendDays, problems);
  problems.push(...between);
  const { sendWindow, sendDays, callCentre } = DEFAULTS;
  return { campaign: between.length > 0 ? { ...campaign, sendWindow, sendDays, callCentre } : campaign, problems };
}

/** `policy` of a `control.policy` applied to the policy in force; missing members keep the value in force. */
export function changePolicy(inForce: Policy, change: unknown, sendDays: readonly Weekday[]): Policy {
  const parsed = policyInput.safeParse(change);
  const problems = parsed.success ? [] : problemsOf(parsed.error, change, Object.keys(changeable));
  const given = isRecord(change) ? withoutBadFields(change, problems) : {};
  const policy = mergeMembers({ ...policyOf(inForce) }, given) as Policy;
  problems.push(...crossFieldProblems(policy, sendDays, problems));
  if (problems.length > 0) throw new BadInput('policy is not valid', problems);
  return policy;
}

/** The changeable part of a campaign. */
export function policyOf(source: Policy): Policy {
  const { weeklyThreshold, callCentre, adaptive, requireFreshPreferences, preferencesDeadline } = source;
  return {
    weeklyThreshold,
    sendWindow: source.sendWindow,
    caps: source.caps,
    callCentre,
    adaptive,
    requireFreshPreferences,
    preferencesDeadline,
  };
}

function crossFieldProblems(policy: Policy, sendDays: readonly Weekday[], known: readonly Problem[]): Problem[] {
  const problems: Problem[] = [];
  const sound = (field: string) =>
    !known.some((p) => p.field === field || p.field.startsWith(`${field}.`) || p.field.startsWith(`${field}[`));
  if (sound('sendWindow')) {
    const { from, to } = policy.sendWindow;
    const wide =
      minutesOfDay(from) < minutesOfDay(WINDOW_LIMIT.from) || minutesOfDay(to) > minutesOfDay(WINDOW_LIMIT.to);
    if (wide || minutesOfDay(from) >= minutesOfDay(to))
      problems.push({
        field: 'sendWindow',
        value: quote(policy.sendWindow),
        expected: `from before to, inside ${WINDOW_LIMIT.from}-${WINDOW_LIMIT.to}`,
      });
  }
  if (sound('sendDays') && sound('callCentre.baseForecast'))
    for (const day of sendDays)
      if (policy.callCentre.baseForecast[day] === undefined)
        problems.push({
          field: `callCentre.baseForecast.${day}`,
          value: quote(undefined),
          expected: 'a forecast for every send day',
        });
  return problems;
}

function problemsOf(error: z.ZodError, json: unknown, allowed?: readonly string[]): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const field = pathText(issue.path);
    const value = quote(valueAt(json, issue.path));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        field: field === '' ? nameOf(key) : `${field}.${nameOf(key)}`,
        value: quote(valueAt(json, [...issue.path, key])),
        expected: allowed && field === '' ? `one of ${allowed.join(', ')}` : 'no field of this name',
      }));
    const expected = issue.code === 'invalid_type' ? typePhrase(issue.expected) : issue.message;
    return [{ field: field === '' ? '(whole)' : field, value, expected }];
  });
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) => (at !== null && typeof at === 'object' ? (at as Record<PropertyKey, unknown>)[part] : undefined),
    json,
  );
}

/** So that one bad field does not hide the cross-field problems of the others. */
function withoutBadFields(json: Record<string, unknown>, problems: readonly Problem[]): Record<string, unknown> {
  const bad = new Set(problems.map((p) => p.field.split(/[.[]/)[0]));
  return Object.fromEntries(Object.entries(json).filter(([key]) => !bad.has(key)));
}

/** Nested objects merge member by member; arrays and scalars replace. */
function mergeMembers(base: object, over: object): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isRecord(old) && isRecord(value) ? mergeMembers(old, value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
