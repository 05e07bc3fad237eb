/**
 * The performance shortcuts, each with the reasons for which its plain implementation answers
 * instead. A server is composed without some of them by tests and bench (app.ts); no setting of a
 * deployment does.
 */
const reasons = {
  /** db/fast-path: the part of a call that it does not support; Prisma runs the operation. */
  fastPath: ['operation', 'argument', 'name', 'value', 'filter', 'selection', 'order', 'page', 'write'],
  /** auth/identity-version: PostgreSQL returned the whole identity, or refused the credential. */
  identityVersions: ['not cached', 'modified', 'refused'],
  /** graphql/query-plan: the executor executes the operation. */
  queryPlan: [
    ...['operation', 'directive', 'fragment', 'type', 'authorization option'],
    ...['variables', 'value', 'null', 'unloaded row', 'denial'],
  ],
  /** graphql/prefetch: the operation is executed after its credential was verified. */
  prefetch: [
    ...['busy', 'unknown document', 'unknown credential', 'operation'],
    ...['actor changed', 'unsupported', 'refusal', 'replica'],
  ],
  /**
   * graphql/deferred-operation: the caller was authenticated before the operation, or ahead of it.
   */
  deferredAuthentication: ['busy', 'operation', 'credential', 'statement', 'identity changed'],
} as const;

export type Shortcut = keyof typeof reasons;
export type Reason<Name extends Shortcut> = (typeof reasons)[Name][number];

/** The shortcuts that a server has: all that are not `false`. */
export type Shortcuts = { [Name in Shortcut]?: boolean };

/** How often a shortcut answered, and how often its plain implementation did, by reason. */
export type Use<Name extends Shortcut> = { used: number; fallbacks: Record<Reason<Name>, number> };
export type Uses = { [Name in Shortcut]: Use<Name> };

export const reasonsOf = <Name extends Shortcut>(name: Name): readonly Reason<Name>[] => reasons[name];

/** Returns counters at zero. */
export const useOf = <Name extends Shortcut>(name: Name): Use<Name> => ({
  used: 0,
  fallbacks: Object.fromEntries(reasonsOf(name).map((reason) => [reason, 0])) as Record<Reason<Name>, number>,
});

export const newUses = (): Uses => ({
  fastPath: useOf('fastPath'),
  identityVersions: useOf('identityVersions'),
  queryPlan: useOf('queryPlan'),
  prefetch: useOf('prefetch'),
  deferredAuthentication: useOf('deferredAuthentication'),
});
