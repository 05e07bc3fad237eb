import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { noteOutcome } from '../../counters.ts';
import { AppError } from '../../errors.ts';
import type { Limits } from '../limits/limits.ts';
import { costOf } from './operation-cost.ts';
import type { Variables } from './terms.ts';

type Asked = {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: Variables | null | undefined;
};

/** Returns what an operation costs at most; 0 for a document without it. */
export function estimatedCost({ schema, document, operationName, variableValues }: Asked): number {
  const operation = getOperationAST(document, operationName);
  return operation ? costOf(schema, document, operation).estimate(variableValues ?? {}) : 0;
}

/**
 * Refuses each execution whose estimated cost, with its variables, is over the limit. Error:
 * QUERY_TOO_COMPLEX with `cost`.
 */
export function limitCost({ cost: limit }: Pick<Limits, 'cost'>): Plugin {
  const check = ({ args }: { args: Asked }) => {
    const estimated = estimatedCost(args);
    noteOutcome('cost', estimated <= limit);
    if (estimated > limit) throw tooCostly(estimated, limit);
  };
  return { onExecute: check, onSubscribe: check } as Plugin;
}

function tooCostly(cost: number, limit: number): AppError {
  const estimated = Math.min(cost, Number.MAX_SAFE_INTEGER);
  return new AppError(
    'QUERY_TOO_COMPLEX',
    `The operation costs up to ${estimated}, more than ${limit}; request smaller pages or fewer lists.`,
    { advice: { cost: { estimated, limit } } },
  );
}
