/**
 * Errors of the storage SDKs as errors of the catalogue. The service's own code decides, then the status, then the
 * network's. Of the original only kind, status and request id are kept as `cause`: its request holds rows and keys.
 * Codes: learn.microsoft.com, "Table service error codes" and "Blob service error codes".
 */
import { ServiceError, ServiceFailure, type ServiceErrorCode } from '../errors';

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly details?: { readonly errorCode?: string; readonly odataError?: { readonly code?: string } };
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

const BY_SERVICE_CODE: Readonly<Record<string, ServiceErrorCode>> = {
  EntityAlreadyExists: 'ROW_EXISTS',
  UpdateConditionNotSatisfied: 'CONFLICT',
  ConditionNotMet: 'CONFLICT',
  ResourceNotFound: 'NOT_FOUND',
  TableNotFound: 'NOT_FOUND',
  BlobNotFound: 'NOT_FOUND',
  ContainerNotFound: 'NOT_FOUND',
  EntityTooLarge: 'TOO_LARGE',
  PropertyValueTooLarge: 'TOO_LARGE',
  RequestBodyTooLarge: 'BATCH_TOO_LARGE',
  ServerBusy: 'THROTTLED',
  TableBeingDeleted: 'THROTTLED',
  ContainerBeingDeleted: 'THROTTLED',
  OperationTimedOut: 'TIMED_OUT',
  AuthenticationFailed: 'UNAUTHORISED',
  AuthorizationFailure: 'UNAUTHORISED',
  AuthorizationPermissionMismatch: 'UNAUTHORISED',
};
const BY_STATUS: Readonly<Record<number, ServiceErrorCode>> = {
  401: 'UNAUTHORISED',
  403: 'UNAUTHORISED',
  404: 'NOT_FOUND',
  408: 'TIMED_OUT',
  409: 'CONFLICT',
  412: 'CONFLICT',
  413: 'BATCH_TOO_LARGE',
  429: 'THROTTLED',
  503: 'THROTTLED',
};
/** Without a connection nothing was sent. */
const NEVER_SENT: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']);

const MESSAGES: Partial<Record<ServiceErrorCode, string>> = {
  ROW_EXISTS: 'the row exists already',
  CONFLICT: 'somebody else wrote in between',
  NOT_FOUND: 'not there',
  THROTTLED: 'the service is busy and still was after all retries',
  TIMED_OUT: 'no answer after all retries; it may have happened',
  UNAVAILABLE: 'the service cannot be reached',
  UNAUTHORISED:
    'the service refused the credentials, expected an identity with its data role or the key of this account',
  TOO_LARGE: 'the value is over the limit of the service',
  BATCH_TOO_LARGE: 'the batch is over the limit of the service',
};

/** `where`: the table or container, and what was being done. Passes on what already is of the catalogue. */
export function failureOf(error: unknown, where: string): unknown {
  if (error instanceof ServiceError) return error;
  const known = error as SdkError;
  const code = codeOf(known);
  if (!code) return error;
  const service = serviceCodeOf(known);
  const kind = service ?? known.code ?? known.name ?? 'unknown';
  const message = MESSAGES[code] ?? `the service refused the request (${kind})`;
  const cause = new ServiceFailure(kind, known.statusCode, known.response?.headers?.get('x-ms-request-id'));
  const waitMs = retryAfterMs(known);
  return new ServiceError(code, `${where}: ${message}`, {
    cause,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}

/** The code that the service gave: in the error, its details or, where the SDK left them unread, its body. */
export function serviceCodeOf(error: unknown): string | undefined {
  const { code, details, message, statusCode } = error as SdkError;
  if (statusCode === undefined) return undefined;
  const read = details?.errorCode ?? details?.odataError?.code ?? code;
  return (
    read ??
    /"code"\s*:\s*"(\w+)"|<(?:m:)?code>(\w+)</i
      .exec(message ?? '')
      ?.slice(1)
      .find(Boolean)
  );
}

function codeOf(error: SdkError): ServiceErrorCode | null {
  const service = serviceCodeOf(error);
  if (service !== undefined && BY_SERVICE_CODE[service]) return BY_SERVICE_CODE[service];
  if (error.statusCode !== undefined) {
    if (BY_STATUS[error.statusCode]) return BY_STATUS[error.statusCode]!;
    return error.statusCode >= 500 ? 'TIMED_OUT' : 'REFUSED';
  }
  if (NEVER_SENT.has(error.code)) return 'UNAVAILABLE';
  if (error.name === 'RestError' || error.name === 'AbortError' || error.name === 'TimeoutError') return 'TIMED_OUT';
  // The credential chain of @azure/identity.
  if (/^(CredentialUnavailable|AggregateAuthentication|Authentication)/.test(error.name ?? '')) return 'UNAUTHORISED';
  return null;
}

function retryAfterMs(error: SdkError): number | undefined {
  const seconds = Number(error.response?.headers?.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
