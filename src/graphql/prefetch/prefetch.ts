import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import { AppError } from '../../errors.ts';
import { isWithinCost } from '../limits/cost.ts';
import { limits } from '../limits/limits.ts';
import type { Params } from '../request/params.ts';
import type { EdgeContext, ServerDeps } from '../request/settings.ts';

type Document = ExecutionArgs['document'];

/**
 * Prefetching saves a wait. With more operations than this under way other operations use that wait, and at 32 connections
 * prefetching cost a tenth of the throughput.
 */
const MAX_UNDERWAY = 4;

/** A query's answer for `actor`, whose credential is still being verified; null when it has to be executed after that. */
export type Prefetched = { actor: object; answer: Promise<ExecutionResult | null> };

/** Why a request was not prefetched, or its prefetched answer not used. */
const reasons = [
  'busy',
  'unknown document',
  'unknown credential',
  'operation',
  'actor changed',
  'unsupported',
  'refusal',
] as const;
export type Reason = (typeof reasons)[number];
export type Usage = { used: number; fallbacks: Record<Reason, number> };

type Given<Context> = {
  document: Document | undefined;
  params: Params;
  /** Operations that are being executed, this one included. */
  underway: number;
  /** The context of the cached identity. */
  cached: () => Context | null;
};

export type Prefetch<Context extends EdgeContext> = {
  /** Starts to execute a query for the cached identity. Null when nothing would be gained, or nothing is known. */
  start(given: Given<Context>): Prefetched | null;
  /**
   * Resolves to the prefetched answer if it is for this very actor; to `unsupported` when only the executor can answer; else to null.
   */
  answerFor(prefetched: Prefetched, actor: unknown): Promise<ExecutionResult | 'unsupported' | null>;
  readonly usage: Usage;
};

/**
 * Opens speculative reads. A credential is verified by PostgreSQL on every request; a query is executed at the same time, as the actor
 * whom the credential stood for the last time, so that both take one round trip. The answer is used only when the credential is
 * verified for that very actor, and discarded otherwise. Only what the query plan executes is prefetched: it reads, and has no effects.
 */
export function openPrefetch<Context extends EdgeContext>({
  schema,
  queryPlan,
}: Pick<ServerDeps<Context>, 'schema' | 'queryPlan'>): Prefetch<Context> {
  const usage: Usage = {
    used: 0,
    fallbacks: Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<Reason, number>,
  };
  const declined = (reason: Reason): null => {
    usage.fallbacks[reason] += 1;
    return null;
  };
  return {
    start({ document, params: { operationName, variables }, underway, cached }) {
      if (underway > MAX_UNDERWAY) return declined('busy');
      if (!document) return declined('unknown document');
      const contextValue = cached();
      if (!contextValue?.actor) return declined('unknown credential');
      if (!queryPlan || !mayPrefetch(schema, document, operationName, variables))
        return declined('operation');
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
      usage.used += 1;
      return answer;
    },
    usage,
  };
}

/** A refusal is audited in the context of the verified actor: the operation is executed in it. Faults are not met twice. */
const isRefusal = ({ originalError }: { originalError?: unknown }): boolean =>
  originalError instanceof AppError;

function mayPrefetch(
  schema: GraphQLSchema,
  document: Document,
  name: Params['operationName'],
  variables: Params['variables'],
): boolean {
  const operation = getOperationAST(document, name);
  return (
    operation?.operation === 'query' && isWithinCost(schema, document, operation, variables ?? {}, limits)
  );
}
