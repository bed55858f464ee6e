/**
 * Texts by any gateway that takes signed webhooks (signature.ts). `POST /messages` with `{messageId, from, to, body}` and
 * the id again as `Idempotency-Key`; `GET /messages/<id>` answers `{status}`: `accepted`, `never_seen` or `unknown`. A
 * text whose answer got lost is asked for before it is sent again. A bare 404 to the question proves nothing: a gateway
 * without that route gives it too.
 */
import { z } from 'zod';
import type { WaitingClock } from '../clock';
import { hasCode, ServiceError, ServiceFailure, type ServiceErrorCode } from '../errors';
import type { OutboundText, Sms, SmsFate, SmsOutcome } from '../sms';
import { deliverAll, type Attempt } from './delivery';
import { createRateLimit, perMinuteOf } from './rateLimit';
import type { WebhookSettings } from './settings';
import { signedHeaders } from './signature';

const REQUEST_MS = 20_000;
const NEVER_SENT: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

const answerSchema = z.looseObject({
  status: z.enum(['accepted', 'duplicate', 'rejected', 'never_seen', 'unknown']),
  code: z.enum(['INVALID_NUMBER', 'OPTED_OUT']).optional().catch(undefined),
});
type Answer = z.infer<typeof answerSchema>;

export interface WebhookOptions {
  readonly clock: WaitingClock;
  /** Default: as for the kind of number at Azure. */
  readonly perMinute?: number;
  readonly requestMs?: number;
}

export function createWebhookSms(settings: WebhookSettings, options: WebhookOptions): Sms {
  const { clock } = options;
  const { url, secret, from } = settings;
  const limit = createRateLimit(options.perMinute ?? perMinuteOf(from), clock);
  const request = async (method: string, path: string, body: string | null, headers: Record<string, string>) =>
    fetch(`${url.replace(/\/$/, '')}${path}`, {
      method,
      body,
      headers: { ...headers, ...signedHeaders(secret, body ?? path, clock.now()) },
      redirect: 'error',
      signal: AbortSignal.timeout(options.requestMs ?? REQUEST_MS),
    });
  const attempt = async ({ messageId, to, body }: OutboundText): Promise<Attempt> => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': messageId };
    try {
      const response = await request('POST', '/messages', JSON.stringify({ messageId, from, to, body }), headers);
      return attemptOf(response, await answerOf(response));
    } catch (error) {
      const failure = failureOfFetch(error);
      return hasCode(failure, 'UNAVAILABLE') ? { kind: 'NOT_SENT', failure } : lostOrThrow(failure);
    }
  };
  const lookup = async (messageId: string): Promise<SmsFate> => {
    try {
      const response = await request('GET', `/messages/${encodeURIComponent(messageId)}`, null, {});
      return fateOf(response, await answerOf(response));
    } catch (error) {
      throw failureOfFetch(error);
    }
  };
  const ask = (messageId: string): Promise<SmsFate | null> =>
    lookup(messageId).catch((error: ServiceError) => (error.retriable ? null : Promise.reject(error)));
  return {
    send: (texts) => deliverAll(texts, { attempt, ask }, { clock, limit }),
    async lookup(messageIds) {
      const fates: SmsFate[] = [];
      for (const id of messageIds) fates.push(await lookup(id));
      return fates;
    },
  };
}

function failureOfFetch(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const code = (error as { cause?: { code?: unknown } }).cause?.code;
  return NEVER_SENT.has(code)
    ? new ServiceError('UNAVAILABLE', 'the SMS gateway cannot be reached')
    : new ServiceError('TIMED_OUT', 'the SMS gateway does not answer');
}

function lostOrThrow(failure: ServiceError): Attempt {
  if (failure.code === 'TIMED_OUT') return { kind: 'LOST' };
  throw failure;
}

async function answerOf(response: Response): Promise<Answer | null> {
  const text = await response.text();
  try {
    return answerSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Throws what no further attempt can mend. */
function attemptOf(response: Response, answer: Answer | null): Attempt {
  const { status } = response;
  const outcome = (outcome: SmsOutcome): Attempt => ({ kind: 'OUTCOME', outcome });
  if (status === 429) return { kind: 'NOT_SENT', failure: failed('THROTTLED', 'asks to wait', response) };
  if (status === 401 || status === 403) throw failed('UNAUTHORISED', 'refused our signature', response);
  if (status === 409 || answer?.status === 'duplicate') return outcome('DUPLICATE');
  if (answer?.status === 'rejected') return outcome(`REJECTED_${answer.code ?? 'OTHER'}`);
  if (response.ok) return outcome('ACCEPTED');
  if (status === 408 || status >= 500) return { kind: 'LOST' };
  throw failed('REFUSED', `answered ${status}, expected 2xx or a status of rejected`, response);
}

/** Throws while the gateway gives no answer of its own. */
function fateOf(response: Response, answer: Answer | null): SmsFate {
  const { status } = response;
  if (status === 429) throw failed('THROTTLED', 'asks to wait', response);
  if (status === 401 || status === 403) throw failed('UNAUTHORISED', 'refused our signature', response);
  if (status === 408 || status >= 500) throw failed('TIMED_OUT', `answered ${status} when asked`, response);
  if (answer?.status === 'accepted' || answer?.status === 'duplicate') return 'ACCEPTED';
  // One that it refused was not sent either: given again, it is refused again.
  return answer?.status === 'never_seen' || answer?.status === 'rejected' ? 'NEVER_SEEN' : 'UNKNOWN';
}

function failed(code: ServiceErrorCode, what: string, response: Response): ServiceError {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return new ServiceError(code, `the SMS gateway ${what}`, {
    cause: new ServiceFailure('HTTP', response.status, undefined),
    ...(seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}),
  });
}
