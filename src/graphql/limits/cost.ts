import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  GraphQLList,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Limits, tooComplex } from './limits.ts';

type Variables = Record<string, unknown>;
type Walk = {
  schema: GraphQLSchema;
  document: DocumentNode;
  variables: Variables;
  limits: Limits;
  fragments: Map<string, number>;
};

const PAGING = ['first', 'last'];

/**
 * What an operation may cost at most: 1 for a leaf, 20 for a count, 2 for an object, times the
 * length of the list that it stands in. The length is `first` or `last` (literal, variable, or the
 * larger of both), the number of ids asked for, or a default; the lists directly under a paged
 * field (`edges`, `nodes`) are its page and count once. Fields skipped by directives count: the
 * bound holds for every run.
 */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  limits: Limits,
): number {
  const walk = {
    schema,
    document,
    variables: withDefaults(operation, variables),
    limits,
    fragments: new Map(),
  };
  return selectionCost(walk, operation.selectionSet, schema.getRootType(operation.operation)?.name, 0);
}

export const isWithinCost = (...asked: Parameters<typeof operationCost>): boolean =>
  operationCost(...asked) <= asked[4].cost;

/** Refuses executions whose cost, with their variables, is over the limit: `QUERY_TOO_COMPLEX`. */
export function limitCost(limits: Limits): Plugin {
  // biome-ignore lint/suspicious/noExplicitAny: envelop types the arguments of execute and subscribe apart; the five fields read here are the same
  const check = ({ args }: any) => {
    const operation = getOperationAST(args.document, args.operationName);
    if (!operation) return;
    if (!isWithinCost(args.schema, args.document, operation, args.variableValues ?? {}, limits))
      throw tooComplex();
  };
  return { onExecute: check, onSubscribe: check };
}

function withDefaults(operation: OperationDefinitionNode, variables: Variables): Variables {
  const values: Variables = { ...variables };
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (values[variable.name.value] === undefined && defaultValue)
      values[variable.name.value] = literal(defaultValue, {});
  }
  return values;
}

function selectionCost(
  walk: Walk,
  set: SelectionSetNode,
  typeName: string | undefined,
  page: number,
): number {
  let cost = 0;
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) cost += fieldCost(walk, node, typeName, page);
    else if (node.kind === Kind.INLINE_FRAGMENT) {
      cost += selectionCost(walk, node.selectionSet, node.typeCondition?.name.value ?? typeName, page);
    } else cost += fragmentCost(walk, node.name.value, page);
  }
  return cost;
}

// cached by name: fragments that spread fragments twice each would otherwise take 2^n steps
function fragmentCost(walk: Walk, name: string, page: number): number {
  const key = `${name}:${page}`;
  const before = walk.fragments.get(key);
  if (before !== undefined) return before;
  walk.fragments.set(key, 0);
  const node = walk.document.definitions.find(
    (d) => d.kind === Kind.FRAGMENT_DEFINITION && d.name.value === name,
  );
  const cost =
    node?.kind === Kind.FRAGMENT_DEFINITION
      ? selectionCost(walk, node.selectionSet, node.typeCondition.name.value, page)
      : 0;
  walk.fragments.set(key, cost);
  return cost;
}

function fieldCost(walk: Walk, node: FieldNode, typeName: string | undefined, page: number): number {
  const field = fieldOf(walk.schema, typeName, node.name.value);
  const length = field ? lengthOf(walk, node, field, page > 0) : 1;
  // a connection counts once, not once for each object of its page
  if (!node.selectionSet) return isCount(field, typeName) ? COUNT / Math.max(1, page) : length;
  const type = field && getNamedType(field.type).name;
  return (2 + selectionCost(walk, node.selectionSet, type, isPaged(field) ? length : 0)) * length;
}

// introspection (`__schema`) has no field here: its depth is bounded by graphql's own
// MaxIntrospectionDepthRule, its length by the schema
function fieldOf(
  schema: GraphQLSchema,
  typeName: string | undefined,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  const type = typeName === undefined ? undefined : schema.getType(typeName);
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

/** A count is a statement of its own for each connection. */
const COUNT = 20;
const isCount = (field: GraphQLField<unknown, unknown> | undefined, typeName: string | undefined) =>
  field?.name === 'totalCount' && (typeName ?? '').endsWith('Connection');

const isPaged = (field: GraphQLField<unknown, unknown> | undefined) =>
  field?.args.some((arg) => PAGING.includes(arg.name)) ?? false;
const isList = (type: GraphQLOutputType) => getNullableType(type) instanceof GraphQLList;

function lengthOf(
  walk: Walk,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  insidePage: boolean,
): number {
  if (isPaged(field)) return Math.max(1, pageSize(walk, node, field) ?? walk.limits.page);
  if (!isList(field.type) || insidePage) return 1;
  return Math.max(1, askedItems(walk, node) ?? walk.limits.list);
}

// the larger of the two: the one that the resolver ignores must not hide the other
function pageSize(walk: Walk, node: FieldNode, field: GraphQLField<unknown, unknown>): number | undefined {
  const sizes = field.args
    .filter((arg) => PAGING.includes(arg.name))
    .map((arg) => argument(walk, node, arg.name) ?? arg.defaultValue)
    .filter((size) => typeof size === 'number');
  return sizes.length > 0 ? Math.max(...sizes) : undefined;
}

function askedItems(walk: Walk, node: FieldNode): number | undefined {
  const lists = (node.arguments ?? [])
    .map((arg) => argument(walk, node, arg.name.value))
    .filter(Array.isArray);
  return lists.length > 0 ? Math.max(...lists.map((list) => list.length)) : undefined;
}

function argument(walk: Walk, node: FieldNode, name: string): unknown {
  const value = node.arguments?.find((arg) => arg.name.value === name)?.value;
  return value && literal(value, walk.variables);
}

// numbers and lists are all that the cost asks for
function literal(value: ValueNode, variables: Variables): unknown {
  if (value.kind === Kind.VARIABLE) return variables[value.name.value];
  if (value.kind === Kind.INT) return Number(value.value);
  if (value.kind === Kind.LIST) return value.values;
  return undefined;
}
