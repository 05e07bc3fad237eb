import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import { isWithinCost } from '../limits/cost.ts';
import { limits } from '../limits/limits.ts';
import type { Params } from '../params.ts';
import type { EdgeContext, ServerDeps } from '../settings.ts';

type Document = ExecutionArgs['document'];
type Answer = Promise<ExecutionResult | null>;
/** A query's answer for `actor`, who has yet to be proved. Null when only the executor can answer it. */
export type Ahead = { actor: object; answer: Answer };

/**
 * Reads ahead of the proof. Whom a credential proves is asked of PostgreSQL for every request; a query is read at the same time, for whom it
 * proved the last time, so that both take one round trip. The answer is used only for the very actor that the proof comes to, and nobody sees
 * any of it otherwise. Only what the short way answers runs ahead: it reads, and neither writes, mails nor records.
 */
export function readAhead<Context extends EdgeContext>(
  { schema, shortWay }: Pick<ServerDeps<Context>, 'schema' | 'shortWay'>,
  document: Document | undefined,
  { operationName, variables }: Params,
  likely: Context | null,
): Ahead | null {
  if (!shortWay || !document || !likely?.actor || !mayRunAhead(schema, document, operationName, variables))
    return null;
  const args = { schema, document, operationName, variableValues: variables, contextValue: likely };
  return { actor: likely.actor, answer: shortWay(args as ExecutionArgs) };
}

function mayRunAhead(
  schema: GraphQLSchema,
  document: Document,
  name: Params['operationName'],
  variables: Params['variables'],
) {
  const operation = getOperationAST(document, name);
  return (
    operation?.operation === 'query' && isWithinCost(schema, document, operation, variables ?? {}, limits)
  );
}
