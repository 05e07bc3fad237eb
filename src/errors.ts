/** All that a client may ever see of an error. `docs/errors.md` is generated from this table; nothing outside it leaves the server. */
export const errorCodes = {
  UNAUTHENTICATED: { status: 401, meaning: 'No credential, or one that is wrong, expired or revoked.' },
  FORBIDDEN: {
    status: 403,
    meaning: 'Signed in, but no role of yours holds the permission that this field or operation asks for.',
  },
  NOT_FOUND: {
    status: 404,
    meaning: "There is no such thing for you: it doesn't exist, or it isn't yours. The answer is the same.",
  },
  INVALID_INPUT: {
    status: 400,
    meaning: 'An argument breaks a rule; `extensions.fields` names each one and what it expects.',
  },
  CONFLICT: {
    status: 409,
    meaning: 'The state has moved on or a unique value is taken; read again, then decide.',
  },
  RATE_LIMITED: {
    status: 429,
    meaning: 'Too many tries or requests; wait for the seconds in `extensions.retryAfter` and `Retry-After`.',
  },
  QUERY_TOO_COMPLEX: {
    status: 400,
    meaning: 'The operation is too deep, too costly, or repeats too much; ask for less at once.',
  },
  STEP_UP_REQUIRED: {
    status: 403,
    meaning:
      'This operation asks for a recent second factor; `extensions.methods` names those that you have.',
  },
  ENROLMENT_REQUIRED: {
    status: 403,
    meaning:
      'A second factor is required of you here and the time to add one is over: until you do, you can do nothing else.',
  },
  BAD_REQUEST: {
    status: 400,
    meaning:
      'The request is not valid GraphQL over HTTP: malformed JSON, a syntax error, an unknown field, a wrong type.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, meaning: 'The request body is larger than the server takes.' },
  PASSKEY_REFUSED: {
    status: 403,
    meaning:
      'The passkey was not accepted; `extensions.reason` says why: `challenge` (start again), `origin`, `site`, `userVerification`, `attestation`, `credential` or `counter`.',
  },
  UNAVAILABLE: {
    status: 503,
    meaning: 'A part that this operation needs is not configured or not reachable; try later.',
  },
  INTERNAL: {
    status: 500,
    meaning: 'A fault of the server. `extensions.requestId` finds it in the log; nothing else is told.',
  },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Which input fields are wrong: path such as `input.salary` → what was expected. Never holds the value itself. */
export type FieldErrors = Record<string, string>;

/** What a client may do next, for the codes that say so: seconds to wait (RATE_LIMITED), second factors (STEP_UP_REQUIRED), why (PASSKEY_REFUSED). */
export type Advice = { retryAfter?: number; methods?: string[]; reason?: string };

/** The one error class. `message` is shown to the client: what, where, expected and actual, never a secret or another company's data. */
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
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fields = options?.fields;
    this.advice = options?.advice;
  }
}

/** Same words for "not there" and "not yours": whoever asks learns nothing from the difference. */
export const notFound = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such thing, or it is not yours to see.');

/** Input that breaks a rule: path → what was expected. The message names the paths, never a value. */
export const invalidInput = (fields: FieldErrors): AppError =>
  new AppError(
    'INVALID_INPUT',
    `Invalid input: ${Object.keys(fields)
      .map((path) => `\`${path}\``)
      .join(', ')}.`,
    { fields },
  );
