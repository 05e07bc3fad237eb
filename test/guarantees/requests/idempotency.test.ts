import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServer } from '../../../src/app.ts';
import { limits, subjectsOf } from '../../../src/auth/lockout/limits.ts';
import { deleteExpired } from '../../../src/domain/platform/purge-expired.ts';
import { mutationOf } from '../../support/documents.ts';
import {
  accept,
  asker,
  globalId,
  newcomer,
  openWorld,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';

const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { __typename } }';

let world: World;
let admin: string;

beforeAll(async () => {
  world = await openWorld();
  admin = await world.signIn('company_admin');
});
afterAll(() => world.end());

type Sent = { name: string; key?: string; token?: string; query?: string; through?: Pick<World, 'ask'> };
const create = ({ name, key, token = admin, query = CREATE, through = world }: Sent) =>
  through.ask(query, { input: { name } }, token, key === undefined ? {} : { 'idempotency-key': key });
const branches = (name: string) => rowsOf(world, `SELECT id FROM "Branch" WHERE name = $1`, [name]);
const codes = ({ errors }: { errors?: { extensions: { code: string } }[] }) =>
  errors?.map(({ extensions }) => extensions.code);
/** Repeats a request while the backend of its lost connection still has its locks. */
async function createAfterLoss(sent: Sent) {
  let answer = await create(sent);
  while (codes(answer)?.includes('CONFLICT')) answer = await create(sent);
  return answer;
}
const newKey = () => `"${crypto.randomUUID()}"`;

