import {
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { AppError, type ErrorCode, type FieldErrors } from '../errors.ts';
import type { Params } from './request/params.ts';
import { requestScope } from './request/request-scope.ts';
import type { EdgeContext } from './request/settings.ts';

/** What a context does with a request that may be repeated. */
export type Repeatable = {
  /** The key of this request, once `begin` has taken it. */
  readonly claim?: unknown;
  begin(given: { key: string; request: string }): Promise<string | null>;
  keep(answer: string): Promise<void>;
};
type Context = EdgeContext & {
  idempotency?: Repeatable;
  incoming: { headers: Record<string, unknown> };
  params: Params;
};

/** 1 to 255 printable characters. */
const KEY = /^[!-~]{1,255}$/;

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a mutation whose change is saved
 * is not executed again; its repetition gets the same answer. The command saves the key together
 * with its change.
 */
export const idempotencyKeys: Plugin = {
  async onExecute({ args, setResultAndStopExecution }) {
    const { incoming, params, idempotency } = args.contextValue as unknown as Context;
    const header = incoming.headers['idempotency-key'];
    const operation = getOperationAST(args.document, args.operationName);
    if (header === undefined || operation?.operation !== 'mutation' || !idempotency) return;
    const given = { key: keyOf(header, operation), request: textOf(params) };
    const before = await idempotency.begin(given);
    if (before !== null) setResultAndStopExecution(restored(before));
  },
};

/**
 * Keeps the answer of a mutation before it leaves. After `maskResult`: what is kept is what the
 * client gets.
 */
export const keepAnswers: Plugin = {
  async onExecutionResult({ result, context }) {
    const { idempotency } = context as unknown as Context;
    if (!idempotency?.claim || !result || Array.isArray(result) || Symbol.asyncIterator in result) return;
    // without it a repetition is told that the change is saved
    await idempotency
      .keep(JSON.stringify(result))
      .catch((err: unknown) =>
        requestScope.getStore()?.log.error({ err }, 'the answer of an Idempotency-Key could not be kept'),
      );
  },
};

/** The key of a Structured Header string, or without its quotes. */
function keyOf(header: unknown, { selectionSet }: OperationDefinitionNode): string {
  const key = String(header).replace(/^"(.*)"$/, '$1');
  if (!KEY.test(key)) throw bad('Idempotency-Key must have 1 to 255 printable ASCII characters.');
  const [field, ...others] = selectionSet.selections;
  if (field?.kind !== Kind.FIELD || others.length > 0)
    throw bad('With an Idempotency-Key an operation is one mutation field; send the others by themselves.');
  return key;
}

const bad = (message: string) => new AppError('BAD_REQUEST', message);

const textOf = ({ query, operationName, variables }: Params): string =>
  JSON.stringify([query, operationName ?? null, variables ?? {}]);

function restored(answer: string): ExecutionResult {
  const { data, errors } = JSON.parse(answer) as FormattedExecutionResult;
  return errors ? { data, errors: errors.map(restoredError) } : { data };
}

/** An error of a kept answer; it is masked to what it was. */
function restoredError({ message, path, extensions = {} }: GraphQLFormattedError): GraphQLError {
  const { code, fields, http: _, requestId: __, ...advice } = extensions;
  const originalError = new AppError(code as ErrorCode, message, { fields: fields as FieldErrors, advice });
  return new GraphQLError(message, { path, originalError });
}
