/**
 * Handing texts to a gateway over a network: in turn with the number's rate limit, again after a 429 or a lost answer,
 * always with the same id. After a lost answer a gateway that can be asked is asked, and the text goes again only when
 * it was never seen; while it does not answer the text stays unsettled and is the caller's to give again. One that cannot
 * be asked dedups by id for a while: it gets the text again at once and, when it never answers, the text is UNKNOWN.
 */
import type { WaitingClock } from '../clock';
import { ServiceError } from '../errors';
import { SendInterrupted, type OutboundText, type SmsFate, type SmsOutcome } from '../sms';
import type { RateLimit } from './rateLimit';

/** What came of one attempt. */
export type Attempt =
  | { readonly kind: 'OUTCOME'; readonly outcome: SmsOutcome }
  /** Certainly not sent; may pass later. */
  | { readonly kind: 'NOT_SENT'; readonly failure: ServiceError }
  /** Perhaps sent. */
  | { readonly kind: 'LOST' };

export interface Courier {
  /** One request with the text's id. Throws only what no attempt can mend, such as UNAUTHORISED. */
  attempt(text: OutboundText): Promise<Attempt>;
  /** What the gateway knows of an id, null: it does not answer now. Absent: it cannot be asked. Throws as `attempt`. */
  readonly ask?: (messageId: string) => Promise<SmsFate | null>;
}

export interface DeliveryTerms {
  readonly clock: WaitingClock;
  readonly limit: RateLimit;
}

/** Three retries over some 7 s ride out a hiccup; anything longer is for the queue in front, which can wait for hours. */
const ATTEMPTS_MAX = 4;
const FIRST_DELAY_MS = 1_000;
/** A longer Retry-After is left to the queue in front: a function has minutes, and holds a message lock meanwhile. */
const RETRY_AFTER_MAX_MS = 60_000;
const SENDS_AT_ONCE = 8;

/** One outcome a text, in order. Throws `SendInterrupted` once nothing is in flight any more. */
export async function deliverAll(
  texts: readonly OutboundText[],
  courier: Courier,
  terms: DeliveryTerms,
): Promise<SmsOutcome[]> {
  const outcomes = new Map<string, SmsOutcome>();
  const first = new Map<string, OutboundText>();
  for (const text of texts) if (!first.has(text.messageId)) first.set(text.messageId, text);
  const queue = first.values();
  let failure: ServiceError | null = null;
  const work = async (): Promise<void> => {
    for (const text of queue) {
      const result = await deliver(text, courier, terms).catch((error: unknown) => asFailure(error));
      if (result instanceof ServiceError) failure ??= result;
      else outcomes.set(text.messageId, result);
      // Where one is refused for what we are, or is told to wait, the others would be too.
      if (failure) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(SENDS_AT_ONCE, first.size) }, work));
  const told = new Set<string>();
  const inOrder = texts.map(({ messageId }): SmsOutcome | null => {
    const outcome = outcomes.get(messageId) ?? null;
    const isRepeat = told.has(messageId);
    told.add(messageId);
    return isRepeat && outcome === 'ACCEPTED' ? 'DUPLICATE' : outcome;
  });
  if (failure) throw new SendInterrupted(failure, inOrder);
  return inOrder as SmsOutcome[];
}

async function deliver(
  text: OutboundText,
  courier: Courier,
  { clock, limit }: DeliveryTerms,
): Promise<SmsOutcome | ServiceError> {
  let isLost = false;
  let failure: ServiceError | null = null;
  for (let n = 0; n < ATTEMPTS_MAX; n += 1) {
    const result: Attempt =
      isLost && courier.ask ? await asked(text, courier.ask) : await attemptInTurn(text, courier, limit);
    if (result.kind === 'OUTCOME') return result.outcome;
    failure = result.kind === 'NOT_SENT' ? result.failure : null;
    isLost = result.kind === 'LOST' || (isLost && !courier.ask);
    const delayMs = failure?.retryAfterMs ?? FIRST_DELAY_MS * 2 ** n;
    if (delayMs > RETRY_AFTER_MAX_MS) break;
    // One that was lost is asked for at once, and then after each wait.
    if (n < ATTEMPTS_MAX - 1) await clock.wait(delayMs);
  }
  if (isLost && !courier.ask) return 'UNKNOWN';
  return failure ?? new ServiceError('TIMED_OUT', 'the SMS gateway does not answer');
}

async function attemptInTurn(text: OutboundText, courier: Courier, limit: RateLimit): Promise<Attempt> {
  await limit.turn();
  const result = await courier.attempt(text);
  return result.kind === 'LOST' && courier.ask ? asked(text, courier.ask) : result;
}

async function asked(text: OutboundText, ask: NonNullable<Courier['ask']>): Promise<Attempt> {
  const fate = await ask(text.messageId);
  if (fate === null) return { kind: 'LOST' };
  if (fate !== 'NEVER_SEEN') return { kind: 'OUTCOME', outcome: fate };
  return { kind: 'NOT_SENT', failure: new ServiceError('TIMED_OUT', 'the SMS gateway never saw the text') };
}

function asFailure(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  throw error;
}
