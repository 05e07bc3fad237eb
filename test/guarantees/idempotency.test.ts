import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServer } from '../../src/app.ts';
import { deleteExpired } from '../../src/domain/platform/purge-expired.ts';
import { asker, openWorld, rowsOf, type World } from '../support/server/world.ts';

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
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => create({ name: 'At once', key })));
    expect(await branches('At once')).toHaveLength(1);
    const refused = answers.flatMap((answer) => codes(answer) ?? []);
    expect(refused.length).toBeLessThan(answers.length);
    expect(new Set([...refused, 'CONFLICT'])).toEqual(new Set(['CONFLICT']));
  });

  test('that failed is executed again [F7]', async () => {
    const key = newKey();
    await create({ name: 'Taken' });
    expect(codes(await create({ name: 'Taken', key }))).toEqual(['CONFLICT']);
    await rowsOf(world, `DELETE FROM "Branch" WHERE name = 'Nobody'`);
    expect(codes(await create({ name: 'Taken', key }))).toEqual(['CONFLICT']);
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
    expect((await create({ name: 'In doubt', key })).errors).toBeUndefined();
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
