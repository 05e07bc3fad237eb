import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { GraphQLResolveInfo } from 'graphql';
import type { Permission } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import type { Reach } from '../db/tenant-context.ts';
import { AppError } from '../errors.ts';
import type PrismaTypes from './pothos.gen.ts';
import { getDatamodel } from './pothos.gen.ts';
import type { Place } from './rules.ts';

/**
 * The one builder. Each type and field says who may use it by one of four scopes; rules.ts has the words, audit.ts in this folder
 * refuses to start without them. Two scopes on one field must both hold (`all`); Pothos' own default would make them an OR.
 */
export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultAuthStrategy: 'all';
  AuthScopes: {
    /** Open to everybody, signed in or not; `publicFields` in rules.ts lists them all. */
    public: boolean;
    /** Any person with a session. */
    signedIn: boolean;
    can: Permission;
    /** The permission reaches this row. */
    reaches: { can: Permission; row: Place };
    /** The permission reaches the whole company. */
    everywhere: Permission;
    /** The row is of the actor's company: the first wall, which asks neither Prisma nor PostgreSQL. */
    company: string;
    /** The row is the actor's own. */
    self: string | null;
  };
  Scalars: {
    ID: { Input: string; Output: string | number };
    Decimal: { Input: string; Output: string };
    Date: { Input: string; Output: Date };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: never; Output: unknown };
  };
}>({
  plugins: [ScopeAuthPlugin, PrismaPlugin, RelayPlugin],
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
    nodeQueryOptions: { authScopes: { signedIn: true } },
    nodesQueryOptions: { authScopes: { signedIn: true } },
    pageInfoTypeOptions: { authScopes: { signedIn: true } },
    nodeTypeOptions: {},
  },
  scopeAuth: {
    defaultStrategy: 'all',
    authorizeOnSubscribe: true,
    authScopes: ({ actor }) => ({
      public: true,
      signedIn: actor !== null,
      can: (permission) => actor?.can(permission) ?? false,
      reaches: ({ can, row }) => actor !== null && actor.can(can) && covers(actor.reach(can), row),
      everywhere: (permission) =>
        actor !== null && actor.can(permission) && actor.reach(permission) === 'company',
      company: (companyId) => actor?.companyId === companyId,
      self: (personId) => personId !== null && actor?.personId === personId,
    }),
    unauthorizedError: (_parent, { actor, denials }, info) => {
      if (!actor) return new AppError('UNAUTHENTICATED', 'Sign in first.');
      const name = `${info.parentType.name}.${info.fieldName}`;
      if (!hasRedactedForm(info)) denials.add(name);
      return new AppError('FORBIDDEN', `You may not use ${name}.`);
    },
  },
});

/** A field with a form for readers without the right is redacted, which is no denial. */
function hasRedactedForm({ parentType, fieldName }: GraphQLResolveInfo): boolean {
  const { pothosOptions } = (parentType.getFields()[fieldName]?.extensions ?? {}) as {
    pothosOptions?: { unauthorizedResolver?: unknown };
  };
  return pothosOptions?.unauthorizedResolver !== undefined;
}

/** Whether a reach covers a row: the same question that db/visibility.ts asks PostgreSQL. */
function covers(reach: Reach, { branchId, departmentId, teamId, personId }: Place): boolean {
  if (reach === 'company') return true;
  const { branches, departments, teams, self } = reach;
  return (
    branches.includes(branchId) ||
    departments.includes(departmentId) ||
    (teamId !== null && teams.includes(teamId)) ||
    personId === self
  );
}

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});
