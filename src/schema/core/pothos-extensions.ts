import type { GraphQLNamedType, GraphQLResolveInfo } from 'graphql';
import type { RateLimit } from '../../auth/rate-limit/limit.ts';

type Extended = { extensions: Readonly<Record<string, unknown>> };
type Resolve = (row: unknown, args: object, context: never, info: GraphQLResolveInfo) => unknown;

/** The authorization options of a type or field, as its author wrote them. */
type AuthorizationOptions = { authScopes?: unknown; unauthorizedResolver?: Resolve };

/**
 * Options of scope-auth that change when and where scopes are checked. The schema uses none of
 * them; neither the policy map nor the query plan supports them.
 */
const UNSUPPORTED_OPTIONS = ['grantScopes', 'runScopesOnType', 'skipTypeScopes', 'skipInterfaceScopes'];

/*
 * Pothos and its plugins keep their metadata in `extensions`, by names that are not part of their
 * public API. This file alone reads them; test/schema/core/pothos-extensions.test.ts fails when an
 * upgrade renames one.
 */

/** Returns the authorization options of a type or field. */
export const authorizationOptions = ({ extensions }: Extended): AuthorizationOptions =>
  (extensions.pothosOptions ?? {}) as AuthorizationOptions;

/** Returns the names of the authorization options of a type or field that are not supported. */
export const unsupportedOptions = (of: Extended): string[] =>
  UNSUPPORTED_OPTIONS.filter((name) => name in authorizationOptions(of));

/** Returns the limit that a field was declared with, as `rateLimit`. */
export const rateLimitOf = ({ extensions }: Extended): RateLimit | undefined =>
  (extensions.pothosOptions as { rateLimit?: RateLimit } | undefined)?.rateLimit;

type CostOptions = { cost?: number; listSize?: number | string; resolve?: unknown };

/** Returns what a field was declared with that its cost depends on. */
export const costOptionsOf = ({ extensions }: Extended): CostOptions =>
  (extensions.pothosOptions ?? {}) as CostOptions;

/** Returns the Prisma model of a type; undefined for a type that has none. */
export const modelOf = ({ extensions }: Pick<GraphQLNamedType, 'extensions'>): string | undefined =>
  extensions.pothosPrismaModel as string | undefined;

/** Returns the column that a field exposes as stored; undefined for a field with a resolver. */
export const exposedColumn = ({ extensions }: Extended): string | undefined =>
  extensions.pothosExposedField as string | undefined;

/** What Pothos' Prisma plugin selects for a field before it is resolved. */
type Selected = {
  select: object | undefined;
  relation: { name: string; isList: boolean } | undefined;
};

/** Returns what a field needs on its row. */
export const selectedBy = (extensions: Readonly<Record<string, unknown>>): Selected => ({
  select: extensions.pothosPrismaSelect as Selected['select'],
  relation: extensions.pothosPrismaRelationField as Selected['relation'],
});
