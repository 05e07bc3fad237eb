import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { conditionOf, type Defaults, defaultsOf, listLength } from './arguments.ts';
import { product, sum, type Term } from './terms.ts';
import { weighed } from './weights.ts';

/** The lists of an object that have the length of its field: `edges` of a connection. */
type Sized = { fields: readonly string[]; length: Term };
type Place = { typeName: string | undefined; sized: Sized | undefined };
type Walk = {
  schema: GraphQLSchema;
  defaults: Defaults;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  known: Map<string, Map<Term | undefined, Term>>;
};

/**
 * Compiles what an operation costs at most: the weight of each field, times the lengths of the
 * lists that it stands in. Selections of all types of an interface count, and so does a field that
 * is selected twice.
 */
export function estimateOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Term {
  const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const walk: Walk = {
    schema,
    defaults: defaultsOf(operation),
    fragments: new Map(fragments.map((one) => [one.name.value, one])),
    known: new Map(),
  };
  const typeName = schema.getRootType(operation.operation)?.name;
  return selectionCost(walk, operation.selectionSet, { typeName, sized: undefined });
}

const selectionCost = (walk: Walk, { selections }: SelectionSetNode, place: Place): Term =>
  sum(
    selections.map((node) => {
      const condition = conditionOf(node.directives, walk.defaults);
      if (condition === 0) return 0;
      if (node.kind === Kind.FIELD) return product(condition, fieldCost(walk, node, place));
      if (node.kind === Kind.FRAGMENT_SPREAD)
        return product(condition, fragmentCost(walk, node.name.value, place));
      const typeName = node.typeCondition?.name.value ?? place.typeName;
      return product(condition, selectionCost(walk, node.selectionSet, { ...place, typeName }));
    }),
  );

/** Cached: fragments that spread fragments twice each would otherwise take 2^n steps. */
function fragmentCost(walk: Walk, name: string, { sized }: Place): Term {
  const known = walk.known.get(name) ?? new Map<Term | undefined, Term>();
  walk.known.set(name, known);
  const before = known.get(sized?.length);
  if (before !== undefined) return before;
  const fragment = walk.fragments.get(name);
  if (!fragment) return 0;
  const place = { typeName: fragment.typeCondition.name.value, sized };
  const cost = selectionCost(walk, fragment.selectionSet, place);
  known.set(sized?.length, cost);
  return cost;
}

function fieldCost(walk: Walk, node: FieldNode, { typeName, sized }: Place): Term {
  const name = node.name.value;
  const { weight, type, listSize, field } = weighed(walk.schema, typeName, name);
  if (!node.selectionSet || !type || !field) return weight;
  const length = listSize ? listLength(listSize, node, field, walk.defaults) : 1;
  const fields = listSize?.sizedFields;
  const place = { typeName: type.name, sized: fields && { fields, length } };
  const each = sum([weight, selectionCost(walk, node.selectionSet, place)]);
  if (sized?.fields.includes(name)) return product(sized.length, each);
  return fields ? each : product(length, each);
}
