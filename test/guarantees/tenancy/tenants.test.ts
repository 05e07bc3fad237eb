import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guarantees } from '../../../src/db/guarantees.gen.ts';
import { as, type Company, connect, makeCompanies, openDb } from '../../support/db/companies.ts';
import { accept, globalId, openWorld, type World } from '../../support/server/world.ts';
import { rowsOfWaysIn } from '../../support/sign-in/identity-rows.ts';
import { anyMoment, until } from '../../support/until.ts';

let world: World;
let owner: pg.Client;
/** Raw SQL as the server's role, in Acme's context. */
let raw: pg.Client;
let acme: string;
let globex: string;

beforeAll(async () => {
  world = await openWorld();
  owner = await connect(world.database.ownerUrl);
  raw = await connect(world.database.appUrl);
  const ids = (await owner.query(`SELECT name, id FROM "Company"`)).rows as { name: string; id: string }[];
  [acme, globex] = ['Acme', 'Globex'].map((name) => ids.find((row) => row.name === name)?.id) as [
    string,
    string,
  ];
  for (const company of ['acme', 'globex'] as const) await fillTheRest(company);
  await rowsOfWaysIn(world);
  await raw.query(`SELECT set_config('app.company_id', $1, false)`, [acme]);
});
afterAll(async () => {
  await Promise.all([raw?.end(), owner?.end()]);
  await world.end();
});

/** What the demo leaves out: a role of the company's own and a payroll run. */
async function fillTheRest(company: 'acme' | 'globex'): Promise<void> {
  const token = await world.signIn('company_admin', company);
  const { errors } = await world.ask(
    `mutation { createPayrollRun(input: {period: "2026-01"}) { payrollRun { id } }
      createRole(input: {slug: "greeter", name: "Greeter", level: 1, accessScope: SELF, permissions: ["company.read"]}) { role { id } } }`,
    {},
    token,
  );
  expect(errors).toBeUndefined();
}

const rows = async <Row>(client: pg.Client, sql: string, values: unknown[] = []): Promise<Row[]> =>
  (await client.query(sql, values)).rows as Row[];

/** A statement's failure, or its row count; nothing that it did stays. */
async function attempt(
  sql: string,
  values: unknown[] = [],
): Promise<{ rows: number } | { code: string; message: string; detail?: string }> {
  await raw.query('BEGIN');
  try {
    return { rows: (await raw.query(sql, values)).rowCount ?? 0 };
  } catch (error) {
    const { code, message, detail } = error as pg.DatabaseError & { code: string };
    return { code, message, ...(detail !== undefined && { detail }) };
  } finally {
    await raw.query('ROLLBACK');
  }
}

const tenantTables = Object.values(guarantees).flatMap(({ table, tenant }) =>
  tenant ? [{ table, column: tenant }] : [],
);

describe('the tables, as PostgreSQL has them', () => {
  test('[T2] every table with a company column has enabled and forced row-level security', async () => {
    const found = await rows<{ name: string; enabled: boolean; forced: boolean; policies: number }>(
      owner,
      `SELECT c.relname AS name, relrowsecurity AS enabled, relforcerowsecurity AS forced,
         (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND (c.relname = 'Company' OR EXISTS
         (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND lower(replace(a.attname, '_', '')) = 'companyid' AND NOT a.attisdropped))`,
    );
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...tenantTables.map(({ table }) => table), 'audit_event', 'Session']),
    );
    for (const table of found) expect(table).toMatchObject({ name: table.name, enabled: true, forced: true });
    for (const { name, policies } of found) expect(policies, name).toBeGreaterThan(0);
  });

  test('[T2] the server connects as an unprivileged role that owns nothing', async () => {
    const [role] = await rows(
      raw,
      `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
      EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid) AS owns FROM pg_roles WHERE rolname = current_user`,
    );
    expect(role).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      owns: false,
    });
  });

  for (const { table, column } of tenantTables) {
    test(`[T2] the policy of "${table}" uses an index and evaluates the context once a statement`, async () => {
      await raw.query('SET enable_seqscan = off'); // the demo is small: what is asked is whether the index can be used
      const [plan] = await rows<{ 'QUERY PLAN': [{ Plan: Node }] }>(
        raw,
        `EXPLAIN (FORMAT JSON, VERBOSE) SELECT * FROM "${table}"`,
      );
      await raw.query('RESET enable_seqscan');
      const nodes = flat(plan?.['QUERY PLAN'][0].Plan as Node);
      expect(nodes.some((node) => node['Parent Relationship'] === 'InitPlan')).toBe(true);
      const conditions = nodes.map((node) => node['Index Cond']).filter(Boolean);
      expect(
        conditions.some((condition) => condition?.includes(column)),
        JSON.stringify(nodes),
      ).toBe(true);
      expect(nodes.every((node) => !node.Filter?.includes('current_setting'))).toBe(true);
    });
  }
});

