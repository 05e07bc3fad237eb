import { createHash } from 'node:crypto';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { guarantees } from '../../../src/db/guarantees.gen.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { refuseUnknownReads } from '../../../src/schema/policy/narrowing.ts';
import { globalId, openWorld, rowsOf, type World } from '../../support/server/world.ts';

// Pothos types what these tests do on purpose; what is under test is what happens when the types
// were got around.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Untyped = any;

/**
 * The whole schema with something added that should not be there: fresh modules each time, since
 * the builder is one per process.
 */
async function schemaWith(add: (builder: Untyped, rules: Untyped) => void): Promise<GraphQLSchema> {
  vi.resetModules();
  const { builder } = await import('../../../src/schema/core/builder.ts');
  const rules = await import('../../../src/schema/core/authorization-rules.ts');
  const { buildSchema } = await import('../../../src/schema/index.ts');
  add(builder, rules);
  return buildSchema();
}
const query = (builder: Untyped, options: object) =>
  builder.queryField('added', (t: Untyped) => t.string({ resolve: () => 'secret', ...options }));

describe('[R1] the server does not start with', () => {
  const vacuous: [string, object][] = [
    ['no rule', {}],
    ['an empty rule', { authScopes: {} }],
    ['the constant true', { authScopes: true }],
    ['the constant false', { authScopes: false }],
    ['null', { authScopes: null }],
    ['a function that allows everybody', { authScopes: () => true }],
    ['a function that says something only at run time', { authScopes: () => ({ can: 'employee.read' }) }],
    ['a permission that there is none of', { authScopes: { can: 'employee.reed' } }],
    ['a permission that every object has by birth', { authScopes: { can: 'toString' } }],
    ['no permission', { authScopes: { can: undefined } }],
    ['a scope that there is none of', { authScopes: { may: 'employee.read' } }],
    ['an alternative around the rule', { authScopes: { $any: { can: 'employee.read', public: true } } }],
    ['a scope that is switched off', { authScopes: { can: 'employee.read', signedIn: false } }],
    ['only a scope that is switched off', { authScopes: { signedIn: false } }],
    ['`public` outside of the list of public fields', { authScopes: { public: true } }],
    ['`public` beside a permission', { authScopes: { public: true, can: 'employee.read' } }],
  ];

  it.each(vacuous)('a query with %s', async (_what, options) => {
    await expect(schemaWith((builder) => query(builder, options))).rejects.toThrow(
      /Every type and field needs a scope or a rule[\s\S]*Query\.added/,
    );
  });

  it('a mutation, a subscription, a field and a type without a rule, all named in one message', async () => {
    const adding = schemaWith((builder) => {
      builder.mutationField('added', (t: Untyped) => t.string({ resolve: () => '' }));
      builder.subscriptionField('added', (t: Untyped) =>
        t.string({ subscribe: async function* () {}, resolve: () => '' }),
      );
      const Bare = builder
        .objectRef('Bare')
        .implement({ fields: (t: Untyped) => ({ one: t.exposeString('one') }) });
      query(builder, { type: Bare, authScopes: { signedIn: true } });
      builder.objectField(Bare, 'two', (t: Untyped) =>
        t.string({ authScopes: { signedIn: true }, resolve: () => '' }),
      );
    });
    const error = await adding.then(
      () => null,
      (reason: Error) => reason,
    );
    for (const name of ['Mutation.added', 'Subscription.added', 'Bare.one'])
      expect(error?.message).toContain(name);
    expect(error?.message).not.toContain('Bare.two');
  });

  it.each([
    ['an empty rule', {}],
    ['a constant', () => true],
    ['an unknown permission', { can: 'nothing.read' }],
  ])('a type whose rule is %s, although each of its fields has a valid one', async (_what, authScopes) => {
    const adding = schemaWith((builder) => {
      const fields = (t: Untyped) => ({ one: t.exposeString('one', { authScopes: { signedIn: true } }) });
      builder.queryField('added', (t: Untyped) =>
        t.field({
          type: builder.objectRef('Vacuous').implement({ authScopes, fields }),
          authScopes: { signedIn: true },
          resolve: () => ({}),
        }),
      );
    });
    await expect(adding).rejects.toThrow('Vacuous (the type)');
  });

  it.each([
    ['a sealed column', 'salary'],
    ['a blind index', 'ibanIndex'],
    ['a stored mask', 'ibanLast4'],
  ])('%s that is exposed unopened', async (_what, column) => {
    const adding = schemaWith((builder) =>
      builder.prismaObjectField('Employee', 'added', (t: Untyped) =>
        t.exposeString(column, { nullable: true, authScopes: { can: 'employee.read' } }),
      ),
    );
    await expect(adding).rejects.toThrow(/sealed columns[\s\S]*added/);
  });

  it.each([
    [
      'a query of its rows',
      (builder: Untyped) =>
        builder.queryField('added', (t: Untyped) =>
          t.prismaField({ type: ['Role'], authScopes: { can: 'employee.write' }, resolve: () => [] }),
        ),
    ],
    [
      'a field of its rows',
      (builder: Untyped) =>
        builder.prismaObjectField('Role', 'added', (t: Untyped) =>
          t.string({ authScopes: { can: 'employee.write' }, resolve: () => '' }),
        ),
    ],
    [
      'an answer that carries its rows',
      (builder: Untyped) =>
        builder.queryField('added', (t: Untyped) =>
          t.field({
            type: builder.objectRef('Carrier').implement({
              authScopes: { signedIn: true },
              fields: (f: Untyped) => ({ role: f.field({ type: 'Role', resolve: () => null }) }),
            }),
            authScopes: { can: 'employee.write' },
            resolve: () => ({}),
          }),
        ),
    ],
  ])('[U2] a narrowable permission over a model without @visible, for %s', async (_what, add) => {
    const reason = await schemaWith((builder) => add(builder)).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(reason.split('\n')).toHaveLength(1);
    expect(reason).toMatch(/^prisma\/schema\/access\.prisma:\d+: employee\.write can be held for a branch/);
    expect(reason).toContain('/// @visible(read: employee.write, branch: branchId)');
  });

  it.each([
    ['employee.raed', 'did you mean employee.read?'],
    ['constructor', 'add it to `permissions` in src/auth/authorization/permissions.ts.'],
    ['pastry.read', 'add it to `permissions` in src/auth/authorization/permissions.ts.'],
  ])('[U6] a model whose @visible reads by %s, which is no permission', (read, advice) => {
    const refused = () => refuseUnknownReads({ Employee: { visible: { read } }, Branch: {} });
    expect(refused).toThrow(
      new RegExp(
        `^prisma/schema/people\\.prisma:\\d+: @visible of Employee names read: ${read}, which is no permission; `,
      ),
    );
    expect(refused).toThrow(advice);
    expect(() => refuseUnknownReads({ Employee: { visible: { read: 'employee.read' } } })).not.toThrow();
  });

  it('[U6] such a model among the project’s own', () => {
    const visible = guarantees.Attendance.visible as { read: string };
    const { read } = visible;
    try {
      visible.read = 'attendance.raed';
      expect(() => buildSchema()).toThrow('did you mean attendance.read?');
    } finally {
      visible.read = read;
    }
    expect(() => buildSchema()).not.toThrow();
  });

  it('but with a field that has a sound rule it starts', async () => {
    for (const authScopes of [
      { can: 'employee.read' },
      { signedIn: true },
      { signedIn: true, can: 'employee.read' },
    ]) {
      const schema = await schemaWith((builder) => query(builder, { authScopes }));
      expect(schema.getQueryType()?.getFields()).toHaveProperty('added');
    }
  });
});

