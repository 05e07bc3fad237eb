/**
 * The error codes that clients receive; no other code leaves the server. `docs/errors.md` is
 * generated from this table.
 */
export const errorCodes = {
  UNAUTHENTICATED: { status: 401, meaning: 'The credential is missing, unknown, expired or revoked.' },
  FORBIDDEN: {
    status: 403,
    meaning: 'Signed in, but the caller lacks the permission that this field or operation requires.',
  },
  NOT_FOUND: {
    status: 404,
    meaning: 'The object does not exist or the caller may not see it; the answer is the same.',
  },
  INVALID_INPUT: {
    status: 400,
    meaning: 'An argument is invalid; `extensions.fields` names each one and states its rule.',
  },
  CONFLICT: {
    status: 409,
    meaning: 'The state has changed or a unique value is taken; read again before retrying.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    meaning: 'The `Idempotency-Key` was used with another request in the last 24 hours; use a new key.',
  },
  RATE_LIMITED: {
    status: 429,
    meaning:
      'Too many attempts or requests; retry after the seconds in `extensions.retryAfter` and `Retry-After`.',
  },
  QUERY_TOO_COMPLEX: {
    status: 400,
    meaning:
      'The operation exceeds a limit of depth, cost or repetition; request less at once. For its cost, `extensions.cost` has `estimated` and `limit`.',
  },
  STEP_UP_REQUIRED: {
    status: 403,
    meaning: 'The operation requires a recent second factor; `extensions.methods` lists the available ones.',
  },
  ENROLMENT_REQUIRED: {
    status: 403,
    meaning: 'A second factor is required and the grace period is over; only enrolment is possible.',
  },
  BAD_REQUEST: {
    status: 400,
    meaning:
      'The request is not valid GraphQL over HTTP: malformed JSON, a syntax error, an unknown field, a wrong type.',
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    status: 400,
    meaning: 'This server has no trusted documents; send the document as `query`.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    status: 400,
    meaning: 'The id is of no trusted document of this server; send one of its manifest.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, meaning: 'The request body exceeds the size limit.' },
  PASSKEY_REFUSED: {
    status: 403,
    meaning:
      'The passkey was rejected; `extensions.reason` is `challenge` (start again), `origin`, `site`, `userVerification`, `attestation`, `credential` or `counter`.',
  },
  UNAVAILABLE: {
    status: 503,
    meaning:
      'A service that this operation needs is not configured or not reachable, or the server is overloaded; retry later.',
  },
  INTERNAL: {
    status: 500,
    meaning: 'Internal server error; `extensions.requestId` identifies it in the log.',
  },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/**
 * Invalid input: path, such as `input.salary`, to the rule that it breaks. Never contains the
 * value.
 */
export type FieldErrors = Record<string, string>;

/**
 * Extensions of some codes: seconds to wait (RATE_LIMITED), available factors (STEP_UP_REQUIRED),
 * the reason (PASSKEY_REFUSED), the cost and its limit (QUERY_TOO_COMPLEX).
 */
export type Advice = {
  retryAfter?: number;
  methods?: string[];
  reason?: string;
  cost?: { estimated: number; limit: number };
};

/** Codes that tell of a fault of the server, whose place in the code is logged. */
const SERVER_FAULTS: ReadonlySet<ErrorCode> = new Set(['INTERNAL', 'UNAVAILABLE']);

/**
 * An error that clients see. `message` says what failed and what to do, without secrets or data of
 * other companies. Only a fault of the server has a stack trace: requests that cause dozens of
 * other errors would otherwise make traces that nothing reads.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly fields: FieldErrors | undefined;
  readonly advice: Advice | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { fields?: FieldErrors; advice?: Advice; cause?: unknown },
  ) {
    const limit = Error.stackTraceLimit;
    if (!SERVER_FAULTS.has(code)) Error.stackTraceLimit = 0;
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = limit;
    this.code = code;
    this.fields = options?.fields;
    this.advice = options?.advice;
  }
}

/**
 * Returns what `make` returns; errors made meanwhile have no stack trace. For errors that stand for
 * another one, which has its own.
 */
export function withoutStackTraces<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Returns the same error for a missing object and for one that the caller may not see. */
export const notFound = (): AppError => new AppError('NOT_FOUND', 'Not found.');

/** Returns the error for invalid input. The message names the paths and no value. */
export const invalidInput = (fields: FieldErrors): AppError =>
  new AppError(
    'INVALID_INPUT',
    `Invalid input: ${Object.keys(fields)
      .map((path) => `\`${path}\``)
      .join(', ')}.`,
    { fields },
  );
