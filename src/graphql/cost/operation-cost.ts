import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { counterOf } from './actual.ts';
import { estimateOf } from './estimate.ts';
import { evaluated, type Variables } from './terms.ts';

export type OperationCost = {
  /** Returns what the operation costs at most, with its variables as the client gave them. */
  estimate(variables: Variables): number;
  /** Returns what the answer cost. */
  count(data: unknown): number;
};

/** Holds no node of the document, which would otherwise live as long as its cost. */
const known = new WeakMap<OperationDefinitionNode, OperationCost>();

/** Returns the cost of an operation, compiled once for each document. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationCost {
  const before = known.get(operation);
  if (before) return before;
  const estimate = estimateOf(schema, document, operation);
  const cost: OperationCost = {
    estimate: (variables) => evaluated(estimate, variables),
    count: counterOf(schema, document, operation),
  };
  known.set(operation, cost);
  return cost;
}
