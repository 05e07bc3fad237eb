import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { weighed } from './weights.ts';

/** A field of an answer that counts, or whose objects hold such fields. */
type Counter = { key: string; weight: number; isLeaf: boolean; inside: Counter[] };
type Answer = Readonly<Record<string, unknown>>;
type Selection = { set: SelectionSetNode; typeName: string | undefined };
type Walk = { schema: GraphQLSchema; fragments: ReadonlyMap<string, FragmentDefinitionNode> };

/**
 * Compiles what counts the cost of an answer: the weight of each value that is in it. What the
 * caller may not see is not in the answer, and does not count.
 */
export function counterOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): (data: unknown) => number {
  const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const walk = { schema, fragments: new Map(fragments.map((one) => [one.name.value, one])) };
  const typeName = schema.getRootType(operation.operation)?.name;
  const counters = countersOf(walk, [{ set: operation.selectionSet, typeName }]);
  return (data) => {
    let cost = 0;
    for (const counter of counters) cost += rootCost(counter, data as Answer | null | undefined);
    return cost;
  };
}

/** The field of an operation was executed, also where it failed. */
function rootCost(counter: Counter, data: Answer | null | undefined): number {
  if (data && !(counter.key in data)) return 0; // skipped
  const value = data?.[counter.key];
  return value === null || value === undefined ? counter.weight : valueCost(counter, value);
}

function valueCost(counter: Counter, value: unknown): number {
  if (value === null || value === undefined) return 0;
  const { weight, isLeaf, inside } = counter;
  if (isLeaf) return weight;
  let cost = 0;
  if (Array.isArray(value)) {
    for (const item of value) cost += valueCost(counter, item);
    return cost;
  }
  cost = weight;
  for (const field of inside) cost += valueCost(field, (value as Answer)[field.key]);
  return cost;
}

function countersOf(walk: Walk, selections: Selection[]): Counter[] {
  const found = new Map<string, { node: FieldNode; typeName: string | undefined }[]>();
  const seen = new Set<string>();
  for (const { set, typeName } of selections) collect(walk, set, typeName, seen, found);
  return [...found].flatMap(([key, uses]) => {
    const counter = counterOfField(walk, key, uses);
    return counter.weight > 0 || counter.inside.length > 0 ? [counter] : [];
  });
}

/** Collects fields by response name, of all types that an object may have (GraphQL § 6.3.2). */
function collect(
  walk: Walk,
  { selections }: SelectionSetNode,
  typeName: string | undefined,
  seen: Set<string>,
  found: Map<string, { node: FieldNode; typeName: string | undefined }[]>,
): void {
  for (const node of selections) {
    if (node.kind === Kind.FIELD) {
      const key = (node.alias ?? node.name).value;
      found.set(key, [...(found.get(key) ?? []), { node, typeName }]);
      continue;
    }
    const isSpread = node.kind === Kind.FRAGMENT_SPREAD;
    if (isSpread && seen.has(node.name.value)) continue;
    if (isSpread) seen.add(node.name.value);
    const fragment = isSpread ? walk.fragments.get(node.name.value) : node;
    if (!fragment) continue;
    collect(walk, fragment.selectionSet, fragment.typeCondition?.name.value ?? typeName, seen, found);
  }
}

function counterOfField(
  walk: Walk,
  key: string,
  uses: { node: FieldNode; typeName: string | undefined }[],
): Counter {
  const fields = uses.map(({ node, typeName }) => ({
    ...weighed(walk.schema, typeName, node.name.value),
    set: node.selectionSet,
  }));
  const selections = fields.flatMap(({ set, type }) => (set && type ? [{ set, typeName: type.name }] : []));
  return {
    key,
    weight: Math.max(...fields.map(({ weight }) => weight)),
    isLeaf: selections.length === 0,
    inside: countersOf(walk, selections),
  };
}