type Node = { 'Parent Relationship'?: string; 'Index Cond'?: string; Filter?: string; Plans?: Node[] };
const flat = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flat)];

type ForeignKey = { name: string; source: string; target: string; pairs: [string, string][] };
const foreignKeys = (): Promise<ForeignKey[]> =>
  rows<ForeignKey>(
    owner,
    `SELECT conname AS name, s.relname AS source, t.relname AS target,
       (SELECT json_agg(json_build_array(a.attname, b.attname) ORDER BY i) FROM generate_subscripts(k.conkey, 1) i
        JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum = k.conkey[i] JOIN pg_attribute b ON b.attrelid = t.oid AND b.attnum = k.confkey[i]) AS pairs
     FROM pg_constraint k JOIN pg_class s ON s.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
     WHERE k.contype = 'f' AND s.relname = ANY ($1) AND t.relname = ANY ($1)`,
    [tenantTables.map(({ table }) => table)],
  );

describe("raw SQL of the server's role", () => {
  for (const { table, column } of tenantTables) {
    test(`[T3] cannot read, count, change, move, add or delete another company's row of "${table}"`, async () => {
      const [theirs] = await rows<{ id: string }>(owner, `SELECT * FROM "${table}" WHERE "${column}" = $1`, [
        globex,
      ]);
      const [{ n }] = (await rows<{ n: number }>(
        owner,
        `SELECT count(*)::int AS n FROM "${table}" WHERE "${column}" = $1`,
        [acme],
      )) as [{ n: number }];
      expect(theirs, `a row of Globex in ${table}`).toBeDefined();
      expect(n, `rows of Acme in ${table}`).toBeGreaterThan(0);
      expect(await rows(raw, `SELECT count(*)::int AS n FROM "${table}"`)).toEqual([{ n }]);
      expect(
        await rows(raw, `SELECT * FROM "${table}" WHERE id = $1 OR "${column}" = $2`, [theirs?.id, globex]),
      ).toEqual([]);
      expect(
        await rows(raw, `SELECT id FROM "${table}" WHERE id = $1 FOR SHARE`, [theirs?.id]).catch(() => []),
      ).toEqual([]);
      const refused = { code: '42501' };
      const deleted = await attempt(`DELETE FROM "${table}" WHERE id = $1`, [theirs?.id]);
      const changed = await attempt(`UPDATE "${table}" SET id = gen_random_uuid() WHERE id = $1`, [
        theirs?.id,
      ]);
      for (const answer of [deleted, changed]) {
        if (table === 'DataKey')
          expect(answer).toMatchObject(refused); // the server neither rewrites nor deletes a key
        else expect(answer).toEqual({ rows: 0 });
      }
      expect(await attempt(`UPDATE "${table}" SET "${column}" = $1`, [globex])).toMatchObject(refused);
      const row = Object.entries({ ...theirs, id: crypto.randomUUID(), [column]: globex });
      const names = row.map(([name]) => `"${name}"`);
      const values = row.map((_, index) => `$${index + 1}`);
      expect(
        await attempt(
          `INSERT INTO "${table}" (${names}) VALUES (${values})`,
          row.map(([, value]) => value),
        ),
      ).toMatchObject(refused);
    });
  }

  test("[T3] cannot refer to another company's row: it is as missing as one that was never there", async () => {
    const keys = (await foreignKeys()).filter(({ target }) => target !== 'Company');
    expect(keys.length).toBeGreaterThan(8);
    for (const { name, source, target, pairs } of keys) {
      const [from, to] = pairs.find(([column]) => column !== 'companyId') as [string, string];
      const [theirs] = await rows<Record<string, string>>(
        owner,
        `SELECT * FROM "${target}" WHERE "companyId" = $1`,
        [globex],
      );
      const refer = (value: unknown) =>
        attempt(
          `UPDATE "${source}" SET "${from}" = $1 WHERE id = (SELECT id FROM "${source}" WHERE "companyId" = $2 LIMIT 1)`,
          [value, acme],
        );
      const never = crypto.randomUUID();
      const [answer, missing] = [await refer(theirs?.[to]), await refer(never)];
      expect(answer, name).toMatchObject({ code: '23503' });
      expect(forget(answer, theirs?.[to] as string), name).toEqual(forget(missing, never));
    }
  });

  test('[T3] cannot learn from a unique key that another company has the value', async () => {
    const keys = await rows<{ table: string; index: string; columns: string[] }>(
      owner,
      `SELECT t.relname AS table, i.relname AS index,
         (SELECT json_agg(a.attname) FROM unnest(x.indkey::int2[]) k JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k) AS columns
       FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
       WHERE x.indisunique AND t.relname = ANY ($1)`,
      [
        tenantTables.flatMap(({ table, column }) =>
          column === 'companyId' && table !== 'DataKey' ? [table] : [],
        ),
      ],
    );
    let taken = 0;
    for (const { table, index, columns } of keys) {
      const own = columns.filter((column) => column !== 'companyId');
      if (own.length === 0) continue; // one row a company: there is no value to take
      const wanted = own.map((column) => `"${column}" IS NOT NULL`).join(' AND ');
      const theirs = await rows<Record<string, unknown>>(
        owner,
        `SELECT * FROM "${table}" WHERE "companyId" = $1 AND ${wanted}`,
        [globex],
      );
      // values that Acme does not hold itself, or its own key would rightly refuse them
      const acmes = new Set(
        (await rows<Record<string, unknown>>(raw, `SELECT * FROM "${table}"`)).map((row) =>
          own.map((column) => String(row[column])).join(),
        ),
      );
      const foreign = theirs.find((row) => !acmes.has(own.map((column) => String(row[column])).join()));
      if (!foreign) continue;
      taken += 1;
      const set = own.map((column, at) => `"${column}" = $${at + 1}`).join(', ');
      const values = own.map((column) => foreign[column]);
      const answer = await attempt(
        `UPDATE "${table}" SET ${set} WHERE id = (SELECT id FROM "${table}" LIMIT 1)`,
        values,
      );
      expect(answer, index).not.toMatchObject({ code: '23505' });
    }
    expect(taken).toBeGreaterThan(8);
  });

  test('[T3] two companies can have the same name, slug, month and e-mail, each once', async () => {
    const same = await rows<{ companies: number }>(
      owner,
      `SELECT count(DISTINCT "companyId")::int AS companies FROM "Branch" WHERE name = 'North'`,
    );
    expect(same).toEqual([{ companies: 2 }]);
    expect(
      await attempt(`INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, 'North')`, [
        acme,
        crypto.randomUUID(),
      ]),
    ).toMatchObject({ code: '23505' });
  });

  test('[T3] a condition with side effects never meets another company’s row', async () => {
    const peek = `SELECT id FROM "Employee" WHERE CASE WHEN "companyId" = $1 THEN email::int ELSE 0 END = 0`;
    await expect(rows(raw, peek, [acme])).rejects.toThrow(/acme\.example/); // the trick itself works
    expect((await rows(raw, peek, [globex])).length).toBeGreaterThan(0);
  });

  test('[T3] statistics, audit log and keys of another company are not accessible', async () => {
    await owner.query('ANALYZE "Employee"');
    expect(await rows(owner, `SELECT 1 FROM pg_stats WHERE tablename = 'Employee' LIMIT 1`)).toHaveLength(1);
    expect(await rows(raw, `SELECT * FROM pg_stats WHERE tablename = 'Employee'`)).toEqual([]);
    for (const table of ['audit_event', 'audit_head']) {
      expect(await rows(raw, `SELECT DISTINCT company_id FROM ${table}`)).toEqual([{ company_id: acme }]);
    }
    const event = `{"action":"branch.created","severity":"LOW"}`;
    expect(
      await attempt('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', [globex, event]),
    ).toMatchObject({ code: '42501' });
    expect(
      await attempt('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', [acme, event]),
    ).toEqual({ rows: 1 });
  });

  for (const statement of [
    'SET ROLE bulwark_audit',
    'SET ROLE bulwark_platform',
    'SET SESSION AUTHORIZATION postgres',
    'SET session_replication_role = replica',
    'ALTER TABLE "Employee" DISABLE ROW LEVEL SECURITY',
    'ALTER TABLE "Employee" NO FORCE ROW LEVEL SECURITY',
    'DROP POLICY company_rows ON "Employee"',
    'CREATE POLICY wide ON "Employee" USING (true)',
    'CREATE TABLE mine (id uuid)',
    'CREATE FUNCTION context_company() RETURNS uuid LANGUAGE sql AS $$ SELECT NULL::uuid $$',
    'CREATE OR REPLACE FUNCTION public.context_company() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT NULL::uuid $$',
    'TRUNCATE "Employee" CASCADE',
    `CALL protect_tenant_table('"Employee"')`,
  ]) {
    test(`[T2] may not: ${statement}`, async () => {
      expect(await attempt(statement)).toMatchObject({ code: expect.stringMatching(/^(42501|42704)$/) });
    });
  }

  test('[T2] disabling row security for the session makes queries fail', async () => {
    await raw.query('SET row_security = off');
    await expect(raw.query('SELECT * FROM "Employee"')).rejects.toMatchObject({ code: '42501' });
    await raw.query('RESET row_security');
  });

  test('[T3] a temporary table, function or operator of its own does not come before those that the policies name', async () => {
    await raw.query('BEGIN');
    const planted = await raw
      .query(
        `CREATE FUNCTION pg_temp.context_company() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT '${globex}'::uuid $$`,
      )
      .then(
        () => true,
        () => false,
      );
    if (planted) {
      await raw.query('SET LOCAL search_path = pg_temp, public');
      expect(await rows(raw, 'SELECT DISTINCT "companyId" FROM "Employee"')).toEqual([{ companyId: acme }]);
    }
    await raw.query('ROLLBACK');
    expect(await rows(raw, 'SELECT DISTINCT "companyId" FROM "Employee"')).toEqual([{ companyId: acme }]);
  });
});

