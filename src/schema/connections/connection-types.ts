import type { ObjectRef } from '@pothos/core';
import { builder, type SchemaTypes } from '../core/builder.ts';
import type { Connection } from './page.ts';

type NodeType = ObjectRef<SchemaTypes, unknown>;
const known = new Map<string, NodeType>();

/** Returns `<Noun>Connection`, with `<Noun>Edge`: one pair for each type. */
export function connectionType(type: NodeType): NodeType {
  const ref = known.get(type.name) ?? declared(type);
  known.set(type.name, ref);
  return ref;
}

const declared = (type: NodeType): NodeType =>
  builder.connectionObject(
    {
      type,
      name: `${type.name}Connection`,
      description: `A page of a list of ${type.name} objects.`,
      fields: (t: never) => ({
        totalCount: (t as CountFieldBuilder).int({
          description: 'The number of objects in the whole list.',
          resolve: ({ totalCount }) => totalCount(),
        }),
      }),
    } as never,
    { description: `One ${type.name} in a list, with its place.` } as never,
  ) as unknown as NodeType;

type CountFieldBuilder = {
  int(options: { description: string; resolve: (parent: Connection<unknown>) => unknown }): never;
};
