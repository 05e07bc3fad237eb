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
