/**
 * What a failed activity looks like in a history: reason, details and, with an exception properties provider, failure
 * details. Leaves out the .NET host's own stack trace. Source: contract G, I 7; recorded/activity-failure,
 * recorded/exception-properties.
 */
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
  const inner = {
    $type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
    IsUserException: false,
    RemoteStackTrace: stack,
    RemoteMessage: message,
    RemoteTypeName: null,
    Message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
    InnerException: null,
    HResult: -2146233088,
  };
  const details = JSON.stringify({
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: message,
    Data: null,
    InnerException: inner,
    HResult: -2146233088,
  });
  return { reason: `Activity function '${name}' failed: ${message}`, details, failureDetails: null };
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
