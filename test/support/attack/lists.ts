import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { routeTo } from './walk.ts';

type Step = GraphQLField<unknown, unknown>;

/** A connection field, and the fields that lead to it from the root. */
export type List = { title: string; path: Step[]; node: string };

/** Every connection of the schema that can be read without an id. */
export function listsOf(schema: GraphQLSchema): List[] {
  const types = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  );
  return types.flatMap((parent) =>
    Object.values(parent.getFields()).flatMap((field) => {
      const name = getNamedType(field.type).name;
      const route = parent === schema.getQueryType() ? [] : routeTo(schema, parent);
      if (!name.endsWith('Connection') || !route) return [];
      const path = [...route, field];
      return [
        { title: path.map((step) => step.name).join('.'), path, node: name.slice(0, -'Connection'.length) },
      ];
    }),
  );
}

/** Values of the arguments of a list, by their names. */
export type Arguments = Record<string, unknown>;

/**
 * Reads ids and counts of a list and of every list above it, one page of each. The pages are as
 * long as the limit on cost allows: a list inside of a long one is read in short pages.
 */
export function listDocument({ path }: List, isLong: (node: string) => boolean): string {
  const own = path.at(-1) as Step;
  const nodeOf = (step: Step) => getNamedType(step.type).name.replace(/Connection$/, '');
  const [outer, inner] = path.slice(0, -1).some((step) => isLong(nodeOf(step))) ? [40, 8] : [10, 60];
  const used = own.args.filter(({ name }) => !PAGING.includes(name));
  const declared = used.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const given = [`first: ${inner}`, ...used.map(({ name }) => `${name}: $${name}`)].join(', ');
  const body = path.reduceRight((below, step) => {
    const type = getNamedType(step.type) as GraphQLObjectType;
    const isList = type.name.endsWith('Connection');
    const few = step === own ? `(${given})` : isList ? `(first: ${outer})` : '';
    const fields = ['__typename', ...['id', 'totalCount'].filter((name) => name in type.getFields())];
    return `${step.name}${few} { ${[...fields, below].join(' ')} }`;
  }, 'edges { cursor node { __typename id } }');
  return `query${declared ? ` (${declared})` : ''} { ${body} }`;
}
const PAGING = ['first', 'last', 'after', 'before'];

/**
 * Gives the values to try at an argument or input field; `null` leaves it to the values of its
 * type.
 */
export type Examples = (input: GraphQLArgument | GraphQLInputField, list: List) => unknown[] | null;

/** Every filter and order of a list, one at a time, with each of its values. */
export function variationsOf(list: List, examples: Examples): Arguments[] {
  const own = list.path.at(-1) as Step;
  return own.args
    .filter(({ name }) => !PAGING.includes(name))
    .flatMap((argument) => valuesOf(argument, list, examples).map((value) => ({ [argument.name]: value })));
}

function valuesOf(input: GraphQLArgument | GraphQLInputField, list: List, examples: Examples): unknown[] {
  const known = examples(input, list);
  if (known) return known;
  const type = getNamedType(input.type);
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (!isInputObjectType(type)) throw new Error(`${list.title}: no values for ${input.name}: ${input.type}`);
  const fields = Object.values(type.getFields());
  const required = fields.filter((field) => field.type.toString().endsWith('!'));
  if (required.length === 0)
    return fields.flatMap((field) =>
      valuesOf(field, list, examples).map((value) => ({ [field.name]: value })),
    );
  return required.reduce<Arguments[]>(
    (all, field) =>
      all.flatMap((one) =>
        valuesOf(field, list, examples).map((value) => Object.assign({ [field.name]: value }, one)),
      ),
    [{}],
  );
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its document asks for
type Data = any;

/**
 * An answer without the edges that are not visible, and with the counts that remain. Cursors are
 * left as they are.
 */
export function pruned(data: Data, isVisible: (node: Data) => boolean): Data {
  if (Array.isArray(data)) return data.map((one) => pruned(one, isVisible));
  if (typeof data !== 'object' || data === null) return data;
  const parts = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, pruned(value, isVisible)]),
  );
  if (!Array.isArray(parts.edges)) return parts;
  const edges = parts.edges.filter(({ node }: Data) => isVisible(node));
  return { ...parts, edges, ...('totalCount' in parts && { totalCount: edges.length }) };
}
