import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
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
import type { Context } from '../../context.ts';
import { isLoaded, type Loaded, onlyLeaves } from '../../schema/core/loaded-plugin.ts';
import { fieldRule, type Gate, typeRule } from './authorization.ts';
import { leave, longWay } from './unsupported.ts';

type Path = GraphQLResolveInfo['path'];
type Row = Record<string, unknown>;
type PerField = 'fieldName' | 'fieldNodes' | 'returnType' | 'parentType' | 'path';

/** One execution of a plan. */
export type Asking = {
  context: Context;
  info: Omit<GraphQLResolveInfo, PerField>;
  /** A field's arguments and info, made when it is first asked and the same for every row. */
  calls: Map<Call, { args: Row; info: GraphQLResolveInfo }>;
  /** What is still being read. */
  pending: Promise<void>[];
};

/** `deep`: something in it asks for its path, with all of Pothos around it; what isn't deep has no path made for it. */
type Complete = { (asking: Asking, value: unknown, path: Path | undefined): unknown; deep: boolean };
const completion = (
  deep: boolean,
  complete: (asking: Asking, value: unknown, path: Path | undefined) => unknown,
): Complete => Object.assign(complete, { deep });
type Call = { field: GraphQLField<unknown, Context>; nodes: FieldNode[]; parent: GraphQLObjectType };
type Planning = { schema: GraphQLSchema; fragments: Map<string, FragmentDefinitionNode> };

/** How a query is answered when all goes well; null for what isn't planned: mutations, subscriptions, directives. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Complete | null {
  const root = schema.getQueryType();
  if (operation.operation !== 'query' || !root) return null;
  const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const planning = { schema, fragments: new Map(fragments.map((one) => [one.name.value, one])) };
  try {
    return objectOf(planning, root, [operation.selectionSet]);
  } catch (error) {
    if (error === longWay) return null;
    throw error;
  }
}

/** An object's fields, each after the type's rule has passed for this row. */
function objectOf(planning: Planning, type: GraphQLObjectType, sets: SelectionSetNode[]): Complete {
  const selected = new Map<string, FieldNode[]>();
  for (const set of sets) collect(planning, type, set, selected);
  const mayRead = typeRule(type);
  const steps = [...selected].map(([key, nodes]) => stepOf(planning, type, key, nodes));
  return completion(
    steps.some(({ deep }) => deep),
    (asking, row, path) => {
      if (typeof row !== 'object' || row instanceof Error || !mayRead(row, asking.context)) leave();
      const object: Row = {};
      for (const { take } of steps) take(object, asking, row, path);
      return object;
    },
  );
}

