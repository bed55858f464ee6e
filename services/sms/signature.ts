/**
 * Signatures of the generic gateway, both ways: HMAC-SHA256, in hex, with the shared secret over `<timestamp>.<body>`,
 * the timestamp in whole seconds since 1970 and the body byte for byte. A request without a body signs its path in place
 * of it. Old ones are refused, so that a recorded request cannot be played again later; inside the tolerance the ids
 * of replies and receipts make a repeat harmless. Two secrets may hold at once while they are exchanged.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../errors';

export const TIMESTAMP_HEADER = 'x-timestamp';
export const SIGNATURE_HEADER = 'x-signature';
/** Clocks may differ and requests linger that long, either way. */
export const TOLERANCE_MS = 5 * 60_000;

export interface SignedRequest {
  /** As they came; null or undefined where absent. */
  readonly timestamp: string | null | undefined;
  readonly signature: string | null | undefined;
  /** The raw body, before any parsing; the path of a request without one. */
  readonly body: string;
}

/** `atMs`: now. */
export function signedHeaders(secret: string, body: string, atMs: number): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  return { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: signatureOf(secret, timestamp, body) };
}

/** Throws BAD_SIGNATURE or OLD_TIMESTAMP. `secrets`: any of them will do. */
export function checkSignature(request: SignedRequest, secrets: readonly string[], nowMs: number): void {
  const { timestamp, signature, body } = request;
  if (!timestamp || !/^\d{1,12}$/.test(timestamp))
    throw new ServiceError('BAD_SIGNATURE', `${TIMESTAMP_HEADER}: expected whole seconds since 1970`);
  if (!signature || !/^(sha256=)?[0-9a-f]{64}$/i.test(signature))
    throw new ServiceError('BAD_SIGNATURE', `${SIGNATURE_HEADER}: expected HMAC-SHA256 in 64 hex digits`);
  const given = Buffer.from(signature.slice(-64), 'hex');
  // Every secret is tried, whichever matches: the time taken tells nothing.
  const matches = secrets.map((secret) =>
    timingSafeEqual(given, Buffer.from(signatureOf(secret, timestamp, body), 'hex')),
  );
  if (!matches.includes(true))
    throw new ServiceError(
      'BAD_SIGNATURE',
      `${SIGNATURE_HEADER}: expected a signature of this body with the shared secret`,
    );
  const offMs = Math.abs(nowMs - Number(timestamp) * 1000);
  if (offMs > TOLERANCE_MS)
    throw new ServiceError(
      'OLD_TIMESTAMP',
      `${TIMESTAMP_HEADER}: ${Math.round(offMs / 1000)} s from now, expected at most ${TOLERANCE_MS / 1000}`,
    );
}

function signatureOf(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}
