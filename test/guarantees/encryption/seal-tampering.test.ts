import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openings } from '../../../src/crypto/fields/sealed.ts';
import { nodesOf } from '../../support/documents.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import {
  type Answer,
  globalId,
  newcomer,
  openWorld,
  rowsOf,
  uuidOf,
  type World,
} from '../../support/server/world.ts';

const SEALED = ['salary', 'iban', 'civilId', 'passport'] as const;
type Field = (typeof SEALED)[number];
type Node = { id: string; name: string } & Record<Field, string | null>;
type Company = 'acme' | 'globex';

const EMPLOYEES =
  '{ employees(first: 50, order: { field: NAME }) { edges { node { id name salary iban civilId passport } } } }';
const RUNS =
  '{ payrollRuns(first: 5) { edges { node { id total items(first: 50) { edges { node { id amount } } } } } } }';
const BROKEN = `query ($after: String) { auditEvents(first: 100, after: $after, filter: { action: ["seal.broken"] }) {
  edges { node { cursor severity actorKind entityId data } } } }`;
const INTERNAL = { code: 'INTERNAL', requestId: expect.stringMatching(/^[\w-]{36}$/) };

let world: World;
/** Two of Acme's employees and one of Globex's, by uuid. */
let one: string;
let two: string;
let foreign: string;

beforeAll(async () => {
  world = await openWorld();
  for (const company of ['acme', 'globex'] as const) {
    const token = await world.signIn('finance_admin', company);
    const create = 'mutation { createPayrollRun(input: { period: "2026-01" }) { payrollRun { id } } }';
    expect((await world.ask(create, {}, token)).errors).toBeUndefined();
  }
  [one, two] = (await employees()).map(({ id }) => uuidOf(id)) as [string, string];
  foreign = uuidOf((await employees('globex'))[0]?.id as string);
  for (const table of ['Employee', 'PayrollItem', 'PayrollRun'])
    await rowsOf(world, `CREATE TABLE "was${table}" AS SELECT * FROM "${table}"`);
});
afterEach(async () => {
  for (const [table, columns] of Object.entries({
    Employee: SEALED,
    PayrollItem: ['amount'],
    PayrollRun: ['total'],
  }))
    await tamper(
      `UPDATE "${table}" t SET ${columns.map((column) => `"${column}" = w."${column}"`)} FROM "was${table}" w
       WHERE w.id = t.id AND (${columns.map((column) => `t."${column}" <> w."${column}"`).join(' OR ')})`,
    );
});
afterAll(() => world.end());

/** As the database's owner, with every trigger off. */
const tamper = (sql: string, values: unknown[] = []) =>
  asOwner(world.database.ownerUrl, async (db) => {
    await db.query('SET session_replication_role = replica');
    return (await db.query(sql, values)).rowCount;
  });
const employeesOf = (answer: Answer): Node[] =>
  answer.data.employees.edges.map((edge: { node: Node }) => edge.node);
const asHr = async (company: Company = 'acme') =>
  world.ask(EMPLOYEES, {}, await world.signIn('hr_admin', company));

async function employees(company: Company = 'acme'): Promise<Node[]> {
  const answer = await asHr(company);
  expect(answer.errors).toBeUndefined();
  return employeesOf(answer);
}

async function headOf(company: Company): Promise<string> {
  const answer = await world.ask(
    '{ auditEvents(last: 1) { edges { node { cursor } } } }',
    {},
    await world.signIn('company_admin', company),
  );
  return answer.data.auditEvents.edges[0].node.cursor;
}

async function brokenSince(after: string, company: Company = 'acme') {
  const answer = await world.ask(BROKEN, { after }, await world.signIn('company_admin', company));
  return answer.data.auditEvents.edges.map(
    ({ node: { cursor: _, ...event } }: { node: { cursor: string } }) => event,
  );
}

/** Nothing of a stored value, and nothing of the code, is in what went out or into the log. */
async function expectNothingTold(answer: Answer): Promise<void> {
  const told = JSON.stringify(answer) + world.logged();
  for (const { text } of await rowsOf(
    world,
    `SELECT unnest(ARRAY[salary, iban, "civilId", passport]) AS text FROM "Employee"
     UNION ALL SELECT amount FROM "PayrollItem" UNION ALL SELECT total FROM "PayrollRun"`,
  ))
    expect(told).not.toContain(text.slice(-24));
  expect(JSON.stringify(answer)).not.toMatch(/b1\.|SealBroken|\.ts\b|node_modules|stack/);
}

const of = (column: Field, id: string) => `(SELECT "${column}" FROM "Employee" WHERE id = '${id}')`;
const set = (id: string, assignments: string) => `UPDATE "Employee" SET ${assignments} WHERE id = '${id}'`;
const swap = (columns: readonly Field[]) =>
  `UPDATE "Employee" e SET ${columns.map((column) => `"${column}" = o."${column}"`)} FROM "Employee" o
   WHERE (e.id, o.id) IN (('${one}', '${two}'), ('${two}', '${one}'))`;

