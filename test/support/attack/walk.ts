import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { ibanOf } from '../iban.ts';

/**
 * A place of the schema where a client says which row: `path` leads to it through the arguments,
 * `kinds` are what it expects there.
 */
export type Point = {
  title: string;
  /** The input field or argument itself: `Input.field` or `Type.field(argument)`. */
  place: string;
  operation: 'query' | 'mutation' | 'subscription';
  /** The root field, whose rule decides, and the field that takes the argument. */
  root: string;
  /** The type and field that take the argument: a line of the policy map. */
  parent: string;
  field: string;
  path: string[];
  kinds: string[];
  /**
   * Every id that the operation needs at once, this one included; a nested field's parents need
   * none.
   */
  needs: { path: string; kinds: string[] }[];
  document: (kind: string) => string;
  variables: (
    ids: (path: string, kinds: string[]) => string,
    number: number,
    given?: Examples,
  ) => Record<string, unknown>;
};

/** Examples that depend on the caller: by name, before all others. */
export type Examples = Record<string, unknown>;

/**
 * Values that pass validation, by the name of the field or argument, else by its type. When an
 * operation answers INVALID_INPUT to the walk, what it expects goes here. `number` differs from
 * call to call, for what must be unique.
 */
const byName: Record<string, (number: number) => unknown> = {
  email: (number) => `walk-${number}@walk.example`,
  currency: () => 'EUR',
  period: (number) =>
    `${2100 + (Math.floor(number / 12) % 800)}-${String((number % 12) + 1).padStart(2, '0')}`,
  slug: (number) => `walk_${number}`,
  iban: (number) => ibanOf(number),
  civilId: (number) => `WALK${number}`,
  passport: (number) => `WALK${number}`,
  roles: () => ['client'],
  permissions: () => ['company.read'],
  allowedNetworks: () => ['10.0.0.0/8'],
  level: () => 1,
  first: () => 5,
  password: (number) => `Walking-lantern-${number}`,
  newPassword: (number) => `Walking-lantern-${number}`,
};
const byType: Record<string, (number: number) => unknown> = {
  String: (number) => `Walk ${number}`,
  Int: () => 1,
  Float: () => 1,
  Boolean: () => false,
  Decimal: () => '12.50',
  Date: (number) => new Date(Date.UTC(2100, 0, 1 + (number % 20_000))).toISOString().slice(0, 10),
  DateTime: () => '2026-01-01T00:00:00Z',
};

type Input = GraphQLArgument | GraphQLInputField;
const isRequired = (input: Input) => isNonNullType(input.type) && input.defaultValue === undefined;

/** The kinds that plain ids can be of; the others are the schema's node types. */
export const PLAIN = ['company', 'user', 'row'];
/**
 * The node types that no model is of: what belongs to a user, and companies as the platform sees
 * them.
 */
export const OF_USERS = [
  ...['Session', 'TrustedDevice', 'Passkey', 'Invitation', 'ViewerCompany', 'ViewerUser'],
  'ManagedCompany',
  'Job',
];

/** Every node type of the schema with its model: what a global id can name. */
export function nodeTypes(schema: GraphQLSchema): Map<string, string> {
  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new Error('the schema has no Node interface');
  const types = schema.getPossibleTypes(node).map((type) => [type.name, modelOf(type)] as const);
  return new Map(types.flatMap(([name, model]) => (model ? [[name, model]] : [])));
}
const modelOf = (type: GraphQLObjectType) =>
  (type.extensions as { pothosPrismaModel?: string }).pothosPrismaModel;

/**
 * What an id argument expects: the node types of a global id, or the kind that a plain id's name
 * says (companyId → company).
 */
function kindsOf(schema: GraphQLSchema, input: Input, owner: GraphQLField<unknown, unknown>): string[] {
  const { isRelayGlobalID, relayGlobalIDFor } = input.extensions as {
    isRelayGlobalID?: boolean;
    relayGlobalIDFor?: { typename: string }[] | null;
  };
  if (isRelayGlobalID)
    return relayGlobalIDFor?.map(({ typename }) => typename) ?? [...nodeTypes(schema).keys(), ...OF_USERS];
  const named = { actorId: 'user', entityId: 'row' }[input.name] ?? input.name.replace(/Ids?$/, '');
  if (PLAIN.includes(named)) return [named];
  // a plain `after` or `id` is of what the field lists
  const of = getNamedType(owner.type).name.toLowerCase();
  return [PLAIN.find((kind) => of.includes(kind)) ?? 'row'];
}

/**
 * Every place in the schema that takes an id: of arguments and of input fields at any depth, of
 * root fields and of nested ones.
 */
