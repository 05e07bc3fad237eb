import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { GraphQLResolveInfo } from 'graphql';
import { enrolmentRequired } from '../../auth/authorization/step-up.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { mayAct, type Scopes, scopeLoaders } from './authorization-scopes.ts';
import { globalIdOf } from './global-id.ts';
import LoadedPlugin from './loaded-plugin.ts';
import type PrismaTypes from './pothos.gen.ts';
import { getDatamodel } from './pothos.gen.ts';
import { authorizationOptions } from './pothos-extensions.ts';
import { relayDescriptions } from './relay-descriptions.ts';

/**
 * The one schema builder. policy-map.ts rejects a type or field without a scope or a rule
 * (authorization-rules.ts). Two scopes on a field must both hold (`all`); the default of Pothos is
 * an OR.
 */
export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultAuthStrategy: 'all';
  AuthScopes: Scopes;
  Scalars: {
    ID: { Input: string; Output: string | number };
    Decimal: { Input: string; Output: string };
    Date: { Input: string; Output: Date };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: never; Output: unknown };
    PasskeyResponse: { Input: object; Output: never };
  };
}>({
  // outermost first: authorization, then columns of the row, then what loads others
  plugins: [ScopeAuthPlugin, LoadedPlugin, PrismaPlugin, RelayPlugin],
  defaultFieldNullability: false,
  prisma: {
    // The reader has Prisma's reading methods and nothing else.
    client: (context) => context.db as never,
    dmmf: getDatamodel(),
    filterConnectionTotalCount: true,
    maxConnectionSize: 100,
    defaultConnectionSize: 20,
    onUnusedQuery: null,
  },
  relay: {
    cursorFieldOptions: { description: 'The place of the object, for `after` and `before`.' },
    nodeFieldOptions: { description: 'The object.' },
    edgesFieldOptions: { description: 'The objects of this page, in order.' },
    pageInfoFieldOptions: {
      description: 'Whether there are more pages, and where this one starts and ends.',
    },
    encodeGlobalID: (type, id) => globalIdOf(type, String(id)),
    ...relayDescriptions,
    // core/nodes.ts declares both
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    pageInfoTypeOptions: {
      authScopes: { authenticated: true },
      description: 'Where a page of a list stands in it (Relay Cursor Connections, section 5).',
    },
    nodeTypeOptions: { description: 'An object with an id that is unique among all objects.' },
  },
  scopeAuth: {
    defaultStrategy: 'all',
    // checks the rule of a type once a row, before its fields
    runScopesOnType: true,
    authorizeOnSubscribe: true,
    authScopes: ({ actor }) => scopeLoaders(actor),
    unauthorizedError: (_parent, { actor, failures }, info) => {
      if (!actor) return new AppError('UNAUTHENTICATED', 'Sign in first.');
      if (!mayAct(actor)) return enrolmentRequired();
      const name = `${info.parentType.name}.${info.fieldName}`;
      if (!hasRedactedForm(info)) failures.deny(name);
      return new AppError('FORBIDDEN', `You may not use ${name}.`);
    },
  },
});

/** Returns whether the field has a redacted form; a redacted field is no denial. */
function hasRedactedForm({ parentType, fieldName }: GraphQLResolveInfo): boolean {
  const field = parentType.getFields()[fieldName];
  return field !== undefined && authorizationOptions(field).unauthorizedResolver !== undefined;
}

/** The types of the schema, for helpers that declare fields. */
export type SchemaTypes = typeof builder.$inferSchemaTypes;

builder.queryType({ description: 'All reads.' });
builder.mutationType({ description: 'All changes. Each returns a payload of its own.' });
builder.subscriptionType({ description: 'All live streams, as server-sent events.' });
