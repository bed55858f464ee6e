/**
 * What a failed activity looks like in a history: reason, details and, with an exception properties provider, failure
 * details; and what a callHttp without an answer does. Source: contract G, I 7; recorded/activity-failure,
 * recorded/exception-properties.
 */
import { requestException, sanitized, workerException } from './dotnet';
import type { FailureText } from './history';

/** `message` and `stack` are what the worker reports of a thrown value. */
export function activityFailure(name: string, message: string, stack: string): FailureText {
  const typed = failureDetailsOf(message);
  if (typed !== null) {
    return {
      reason: `Activity function '${name}' failed with an unhandled exception.`,
      details: null,
      failureDetails: typed,
    };
  }
  const text = sanitized(message);
  const details = workerException(text, sanitized(stack));
  return { reason: `Activity function '${name}' failed: ${text}`, details, failureDetails: null };
}

/** `code` is Node's error code; errors that .NET would not know keep their message. */
export function httpFailure(code: string | undefined, message: string, address: string): FailureText {
  const [problem, kind, native] =
    code === 'ECONNREFUSED'
      ? (['Connection refused', 2, 111] as const)
      : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? (['Name or service not known', 1, -131073] as const)
        : code === 'ECONNRESET'
          ? (['Connection reset by peer', 2, 104] as const)
          : ([message, 0, 0] as const);
  const details = requestException(problem, address, kind, native);
  return { reason: `${problem} (${address})`, details, failureDetails: null };
}

/** The JSON that durable-functions throws when a properties provider is set. */
function failureDetailsOf(message: string): string | null {
  if (!message.startsWith('{')) return null;
  try {
    const d = JSON.parse(message) as Record<string, unknown>;
    if (typeof d.errorType !== 'string' || typeof d.errorMessage !== 'string') return null;
    return JSON.stringify({
      ErrorType: d.errorType,
      ErrorMessage: d.errorMessage,
      StackTrace: d.stackTrace ?? null,
      InnerFailure: d.innerFailure ?? null,
      IsNonRetriable: d.isNonRetriable ?? false,
      Properties: d.properties ?? null,
    });
  } catch {
    return null;
  }
}

/** A result as it stands in TaskCompleted: JSON text or null. Integers beyond int64 wrap, as recorded. */
export function activityResult(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return BigInt.asIntN(64, BigInt(value)).toString();
  }
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString('base64'));
  return JSON.stringify(value) ?? null;
}
