import type { InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { RateLimit } from '../../auth/rate-limit/limit.ts';
import type { Context, UseCase } from '../../context.ts';
import type { Command } from '../../domain/command.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { allowedBy } from './fields.ts';
import { globalIdOf } from './global-id.ts';

/** The weight of an operation that hashes a password, which takes as long as many rows. */
export const PASSWORD_COST = 50;

type InputFields = PothosSchemaTypes.InputFieldBuilder<SchemaTypes, 'InputObject'>;
type PayloadFields<Payload> = PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Payload>;
type FieldMap = Parameters<typeof builder.mutationFields>[0] extends (t: never) => infer Map ? Map : never;
type GlobalId = { typename: string; id: string };

type Declared<Fields extends InputFieldMap> = {
  description: string;
  /** A limit of its own, for 100 requests a minute (auth/rate-limit/). */
  rateLimit?: RateLimit;
  /** Its weight where it does more than a command (policy/costs.ts). */
  cost?: number;
  input?: (t: InputFields) => Fields;
};

type MutationOptions<Fields extends InputFieldMap, Payload> = Declared<Fields> & {
  payload: (t: PayloadFields<Payload>) => FieldMap;
  /**
   * Runs the use case and sets cookies. The default returns the result of the use case as the
   * payload.
   */
  resolve?: (
    input: InputShapeFromFields<Fields>,
    context: Context,
    info: GraphQLResolveInfo,
  ) => Promise<Payload> | Payload;
};

/**
 * Declares a mutation with the rule of its use case: one `input` of type `<Mutation>Input`, if it
 * takes any, and a `<Mutation>Payload`, which the callers of the mutation may read.
 */
export function mutation<Input, Result, Fields extends InputFieldMap, Payload = Result>(
  name: string,
  useCase: UseCase<Input, Result>,
  { description, rateLimit, cost, input, payload, resolve }: MutationOptions<Fields, Payload>,
): void {
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  const type = builder.objectRef<Payload>(`${typeName}Payload`);
  type.implement({ description: `Result of \`${name}\`.`, fields: payload as never });
  const args = input && inputOf(name, typeName, input);
  const run =
    resolve ??
    ((given: unknown, context: Context) =>
      context.execute(useCase, given) as Promise<unknown> as Promise<Payload>);
  builder.mutationField(name, (t) =>
    t.field({
      type,
      description,
      ...(rateLimit && { rateLimit }),
      ...(cost && { cost }),
      ...(args && { args: args(t.arg as never) }),
      ...allowedBy(useCase),
      resolve: (_root: unknown, given: { input?: unknown }, context: Context, info: GraphQLResolveInfo) =>
        once(context, info, () => run(given.input as InputShapeFromFields<Fields>, context, info)),
    } as never),
  );
}

/** The outcomes of a request's mutations, by response name. */
const outcomes = new WeakMap<Context, Map<string | number, Promise<unknown>>>();

/**
 * Runs a field of a mutation once in a request, and returns the same outcome again: where a query
 * plan ran it and does not support its answer, the executor completes that answer.
 */
function once<Payload>(
  context: Context,
  { path }: GraphQLResolveInfo,
  run: () => Promise<Payload> | Payload,
): Promise<Payload> {
  const known = outcomes.get(context) ?? new Map<string | number, Promise<unknown>>();
  outcomes.set(context, known);
  const outcome = known.get(path.key) ?? (async () => run())();
  known.set(path.key, outcome);
  return outcome as Promise<Payload>;
}

function inputOf(name: string, typeName: string, fields: (t: InputFields) => InputFieldMap) {
  const type = builder.inputType(`${typeName}Input`, {
    description: `Input of \`${name}\`.`,
    fields: fields as never,
  });
  return (arg: (options: object) => never) => ({
    input: arg({ type, required: true, description: `Input of \`${name}\`.` }),
  });
}

type RowOptions<Fields extends InputFieldMap> = Declared<Fields> & {
  /** The field of the payload that holds the changed row, such as `employee`. */
  returns: string;
  type: ObjectRef<SchemaTypes, unknown>;
};

/**
 * Declares a mutation that runs a command and returns the changed row with the selection of the
 * client.
 */
export function commandMutation<Input, Result, Fields extends InputFieldMap>(
  name: string,
  command: Command<Input, Result>,
  { returns, type, ...declared }: RowOptions<Fields>,
): void {
  mutation<Input, Result, Fields, { row: unknown }>(name, command, {
    ...declared,
    payload: (t) => ({
      [returns]: t.field({
        type,
        description: `The ${type.name} after the change.`,
        resolve: ({ row }: { row: unknown }) => row,
      } as never),
    }),
    resolve: async (input, context, info) => {
      const selected = { select: { id: true }, typeName: type.name, path: [returns] };
      const query = queryFromInfo({ context, info, ...selected });
      return { row: await context.execute(command, input, query) };
    },
  });
}

/**
 * Declares a mutation that deletes the row in the input field `id` and returns `deleted<Noun>Id`.
 */
export function deletionMutation<Input, Result, Fields extends InputFieldMap>(
  name: string,
  useCase: UseCase<Input, Result>,
  { id, noun, ...declared }: Declared<Fields> & { id: keyof Fields & string; noun: string },
): void {
  mutation<Input, Result, Fields, GlobalId>(name, useCase, {
    ...declared,
    payload: (t) => ({
      [`deleted${noun}Id`]: t.id({
        description: `The id of the deleted ${noun}.`,
        resolve: ({ typename, id: key }) => globalIdOf(typename, key),
      }),
    }),
    resolve: async (input, context) => {
      await context.execute(useCase, input);
      return input[id as keyof typeof input] as GlobalId;
    },
  });
}