export function attackPoints(schema: GraphQLSchema): Point[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  );
  return types.flatMap((parent) =>
    Object.values(parent.getFields()).flatMap((field) => {
      const route = roots.includes(parent) ? [] : routeTo(schema, parent);
      return route
        ? field.args.flatMap((argument) =>
            idPaths(argument).map((path) => pointAt(schema, parent, field, route, [path])),
          )
        : [];
    }),
  );
}

/**
 * A mutation with the ids that it needs and some of those that it can also take: `needs` lists
 * them.
 */
export function mutationsWithIds(schema: GraphQLSchema, isWanted: (kinds: string[]) => boolean): Point[] {
  const mutation = schema.getMutationType() as GraphQLObjectType;
  return Object.values(mutation.getFields()).flatMap((field) => {
    const paths = field.args
      .flatMap((argument) => idPaths(argument))
      .filter((path) => isWanted(kindsOf(schema, path.at(-1) as Input, field)));
    const required = paths.filter((path) => path.every(isRequired));
    const sets = subsets(paths.filter((path) => !required.includes(path)));
    return sets
      .map((optional) => [...required, ...optional])
      .filter((chosen) => chosen.length > 0)
      .map((chosen) => pointAt(schema, mutation, field, [], chosen));
  });
}

export const subsets = <T>(all: T[]): T[][] =>
  all.reduce<T[][]>((sets, one) => sets.concat(sets.map((set) => [...set, one])), [[]]);

/**
 * Paths to every ID below an argument or input field. Inputs that hold themselves are entered once.
 */
function idPaths(input: Input, seen: string[] = []): Input[][] {
  const type = getNamedType(input.type);
  if (type.name === 'ID') return [[input]];
  if (!isInputObjectType(type) || seen.includes(type.name)) return [];
  return Object.values(type.getFields()).flatMap((field) =>
    idPaths(field, [...seen, type.name]).map((path) => [input, ...path]),
  );
}

type Step = GraphQLField<unknown, unknown>;
type Ids = (path: string, kinds: string[]) => string;
type Plain = (name: string, type: ReturnType<typeof getNamedType>) => unknown;

/** The shortest way from Query to a type, through fields that need no argument. */
export function routeTo(schema: GraphQLSchema, target: GraphQLObjectType): Step[] | null {
  const query = schema.getQueryType() as GraphQLObjectType;
  const queue: { type: GraphQLObjectType; route: Step[] }[] = [{ type: query, route: [] }];
  const seen = new Set([query.name]);
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (next.type.name === target.name) return next.route;
    for (const field of Object.values(next.type.getFields())) {
      const type = getNamedType(field.type);
      if (!isObjectType(type) || seen.has(type.name) || field.args.some(isRequired)) continue;
      seen.add(type.name);
      queue.push({ type, route: [...next.route, field] });
    }
  }
  return null;
}

function pointAt(
  schema: GraphQLSchema,
  parent: GraphQLObjectType,
  field: Step,
  route: Step[],
  paths: Input[][],
): Point {
  const path = paths[0] ?? [];
  const names = path.map(({ name }) => name);
  const along = paths.map((one) => one.map(({ name }) => name).join('.'));
  const operation = ({ Mutation: 'mutation', Subscription: 'subscription' } as const)[parent.name] ?? 'query';
  const leaf = path.at(-1) as Input;
  const kinds = kindsOf(schema, leaf, field);
  const leads = (at: string[]) => along.some((one) => `${one}.`.startsWith(`${at.join('.')}.`));
  const used = field.args.filter(
    (argument) => isRequired(argument) || leads([argument.name]) || argument.name === 'first',
  );
  const needs: Point['needs'] = [];
  const variables: Point['variables'] = (ids, number, given = {}) => {
    const plain: Plain = (name, type) => given[name] ?? exampleValue(name, type, number);
    return Object.fromEntries(
      used.map((argument) => [argument.name, example(argument, [argument.name], ids, plain)]),
    );
  };

  function example(input: Input, at: string[], ids: Ids, plain: Plain): unknown {
    const type = getNullableType(input.type) as GraphQLInputType;
    const named = getNamedType(type);
    const list = (value: unknown) => (isListType(type) && !Array.isArray(value) ? [value] : value);
    if (named.name === 'ID') return list(ids(at.join('.'), kindsOf(schema, input, field)));
    if (!isInputObjectType(named)) return list(plain(input.name, named));
    const wanted = Object.values(named.getFields()).filter(
      (inner) => isRequired(inner) || leads([...at, inner.name]),
    );
    return list(
      Object.fromEntries(
        wanted.map((inner) => [inner.name, example(inner, [...at, inner.name], ids, plain)]),
      ),
    );
  }

  variables((at, expected) => String(needs.push({ path: at, kinds: expected })), 0);
  const title = `${[...route.map(({ name }) => name), field.name].join('.')}(${names.join('.')})`;
  const holder = path.at(-2);
  const place = holder
    ? `${getNamedType(holder.type).name}.${leaf.name}`
    : `${parent.name}.${field.name}(${leaf.name})`;
  const document = (kind: string) => {
    const declared = used.map(({ name, type }) => `$${name}: ${type}`).join(', ');
    const given = used.map(({ name }) => `${name}: $${name}`).join(', ');
    const inner = `${field.name}(${given})${selection(schema, field.type, kind)}`;
    const body = route.reduceRight(
      (below, step) =>
        `${step.name}${step.args.some(({ name }) => name === 'first') ? '(first: 3)' : ''} { ${below} }`,
      inner,
    );
    return `${operation} Walk(${declared}) { ${body} }`;
  };
  return {
    title,
    place,
    operation,
    root: route[0]?.name ?? field.name,
    parent: parent.name,
    field: field.name,
    path: names,
    kinds,
    needs,
    document,
    variables,
  };
}