/** A sealed value with one bit of its bytes turned over: IV, then text, then tag. */
async function flipped(id: string, column: Field, at: (length: number) => number): Promise<string> {
  const [{ text }] = await rowsOf(world, `SELECT "${column}" AS text FROM "Employee" WHERE id = $1`, [id]);
  const [format, key, body] = text.split('.');
  const bytes = Buffer.from(body, 'base64url');
  const index = at(bytes.length);
  bytes[index] = (bytes[index] as number) ^ 1;
  return set(id, `"${column}" = '${[format, key, bytes.toString('base64url')].join('.')}'`);
}

describe('[E2] a value altered by the database owner is null with INTERNAL, the rest is answered, and it is audited:', () => {
  const attacks: Record<string, [() => string | Promise<string>, () => [string, Field][]]> = {
    'a salary copied from another row': [
      () => set(one, `salary = ${of('salary', two)}`),
      () => [[one, 'salary']],
    ],
    'two salaries swapped': [
      () => swap(['salary']),
      () => [
        [one, 'salary'],
        [two, 'salary'],
      ],
    ],
    'all of two rows swapped': [
      () => swap(SEALED),
      () => SEALED.flatMap((f) => [[one, f] as const, [two, f] as const]) as [string, Field][],
    ],
    'two columns of a row swapped': [
      () => set(one, 'iban = passport, passport = iban'),
      () => [
        [one, 'iban'],
        [one, 'passport'],
      ],
    ],
    'a salary of another company': [
      () => set(two, `salary = ${of('salary', foreign)}`),
      () => [[two, 'salary']],
    ],
    'a bit of the IV': [() => flipped(one, 'salary', () => 5), () => [[one, 'salary']]],
    'a bit of the text': [() => flipped(one, 'iban', () => 14), () => [[one, 'iban']]],
    'the last bit of the tag': [
      () => flipped(two, 'civilId', (length) => length - 1),
      () => [[two, 'civilId']],
    ],
    'cut at its end': [() => set(one, 'passport = left(passport, -4)'), () => [[one, 'passport']]],
    'cut to nothing but the shortest seal': [
      () => set(one, `iban = substring(iban from '^b1[.][^.]+[.].{38}')`),
      () => [[one, 'iban']],
    ],
    'the name of another key': [
      () => set(one, `salary = 'b1.other.' || split_part(salary, '.', 3)`),
      () => [[one, 'salary']],
    ],
  };

  test.each(Object.keys(attacks))('%s', async (name) => {
    const [sql, broken] = attacks[name] as (typeof attacks)[string];
    const [before, mark, wanted] = [await employees(), await headOf('acme'), broken()];
    expect(await tamper(await sql())).toBe(new Set(wanted.map(([id]) => id)).size);

    const answer = await asHr();
    const isBroken = (id: string, field: Field) =>
      wanted.some((each) => each[0] === uuidOf(id) && each[1] === field);
    const left = before.map((node) => ({
      ...node,
      ...Object.fromEntries(SEALED.filter((field) => isBroken(node.id, field)).map((field) => [field, null])),
    }));
    expect(employeesOf(answer)).toEqual(left);
    const paths = wanted.map(([id, field]) =>
      ['employees', 'edges', before.findIndex((node) => uuidOf(node.id) === id), 'node', field].join('.'),
    );
    expect(answer.errors?.map((error) => error.path?.join('.')).sort()).toEqual(paths.sort());
    for (const error of answer.errors ?? []) expect(error.extensions).toEqual(INTERNAL);
    await expectNothingTold(answer);

    const events = await brokenSince(mark);
    const event = ([entityId, field]: [string, Field]) => ({
      severity: 'CRITICAL',
      actorKind: 'USER',
      entityId,
      data: { model: 'Employee', field, reason: expect.any(String) },
    });
    expect(events).toHaveLength(wanted.length);
    expect(events).toEqual(expect.arrayContaining(wanted.map(event)));
    expect(await brokenSince('0', 'globex')).toEqual([]);
  });

  test('two companies’ salaries swapped: audited in both companies', async () => {
    const marks = { acme: await headOf('acme'), globex: await headOf('globex') };
    await tamper(
      `UPDATE "Employee" e SET salary = o.salary FROM "Employee" o WHERE (e.id, o.id) IN (($1, $2), ($2, $1))`,
      [one, foreign],
    );
    for (const [company, id] of [
      ['acme', one],
      ['globex', foreign],
    ] as const) {
      const answer = await asHr(company);
      expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([INTERNAL]);
      expect(
        employeesOf(answer)
          .filter(({ salary }) => salary === null)
          .map(({ id: broken }) => uuidOf(broken)),
      ).toEqual([id]);
      await expectNothingTold(answer);
      expect(await brokenSince(marks[company], company)).toEqual([
        expect.objectContaining({ entityId: id, severity: 'CRITICAL' }),
      ]);
    }
  });

  test('a single employee, by employee, node and the blind index', async () => {
    await tamper(set(one, `salary = ${of('salary', two)}`));
    const hr = await world.signIn('hr_admin');
    const { iban } = employeesOf(await asHr()).find(({ id }) => uuidOf(id) === one) as Node;
    const query = `query ($id: ID!, $iban: String!) { employee(id: $id) { name salary iban } node(id: $id) { ... on Employee { name salary iban } }
      employees(filter: { iban: $iban }) { totalCount edges { node { name salary iban } } } }`;
    const answer = await world.ask(query, { id: globalId('Employee', one), iban }, hr);
    const left = { name: expect.any(String), salary: null, iban };
    expect(answer.data).toEqual({
      employee: left,
      node: left,
      employees: { totalCount: 1, edges: [{ node: left }] },
    });
    expect(answer.errors?.map(({ path }) => path?.join('.')).sort()).toEqual([
      'employee.salary',
      'employees.edges.0.node.salary',
      'node.salary',
    ]);
    for (const { extensions } of answer.errors ?? []) expect(extensions).toEqual(INTERNAL);
    await expectNothingTold(answer);
  });

  test('amounts and totals of payroll', async () => {
    const finance = await world.signIn('finance_admin');
    const [before] = nodesOf((await world.ask(RUNS, {}, finance)).data.payrollRuns);
    const items = before.items.edges;
    const [{ node: first }, { node: second }] = items;
    const mark = await headOf('acme');
    const amounts = [uuidOf(first.id), uuidOf(second.id)];
    await tamper(
      'UPDATE "PayrollItem" e SET amount = o.amount FROM "PayrollItem" o WHERE (e.id, o.id) IN (($1, $2), ($2, $1))',
      amounts,
    );
    await tamper(
      'UPDATE "PayrollRun" SET total = (SELECT amount FROM "PayrollItem" WHERE id = $1) WHERE id = $2',
      [amounts[0], uuidOf(before.id)],
    );
    const answer = await world.ask(RUNS, {}, finance);
    expect(nodesOf(answer.data.payrollRuns)).toEqual([
      {
        ...before,
        total: null,
        items: {
          edges: [
            { node: { ...first, amount: null } },
            { node: { ...second, amount: null } },
            ...items.slice(2),
          ],
        },
      },
    ]);
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([INTERNAL, INTERNAL, INTERNAL]);
    await expectNothingTold(answer);
    const events: { entityId: string }[] = await brokenSince(mark);
    expect(events.map(({ entityId }) => entityId).sort()).toEqual([...amounts, uuidOf(before.id)].sort());
  });

  test('a payroll run with an altered salary is refused, and audited', async () => {
    const mark = await headOf('acme');
    await tamper(swap(['salary']));
    const answer = await world.ask(
      'mutation { createPayrollRun(input: { period: "2026-02" }) { payrollRun { id total } } }',
      {},
      await world.signIn('finance_admin'),
    );
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([INTERNAL]);
    await expectNothingTold(answer);
    expect(await rowsOf(world, `SELECT FROM "PayrollRun" WHERE period = '2026-02'`)).toEqual([]);
    expect(await brokenSince(mark)).toEqual([
      expect.objectContaining({ severity: 'CRITICAL', data: expect.objectContaining({ field: 'salary' }) }),
    ]);
  });
});

