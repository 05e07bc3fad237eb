import SchemaBuilder, {
  BasePlugin,
  completeValue,
  type PothosOutputFieldConfig,
  reduceMaybeAsync,
  type SchemaTypes,
} from '@pothos/core';
import { type FieldNode, type GraphQLFieldResolver, Kind } from 'graphql';
import { globalIdOf } from './global-id.ts';
import { selectedBy } from './pothos-extensions.ts';

type Resolver = GraphQLFieldResolver<unknown, object>;
type Row = Record<string, unknown>;

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      loaded: LoadedPlugin<Types>;
    }
  }
}

/**
 * How a field answers without a look-up of the query that loaded its row: `own` is its unwrapped
 * resolver.
 */
export type Loaded = {
  own: Resolver;
  /** Columns that must be on the row; empty for a field that selects nothing. */
  columns: string[];
  /**
   * Whether it is a relation to one row, which is loaded as a whole when only scalars are selected
   * of it.
   */
  relation: boolean;
};

/**
 * What the query plan knows of a field. `authorized` is its resolver without the authorization
 * around it. `nested` is how a field answers from its row if the query that loaded the row selected
 * the field with these arguments and what is beneath it.
 */
export type Planned = Partial<Loaded> & { authorized?: Resolver; nested?: Loaded };

/** Plugins whose wrappers have no effect here. Any other plugin may have one. */
const KNOWN_PLUGINS = ['scopeAuth', 'loaded', 'prisma', 'relay'];

/**
 * Resolves a field from its row when the row has the columns of the field. The Prisma plugin would
 * look up, for each row and field, which query loaded the row. That is needed where arguments or
 * selections of the field decide what was loaded, and stays in use there.
 */
class LoadedPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    return { ...config, extensions: { ...config.extensions, loaded: {} } };
  }

  override wrapResolve(resolver: Resolver, config: PothosOutputFieldConfig<Types>): Resolver {
    const unknown = (this.builder.options.plugins ?? []).some((name) => !KNOWN_PLUGINS.includes(name));
    if (!config.resolve || unknown) return resolver;
    const loaded = this.loadedOf(config);
    const wrapped = loaded ? resolverOf(loaded, resolver) : resolver;
    const authorized = withMappedArguments(config.argMappers, wrapped);
    const planned: Planned = { ...loaded, authorized, ...nestedOf(config) };
    Object.assign(config.extensions?.loaded as object, planned);
    return wrapped;
  }

  private loadedOf({
    resolve,
    argMappers,
    extensions,
    parentType,
  }: PothosOutputFieldConfig<Types>): Loaded | null {
    const { select, relation } = selectedBy(extensions ?? {});
    if (argMappers.length > 0) return null;
    const own = resolve as Resolver;
    if (extensions?.rowId)
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

function nestedOf<Types extends SchemaTypes>(config: PothosOutputFieldConfig<Types>): Planned {
  const { resolve, argMappers, extensions } = config;
  const { select, relation } = selectedBy(extensions ?? {});
  if (typeof select !== 'function') return {};
  const own = withMappedArguments(argMappers, resolve as Resolver);
  return { nested: { own, columns: relation ? [relation.name] : [], relation: relation !== undefined } };
}

export const isLoaded = ({ columns }: Loaded, row: unknown): boolean => {
  for (const column of columns) if ((row as Row)[column] === undefined) return false;
  return true;
};

type ArgMappers = PothosOutputFieldConfig<SchemaTypes>['argMappers'];

/** Maps arguments as Pothos does around all plugins: Relay decodes ids by it. */
const withMappedArguments = (mappers: ArgMappers, resolver: Resolver): Resolver =>
  mappers.length === 0
    ? resolver
    : (row, args, context, info) =>
        completeValue(
          reduceMaybeAsync(mappers, args, (given, map) => map(given, context, info)),
          (given) => resolver(row, given, context, info),
        );

function resolverOf(loaded: Loaded, resolver: Resolver): Resolver {
  if (loaded.columns.length === 0) return resolver;
  return loaded.relation ? toOne(loaded, resolver) : leaf(loaded, resolver);
}

const leaf =
  (loaded: Loaded, resolver: Resolver): Resolver =>
  (row, args, context, info) =>
    (isLoaded(loaded, row) ? loaded.own : resolver)(row, args, context, info);

const toOne =
  (loaded: Loaded, resolver: Resolver): Resolver =>
  (row, args, context, info) =>
    (isLoaded(loaded, row) && onlyLeaves(info.fieldNodes) ? loaded.own : resolver)(row, args, context, info);

const computed = new WeakMap<readonly FieldNode[], boolean>();

/**
 * Returns whether only scalars are selected of the field, in one place. Called for each row,
 * computed once an operation.
 */
export function onlyLeaves(fieldNodes: readonly FieldNode[]): boolean {
  const known = computed.get(fieldNodes);
  if (known !== undefined) return known;
  const [node, another] = fieldNodes;
  const leaves =
    !another &&
    (node?.selectionSet?.selections.every(
      (selection) => selection.kind === Kind.FIELD && !selection.selectionSet,
    ) ??
      false);
  computed.set(fieldNodes, leaves);
  return leaves;
}

// tests load this module more than once
SchemaBuilder.allowPluginReRegistration = true;
SchemaBuilder.registerPlugin('loaded', LoadedPlugin);
SchemaBuilder.allowPluginReRegistration = false;
export default 'loaded' as const;