function exampleValue(name: string, type: GraphQLNamedType | undefined, number: number): unknown {
  if (byName[name]) return byName[name](number);
  if (isEnumType(type)) return type.getValues()[0]?.name;
  const make = byType[type?.name ?? ''];
  if (!make)
    throw new Error(
      `the attack walk has no example for ${name}: ${type?.name}; put one into test/support/attack/walk.ts`,
    );
  return make(number);
}

/**
 * All leaves of a type, and those of what it leads to: what a leak would show. An interface is read
 * as the kind that is asked for.
 */
export function selection(
  schema: GraphQLSchema,
  of: GraphQLField<unknown, unknown>['type'],
  kind: string,
  depth = 1,
): string {
  const type = getNamedType(of);
  if (isLeafType(type)) return '';
  if (isInterfaceType(type)) {
    const concrete = schema.getType(kind);
    const known = isObjectType(concrete) && schema.isSubType(type, concrete);
    return ` { __typename id${known ? ` ... on ${kind}${selection(schema, concrete, kind, depth)}` : ''} }`;
  }
  const chosen = Object.values((type as GraphQLObjectType).getFields()).flatMap((field) => {
    if (field.args.some(isRequired)) return [];
    const inner = getNamedType(field.type);
    const wraps = /^(PageInfo|.*(Connection|Edge|Payload))$/.test(type.name);
    if (!isLeafType(inner) && depth === 0 && !wraps) return [];
    const few = field.args.some(({ name }) => name === 'first') ? '(first: 2)' : '';
    return [`${field.name}${few}${selection(schema, field.type, kind, wraps ? depth : depth - 1)}`];
  });
  return ` { ${chosen.length > 0 ? chosen.join(' ') : '__typename'} }`;
}

/** Fields that page by an opaque cursor, as points of the same shape: `after` is the place. */
export function cursorFields(
  schema: GraphQLSchema,
): { title: string; document: string; cursors: string; path: string[] }[] {
  const types = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  );
  return types.flatMap((parent) =>
    Object.values(parent.getFields()).flatMap((field) => {
      if (!/Connection$/.test(getNamedType(field.type).name)) return [];
      const route = parent === schema.getQueryType() ? [] : routeTo(schema, parent);
      if (!route) return [];
      const around = (inner: string) =>
        route.reduceRight(
          (below, step) =>
            `${step.name}${step.args.some(({ name }) => name === 'first') ? '(first: 3)' : ''} { ${below} }`,
          inner,
        );
      const path = [...route, field].map(({ name }) => name);
      return [
        {
          title: path.join('.'),
          path,
          document: `query ($after: String) { ${around(`${field.name}(first: 5, after: $after)${selection(schema, field.type, '', 0)}`)} }`,
          cursors: `{ ${around(`${field.name}(first: 5) { edges { cursor } }`)} }`,
        },
      ];
    }),
  );
}

/** The types that a mutation returns: those in its payload, if it has one. */
function returned(of: GraphQLField<unknown, unknown>['type']): string[] {
  const type = getNamedType(of);
  if (!isObjectType(type) || !type.name.endsWith('Payload')) return [type.name];
  return Object.values(type.getFields()).map((field) => getNamedType(field.type).name);
}

/**
 * Creates a row of a node type that has none yet: the schema's own operation for it, with examples.
 */
export function creatorOf(
  schema: GraphQLSchema,
  typeName: string,
): { document: string; variables: Point['variables'] } | null {
  const mutation = schema.getMutationType() as GraphQLObjectType;
  const field = Object.values(mutation.getFields()).find(
    ({ name, type }) => name.startsWith('create') && returned(type).includes(typeName),
  );
  if (!field) return null;
  const point = pointAt(schema, mutation, field, [], [[field.args[0] as Input]]);
  return { document: point.document(typeName), variables: point.variables };
}