describe('a mutation with an Idempotency-Key', () => {
  test('is executed once and gets the same answer when it is repeated, also by another server [F7]', async () => {
    const key = newKey();
    const query = CREATE.replace('__typename', 'branch { id name }');
    const first = await create({ name: 'Once', key, query });
    expect(first.errors).toBeUndefined();
    const other = openServer(world.services);
    const ask = asker(`${await other.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
    const answers = [
      await create({ name: 'Once', key, query }),
      await create({ name: 'Once', key: key.replaceAll('"', ''), query }),
      await create({ name: 'Once', key, query, through: { ask } }),
    ];
    await other.close();
    for (const { status, data, errors } of answers)
      expect({ status, data, errors }).toEqual({ status: 200, data: first.data, errors: undefined });
    expect(await branches('Once')).toHaveLength(1);
  });

  test('that is repeated with another body is refused with 422 and IDEMPOTENCY_KEY_REUSED [F7]', async () => {
    const key = newKey();
    await create({ name: 'One body', key });
    const answer = await create({ name: 'Another body', key });
    expect([answer.status, codes(answer)]).toEqual([422, ['IDEMPOTENCY_KEY_REUSED']]);
    expect(await branches('Another body')).toEqual([]);
  });

  test('that arrives many times at once is executed once; the others get its answer or CONFLICT [F7]', async () => {
    const account = await world.ask(
      mutationOf('createServiceAccount'),
      { input: { name: 'At once', roles: ['client'] } },
      admin,
    );
    const input = { serviceAccountId: account.data.createServiceAccount.serviceAccount.id, name: 'At once' };
    const key = newKey();
    // no unique value of the row keeps a second one out
    const send = () =>
      world.ask(mutationOf('createApiKey', '{ token }'), { input }, admin, { 'idempotency-key': key });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    expect(await rowsOf(world, `SELECT id FROM "ApiKey" WHERE name = 'At once'`)).toHaveLength(1);
    const tokens = answers.flatMap(({ data }) => data?.createApiKey.token ?? []);
    expect(new Set(tokens).size).toBe(1);
    const refused = answers.flatMap((answer) => codes(answer) ?? []);
    expect(tokens.length + refused.length).toBe(answers.length);
    expect(new Set([...refused, 'CONFLICT'])).toEqual(new Set(['CONFLICT']));
  });

  test('that failed is executed again [F7]', async () => {
    const key = newKey();
    await create({ name: 'Taken' });
    expect(codes(await create({ name: 'Taken', key }))).toEqual(['CONFLICT']);
    await rowsOf(
      world,
      `SET session_replication_role = replica; UPDATE "Branch" SET name = 'Renamed' WHERE name = 'Taken';
       SET session_replication_role = origin`,
    );
    expect(codes(await create({ name: 'Taken', key }))).toBeUndefined();
  });

  test('that was RATE_LIMITED is not stored: repeated after the limit it is executed, once [F7]', async () => {
    const token = await world.signIn('branch_manager');
    const [place] = await rowsOf(
      world,
      `SELECT m."userId", d.id AS department, d."branchId" AS branch FROM "Membership" m
       JOIN "Department" d ON d."branchId" = m."branchId" WHERE m.email = 'branch_manager@acme.example' LIMIT 1`,
    );
    const input = {
      ...{
        branchId: globalId('Branch', place.branch),
        departmentId: globalId('Department', place.department),
      },
      ...{ name: 'Limited', email: 'limited@acme.example', startedOn: '2026-01-01' },
    };
    const query =
      'mutation ($input: CreateEmployeeInput!) { createEmployee(input: $input) { employee { id } } }';
    const key = newKey();
    const hire = () => world.ask(query, { input }, token, { 'idempotency-key': key });
    const subjects = subjectsOf({ kind: 'uniqueValue', account: place.userId, ip: null });
    for (let count = 0; count < limits.uniqueValue.account; count++)
      await world.services.attempts.count('uniqueValue', subjects, false);
    const kept = () => rowsOf(world, 'SELECT id FROM "IdempotencyKey" WHERE "userId" = $1', [place.userId]);
    expect(codes(await hire())).toEqual(['RATE_LIMITED']);
    expect(await kept()).toEqual([]);
    await world.services.attempts.clear(
      ['uniqueValue'],
      subjects.map(({ name }) => name),
    );
    const [first, again] = [await hire(), await hire()];
    expect(first.data.createEmployee.employee.id).toEqual(expect.any(String));
    expect(again.data).toEqual(first.data);
    expect(await kept()).toHaveLength(1);
  });

  test('whose change is saved and whose answer was lost is not executed again [F7]', async () => {
    const key = newKey();
    await create({ name: 'Lost answer', key });
    await rowsOf(world, `UPDATE "IdempotencyKey" SET "sealedAnswer" = NULL`);
    const answer = await create({ name: 'Lost answer', key });
    expect([codes(answer), answer.errors?.[0]?.message]).toEqual([
      ['CONFLICT'],
      expect.stringMatching(/is saved/),
    ]);
    expect(await branches('Lost answer')).toHaveLength(1);
  });

  test('whose COMMIT was in doubt and did not happen is executed when it is repeated [F7]', async () => {
    const key = newKey();
    const other = new pg.Client({ connectionString: world.database.ownerUrl });
    await other.connect();
    await other.query('BEGIN');
    await other.query('LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE');
    const asked = create({ name: 'In doubt', key });
    const stuck = `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(() => rowsOf(world, `SELECT 1 ${stuck}`)).toHaveLength(1);
    await rowsOf(world, `SELECT pg_terminate_backend(pid) ${stuck}`);
    expect((await asked).errors?.[0]?.message).toMatch(/outcome is unknown/);
    await other.end();
    expect((await createAfterLoss({ name: 'In doubt', key })).errors).toBeUndefined();
    expect((await create({ name: 'In doubt', key })).errors).toBeUndefined();
    expect(await branches('In doubt')).toHaveLength(1);
  });

  test('has a key of its user and company alone [F7]', async () => {
    const key = newKey();
    const globex = await world.signIn('company_admin', 'globex');
    for (const token of [admin, globex])
      expect((await create({ name: 'Both companies', key, token })).errors).toBeUndefined();
    expect(await branches('Both companies')).toHaveLength(2);
    const auditor = await world.signIn('external_auditor');
    expect(codes(await create({ name: 'Both companies', key, token: auditor }))).toEqual(['FORBIDDEN']);
  });
});

describe('the answer to a repeated Idempotency-Key', () => {
  test('is the same where part of it was refused, errors and paths included [F7]', async () => {
    const role = {
      slug: 'writer',
      name: 'Writer',
      level: 2,
      permissions: ['employee.read', 'employee.write'],
    };
    await world.ask(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { __typename } }',
      { input: { ...role, accessScope: 'COMPANY' } },
      admin,
    );
    const { token } = await newcomer(world, ['writer']);
    const [employee] = await rowsOf(
      world,
      `SELECT e.id FROM "Employee" e JOIN "Company" c ON c.id = e."companyId" WHERE c.name = 'Acme' LIMIT 1`,
    );
    const query =
      'mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { jobTitle team { name } } } }';
    const input = { employeeId: globalId('Employee', employee.id), jobTitle: 'Partly answered' };
    const key = newKey();
    const send = () => world.ask(query, { input }, token, { 'idempotency-key': key });
    const shown = ({ data, errors }: Awaited<ReturnType<typeof send>>) => ({
      data,
      errors: errors?.map(({ message, path, extensions: { requestId: _, ...rest } }) => [
        message,
        path,
        rest,
      ]),
    });
    const first = await send();
    expect([first.data.updateEmployee.employee.jobTitle, codes(first)]).toEqual([
      input.jobTitle,
      ['FORBIDDEN'],
    ]);
    expect(shown(await send())).toEqual(shown(first));
  });

  test.each([
    ['INVALID_INPUT', { name: '' }, () => admin, undefined],
    ['FORBIDDEN', { name: 'Forbidden' }, () => world.signIn('external_auditor'), ['FORBIDDEN']],
  ] as const)(
    'is not one of %s, which saved nothing: the key stays free for another request of the user [F7]',
    async (code, input, tokenOf, next) => {
      const [key, token] = [newKey(), await tokenOf()];
      const before = await rowsOf(world, 'SELECT count(*) FROM "IdempotencyKey"');
      const answer = await world.ask(CREATE, { input }, token, { 'idempotency-key': key });
      expect(codes(answer)).toEqual([code]);
      expect(await rowsOf(world, 'SELECT count(*) FROM "IdempotencyKey"')).toEqual(before);
      expect(codes(await create({ name: `After ${code}`, key, token }))).toEqual(next);
    },
  );

  test('is not UNAVAILABLE of a statement whose connection was lost: it is executed then [F7]', async () => {
    const key = newKey();
    const other = new pg.Client({ connectionString: world.database.ownerUrl });
    await other.connect();
    await other.query('BEGIN');
    await other.query('LOCK TABLE "Branch" IN ACCESS EXCLUSIVE MODE');
    const asked = create({ name: 'Lost on the way', key });
    const stuck = `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(() => rowsOf(world, `SELECT 1 ${stuck}`)).toHaveLength(1);
    await rowsOf(world, `SELECT pg_terminate_backend(pid) ${stuck}`);
    expect(codes(await asked)).toEqual(['UNAVAILABLE']);
    await other.end();
    expect((await createAfterLoss({ name: 'Lost on the way', key })).errors).toBeUndefined();
    expect(await branches('Lost on the way')).toHaveLength(1);
  });

  test('is never another user’s, also of the same company and permission [F7] [T3]', async () => {
    const key = newKey();
    const { token } = await newcomer(world, ['company_admin']);
    expect((await create({ name: 'Mine', key })).errors).toBeUndefined();
    // executed, and not answered from the key: the name is taken
    expect(codes(await create({ name: 'Mine', key, token }))).toEqual(['CONFLICT']);
    expect((await create({ name: 'Theirs', key, token })).errors).toBeUndefined();
  });

  test('is never another company’s of the same user [F7] [T3]', async () => {
    const { email } = await newcomer(world, ['company_admin']);
    const [{ id }] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
    await world.ask(
      'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
      { input: { email, name: 'Newcomer', roles: ['company_admin'] } },
      await world.signIn('company_admin', 'globex'),
    );
    await accept(world, email);
    const token = await signInAs(world.ask, email);
    const key = newKey();
    const query = CREATE.replace('__typename', 'branch { id }');
    const send = (company = {}) =>
      world.ask(query, { input: { name: 'Two companies' } }, token, { 'idempotency-key': key, ...company });
    const own = await send();
    const theirs = await send({ 'x-company-id': globalId('Company', id) });
    expect([own.errors, theirs.errors]).toEqual([undefined, undefined]);
    expect(theirs.data).not.toEqual(own.data);
    expect(
      await rowsOf(world, 'SELECT "companyId" FROM "Branch" WHERE name = $1', ['Two companies']),
    ).toHaveLength(2);
  });

  test('of several bodies at once is one body’s; the others are refused and change nothing [F7]', async () => {
    const key = newKey();
    const names = Array.from({ length: 6 }, (_, index) => `One of six ${index}`);
    const answers = await Promise.all(names.map((name) => create({ name, key })));
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    for (const code of answers.flatMap((answer) => codes(answer) ?? []))
      expect(['CONFLICT', 'IDEMPOTENCY_KEY_REUSED']).toContain(code);
    expect(await rowsOf(world, `SELECT 1 FROM "Branch" WHERE name LIKE 'One of six%'`)).toHaveLength(1);
  });
});

describe('what is kept for a repetition', () => {
  test('is sealed: neither the request nor the answer can be read in the database [F7] [E1]', async () => {
    await create({
      name: 'Not in the clear',
      key: 'visible-key',
      query: CREATE.replace('__typename', 'name'),
    });
    const rows = await rowsOf(world, 'SELECT * FROM "IdempotencyKey"');
    expect(JSON.stringify(rows)).not.toMatch(/Not in the clear|visible-key|createBranch/);
    expect(rows.every(({ sealedRequest }) => /^b1\./.test(sealedRequest))).toBe(true);
  });

  test('is no longer known after 24 hours, and is purged [F7]', async () => {
    const key = newKey();
    await create({ name: 'Yesterday', key });
    const [kept] = await rowsOf(
      world,
      `SELECT "expiresAt" - now() BETWEEN interval '23 hours 59 minutes' AND interval '24 hours' AS day
       FROM "IdempotencyKey" ORDER BY "expiresAt" DESC LIMIT 1`,
    );
    expect(kept).toEqual({ day: true });
    await rowsOf(world, `UPDATE "IdempotencyKey" SET "expiresAt" = now() + interval '1 minute'`);
    expect((await create({ name: 'Yesterday', key })).errors).toBeUndefined();
    await rowsOf(world, `UPDATE "IdempotencyKey" SET "expiresAt" = now() - interval '1 second'`);
    // it is executed: the name is taken
    expect(codes(await create({ name: 'Yesterday', key }))).toEqual(['CONFLICT']);
    expect((await create({ name: 'Today', key })).errors).toBeUndefined();
    expect((await deleteExpired(world.services)).IdempotencyKey).toBeGreaterThan(0);
    expect(await rowsOf(world, 'SELECT 1 FROM "IdempotencyKey"')).toHaveLength(1);
  });
});

describe('an Idempotency-Key is refused with BAD_REQUEST', () => {
  test.each([
    ['that is empty', '""', CREATE, true],
    ['of 256 characters', 'k'.repeat(256), CREATE, true],
    ['with blanks', '"a b"', CREATE, true],
    [
      'for two mutations at once',
      '"k"',
      'mutation ($input: CreateBranchInput!) { a: createBranch(input: $input) { __typename } b: createBranch(input: $input) { __typename } }',
      true,
    ],
    [
      'for an operation on the caller’s identity, whose answer may be a secret',
      '"k"',
      'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }',
      false,
    ],
  ] as const)('%s [F7]', async (_what, key, query, authenticated) => {
    const input = authenticated
      ? { name: 'Refused' }
      : { email: 'company_admin@acme.example', password: 'demo-Password-1' };
    const answer = await world.ask(query, { input }, authenticated ? admin : undefined, {
      'idempotency-key': key,
    });
    expect(codes(answer)).toEqual(['BAD_REQUEST']);
    expect(await branches('Refused')).toEqual([]);
  });

  test('not for a query, which ignores it [F7]', async () => {
    const answer = await world.ask('{ __typename }', {}, admin, { 'idempotency-key': '' });
    expect(answer.data).toEqual({ __typename: 'Query' });
  });
});