describe('[R1] two scopes on one field', () => {
  it.each([
    [true, undefined],
    [false, 'FORBIDDEN'],
  ])('are both required: signed in, permission %s', async (held, code) => {
    const schema = await schemaWith((builder) =>
      query(builder, { authScopes: { signedIn: true, can: 'audit.read' } }),
    );
    const contextValue = { actor: { kind: 'user', can: () => held }, failures: { deny: () => {} } };
    const { data, errors } = await execute({ schema, document: parse('{ added }'), contextValue });
    expect((errors?.[0]?.originalError as { code?: string } | undefined)?.code).toBe(code);
    expect(JSON.stringify(data ?? null).includes('secret')).toBe(code === undefined);
  });

  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, false],
  ])('of a company’s rows: permission %s, own company %s', async (held, own, allowed) => {
    const { companyItself, companyRow } = await import('../../../src/schema/core/authorization-rules.ts');
    const actor = { companyId: own ? 'acme' : 'globex', can: () => held } as never;
    expect(companyRow('audit.read')({ companyId: 'acme' }, { actor })).toBe(allowed);
    expect(companyItself('company.read')({ id: 'acme' }, { actor })).toBe(allowed);
    expect(companyRow('audit.read')({ companyId: 'acme' }, { actor: null })).toBe(false);
  });
});

