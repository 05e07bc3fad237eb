import { GraphQLError } from 'graphql';
import { reportUnexpected } from '../../error-tracking/hook.ts';
import { AppError, type ErrorCode, errorCodes, type FieldErrors, withoutStackTraces } from '../../errors.ts';
import { requestScope } from '../request/request-scope.ts';
import { argumentError } from './argument-errors.ts';
import { storageError } from './database-errors.ts';

const masked = new WeakMap<GraphQLError, unknown>();

/** The cause of a masked error, for the audit log and never for the client. */
export const originBehind = (error: GraphQLError): unknown => masked.get(error);

/**
 * What a client sees of any error: a `GraphQLError` whose `extensions.code` is one of `errorCodes`.
 * `AppError` keeps its code and fields; syntax, validation and coercion are `BAD_REQUEST` or
 * `INVALID_INPUT`; known database errors are translated; the rest is `INTERNAL` with the request id
 * and goes to the log. Errors of a field keep HTTP 200, errors of the whole request set the status.
 */
export function maskError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError && masked.has(error)) return error;
  const outer = error instanceof GraphQLError ? error : undefined;
  const shown = shownError(error);
  const options = {
    nodes: outer?.nodes,
    path: outer?.path,
    positions: outer?.nodes ? undefined : outer?.positions,
    source: outer?.source,
    extensions: extensionsOf(shown, outer),
  };
  const answer = withoutStackTraces(() => new GraphQLError(shown.message.slice(0, 500), options));
  masked.set(answer, originOf(error));
  return answer;
}

/** The error as an `AppError`; a fault of the server is logged here, once. */
export function shownError(error: unknown): AppError {
  const origin = originOf(error);
  const shown = origin instanceof AppError ? origin : (storageError(origin) ?? requestError(error, origin));
  if (shown) return shown;
  const scope = requestScope.getStore();
  scope?.log.error({ err: origin, requestId: scope.id }, 'unexpected error');
  reportUnexpected(origin, { requestId: scope?.id, operation: scope?.operationType });
  return new AppError('INTERNAL', 'Internal server error; quote the request id when you report it.');
}

/**
 * `extensions` of an answer to a whole request or to a field; `http` is read by Yoga and never
 * sent.
 */
export function extensionsOf(shown: AppError, outer?: GraphQLError): Record<string, unknown> {
  const scope = requestScope.getStore();
  scope?.codes.add(shown.code);
  const requestId = shown.code === 'INTERNAL' ? scope?.id : undefined;
  return {
    code: shown.code,
    ...(shown.fields && { fields: shown.fields }),
    ...shown.advice,
    ...(requestId && { requestId }),
    ...(outer?.path ? waiting(shown) : { http: { ...httpOf(shown.code, outer), ...waiting(shown).http } }),
  };
}

/** `Retry-After` (RFC 9110, 10.2.3), also where other fields of the answer have data. */
const waiting = ({ advice }: AppError): { http?: { headers: Record<string, string> } } =>
  advice?.retryAfter ? { http: { headers: { 'retry-after': String(advice.retryAfter) } } } : {};

// `spec` lets Yoga answer 200 where the client takes application/json only (GraphQL over HTTP §
// 6.4.1); only errors in the document or its variables are of that kind
function httpOf(code: ErrorCode, outer: GraphQLError | undefined) {
  const given = outer?.extensions?.http as
    | { status?: number; spec?: boolean; headers?: Record<string, string> }
    | undefined;
  if (given?.status) return { status: given.status, spec: given.spec ?? false, headers: given.headers };
  return {
    status: errorCodes[code].status,
    spec: outer !== undefined && (code === 'BAD_REQUEST' || code === 'INVALID_INPUT'),
  };
}

function originOf(error: unknown): unknown {
  let origin = error;
  for (let steps = 0; origin instanceof GraphQLError && origin.originalError && steps < 8; steps++)
    origin = origin.originalError;
  return origin;
}

/**
 * Errors that graphql itself raises about the request; undefined when a resolver or the executor
 * failed.
 */
function requestError(error: unknown, origin: unknown): AppError | undefined {
  if (!(error instanceof GraphQLError)) return undefined;
  const argument = argumentError(error, origin);
  if (argument) return argument;
  const coercion = coercionError(error);
  if (coercion) return coercion;
  if (isForeign(origin)) return undefined;
  // with a path it happened while running: an argument is the client's, a null or a serialisation
  // on a field is ours
  if (error.path && (error.nodes?.[0]?.kind ?? 'Field') === 'Field') return undefined;
  return new AppError('BAD_REQUEST', withoutHints(error.message));
}

const isForeign = (origin: unknown) => !(origin instanceof GraphQLError);

// The message quotes the value that was sent, which may be a password: only the path and what was
// expected are taken over.
function coercionError(error: GraphQLError): AppError | undefined {
  const variable = /^Variable "\$(\w+)" got invalid value /.exec(error.message);
  if (!variable || error.path) return undefined;
  const at = [...error.message.matchAll(/ at "([\w.[\]]+)"; /g)].at(-1);
  const path = at?.[1] ?? (variable[1] as string);
  const rule = ownRule(error.originalError);
  const fields: FieldErrors = {
    [path]: rule ?? expectation(error.originalError?.message ?? error.message.split('; ').at(-1) ?? ''),
  };
  return new AppError('INVALID_INPUT', `Variable "$${variable[1]}" has an invalid value at \`${path}\`.`, {
    fields,
  });
}

/** What a scalar of schema/core/scalars.ts expects, which never quotes the value. */
const ownRule = (thrown: Error | null | undefined): string | undefined =>
  thrown?.message.startsWith('expected ') ? thrown.message : undefined;

const expectations: [RegExp, (found: string[]) => string][] = [
  [/Expected (?:value of )?(?:non-nullable )?type "([\w![\]]+)"/, (m) => `expected a value of type ${m[1]}`],
  [/^(\w+) cannot represent/, (m) => `expected a value of type ${m[1]}`],
  [/Enum "(\w+)"|"(\w+)" enum/, (m) => `expected a value of the enum ${m[1] ?? m[2]}`],
  [
    /Field "(\w+)" of required type "([\w![\]]+)" was not provided/,
    (m) => `\`${m[1]}\` of type ${m[2]} is required`,
  ],
  [/Field "\w+" is not defined by type "(\w+)"/, (m) => `has a field that ${m[1]} does not define`],
];

function expectation(reason: string): string {
  for (const [pattern, words] of expectations) {
    const found = pattern.exec(reason);
    if (found) return words(found);
  }
  return 'expected another value';
}

/**
 * A message quotes what was sent, however long: no pattern may search again from each of its
 * characters.
 */
function withoutHints(message: string): string {
  const [said = ''] = message.split('Did you mean ', 1);
  return said.trimEnd().replace(/^Syntax Error: Syntax Error: /, 'Syntax Error: ');
}
