/**
 * Texts by Azure Communication Services. A request is for one text, since each has its own words. The service dedups by
 * `repeatabilityRequestId`; the client library sets a random one on each call, so it is replaced here by the message id,
 * with the time of the reservation as the first attempt's: a request that is made again is answered as the first was, and
 * nothing is sent twice. That memory is not to be asked, so `lookup` knows nothing. `tag` carries the id to the report.
 */
import { SmsClient, type SmsClientOptions, type SmsSendResult } from '@azure/communication-sms';
import { credentialOf } from '../azure/clients';
import { failureOf } from '../azure/failures';
import type { WaitingClock } from '../clock';
import { hasCode, type ServiceError } from '../errors';
import type { OutboundText, Sms, SmsOutcome } from '../sms';
import { deliverAll, type Attempt } from './delivery';
import { createRateLimit, perMinuteOf } from './rateLimit';
import type { CommunicationServicesSettings } from './settings';

/** For one request, ms: the service answers as soon as it has queued the text. */
const REQUEST_MS = 20_000;

type Policy = NonNullable<SmsClientOptions['additionalPolicies']>[number]['policy'];

export interface CommunicationServicesOptions {
  readonly clock: WaitingClock;
  /** Default: what Azure allows the kind of number. */
  readonly perMinute?: number;
  readonly requestMs?: number;
}

export function createCommunicationServicesSms(
  settings: CommunicationServicesSettings,
  options: CommunicationServicesOptions,
): Sms {
  const { clock } = options;
  const inFlight = new Map<string, OutboundText>();
  const client = clientFor(settings, {
    // Waits are ours (delivery.ts), on our clock.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: sameIdPolicy(inFlight), position: 'perCall' }],
  });
  const limit = createRateLimit(options.perMinute ?? perMinuteOf(settings.from), clock);
  const attempt = async (text: OutboundText): Promise<Attempt> => {
    inFlight.set(text.messageId, text);
    try {
      const [result] = await client.send(
        { from: settings.from, to: [text.to], message: text.body },
        {
          enableDeliveryReport: true,
          tag: text.messageId,
          abortSignal: AbortSignal.timeout(options.requestMs ?? REQUEST_MS),
        },
      );
      return result ? attemptOf(result) : { kind: 'LOST' };
    } catch (error) {
      return failedAttempt(error);
    } finally {
      inFlight.delete(text.messageId);
    }
  };
  return {
    send: (texts) => deliverAll(texts, { attempt }, { clock, limit }),
    lookup: async (messageIds) => messageIds.map(() => 'UNKNOWN'),
  };
}

function clientFor(settings: CommunicationServicesSettings, options: SmsClientOptions): SmsClient {
  if (settings.kind === 'identity') return new SmsClient(settings.endpoint, credentialOf(settings), options);
  return new SmsClient(settings.connectionString, { ...options, allowInsecureConnection: settings.isLocal });
}

/** Before the request is signed: the text's own id and time in place of the library's. */
function sameIdPolicy(inFlight: ReadonlyMap<string, OutboundText>): Policy {
  return {
    name: 'sameIdPolicy',
    sendRequest(request, next) {
      const body = JSON.parse(String(request.body)) as {
        smsRecipients: object[];
        smsSendOptions: { tag: string };
      };
      const text = inFlight.get(body.smsSendOptions.tag);
      if (!text) throw new Error('a text without its id would not be sent once');
      const repeatability = {
        repeatabilityRequestId: uuidOf(text.messageId),
        repeatabilityFirstSent: new Date(text.reservedAtMs ?? text.sentAtMs).toUTCString(),
      };
      const smsRecipients = body.smsRecipients.map((recipient) => ({ ...recipient, ...repeatability }));
      request.body = JSON.stringify({ ...body, smsRecipients });
      return next(request);
    },
  };
}

/** The 32 hex digits of a message id with the hyphens of a UUID. */
export function uuidOf(messageId: string): string {
  return messageId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** By the status that the service gives each recipient. 412: the first attempt is too long ago for it to know. */
function attemptOf({ successful, httpStatusCode: status, errorMessage = '' }: SmsSendResult): Attempt {
  const outcome = (outcome: SmsOutcome): Attempt => ({ kind: 'OUTCOME', outcome });
  if (successful || (status >= 200 && status < 300)) return outcome('ACCEPTED');
  if (status === 412) return outcome('UNKNOWN');
  if (status === 408 || status >= 500) return { kind: 'LOST' };
  if (status === 429 || status === 401 || status === 403)
    return failedAttempt({ name: 'RestError', statusCode: status });
  if (/opted?[ -]?out/i.test(errorMessage)) return outcome('REJECTED_OPTED_OUT');
  return outcome(status === 400 || status === 404 ? 'REJECTED_INVALID_NUMBER' : 'REJECTED_OTHER');
}

/** Of a request that failed whole. Throws what no further attempt can mend. */
function failedAttempt(error: unknown): Attempt {
  const status = (error as { statusCode?: number }).statusCode;
  const failure = failureOf(error, 'Communication Services') as ServiceError;
  if (hasCode(failure, 'UNAVAILABLE') || status === 429) return { kind: 'NOT_SENT', failure };
  if (hasCode(failure, 'TIMED_OUT', 'THROTTLED')) return { kind: 'LOST' };
  throw failure;
}
