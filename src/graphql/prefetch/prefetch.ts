import type { FastifyRequest } from 'fastify';
import { type ExecutionArgs, type GraphQLSchema, getOperationAST } from 'graphql';
import { AppError } from '../../errors.ts';
import type { Reason, Use } from '../../shortcuts.ts';
import { estimatedCost } from '../cost/limit.ts';
import { selectsPageInfo } from '../document/page-info.ts';
import { limits } from '../limits/limits.ts';
import type { Params } from '../request/params.ts';
import type { EdgeContext, Prefetch, QueryExecutor } from '../request/settings.ts';

type Document = ExecutionArgs['document'];

/**
 * Prefetching saves a wait. With more operations than this under way other operations use that
 * wait, and at 32 connections prefetching cost a tenth of the throughput.
 */
const MAX_UNDERWAY = 4;

type PrefetchDeps<Context extends EdgeContext> = {
  schema: GraphQLSchema;
  queryPlan: QueryExecutor;
  /** The context of the cached identity of a request's credential. */
  cachedContext: (request: FastifyRequest) => Context | null;
  /** Whether replicas answer queries, once their caller is verified. */
  areReplicasUsed: () => boolean;
  use: Use<'prefetch'>;
};

/**
 * Opens speculative reads. A credential is verified by PostgreSQL on every request; a query is
 * executed at the same time, as the actor whom the credential stood for the last time, so that both
 * take one round trip. The answer is used only when the credential is verified for that very actor,
 * and discarded otherwise. Only queries are prefetched: they have no effects.
 */
export function openPrefetch<Context extends EdgeContext>({
  schema,
  queryPlan,
  cachedContext,
  areReplicasUsed,
  use,
}: PrefetchDeps<Context>): Prefetch {
  const declined = (reason: Reason<'prefetch'>): null => {
    use.fallbacks[reason] += 1;
    return null;
  };
  return {
    start({ request, document, params: { operationName, variables }, underway }) {
      if (underway > MAX_UNDERWAY) return declined('busy');
      if (areReplicasUsed()) return declined('replica');
      if (!document) return declined('unknown document');
      const contextValue = cachedContext(request);
      if (!contextValue?.actor) return declined('unknown credential');
      if (!mayPrefetch(schema, document, operationName, variables)) return declined('operation');
      contextValue.selectsPageInfo = selectsPageInfo(document);
      const args: ExecutionArgs = {
        schema,
        document,
        operationName,
        variableValues: variables,
        contextValue,
      };
      const answer = queryPlan.execute(args);
      answer.catch(() => {}); // awaited by answerFor, unless the credential is refused
      return { actor: contextValue.actor, answer };
    },
    async answerFor(prefetched, actor) {
      if (prefetched.actor !== actor) return declined('actor changed');
      const answer = await prefetched.answer;
      if (!answer) return declined('unsupported') ?? 'unsupported';
      if (answer.errors?.some(isRefusal)) return declined('refusal');
      use.used += 1;
      return answer;
    },
  };
}

/**
 * A refusal is audited in the context of the verified actor: the operation is executed in it.
 * Faults are not met twice.
 */
const isRefusal = ({ originalError }: { originalError?: unknown }): boolean =>
  originalError instanceof AppError;

function mayPrefetch(
  schema: GraphQLSchema,
  document: Document,
  name: Params['operationName'],
  variables: Params['variables'],
): boolean {
  const operation = getOperationAST(document, name);
  if (operation?.operation !== 'query') return false;
  const asked = { schema, document, operationName: name, variableValues: variables };
  return estimatedCost(asked) <= limits.cost;
}