/** An answer without the value that was asked for. */
const forget = (answer: object, value: string) => JSON.stringify(answer).replaceAll(value, '…');

describe('calls of two companies in one tick', () => {
  let companies: Company[];
  let open: ReturnType<typeof openDb>;
  beforeAll(async () => {
    companies = await makeCompanies(owner, 60);
    open = openDb(`${world.database.appUrl}?application_name=mixed`, 3);
  });
  afterAll(() => open.end());

  const key = ({ id, branchId }: Company) => ({ where: { key: { companyId: id, id: branchId } } });
  const mine = ({ branchId }: Company) => ({ where: { id: branchId } });
  const NONE = { code: 'P2025' };

  test('[T4] concurrent findUnique calls answer each company its own row', async () => {
    const [one, two] = companies as [Company, Company];
    const [a, b, c, d] = await Promise.all([
      as(one, () => open.db.branch.findUnique(key(one))),
      as(two, () => open.db.branch.findUnique(key(one))),
      as(two, () => open.db.branch.findUnique(key(two))),
      as(one, () => open.db.branch.findUnique(key(two))),
    ]);
    expect([a?.name, b, c?.name, d]).toEqual([one.name, null, two.name, null]);
  });

  test('[T4] findUniqueOrThrow answers each its own row or throws', async () => {
    const [one, two] = companies as [Company, Company];
    const [a, b, c, d] = await Promise.allSettled([
      as(one, () => open.db.branch.findUniqueOrThrow(key(one))),
      as(two, () => open.db.branch.findUniqueOrThrow(key(one))),
      as(two, () => open.db.branch.findUniqueOrThrow(key(two))),
      as(one, () => open.db.company.findUniqueOrThrow({ where: { id: two.id } })),
    ]);
    expect([a, c]).toMatchObject([{ value: { name: one.name } }, { value: { name: two.name } }]);
    expect([b, d]).toMatchObject([{ reason: NONE }, { reason: NONE }]);
  });

  test('[T3] a row that is made for another company is refused before anything is written', async () => {
    const [one, two] = companies as [Company, Company];
    const data = { id: crypto.randomUUID(), companyId: two.id, name: 'Made for another company' };
    const made = as(one, () => open.db.$transaction((tx) => tx.branch.create({ data }), LONG));
    await expect(made).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('[T4] findMany, count and raw statements answer each their own', async () => {
    const answers = await Promise.all(
      companies.map((company) =>
        Promise.all([
          as(company, () => open.db.branch.findMany()),
          as(company, () => open.db.branch.count()),
          as<pg.QueryResult>(company, () => open.pool.query('SELECT name FROM "Company"')),
        ]),
      ),
    );
    expect(answers.map(([list, count, { rows }]) => [list.map(({ name }) => name), count, rows])).toEqual(
      companies.map(({ name }) => [[name], 1, [{ name }]]),
    );
  });

  test('[T4] concurrent interactive transactions answer each company its own rows', async () => {
    const [one, two] = companies as [Company, Company];
    const work = (company: Company, other: Company) =>
      as(company, () =>
        open.db.$transaction(async (tx) => {
          const [own, foreign] = await Promise.all([
            tx.branch.findUnique(key(company)),
            tx.branch.findUnique(key(other)),
          ]);
          return [own?.name, foreign, (await tx.branch.findMany()).map(({ name }) => name)];
        }),
      );
    const beside = as(two, () => open.db.branch.findUnique(key(one)));
    expect(await Promise.all([work(one, two), work(two, one), beside])).toEqual([
      [one.name, null, [one.name]],
      [two.name, null, [two.name]],
      null,
    ]);
  });

  test('[T4] a statement without a context sees nothing while others run', async () => {
    const [one] = companies as [Company];
    const [, none, anonymous] = await Promise.all([
      as(one, () => open.db.branch.findUnique(key(one))),
      open.db.branch.findUnique(key(one)),
      open.pool.query('SELECT id FROM "Company"'),
    ]);
    expect([none, anonymous.rows]).toEqual([null, []]);
  });

  /** One operation of one company; `false` when its answer is another's, or not its own. */
  const operations: ((own: Company, other: Company) => Promise<boolean>)[] = [
    async (own) => (await as(own, () => open.db.branch.findUnique(key(own))))?.name === own.name,
    async (own, other) => (await as(own, () => open.db.branch.findUnique(key(other)))) === null,
    async (own) => (await as(own, () => open.db.branch.findUniqueOrThrow(key(own)))).companyId === own.id,
    async (own, other) =>
      as(own, () => open.db.branch.findUniqueOrThrow(mine(other) as never)).then(
        () => false,
        () => true,
      ),
    async (own) =>
      (await as(own, () => open.db.company.findMany())).every(
        ({ id }, _, all) => id === own.id && all.length === 1,
      ),
    async (own) =>
      (await as(own, () => open.db.branch.findMany({ include: { company: true } })))[0]?.company.name ===
      own.name,
    async (own) =>
      (await as<pg.QueryResult>(own, () => open.pool.query('SELECT name FROM "Branch"'))).rows
        .map((row: { name: string }) => row.name)
        .join() === own.name,
    async (own) =>
      as(own, () => open.pool.query('SELECT 1/0')).then(
        () => false,
        () => true,
      ),
    async (own) =>
      (await as(own, () => open.db.$transaction((tx) => tx.branch.findMany(), LONG)))
        .map(({ name }) => name)
        .join() === own.name,
    async (own, other) =>
      (await as(own, () => open.db.$transaction((tx) => tx.branch.findUnique(key(other)), LONG))) === null,
    async (own) =>
      as(own, () =>
        open.db.$transaction(async (tx) => {
          await tx.branch.count();
          throw new Error('back');
        }, LONG),
      ).then(
        () => false,
        () => true,
      ),
    async () => (await open.pool.query('SELECT id FROM "Company"')).rowCount === 0,
  ];
  const LONG = { maxWait: 60_000, timeout: 60_000 };
  const mixed = (index: number) => {
    const [own, other] = [
      companies[index % companies.length],
      companies[(index * 7 + 1) % companies.length],
    ] as [Company, Company];
    return operations[index % operations.length]?.(
      own,
      own === other ? (companies[(index + 1) % companies.length] as Company) : other,
    );
  };

  test('[T4] 3,000 mixed operations of 60 companies on 3 connections are answered correctly', async () => {
    const outcomes = await Promise.all(Array.from({ length: 3000 }, (_, index) => mixed(index)));
    expect(outcomes.filter((right) => right !== true)).toEqual([]);
    expect(open.pool.totalCount).toBeLessThanOrEqual(3);
  });

  test('[T4] while backends are killed, operations fail or are right, and all are right afterwards', async () => {
    const killed: number[] = [];
    const kill = `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mixed' ORDER BY random() LIMIT 1`;
    let killing = true;
    const killer = (async () => {
      for (; killing; await anyMoment(30))
        killed.push(...(await owner.query(kill)).rows.map(({ pid }) => pid));
    })();
    const outcomes: PromiseSettledResult<unknown>[] = [];
    const right = () => outcomes.filter(({ status }) => status === 'fulfilled');
    while (outcomes.length < 600 || killed.length <= 5 || right().length <= 100) {
      const sixty = Array.from({ length: 60 }, (_, index) => mixed(outcomes.length + index));
      outcomes.push(...(await Promise.allSettled(sixty)));
    }
    killing = false;
    await killer;
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value !== true)).toEqual(
      [],
    );
    const left = 'SELECT FROM pg_stat_activity WHERE pid = ANY ($1)';
    await until(async () => (await owner.query(left, [killed])).rowCount === 0);
    const after = await Promise.all(Array.from({ length: 120 }, (_, index) => mixed(index)));
    expect(after.filter((right) => right !== true)).toEqual([]);
  });
});

