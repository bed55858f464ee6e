/**
 * The one catalogue of what can go wrong with a service behind services/: a stable `code`, whether the same call may be
 * made again (`retriable`), and how long to wait first. Messages say which service and what was expected; they carry no
 * phone, name, account key or row key, and neither does `cause`: of an SDK's error, whose request may hold all of them,
 * only the kind, the status and the service's own request id are kept.
 */
export const SERVICE_ERRORS = {
  ROW_EXISTS: { retriable: false, means: 'an insert met a row that somebody else wrote' },
  CONFLICT: { retriable: true, means: 'somebody else kept writing in between' },
  NOT_FOUND: { retriable: false, means: 'what the call needs is not there' },
  THROTTLED: { retriable: true, means: 'the service asked us to wait' },
  TIMED_OUT: { retriable: true, means: 'no answer: it may or may not have happened' },
  UNAVAILABLE: { retriable: true, means: 'the service could not be reached: nothing has happened' },
  UNAUTHORISED: { retriable: false, means: 'the service refused who we are' },
  BAD_CONNECTION: { retriable: false, means: 'a connection string or address that cannot be right' },
  BAD_KEY: { retriable: false, means: 'a key or name that the service cannot hold' },
  TOO_LARGE: { retriable: false, means: 'a value over the limit of the service' },
  BATCH_TOO_LARGE: { retriable: false, means: 'a batch over the limit of the service: smaller ones may pass' },
  REFUSED: { retriable: false, means: 'the service refused the request as it stands' },
  BAD_SIGNATURE: { retriable: false, means: 'a request that was not signed with our secret' },
  OLD_TIMESTAMP: { retriable: false, means: 'a signed request from too long ago, or from the future' },
} as const;

export type ServiceErrorCode = keyof typeof SERVICE_ERRORS;

export interface ServiceErrorDetails {
  readonly cause?: unknown;
  /** What the service asked for, ms. */
  readonly retryAfterMs?: number;
}

export class ServiceError extends Error {
  readonly retriable: boolean;
  readonly retryAfterMs?: number;
  constructor(
    readonly code: ServiceErrorCode,
    message: string,
    details: ServiceErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ServiceError';
    this.retriable = SERVICE_ERRORS[code].retriable;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}

export function hasCode(error: unknown, ...codes: readonly ServiceErrorCode[]): error is ServiceError {
  return error instanceof ServiceError && codes.includes(error.code);
}

/** What may be kept of an SDK's error. */
export class ServiceFailure extends Error {
  constructor(
    readonly kind: string,
    readonly status: number | undefined,
    readonly requestId: string | undefined,
  ) {
    super([kind, status, requestId && `request ${requestId}`].filter((part) => part !== undefined).join(', '));
    this.name = 'ServiceFailure';
  }
}
