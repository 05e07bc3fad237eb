import type { FieldNullability, InputFieldMap, SchemaTypes, TypeParam } from '@pothos/core';
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';
import type { CostDirectives, ListSize } from '../../cost-directives.ts';
import { DEFAULT_PAGE } from '../connections/page.ts';
import { isOpening } from '../core/fields.ts';
import { costOptionsOf } from '../core/pothos-extensions.ts';

declare global {
  export namespace PothosSchemaTypes {
    interface FieldOptions<
      Types extends SchemaTypes,
      ParentShape,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveShape,
      ResolveReturnShape,
    > {
      /** The weight of this field (`@cost`) where it is not that of its kind. */
      cost?: number;
      /**
       * The usual length of this list of objects, or the argument that holds as many items
       * (`@listSize`).
       */
      listSize?: number | string;
    }
  }
}

/**
 * Weights where they are not the specification's, which has 1 for an object and 0 for a leaf (IBM
 * GraphQL Cost Directives § 3). A row counts once, whatever its connection wraps around it.
 */
export const weights = {
  /** A use case: its transaction, its checks and its audit events. */
  mutation: 10,
  /** A value that is decrypted. */
  sealed: 1,
  /** A count is a statement of its own. */
  totalCount: 10,
  /** The wrappers of a connection. */
  edges: 0,
  pageInfo: 0,
} as const;

type Field = GraphQLField<unknown, unknown>;

/**
 * Writes `@cost` and `@listSize` into the extensions of the schema's fields. Throws an error that
 * names every list of objects without a length.
 */
export function declareCosts(schema: GraphQLSchema): void {
  const unsized: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const directives = directivesOf(schema, type, field);
      if (isUnsized(type, field, directives)) unsized.push(`${type.name}.${field.name}`);
      if (Object.keys(directives).length > 0) field.extensions = { ...field.extensions, directives };
    }
  }
  if (unsized.length > 0)
    throw new Error(
      `Lists of objects without a length; make each a connection, or give it \`listSize\`:\n${unsized.join('\n')}`,
    );
}

function directivesOf(schema: GraphQLSchema, type: GraphQLObjectType, field: Field): CostDirectives {
  const weight = costOptionsOf(field).cost ?? weightOf(schema, type, field);
  const listSize = listSizeOf(field);
  return {
    ...(weight !== undefined && { cost: { weight: String(weight) } }),
    ...(listSize && { listSize }),
  };
}

function weightOf(schema: GraphQLSchema, type: GraphQLObjectType, field: Field): number | undefined {
  if (type === schema.getMutationType()) return weights.mutation;
  if (isOpening(costOptionsOf(field).resolve)) return weights.sealed;
  if (!isConnection(type)) return undefined;
  return weights[field.name as 'totalCount' | 'edges' | 'pageInfo'];
}

const PAGING = ['first', 'last'];

function listSizeOf(field: Field): ListSize | undefined {
  const given = costOptionsOf(field).listSize;
  if (typeof given === 'number') return { assumedSize: given };
  if (given !== undefined) return { slicingArguments: [given] };
  const type = getNamedType(field.type);
  if (!isConnection(type) || !PAGING.every((name) => field.args.some((arg) => arg.name === name)))
    return undefined;
  return {
    assumedSize: DEFAULT_PAGE,
    slicingArguments: PAGING,
    sizedFields: ['edges'],
    requireOneSlicingArgument: false,
  };
}

/** A list of scalars is one value of its row, and a connection gives its edges their length. */
function isUnsized(parent: GraphQLObjectType, { name, type }: Field, { listSize }: CostDirectives): boolean {
  if (listSize || isLeafType(getNamedType(type))) return false;
  if (isConnection(getNamedType(type))) return true;
  return isListType(getNullableType(type)) && !(isConnection(parent) && name === 'edges');
}

const isConnection = ({ name }: { name: string }): boolean => name.endsWith('Connection');