/** The fields that are selected of a type, by the name that the client gave them, fragments included. */
function collect(
  planning: Planning,
  type: GraphQLObjectType,
  set: SelectionSetNode,
  into: Map<string, FieldNode[]>,
): void {
  for (const node of set.selections) {
    if (node.directives && node.directives.length > 0) leave();
    if (node.kind === Kind.FIELD) {
      const key = (node.alias ?? node.name).value;
      into.set(key, [...(into.get(key) ?? []), node]);
      continue;
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : planning.fragments.get(node.name.value);
    if (!fragment || (fragment.directives?.length ?? 0) > 0) throw longWay;
    if (applies(planning.schema, fragment.typeCondition?.name.value, type))
      collect(planning, type, fragment.selectionSet, into);
  }
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isInterfaceType(named) && schema.isSubType(named, type);
}

type Take = (object: Row, asking: Asking, row: unknown, path: Path | undefined) => void;
type Step = { take: Take; deep: boolean };

function stepOf(planning: Planning, parent: GraphQLObjectType, key: string, nodes: FieldNode[]): Step {
  const name = nodes[0]?.name.value ?? '';
  const typename: Take = (object) => {
    object[key] = parent.name;
  };
  if (name === '__typename') return { take: typename, deep: false };
  const field = parent.getFields()[name] ?? leave();
  const answer = answerOf({ field, nodes, parent });
  const complete = completionOf(planning, field.type, nodes);
  const deep = answer.deep || complete.deep;
  const take: Take = (object, asking, row, path) => {
    // one link for the field and for what is beneath it: Pothos remembers by it what was loaded
    const at = deep ? { prev: path, key, typename: parent.name } : undefined;
    const value = answer(asking, row, at);
    if (isThenable(value)) later(object, key, asking, value, complete, at);
    else object[key] = complete(asking, value, at);
  };
  return { take, deep };
}

function later(
  object: Row,
  key: string,
  asking: Asking,
  value: Promise<unknown>,
  complete: Complete,
  at: Path | undefined,
): void {
  object[key] = null; // keeps its place among the others
  const settled = value.then((result) => {
    object[key] = complete(asking, result, at);
  });
  settled.catch(() => {}); // `pending` tells; nobody may be waiting for it any more
  asking.pending.push(settled);
}

/** A field that needs nothing around its resolver is called as it is, after its own rule; any other with all of Pothos around it. */
function answerOf(call: Call): Complete {
  const { own, columns, relation } = (call.field.extensions.loaded ?? {}) as Partial<Loaded>;
  const bare = own && columns && (!relation || onlyLeaves(call.nodes));
  if (!bare || call.parent.name === 'Query')
    return completion(true, (asking, row, path) => wrapped(call, asking, row, path));
  const gate = fieldRule(call.field);
  const loaded = { own, columns, relation: relation ?? false };
  return completion(false, (asking, row) => {
    if (!isLoaded(loaded, row)) leave();
    const { args, info } = prepared(call, asking);
    const instead: Gate | undefined = gate?.(row, args, asking.context, info);
    return instead ? instead.shown : own(row, args, asking.context, info);
  });
}

function wrapped(call: Call, asking: Asking, row: unknown, path: Path | undefined): unknown {
  const { args, info } = prepared(call, asking);
  return call.field.resolve?.(row, args, asking.context, { ...info, path: path as Path }) ?? null;
}

/** Arguments and info of a field; the path in it has no list index, which nothing that is called bare looks at. */
function prepared(call: Call, asking: Asking) {
  const before = asking.calls.get(call);
  if (before) return before;
  const { field, nodes, parent } = call;
  const [node] = nodes as [FieldNode];
  const path = { prev: undefined, key: field.name, typename: parent.name };
  const args = getArgumentValues(field as GraphQLField<unknown, unknown>, node, asking.info.variableValues);
  const own = { fieldName: field.name, fieldNodes: nodes, returnType: field.type, parentType: parent, path };
  const made = { args, info: { ...asking.info, ...own } };
  asking.calls.set(call, made);
  return made;
}

/** What becomes of a value: the executor's completion (GraphQL § 6.4.3) where nothing is wrong with it. */
function completionOf(planning: Planning, type: GraphQLOutputType, nodes: FieldNode[]): Complete {
  if (isNonNullType(type)) {
    const complete = completionOf(planning, type.ofType, nodes);
    return completion(complete.deep, (asking, value, path) => complete(asking, value, path) ?? leave());
  }
  const complete = ofNullable(planning, type, nodes);
  return completion(complete.deep, (asking, value, path) =>
    value === null || value === undefined ? null : complete(asking, value, path),
  );
}

function ofNullable(planning: Planning, type: GraphQLOutputType, nodes: FieldNode[]): Complete {
  if (isListType(type)) return listOf(completionOf(planning, type.ofType, nodes));
  if (isLeafType(type)) return completion(false, (_asking, value) => type.serialize(value) ?? leave());
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  if (isObjectType(type)) return objectOf(planning, type, sets);
  return isAbstractType(type) ? concrete(planning, type, sets) : leave();
}

const listOf = (complete: Complete): Complete =>
  completion(complete.deep, (asking, value, path) => {
    if (!Array.isArray(value)) return leave();
    return value.map((item, key) => {
      if (isThenable(item)) return leave();
      return complete(asking, item, complete.deep ? { prev: path, key, typename: undefined } : undefined);
    });
  });

function concrete(
  planning: Planning,
  type: Extract<GraphQLOutputType, { resolveType: unknown }>,
  sets: SelectionSetNode[],
): Complete {
  const plans = new Map<string, Complete>();
  return completion(true, (asking, value, path) => {
    const name = type.resolveType?.(value, asking.context, asking.info as GraphQLResolveInfo, type);
    const found = typeof name === 'string' ? planning.schema.getType(name) : undefined;
    if (!isObjectType(found)) return leave();
    const plan = plans.get(found.name) ?? objectOf(planning, found, sets);
    plans.set(found.name, plan);
    return plan(asking, value, path);
  });
}

const isThenable = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
