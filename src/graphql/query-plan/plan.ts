import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { typeAuthorization } from './authorization.ts';
import { type ExecutionState, type Position, recordError } from './execution-state.ts';
import { fieldResolution } from './field-resolution.ts';
import { unsupported } from './unsupported.ts';

type Row = Record<string, unknown>;
type Planning = { schema: GraphQLSchema; fragments: Map<string, FragmentDefinitionNode> };

/** Completes a value as the executor does (GraphQL § 6.4.3); leaves need no position. */
type Completion = (state: ExecutionState, value: unknown, position: Position | undefined) => unknown;
/** Adds a field of a row to its object in the answer. */
type FieldExecutor = (object: Row, state: ExecutionState, row: unknown, at: Position | undefined) => void;

/**
 * Compiles an operation to functions that execute it. Throws `Unsupported` for mutations of several
 * fields, subscriptions, directives and introspection.
 */
export function compilePlan(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Completion {
  const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const planning = { schema, fragments: new Map(fragments.map((one) => [one.name.value, one])) };
  return objectOf(planning, rootOf(planning, operation), [operation.selectionSet]);
}

/** Fields of a mutation run one after the other (GraphQL § 6.2.2): only one is planned. */
function rootOf(planning: Planning, { operation, selectionSet }: OperationDefinitionNode): GraphQLObjectType {
  if (operation === 'subscription') return unsupported('operation');
  const root = planning.schema.getRootType(operation) ?? unsupported('operation');
  if (operation === 'query') return root;
  const selected = new Map<string, FieldNode[]>();
  collectFields(planning, root, selectionSet, selected);
  return selected.size === 1 ? root : unsupported('operation');
}

/** An object's fields, each after the type's authorization has passed for this row. */
function objectOf(planning: Planning, type: GraphQLObjectType, sets: SelectionSetNode[]): Completion {
  const selected = new Map<string, FieldNode[]>();
  for (const set of sets) collectFields(planning, type, set, selected);
  const mayRead = typeAuthorization(type);
  const fields = [...selected].map(([key, nodes]) => fieldExecutor(planning, type, key, nodes));
  return (state, row, position) => {
    if (typeof row !== 'object' || row instanceof Error) return unsupported('value');
    if (!mayRead(row, state.context)) return unsupported('denial');
    const object: Row = {};
    for (const execute of fields) execute(object, state, row, position);
    return object;
  };
}

/**
 * The fields that are selected of a type, by response name, fragments included (GraphQL § 6.3.2).
 */
function collectFields(
  planning: Planning,
  type: GraphQLObjectType,
  set: SelectionSetNode,
  into: Map<string, FieldNode[]>,
): void {
  for (const node of set.selections) {
    if (node.directives && node.directives.length > 0) unsupported('directive');
    if (node.kind === Kind.FIELD) {
      const key = (node.alias ?? node.name).value;
      into.set(key, [...(into.get(key) ?? []), node]);
      continue;
    }
    const fragment =
      node.kind === Kind.INLINE_FRAGMENT
        ? node
        : (planning.fragments.get(node.name.value) ?? unsupported('fragment'));
    if ((fragment.directives?.length ?? 0) > 0) unsupported('directive');
    if (applies(planning.schema, fragment.typeCondition?.name.value, type))
      collectFields(planning, type, fragment.selectionSet, into);
  }
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isInterfaceType(named) && schema.isSubType(named, type);
}

function fieldExecutor(
  planning: Planning,
  parent: GraphQLObjectType,
  key: string,
  nodes: FieldNode[],
): FieldExecutor {
  const name = nodes[0]?.name.value ?? '';
  if (name === '__typename') return (object) => Object.assign(object, { [key]: parent.name });
  const field = parent.getFields()[name] ?? unsupported('type');
  const { direct, resolve } = fieldResolution({ field, nodes, parent });
  const complete = completionOf(planning, field.type, nodes);
  const nullable = !isNonNullType(field.type);
  const positionIn = (prev: Position | undefined): Position => ({
    prev,
    key,
    typename: parent.name,
    nullable,
    selection: undefined,
  });
  const needsPosition = !direct || !isLeafType(getNullableType(field.type));
  const fail = (state: ExecutionState, error: unknown, position: Position) =>
    recordError(state, error, nodes, position);
  // no closure in here: it would be allocated for each field of each row
  return (object, state, row, at) => {
    // one position for the field and for what is beneath it: Pothos finds by it what was loaded
    const position = needsPosition ? positionIn(at) : undefined;
    object[key] = null; // keeps its place among the others
    try {
      const value = resolve(state, row, position);
      if (isThenable(value)) defer(value, object, key, state, complete, position ?? positionIn(at), fail);
      else object[key] = complete(state, value, position);
    } catch (error) {
      fail(state, error, position ?? positionIn(at));
    }
  };
}

/** Completes a field when its value is there. */
function defer(
  value: Promise<unknown>,
  object: Row,
  key: string,
  state: ExecutionState,
  complete: Completion,
  position: Position,
  fail: (state: ExecutionState, error: unknown, position: Position) => void,
): void {
  const done = value
    .then((result) => {
      object[key] = complete(state, result, position);
    })
    .catch((error) => fail(state, error, position));
  done.catch(() => {}); // awaited with all of `pending`, unless another field ends the execution before
  state.pending.push(done);
}

function completionOf(planning: Planning, type: GraphQLOutputType, nodes: FieldNode[]): Completion {
  if (isNonNullType(type)) {
    const complete = completionOf(planning, type.ofType, nodes);
    return (state, value, position) => complete(state, value, position) ?? unsupported('null');
  }
  const complete = nullableCompletion(planning, type, nodes);
  return (state, value, position) =>
    value === null || value === undefined ? null : complete(state, value, position);
}

function nullableCompletion(planning: Planning, type: GraphQLOutputType, nodes: FieldNode[]): Completion {
  if (isListType(type)) return listOf(planning, type.ofType, nodes);
  if (isLeafType(type)) return (_state, value) => type.serialize(value) ?? unsupported('null');
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  if (isObjectType(type)) return objectOf(planning, type, sets);
  return isAbstractType(type) ? concreteObject(planning, type, sets) : unsupported('type');
}

function listOf(planning: Planning, type: GraphQLOutputType, nodes: FieldNode[]): Completion {
  const complete = completionOf(planning, type, nodes);
  const nullable = !isNonNullType(type);
  return (state, value, prev) => {
    if (!Array.isArray(value)) return unsupported('value');
    return value.map((item, key) => {
      const position: Position = { prev, key, typename: undefined, nullable, selection: undefined };
      if (isThenable(item)) return unsupported('value');
      try {
        return complete(state, item, position);
      } catch (error) {
        recordError(state, error, nodes, position);
        return null;
      }
    });
  };
}

function concreteObject(planning: Planning, type: GraphQLAbstractType, sets: SelectionSetNode[]): Completion {
  const plans = new Map<string, Completion>();
  return (state, value, position) => {
    const name = type.resolveType?.(value, state.context, state.info as GraphQLResolveInfo, type);
    const concrete = typeof name === 'string' ? planning.schema.getType(name) : undefined;
    if (!isObjectType(concrete)) return unsupported('type');
    const plan = plans.get(concrete.name) ?? objectOf(planning, concrete, sets);
    plans.set(concrete.name, plan);
    return plan(state, value, position);
  };
}

const isThenable = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
