type Equivalent = { line: string; replaced: string; by: string; because: string };

/** Conditions of one load of rows, each of which only loads more rows when it is gone. */
const wider = (line: string, conditions: string[]): Equivalent[] =>
  conditions.map((replaced) => ({
    ...{ line, replaced, by: '{}' },
    because: 'loads more rows than were touched, whose rights are the same before and after',
  }));

/**
 * Changes that no test can notice, because the program does the same with them. `line` is the
 * trimmed source line.
 */
export const equivalents: Equivalent[] = [
  {
    line: "if (actor.kind === 'system' || (performers.length === 0 && !record)) return;",
    replaced: 'performers.length === 0 && !record',
    by: 'false',
    because: 'without performers and record the later comparisons reject nothing; this spares their queries',
  },
  {
    line: `holders.set(\`ApiKey \${id}\`, holding(account?.roles ?? [], id, valid));`,
    replaced: '[]',
    by: '["Stryker was here"]',
    because: 'a role that the company does not have gives no rights',
  },
  {
    line: 'if (!owner?.active || owner.companyId === null) throw ended();',
    replaced: 'owner.companyId === null',
    by: 'false',
    because: 'user_of_refresh_token calls no session active that has no company; this tells TypeScript',
  },
  {
    line: "if (user) tx.afterCommit(() => notify(services, user, 'tokenReused', notice));",
    replaced: 'user',
    by: 'true',
    because: 'a session goes with its user, and its row was just deleted in this transaction',
  },
  ...['row.factors', '["Stryker was here"]'].map((by) => ({
    line: 'const factors = row?.factors ?? [];',
    replaced: by === 'row.factors' ? 'row?.factors' : '[]',
    ...{ by, because: 'a SELECT without FROM returns one row' },
  })),
  ...wider("{ teams: { some: { teamId: { in: touched.ids('Team') } } } },", [
    "{ teams: { some: { teamId: { in: touched.ids('Team') } } } }",
    "{ some: { teamId: { in: touched.ids('Team') } } }",
    "{ teamId: { in: touched.ids('Team') } }",
    "{ in: touched.ids('Team') }",
  ]),
  ...wider("const keys = await tx.apiKey.findMany({ where: { id: { in: touched.ids('ApiKey') } } });", [
    "{ where: { id: { in: touched.ids('ApiKey') } } }",
    "{ id: { in: touched.ids('ApiKey') } }",
    "{ in: touched.ids('ApiKey') }",
  ]),
  ...wider('{ roles: { hasSome: touched.slugs } },', [
    '{ roles: { hasSome: touched.slugs } }',
    '{ hasSome: touched.slugs }',
  ]),
];
