import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

/** A generator of numbers from 0 to 1 that repeats itself for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Generating = { schema: GraphQLSchema; random: () => number; ids: string[]; alias: number };

/** A query of the schema with aliases, fragments, arguments and ids as `random` falls. */
export function generatedQuery(schema: GraphQLSchema, random: () => number, ids: string[]): string {
  const generating = { schema, random, ids, alias: 0 };
  const root = schema.getQueryType() as GraphQLObjectType;
  return `{ ${selectionOf(generating, root, 5)} }`;
}

const pick = <T>({ random }: Generating, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)] as T;
const chance = ({ random }: Generating, probability: number): boolean => random() < probability;

function selectionOf(generating: Generating, type: GraphQLNamedType, depth: number): string {
  if (!isObjectType(type) && !isInterfaceType(type)) return '__typename';
  const fields = Object.values(type.getFields());
  const count = 1 + Math.floor(generating.random() * (depth === 5 ? 2 : 4));
  const selected = Array.from({ length: count }, () => fieldOf(generating, pick(generating, fields), depth));
  if (isInterfaceType(type)) selected.push(concreteOf(generating, type, depth));
  if (isObjectType(type) && chance(generating, 0.2))
    selected.push(`... on ${type.name} { ${fieldOf(generating, pick(generating, fields), depth)} }`);
  return ['__typename', ...selected.filter(Boolean)].join(' ');
}

function concreteOf(generating: Generating, type: GraphQLNamedType, depth: number): string {
  if (!isInterfaceType(type)) return '';
  const concrete = pick(generating, generating.schema.getPossibleTypes(type));
  return `... on ${concrete.name} { ${selectionOf(generating, concrete, depth - 1)} }`;
}

function fieldOf(generating: Generating, field: GraphQLField<unknown, unknown>, depth: number): string {
  const args = argumentsOf(generating, field);
  if (args === null) return '';
  const type = getNamedType(field.type);
  if (!isLeafType(type) && depth === 0) return '';
  const selection = isLeafType(type) ? '' : ` { ${selectionOf(generating, type, depth - 1)} }`;
  generating.alias += 1;
  return `${chance(generating, 0.2) || args ? `a${generating.alias}: ` : ''}${field.name}${args}${selection}`;
}

/** Null for a field that needs an argument of which nothing is known here. */
function argumentsOf(generating: Generating, field: GraphQLField<unknown, unknown>): string | null {
  const given: string[] = [];
  for (const argument of field.args) {
    if (!isRequiredArgument(argument) && !chance(generating, 0.5)) continue;
    const value = argumentValue(generating, argument);
    if (value !== null) given.push(`${argument.name}: ${value}`);
    else if (isRequiredArgument(argument)) return null;
  }
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

function argumentValue(generating: Generating, { name, type }: GraphQLArgument): string | null {
  if (name === 'first') return String(1 + Math.floor(generating.random() * 4));
  if (name !== 'id' && name !== 'ids') return null;
  const id = JSON.stringify(pick(generating, generating.ids));
  return isListType(getNullableType(type))
    ? `[${id}, ${JSON.stringify(pick(generating, generating.ids))}]`
    : id;
}
