import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';
import { costDirectivesOf, type ListSize } from '../../cost-directives.ts';

/** Introspection counts once: the schema bounds its length, and graphql-js its depth. */
const INTROSPECTION = 100;
/** The length of a list of objects without `@listSize`. */
const UNSIZED: ListSize = { assumedSize: 10 };

export type Weighed = {
  weight: number;
  /** The type of the returned objects, whose fields count; undefined for a leaf. */
  type: GraphQLNamedType | undefined;
  /** The length of the field's list, or of lists inside of the returned object. */
  listSize: ListSize | undefined;
  field: GraphQLField<unknown, unknown> | undefined;
};

const NOTHING: Weighed = { weight: 0, type: undefined, listSize: undefined, field: undefined };

/** Returns what a field counts, by its directives or the defaults of the specification (§ 3.1). */
export function weighed(schema: GraphQLSchema, typeName: string | undefined, name: string): Weighed {
  if (name === '__schema' || name === '__type') return { ...NOTHING, weight: INTROSPECTION };
  const parent = typeName === undefined ? undefined : schema.getType(typeName);
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  if (!field) return NOTHING; // __typename
  const { cost, listSize } = costDirectivesOf(field);
  const type = getNamedType(field.type);
  const weight = Number(cost?.weight ?? (isLeafType(type) ? 0 : 1));
  if (isLeafType(type)) return { ...NOTHING, weight };
  const isList = isListType(getNullableType(field.type));
  return { weight, type, listSize: listSize ?? (isList ? UNSIZED : undefined), field };
}