describe('x-company-id', () => {
  const viewer = (token: string, company: string) =>
    world.ask('{ viewer { company { id name } roles } }', {}, token, { 'x-company-id': company });

  test('[T3] a company that is not theirs is NOT_FOUND, as one that does not exist is', async () => {
    const token = await world.signIn('company_admin');
    const answers = await Promise.all(
      [globex, globex.toUpperCase(), crypto.randomUUID(), 'nonsense', '*', '', `${acme},${globex}`].map(
        (id) => viewer(token, id),
      ),
    );
    for (const { status, data, errors } of answers) {
      expect({ status, data: data ?? null, errors }).toEqual({
        status: answers[2]?.status,
        data: null,
        errors: answers[2]?.errors,
      });
      expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    }
  });

  test('[T3] their own company may be named', async () => {
    const { data } = await viewer(await world.signIn('company_admin'), acme);
    expect(data.viewer.company).toEqual({ id: globalId('ViewerCompany', acme), name: 'Acme' });
  });

  test('[T1] a user may belong to two companies, once each, with separate roles', async () => {
    const email = 'operator@acme.example';
    const invite = async () =>
      world.ask(
        'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { roles } } }',
        { input: { email, name: 'Olga', roles: ['external_auditor'] } },
        await world.signIn('company_admin', 'globex'),
      );
    expect((await invite()).errors).toBeUndefined();
    expect((await invite()).errors?.[0]?.extensions.code).toBe('CONFLICT');
    await accept(world, email);
    const token = await world.signIn('operator');
    const there = await viewer(token, globex);
    const here = await viewer(token, acme);
    expect(there.data.viewer).toEqual({
      company: { id: globalId('ViewerCompany', globex), name: 'Globex' },
      roles: ['external_auditor'],
    });
    expect(here.data.viewer).toEqual({
      company: { id: globalId('ViewerCompany', acme), name: 'Acme' },
      roles: ['operator'],
    });
    const emails = async (company: string) => {
      const { data } = await world.ask('{ employees(first: 50) { edges { node { email } } } }', {}, token, {
        'x-company-id': company,
      });
      return data.employees.edges.map(({ node }: { node: { email: string } }) => node.email) as string[];
    };
    expect((await emails(globex)).every((address) => address.endsWith('@globex.example'))).toBe(true);
    expect(await emails(acme)).toEqual([email]);
  });
});