describe('[E7] a value is opened after its rule has passed, and only to be shown:', () => {
  /** The values that an answer shows in the clear: neither null nor a mask. */
  const shown = (value: unknown): number => {
    if (Array.isArray(value)) return value.reduce((sum, each) => sum + shown(each), 0);
    if (typeof value !== 'object' || value === null) return 0;
    return Object.entries(value).reduce((sum, [name, each]) => {
      const sealed = [...SEALED, 'amount', 'total'].includes(name);
      return sum + (sealed ? Number(each !== null && !String(each).startsWith('••••')) : shown(each));
    }, 0);
  };
  const counted = async (query: string, role: string, variables: object = {}) =>
    countedAs(await world.signIn(role), query, variables);
  async function countedAs(token: string, query: string, variables: object = {}) {
    const before = openings.count;
    const answer = await world.ask(query, variables, token);
    return { answer, opened: openings.count - before, shown: shown(answer.data) };
  }

  test.each(['external_auditor', 'view_only'])(
    'a list selected by %s, who is not an employee, decrypts nothing',
    async (role) => {
      const { token } = await newcomer(world, [role]);
      const { answer, opened } = await countedAs(token, EMPLOYEES);
      expect(answer.errors).toBeUndefined();
      expect(employeesOf(answer).length).toBeGreaterThan(10);
      for (const node of employeesOf(answer))
        expect(node).toMatchObject({
          salary: null,
          iban: expect.stringMatching(/^•••• \w{4}$/),
          civilId: expect.stringMatching(/^•••• \w{4}$/),
          passport: expect.stringMatching(/^•••• \w{3}$/),
        });
      expect(opened).toBe(0);
    },
  );

  test('hr opens four values a row', async () => {
    const { answer, opened, shown } = await counted(EMPLOYEES, 'hr_admin');
    expect([opened, shown]).toEqual([employeesOf(answer).length * 4, employeesOf(answer).length * 4]);
  });

  test.each([
    ['finance_admin', 'all salaries'],
    ['external_auditor', 'their own'],
    ['manager', 'their own'],
    ['branch_manager', 'their own'],
    ['staff', 'their own'],
    ['company_member', 'their own'],
    ['company_admin', 'everything'],
  ])('%s decrypts exactly the answered values: %s', async (role) => {
    const { answer, opened, shown } = await counted(EMPLOYEES, role);
    expect(answer.errors).toBeUndefined();
    expect(shown).toBeGreaterThan(0);
    expect(opened).toBe(shown);
  });

  test('only the selected columns and rows', async () => {
    const salaries = await counted('{ employees(first: 3) { edges { node { name salary } } } }', 'hr_admin');
    expect([salaries.opened, salaries.shown]).toEqual([3, 3]);
    const none = await counted(
      '{ employees(first: 50) { totalCount edges { node { id name email } } } }',
      'hr_admin',
    );
    expect(none.answer.data.employees.totalCount).toBeGreaterThan(10);
    expect(none.opened).toBe(0);
  });

  test('an IBAN is found without opening anyone else’s', async () => {
    const iban = (await employees())[3]?.iban;
    const query =
      'query ($iban: String!) { employees(filter: { iban: $iban }) { totalCount edges { node { iban } } } }';
    const { answer, opened } = await counted(query, 'hr_admin', { iban });
    expect(answer.data.employees).toEqual({ totalCount: 1, edges: [{ node: { iban } }] });
    expect(opened).toBe(1);
    const denied = await counted(query, 'external_auditor', { iban });
    expect(denied.answer.errors?.map(({ extensions }) => extensions.code)).toContain('FORBIDDEN');
    expect(denied.opened).toBe(0);
  });

  test('payroll amounts stay encrypted for roles without the permission', async () => {
    const reviewer = await counted(RUNS, 'reviewer');
    const [run] = nodesOf(reviewer.answer.data.payrollRuns);
    expect(nodesOf(run.items).length).toBeGreaterThan(10);
    expect(new Set(nodesOf(run.items).map(({ amount }: { amount: string | null }) => amount))).toEqual(
      new Set([null]),
    );
    expect([reviewer.opened, reviewer.shown]).toEqual([1, 1]);
    const finance = await counted(RUNS, 'finance_admin');
    expect([finance.opened, finance.shown]).toEqual([
      nodesOf(run.items).length + 1,
      nodesOf(run.items).length + 1,
    ]);
  });

  test('a refused operation opens nothing', async () => {
    const runs = await counted(RUNS, 'hr_admin');
    expect(runs.answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const other = globalId('Employee', foreign);
    const single = await counted('query ($id: ID!) { employee(id: $id) { salary iban } }', 'hr_admin', {
      id: other,
    });
    expect(single.answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect([runs.opened, single.opened]).toEqual([0, 0]);
  });

  test('a change encrypts without decrypting, and the audit log has ciphertext', async () => {
    const id = globalId('Employee', two);
    const set = await counted(
      'mutation ($id: ID!) { setEmployeeSalary(input: { employeeId: $id, salary: "4321.09" }) { employee { name } } }',
      'hr_admin',
      { id },
    );
    expect(set.answer.errors).toBeUndefined();
    expect(set.opened).toBe(0);
    const query =
      '{ auditEvents(last: 1, filter: { entity: "Employee" }) { edges { node { action before after } } } }';
    const { answer, opened } = await counted(query, 'external_auditor');
    const [{ node }] = answer.data.auditEvents.edges;
    expect([node.before.salary, node.after.salary]).toEqual([
      expect.stringMatching(/^b1\./),
      expect.stringMatching(/^b1\./),
    ]);
    expect(opened).toBe(0);
    await rowsOf(world, `UPDATE "wasEmployee" w SET salary = e.salary FROM "Employee" e WHERE e.id = w.id`);
  });
});
