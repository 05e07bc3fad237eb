import {
  type FieldNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  locatedError,
  responsePathAsArray,
} from 'graphql';
import type { Context } from '../../context.ts';
import { withoutStackTraces } from '../../errors.ts';
import { Unsupported } from './unsupported.ts';

type PerField = 'fieldName' | 'fieldNodes' | 'returnType' | 'parentType' | 'path';

/** A field that an operation selects of a type. */
export type FieldCall = {
  field: GraphQLField<unknown, Context>;
  nodes: FieldNode[];
  parent: GraphQLObjectType;
};

/** What a query selected with a field: the fields beneath it, by type and path from it. */
export type Selection = { nested: Readonly<Record<string, Selection>> };

/**
 * A place in the answer: graphql's path, and whether null may stand there. `selection` is what was
 * loaded with the field; null for a field that Pothos loads, undefined for one that needs none.
 */
export type Position = {
  prev: Position | undefined;
  key: string | number;
  typename: string | undefined;
  nullable: boolean;
  selection: Selection | null | undefined;
};

export type FieldError = { error: GraphQLError; position: Position };

/** One execution of a plan. */
export type ExecutionState = {
  context: Context;
  info: Omit<GraphQLResolveInfo, PerField>;
  /** Arguments and info of each field: the same for every row. */
  inputs: Map<FieldCall, { args: Record<string, unknown>; info: GraphQLResolveInfo }>;
  /** Fields that are still being resolved. */
  pending: Promise<void>[];
  errors: FieldError[];
};

/**
 * Records what a field failed with, at its place in the answer (GraphQL § 6.4.4). Throws only what
 * leads to a fallback.
 */
export function recordError(
  state: ExecutionState,
  error: unknown,
  nodes: FieldNode[],
  position: Position,
): void {
  if (error instanceof Unsupported) throw error;
  const path = responsePathAsArray(position as GraphQLResolveInfo['path']);
  state.errors.push({ error: withoutStackTraces(() => locatedError(error, nodes, path)), position });
}