describe('the export', () => {
  let world: World;
  let exported: { hash: string; json: string; csv: string; lines: Record<string, unknown>[] };
  const selection =
    '{ policies { hash json csv lines { type field access self: ownerColumn inherited: isInherited visibility roles event mfa: isMfaRequired stepUp: isStepUpRequired } } }';
  beforeAll(async () => {
    world = await openWorld();
    exported = (await world.ask(selection, {}, await world.signIn('external_auditor'))).data.policies;
  });
  afterAll(() => world?.end());

  it('[R7] is the same as lines, as JSON and as CSV', () => {
    expect(JSON.parse(exported.json)).toEqual(exported.lines);
    const [header, ...records] = parsedCsv(exported.csv);
    const cell = (value: unknown) => String(Array.isArray(value) ? value.join(' ') : (value ?? ''));
    expect(records).toEqual(exported.lines.map((line) => header?.map((name) => cell(line[name]))));
    expect(exported.lines.length).toBeGreaterThan(150);
  });

  it('[R7] as CSV keeps to RFC 4180: CRLF between records, each of the same length, quotes doubled', async () => {
    expect(exported.csv.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(new Set(parsedCsv(exported.csv).map(({ length }) => length))).toEqual(new Set([10]));
    const { policyCsv } = await import('../../../src/schema/policy/policy-map.ts');
    const line = {
      type: 'A"B',
      field: 'c,d',
      access: 'e\r\nf',
      self: null,
      inherited: false,
      visibility: null,
      roles: ['x', 'y'],
      event: null,
      mfa: true,
      stepUp: false,
    };
    expect(parsedCsv(policyCsv([line]))[1]).toEqual([
      'A"B',
      'c,d',
      'e\r\nf',
      '',
      'false',
      '',
      'x y',
      '',
      'true',
      'false',
    ]);
  });

  it('[R7] has a reproducible hash of the policy', async () => {
    expect(exported.hash).toBe(createHash('sha256').update(exported.json).digest('hex'));
    const again = await world.ask('{ policies { hash } }', {}, await world.signIn('super_admin'));
    expect(again.data.policies.hash).toBe(exported.hash);
    expect(await hashOf(() => {})).toBe(exported.hash);
  });

  it('[R7] keeps its hash when something changes that is no policy', async () => {
    expect(
      await hashOf((builder) =>
        builder.enumType('Unused', { values: ['a'], description: 'Says nothing about access.' }),
      ),
    ).toBe(exported.hash);
  });

  it.each([
    ['a field is added', { can: 'employee.read' }],
    ['the same field asks for another permission', { can: 'employee.write' }],
    ['the same field asks for a session only', { signedIn: true }],
  ])('[R7] has another hash when %s', async (_what, authScopes) => {
    const hashes = await Promise.all([hashOf((builder) => query(builder, { authScopes }))]);
    expect(seen.has(hashes[0] as string)).toBe(false);
    seen.add(hashes[0] as string);
    expect(hashes[0]).not.toBe(exported.hash);
  });
  const seen = new Set<string>();

  it('[R7] lists permission, visibility, roles and event of each operation', () => {
    const line = (type: string, field: string) =>
      exported.lines.find((found) => found.type === type && found.field === field);
    expect(line('Mutation', 'approvePayrollRun')).toMatchObject({
      access: 'payroll.approve',
      event: 'payroll.approved',
      roles: ['company_admin', 'head_office_admin', 'admin', 'reviewer'],
    });
    expect(line('Employee', 'salary')).toMatchObject({
      access: 'employee.read and employee.salary.read',
      self: 'userId',
      inherited: false,
      roles: ['company_admin', 'head_office_admin', 'admin', 'hr_admin', 'finance_admin'],
      visibility: 'branch=branchId department=departmentId team=teamId self=userId',
    });
    expect(line('Mutation', 'signIn')).toMatchObject({ access: 'public', event: null });
    expect(line('Mutation', 'deleteCompany')?.roles).toEqual(['super_admin', 'platform_admin']);
  });

  it('[R7] requires policy.read', async () => {
    const { data, errors } = await world.ask(selection, {}, await world.signIn('hr_admin'));
    expect([data, errors?.[0]?.extensions.code]).toEqual([null, 'FORBIDDEN']);
  });

  it('[R1] node(id) and nodes(ids) apply the rule of the type that they find', async () => {
    const [row] = await rowsOf(
      world,
      `SELECT e.id, e.name FROM "Employee" e JOIN "User" p ON p.id = e."userId" WHERE p.email = 'client@acme.example'`,
    );
    const id = globalId('Employee', row.id);
    const [token, hr] = [await world.signIn('client'), await world.signIn('hr_admin')];
    for (const field of ['name', 'salary', 'iban', 'department { name }']) {
      for (const way of [`node(id: "${id}")`, `nodes(ids: ["${id}"])`]) {
        const document = `{ ${way} { ... on Employee { ${field} } } }`;
        const { data, errors } = await world.ask(document, {}, token);
        expect([document, errors?.[0]?.extensions.code]).toEqual([document, 'FORBIDDEN']);
        expect(JSON.stringify(data)).not.toContain(row.name);
        expect(JSON.stringify(data)).not.toMatch(/••|\d{4}/);
        expect((await world.ask(document, {}, hr)).errors).toBeUndefined();
      }
    }
  });
});

/** The hash that the server would export with something added to its schema. */
async function hashOf(add: (builder: Untyped) => void): Promise<string> {
  const schema = await schemaWith(add);
  const contextValue = { actor: { can: () => true } };
  const { data, errors } = await execute({ schema, document: parse('{ policies { hash } }'), contextValue });
  if (errors) throw errors[0];
  return (data as { policies: { hash: string } }).policies.hash;
}

/** RFC 4180, § 2: a record a line, fields plain or in quotes, in which quotes are doubled. */
function parsedCsv(text: string): string[][] {
  const records: string[][] = [[]];
  for (const [, field, end] of text.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/g)) {
    const value = field?.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : (field ?? '');
    records.at(-1)?.push(value);
    if (end === '\r\n') records.push([]);
    if (end === '') break;
  }
  return records;
}
