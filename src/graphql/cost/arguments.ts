import {
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  type GraphQLField,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import type { ListSize } from '../../cost-directives.ts';
import { larger, lengthOf, product, type Term, type Variables } from './terms.ts';

/** Defaults of an operation's variables, by name. */
export type Defaults = ReadonlyMap<string, ValueNode>;

export const defaultsOf = ({ variableDefinitions = [] }: OperationDefinitionNode): Defaults =>
  new Map(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, defaultValue] as const] : [],
    ),
  );

/**
 * Returns the length of a list: the largest of its slicing arguments, of which the resolver may
 * ignore others, or what is assumed where none is given.
 */
export function listLength(
  { assumedSize = 0, slicingArguments = [] }: ListSize,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  defaults: Defaults,
): Term {
  const given = slicingArguments.map((name) => {
    const value = node.arguments?.find((arg) => arg.name.value === name)?.value;
    return sizeOf(value, field.args.find((arg) => arg.name === name)?.defaultValue, defaults);
  });
  const largest = larger(given.filter((term) => term !== NONE));
  if (given.every((term) => term === NONE)) return lengthOf(assumedSize);
  if (typeof largest === 'number') return lengthOf(largest);
  return (variables) => {
    const length = largest(variables);
    return lengthOf(length === NONE ? assumedSize : length);
  };
}

/** The size of an argument that is missing or null. Smaller than every other. */
const NONE = Number.NEGATIVE_INFINITY;

function sizeOf(value: ValueNode | undefined, otherwise: unknown, defaults: Defaults): Term {
  if (value?.kind !== Kind.VARIABLE) return value ? literalSize(value) : plainSize(otherwise);
  const name = value.name.value;
  const fallback = defaults.get(name);
  const absent = fallback ? literalSize(fallback) : plainSize(otherwise);
  return (variables: Variables) => {
    const given = variables[name];
    return given === undefined ? absent : plainSize(given);
  };
}

function literalSize(value: ValueNode): number {
  if (value.kind === Kind.INT) return Number(value.value);
  return value.kind === Kind.LIST ? value.values.length : value.kind === Kind.NULL ? NONE : 1;
}

function plainSize(value: unknown): number {
  if (typeof value === 'number') return Number.isNaN(value) ? NONE : value;
  if (value === undefined || value === null) return NONE;
  return Array.isArray(value) ? value.length : 1; // a single value is a list of one
}

/** Returns 1 where `@skip` and `@include` let a selection be executed, else 0. */
export const conditionOf = (directives: readonly DirectiveNode[] = [], defaults: Defaults): Term =>
  directives.reduce<Term>((condition, { name, arguments: args = [] }) => {
    if (name.value !== 'skip' && name.value !== 'include') return condition;
    return product(condition, holds(args[0], name.value === 'include', defaults));
  }, 1);

/** A value that is no boolean is refused before it is executed. */
function holds(arg: ArgumentNode | undefined, wanted: boolean, defaults: Defaults): Term {
  const value = arg?.value;
  if (value?.kind === Kind.BOOLEAN) return Number(value.value === wanted);
  if (value?.kind !== Kind.VARIABLE) return 1;
  const name = value.name.value;
  const fallback = defaults.get(name);
  const absent = fallback?.kind === Kind.BOOLEAN ? Number(fallback.value === wanted) : 1;
  return (variables) => {
    const given = variables[name];
    return typeof given === 'boolean' ? Number(given === wanted) : absent;
  };
}
