import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { ibanOf } from './iban.ts';

/**
 * One field of a root type, as the schema defines it: an operation that is added is walked without
 * a line here.
 */
export type Operation = {
  kind: 'query' | 'mutation' | 'subscription';
  name: string;
  type: GraphQLOutputType;
  args: readonly GraphQLArgument[];
};

/**
 * A place for a value: its path from the operation, its own name, the scalar or enum it takes, and
 * the nodes whose global id it wants.
 */
export type Slot = {
  path: string;
  name: string;
  type: string;
  values: readonly string[];
  global: boolean;
  nodes: readonly string[];
  required: boolean;
};

/** What goes into a slot; `undefined` leaves an optional one out. */
export type Fill = (slot: Slot) => unknown;

export function operationsOf(schema: GraphQLSchema): Operation[] {
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  return Object.entries(roots).flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {}).map(({ name, type, args }) => ({
      kind: kind as Operation['kind'],
      name,
      type,
      args,
    })),
  );
}

/** The operation as a document: each argument a variable of the same name. */
export function documentOf({ kind, name, type, args }: Operation, selection = '__typename'): string {
  const nullable = (arg: GraphQLArgument) =>
    arg.defaultValue === undefined ? arg.type : getNullableType(arg.type);
  const declared = args.map((arg) => `$${arg.name}: ${nullable(arg)}`).join(', ');
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const selected = isCompositeType(getNamedType(type)) ? ` { ${selection} }` : '';
  return `${kind}${declared && `(${declared})`} { ${name}${passed && `(${passed})`}${selected} }`;
}

export const variablesOf = ({ name, args }: Operation, fill: Fill): Record<string, unknown> =>
  Object.fromEntries(args.map((arg) => [arg.name, inputOf(arg, `${name}.${arg.name}`, fill)]));

type Input = GraphQLArgument | GraphQLInputField;

function inputOf(input: Input, path: string, fill: Fill): unknown {
  return typed(input, input.type, path, fill);
}

function typed(input: Input, type: GraphQLInputType, path: string, fill: Fill): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const item = typed(input, nullable.ofType as GraphQLInputType, path, fill);
    return item === undefined ? undefined : [item].flat();
  }
  if (!isInputObjectType(nullable)) return fill(slotOf(input, type, path));
  const fields = Object.values(nullable.getFields()).map((field) => [
    field.name,
    inputOf(field, `${path}.${field.name}`, fill),
  ]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function slotOf(input: Input, type: GraphQLInputType, path: string): Slot {
  const named = getNamedType(type);
  const nodes = (input.extensions.relayGlobalIDFor as { typename: string }[] | undefined) ?? [];
  return {
    path,
    name: input.name,
    type: named.name,
    values: isEnumType(named) ? named.getValues().map(({ name }) => name) : [],
    global: input.extensions.isRelayGlobalID === true,
    nodes: nodes.map(({ typename }) => typename),
    required: isNonNullType(input.type) && input.defaultValue === undefined,
  };
}

/** The leaves of an operation's result, to a depth; lists and connections are entered. */
export function leavesOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '__typename';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (!isCompositeType(getNamedType(field.type))) return [field.name];
    return depth > 1 ? [`${field.name} { ${leavesOf(field.type, depth - 1)} }`] : [];
  });
  return ['__typename', ...fields].join(' ');
}

let made = 0;
/** A text that no other example has. */
export const fresh = (): string => `${process.pid.toString(36)}${(made++).toString(36)}`;

const byName: Record<string, () => unknown> = {
  email: () => `${fresh()}@example.com`,
  slug: () => `role_${fresh()}`,
  period: () => `${3000 + (made++ % 6000)}-01`,
  currency: () => 'EUR',
  language: () => 'de',
  level: () => 1,
  minutes: () => 60,
  first: () => undefined,
  last: () => undefined,
  before: () => undefined,
  after: () => undefined,
  roles: () => ['client'],
  permissions: () => [],
  allowedNetworks: () => ['10.0.0.0/8'],
  iban: () => ibanOf(Math.floor(Math.random() * 1e10)),
  civilId: () => `C-${fresh()}`,
  passport: () => `X-${fresh()}`,
  password: () => 'wrong-Password-1',
  currentPassword: () => 'wrong-Password-1',
  newPassword: () => `Example-lantern-${fresh()}`,
  signUpDomains: () => ['example.com'],
  signUpRoles: () => ['client'],
  mfaRoles: () => ['client'],
  sessionIdleMinutes: () => 60,
  challengeId: () => crypto.randomUUID(),
};

/** Of the form of a passkey's response, of both kinds, and nothing besides. */
export const signedByNobody = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  response: {
    clientDataJSON: 'AAAA',
    authenticatorData: 'AAAA',
    signature: 'AAAA',
    attestationObject: 'AAAA',
  },
};

const byType: Record<string, () => unknown> = {
  PasskeyResponse: () => signedByNobody,
  String: () => `Example ${fresh()}`,
  Int: () => 1,
  Boolean: () => false,
  Decimal: () => '1234.50',
  Date: () => `${2030 + (made++ % 60)}-03-04`,
  DateTime: () => '2026-01-31T09:00:00.000Z',
};

/**
 * Values that pass validation; `idOf` says which row an id names (`null`: a plain uuid is wanted,
 * of what the slot's name says).
 */
export const examples =
  (idOf: (node: string | null, slot: Slot) => string, optional = false): Fill =>
  (slot) => {
    if (!slot.required && !optional) return undefined;
    if (slot.type === 'ID') return idOf(slot.nodes[0] ?? null, slot);
    if (slot.values.length > 0) return slot.values[0];
    const example = byName[slot.name] ?? byType[slot.type];
    if (!example)
      throw new Error(`test/support/operations.ts has no example for ${slot.path}, a ${slot.type}`);
    return example();
  };
