import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { type FieldNode, type GraphQLFieldResolver, Kind } from 'graphql';
import { globalIdOf } from './global-id.ts';

type Resolver = GraphQLFieldResolver<unknown, object>;
type Row = Record<string, unknown>;

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      loaded: LoadedPlugin<Types>;
    }
  }
}

/** How a field answers without looking up what loaded its row: `own` is its resolver, with nothing around it. */
export type Loaded = {
  own: Resolver;
  /** Columns that must be on the row; empty for a field that selects nothing. */
  columns: string[];
  /** A relation to one: on the row as a whole when only scalars are asked of it. */
  relation: boolean;
};

/** What the plugins around a field's resolver do is known; a plugin that isn't named here may do anything. */
const KNOWN_PLUGINS = ['scopeAuth', 'loaded', 'prisma', 'relay'];

/**
 * A field whose columns are on its row answers from the row. Pothos' Prisma plugin would first look up, for each row and field, which query
 * loaded it: that is needed where a field's arguments or selections within it decide what was loaded, and left to it there.
 */
class LoadedPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    return { ...config, extensions: { ...config.extensions, loaded: {} } };
  }

  override wrapResolve(resolver: Resolver, config: PothosOutputFieldConfig<Types>): Resolver {
    const loaded = this.loadedOf(config);
    if (!loaded) return resolver;
    Object.assign(config.extensions?.loaded as object, loaded); // for plan.ts, which runs whole operations
    if (loaded.columns.length === 0) return resolver;
    return loaded.relation ? toOne(loaded, resolver) : leaf(loaded, resolver);
  }

  private loadedOf({
    resolve,
    argMappers,
    extensions,
    parentType,
  }: PothosOutputFieldConfig<Types>): Loaded | null {
    const {
      rowId,
      pothosPrismaSelect: select,
      pothosPrismaRelationField: relation,
    } = (extensions ?? {}) as {
      rowId?: true;
      pothosPrismaSelect?: object;
      pothosPrismaRelationField?: { name: string; isList: boolean };
    };
    const strange = (this.builder.options.plugins ?? []).some((name) => !KNOWN_PLUGINS.includes(name));
    if (!resolve || argMappers.length > 0 || strange) return null;
    const own = resolve as Resolver;
    if (rowId)
      return {
        own: (row) => globalIdOf(parentType, (row as { id: string }).id),
        columns: ['id'],
        relation: false,
      };
    if (!select) return { own, columns: [], relation: false };
    if (relation) return relation.isList ? null : { own, columns: [relation.name], relation: true };
    return typeof select === 'object' ? { own, columns: Object.keys(select), relation: false } : null;
  }
}

export const isLoaded = ({ columns }: Loaded, row: unknown): boolean => {
  for (const column of columns) if ((row as Row)[column] === undefined) return false;
  return true;
};

const leaf =
  (loaded: Loaded, resolver: Resolver): Resolver =>
  (row, args, context, info) =>
    (isLoaded(loaded, row) ? loaded.own : resolver)(row, args, context, info);

const toOne =
  (loaded: Loaded, resolver: Resolver): Resolver =>
  (row, args, context, info) =>
    (isLoaded(loaded, row) && onlyLeaves(info.fieldNodes) ? loaded.own : resolver)(row, args, context, info);

const seen = new WeakMap<readonly FieldNode[], boolean>();

/** Whether only scalars are asked of the field, and in one place. Asked of each row, and answered once an operation. */
export function onlyLeaves(fieldNodes: readonly FieldNode[]): boolean {
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
