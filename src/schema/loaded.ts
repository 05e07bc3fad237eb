import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { type FieldNode, type GraphQLFieldResolver, type GraphQLResolveInfo, Kind } from 'graphql';

type Resolver = GraphQLFieldResolver<unknown, object>;
type Row = Record<string, unknown>;

declare global {
  export namespace PothosSchemaTypes {
    // biome-ignore lint/correctness/noUnusedVariables: the interface that this adds to has the parameter
    interface Plugins<Types extends SchemaTypes> {
      loaded: LoadedPlugin<Types>;
    }
  }
}

/**
 * A field whose columns are on its row answers from the row. Pothos' Prisma plugin would first look up, for each row and field, which query
 * loaded it: that is needed where a field's arguments or selections within it decide what was loaded, and left to it there.
 */
class LoadedPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolver: Resolver, config: PothosOutputFieldConfig<Types>): Resolver {
    const { pothosPrismaSelect: select, pothosPrismaRelationField: relation } = (config.extensions ?? {}) as {
      pothosPrismaSelect?: object;
      pothosPrismaRelationField?: { name: string; isList: boolean };
    };
    const own = config.resolve as Resolver | undefined;
    if (!own || !select) return resolver;
    if (relation && !relation.isList) return toOne(relation.name, own, resolver);
    return typeof select === 'object' ? leaf(Object.keys(select), own, resolver) : resolver;
  }
}

const leaf =
  (columns: string[], own: Resolver, resolver: Resolver): Resolver =>
  (row, args, context, info) =>
    columns.every((column) => (row as Row)[column] !== undefined)
      ? own(row, args, context, info)
      : resolver(row, args, context, info);

const toOne =
  (name: string, own: Resolver, resolver: Resolver): Resolver =>
  (row, args, context, info) =>
    (row as Row)[name] !== undefined && onlyLeaves(info)
      ? own(row, args, context, info)
      : resolver(row, args, context, info);

const seen = new WeakMap<readonly FieldNode[], boolean>();

/** Whether only scalars are asked of the field, and in one place. Asked of each row, and answered once an operation. */
function onlyLeaves({ fieldNodes }: GraphQLResolveInfo): boolean {
  const known = seen.get(fieldNodes);
  if (known !== undefined) return known;
  const [node, another] = fieldNodes;
  const leaves =
    !another &&
    (node?.selectionSet?.selections.every(
      (selection) => selection.kind === Kind.FIELD && !selection.selectionSet,
    ) ??
      false);
  seen.set(fieldNodes, leaves);
  return leaves;
}

// a second copy of this module, as tests make, is the same plugin
SchemaBuilder.allowPluginReRegistration = true;
SchemaBuilder.registerPlugin('loaded', LoadedPlugin);
SchemaBuilder.allowPluginReRegistration = false;
export default 'loaded' as const;
