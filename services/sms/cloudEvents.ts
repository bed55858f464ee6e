/**
 * What Event Grid brings of texts, in the CloudEvents 1.0 schema, as inputs of the product: `SMSReceived` as `sms.reply`,
 * `SMSDeliveryReportReceived` as `sms.receipt` of the id that its `tag` carries. Pure. Shapes: "Azure Communication
 * Services - SMS events" (learn.microsoft.com/azure/event-grid/communication-services-telephony-sms-events); codes: its
 * "SMS error codes", given in `deliveryStatusDetails`. Problems never quote a number or a patient's words.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseInput, type Receipt, type Reply } from '../../domain/input';
import { quote, type Problem } from '../../domain/problem';

export const SMS_RECEIVED = 'Microsoft.Communication.SMSReceived';
export const SMS_DELIVERY_REPORT = 'Microsoft.Communication.SMSDeliveryReportReceived';

export interface CloudEventInputs {
  readonly inputs: readonly (Reply | Receipt)[];
  readonly problems: readonly Problem[];
  /** Sound events that say nothing to us: of other types, or reports that report nothing. */
  readonly ignored: number;
}

const envelope = z.looseObject({
  specversion: z.literal('1.0', { error: 'CloudEvents 1.0' }),
  id: z.string().min(1),
  type: z.string().min(1),
  source: z.string().min(1),
  data: z.unknown(),
});
const received = z.looseObject({
  messageId: z.string().min(1),
  from: z.string(),
  message: z.string(),
  receivedTimestamp: z.string(),
});
const report = z.looseObject({
  messageId: z.string().min(1),
  deliveryStatus: z.enum(['Delivered', 'Failed'], { error: 'Delivered or Failed' }),
  deliveryStatusDetails: z.string().nullish(),
  receivedTimestamp: z.string(),
  tag: z.string().nullish(),
});

/** Numbers that are no mobile: the destination is of a kind that texts cannot reach. */
const CODES: Readonly<Record<string, Receipt['code']>> = {
  '4002': 'UNKNOWN_NUMBER',
  '4003': 'LANDLINE',
  '4004': 'UNKNOWN_NUMBER',
  // The recipient opted out with the carrier. 4005 is the carrier's filter, which judges the text, not the number.
  '4007': 'BLOCKED',
};
/** "Carrier does not support delivery report": the text may well have arrived. */
const NO_REPORT = '5002';

/** `json`: one event or an array. Sound events are mapped even where others of the array are not. */
export function inputsOfCloudEvents(json: unknown): CloudEventInputs {
  const events = Array.isArray(json) ? (json as unknown[]) : [json];
  const inputs: (Reply | Receipt)[] = [];
  const problems: Problem[] = [];
  let ignored = 0;
  events.forEach((event, i) => {
    const result = inputOf(event, `event ${i + 1}`);
    if (result === null) ignored += 1;
    else if ('problems' in result) problems.push(...result.problems);
    else inputs.push(result.input);
  });
  return { inputs, problems, ignored };
}

type Mapped = { readonly input: Reply | Receipt } | { readonly problems: readonly Problem[] } | null;

function inputOf(event: unknown, place: string): Mapped {
  const parsed = envelope.safeParse(event);
  if (!parsed.success) return { problems: problemsOf(parsed.error, place) };
  const { type, data } = parsed.data;
  if (type === SMS_RECEIVED) return replyOf(data, place);
  return type === SMS_DELIVERY_REPORT ? receiptOf(data, place) : null;
}

function replyOf(data: unknown, place: string): Mapped {
  const parsed = received.safeParse(data);
  if (!parsed.success) return { problems: problemsOf(parsed.error, `${place}: data`) };
  const { messageId, from, message, receivedTimestamp } = parsed.data;
  const reply = { at: instantOf(receivedTimestamp), type: 'sms.reply', from: phoneOf(from), text: message };
  return asInput({ ...reply, replyId: idOf(messageId) }, place);
}

function receiptOf(data: unknown, place: string): Mapped {
  const parsed = report.safeParse(data);
  if (!parsed.success) return { problems: problemsOf(parsed.error, `${place}: data`) };
  const { deliveryStatus, deliveryStatusDetails, receivedTimestamp, tag } = parsed.data;
  if (!tag)
    return {
      problems: [{ field: `${place}: data.tag`, value: quote(tag), expected: 'the message id it was sent with' }],
    };
  const receipt = { at: instantOf(receivedTimestamp), type: 'sms.receipt', messageId: tag };
  if (deliveryStatus === 'Delivered') return asInput({ ...receipt, status: 'DELIVERED' }, place);
  const error = /\b(\d{4})\b/.exec(deliveryStatusDetails ?? '')?.[1];
  if (error === NO_REPORT) return null;
  return asInput({ ...receipt, status: 'UNDELIVERED', code: codeOf(error, deliveryStatusDetails ?? '') }, place);
}

function asInput(json: object, place: string): Mapped {
  const parsed = parseInput(json, place);
  return 'problems' in parsed ? parsed : { input: parsed.input as Reply | Receipt };
}

/** By number; where there is none, by what the words say. */
function codeOf(error: string | undefined, details: string): Receipt['code'] {
  if (error !== undefined) return CODES[error] ?? 'OTHER';
  if (/landline/i.test(details)) return 'LANDLINE';
  if (/opted[ -]?out/i.test(details)) return 'BLOCKED';
  return /does ?n[o']t exist|unknown (destination|number|subscriber)|invalid (destination|to)/i.test(details)
    ? 'UNKNOWN_NUMBER'
    : 'OTHER';
}

/** With an offset, which the service leaves out at times; at most milliseconds. */
function instantOf(timestamp: string): string {
  const short = timestamp.replace(/(\.\d{3})\d+/, '$1');
  return /(Z|[+-]\d\d:\d\d)$/i.test(short) ? short : `${short}Z`;
}

/** The service writes numbers with and without their plus. */
function phoneOf(number: string): string {
  return /^\d{8,15}$/.test(number) ? `+${number}` : number;
}

/** An id as formats.md has them, the same for the same id: the service's own have underscores. */
function idOf(id: string): string {
  const plain = id.replaceAll('_', '-');
  return /^[A-Za-z0-9-]{1,64}$/.test(plain) ? plain : createHash('sha256').update(id).digest('hex');
}

function problemsOf(error: z.ZodError, place: string): Problem[] {
  return error.issues.map((issue) => ({
    field: [place, issue.path.map(String).join('.')].filter(Boolean).join(': '),
    expected: issue.code === 'invalid_type' ? `a ${issue.expected}` : issue.message,
  }));
}
