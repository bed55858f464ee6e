/**
 * Everything the outside world can tell a campaign, as in formats.md "A recording": one schema a type. The same
 * schemas read `inputs.jsonl` and the HTTP routes. `control.policy` is validated against the policy in force elsewhere.
 */
import { z } from 'zod';
import { isInstant } from './calendar';
import { nameOf, Problem, quote, typePhrase } from './problem';

const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'an id of 1 to 64 letters, digits and hyphens');
const instant = z.string().refine(isInstant, 'an ISO 8601 instant with an offset');
const phone = z.string().regex(/^\+[1-9]\d{1,14}$/, 'a phone number in E.164');
const count = z.number().refine((n) => Number.isInteger(n) && n >= 0, 'an integer of at least 0');

/** Codes of an UNDELIVERED receipt; all but OTHER mean that the number takes no texts (NO_MOBILE). */
export const RECEIPT_CODES = ['LANDLINE', 'UNKNOWN_NUMBER', 'BLOCKED', 'OTHER'] as const;

const common = { at: instant, cause: z.literal('response').optional() };
const appointment = { ...common, patientId: id, appointmentId: id };
const control = { ...common, by: id };

export const inputSchemas = {
  'preferences.file': z.strictObject({
    ...common,
    type: z.literal('preferences.file'),
    file: z.string().regex(/^preferences-\d{4}-\d{2}-\d{2}(\.\d+)?\.csv$/, 'a name preferences-YYYY-MM-DD[.n].csv'),
  }),
  'sms.reply': z.strictObject({ ...common, type: z.literal('sms.reply'), from: phone, text: z.string(), replyId: id }),
  'sms.receipt': z.strictObject({
    ...common,
    type: z.literal('sms.receipt'),
    messageId: id,
    status: z.enum(['DELIVERED', 'UNDELIVERED'], { error: 'DELIVERED or UNDELIVERED' }),
    code: z.enum(RECEIPT_CODES, { error: `one of ${RECEIPT_CODES.join(', ')}` }).optional(),
  }),
  'appointment.booked': z.strictObject({
    ...appointment,
    type: z.literal('appointment.booked'),
    startsAt: instant,
    channel: z.enum(['link', 'phone', 'reply', 'other'], { error: 'link, phone, reply or other' }),
  }),
  'appointment.cancelled': z.strictObject({ ...appointment, type: z.literal('appointment.cancelled') }),
  'appointment.attended': z.strictObject({ ...appointment, type: z.literal('appointment.attended') }),
  'appointment.missed': z.strictObject({ ...appointment, type: z.literal('appointment.missed') }),
  'call.interval': z.strictObject({
    ...common,
    type: z.literal('call.interval'),
    from: instant,
    to: instant,
    offered: count,
    answered: count,
    answeredWithin30s: count,
    abandoned: count,
    abandonedWithin10s: count,
    base: count.optional(),
  }),
  'control.pause': z.strictObject({ ...control, type: z.literal('control.pause') }),
  'control.resume': z.strictObject({ ...control, type: z.literal('control.resume') }),
  'control.cancel': z.strictObject({ ...control, type: z.literal('control.cancel') }),
  'control.policy': z.strictObject({
    ...control,
    type: z.literal('control.policy'),
    policy: z.record(z.string(), z.unknown()),
  }),
} as const;

export type InputType = keyof typeof inputSchemas;
export type InputOf<T extends InputType> = z.infer<(typeof inputSchemas)[T]>;
export type Input = { [T in InputType]: InputOf<T> }[InputType];
export type Receipt = InputOf<'sms.receipt'>;
export type Reply = InputOf<'sms.reply'>;
export type CallInterval = InputOf<'call.interval'>;
export type AppointmentEvent = Extract<Input, { type: `appointment.${string}` }>;
export type Control = Extract<Input, { type: `control.${string}` }>;

export const INPUT_TYPES = Object.keys(inputSchemas) as InputType[];

export function isInputType(type: unknown): type is InputType {
  return typeof type === 'string' && Object.hasOwn(inputSchemas, type);
}

/** Fields whose value could be a phone or a person's words: never quoted in an error (formats.md, rule 11). */
const PERSONAL: ReadonlySet<string> = new Set(['from', 'text']);
const NOBODYS: ReadonlySet<string> = new Set();

/**
 * `json` as an input, or all its problems with `place` ("inputs.jsonl line 7") before each field. `types`: those that may
 * come here; default all.
 */
export function parseInput(
  json: unknown,
  place: string,
  types: readonly InputType[] = INPUT_TYPES,
): { input: Input } | { problems: Problem[] } {
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    return { problems: [{ field: `${place}: type`, value: quote(undefined), expected: 'a JSON object' }] };
  const { type } = json as { type?: unknown };
  if (!isInputType(type) || !types.includes(type))
    return { problems: [{ field: `${place}: type`, value: quote(type), expected: `one of ${types.join(', ')}` }] };
  const parsed = inputSchemas[type].safeParse(json);
  const personal = type === 'sms.reply' ? PERSONAL : NOBODYS;
  const problems = parsed.success ? [] : problemsIn(parsed.error, json, place, type, personal);
  if (type === 'call.interval' && endsTooEarly(json as Partial<CallInterval>))
    problems.push({
      field: `${place}: to`,
      value: quote((json as Partial<CallInterval>).to),
      expected: 'an instant after from',
    });
  return parsed.success && problems.length === 0 ? { input: parsed.data as Input } : { problems };
}

function endsTooEarly({ from, to }: Partial<CallInterval>): boolean {
  const isSound = (at: unknown) => typeof at === 'string' && isInstant(at);
  return isSound(from) && isSound(to) && Date.parse(from!) >= Date.parse(to!);
}

/** What is wrong with a flat JSON object, in the house's words. `what`: it should be; `personal`: fields never quoted. */
export function problemsIn(
  error: z.ZodError,
  json: unknown,
  place: string,
  what: string,
  personal: ReadonlySet<string> = NOBODYS,
): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        field: `${place}: ${nameOf(key)}`,
        expected: `no field of this name in ${what}`,
      }));
    const field = issue.path.map(String).join('.');
    const value = field === '' ? json : (json as Record<string, unknown> | null)?.[field];
    const expected = issue.code === 'invalid_type' ? typePhrase(issue.expected) : issue.message;
    return [
      { field: `${place}: ${field || 'line'}`, ...(personal.has(field) ? {} : { value: quote(value) }), expected },
    ];
  });
}
