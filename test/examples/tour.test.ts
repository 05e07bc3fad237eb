import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account, Place } from '../../examples/tour/guide.ts';
import { steps, tour } from '../../examples/tour.ts';
import { type MailboxWorld, openMailboxWorld } from '../support/server/dev-mailbox.ts';
import { runProgram } from '../support/server/program.ts';
import { PASSWORD, rowsOf } from '../support/server/world.ts';

const ROLES = [
  'hr_admin',
  'company_member',
  'manager',
  'external_auditor',
  'company_admin',
  'reviewer',
  'finance_admin',
  'operator',
];

let world: MailboxWorld;
let place: Place;
let folder: string;
beforeAll(async () => {
  world = await openMailboxWorld();
  place = {
    url: world.url,
    origin: 'http://localhost',
    accounts: accounts(),
    ownerUrl: world.database.ownerUrl,
  };
  folder = await mkdtemp(join(tmpdir(), 'bulwark-tour-'));
  await writeFile(join(folder, 'demo.json'), JSON.stringify({ accounts: place.accounts }));
  await writeFile(join(folder, 'connections.json'), JSON.stringify({ owner: place.ownerUrl }));
});
afterAll(async () => {
  await world?.end();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const accounts = (): Account[] =>
  ['Acme', 'Globex'].flatMap((company) =>
    ROLES.map((role) => ({
      email: `${role}@${company.toLowerCase()}.example`,
      password: PASSWORD,
      company,
      roles: [role],
    })),
  );

type Ended = { code: number; said: string };
const command = (...words: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile('node', ['examples/tour.ts', ...words], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr });
    });
  });

/** The titles of the steps that fail now. */
const failing = (titles: string[]): Promise<string[]> =>
  tour(
    place,
    () => undefined,
    steps.filter(({ title }) => titles.includes(title)),
  );

const asIntruder = (sql: string, values: unknown[] = []) =>
  rowsOf(
    world,
    `SET session_replication_role = replica; ${sql.replace(/\$(\d)/g, (_, n) => `'${values[Number(n) - 1]}'`)}`,
  );

describe('the tour', () => {
  test('[T3] [T5] [R5] [R8] [A3] [A4] [A6] [A7] [A11] [E1] [E2] [E7] [L1] [L3] [L7] shows every guarantee, twice in a row, and leaves no employee behind', async () => {
    const names = () => rowsOf(world, 'SELECT name, "companyId" FROM "Employee" ORDER BY id');
    const before = await names();
    for (const _ of [1, 2]) {
      const { code, said } = await command(
        '--url',
        world.url,
        '--data',
        folder,
        '--origin',
        'http://localhost',
      );
      expect(said).not.toContain('✗');
      expect(said.match(/^✓ /gm)).toHaveLength(steps.length);
      expect(said).toContain(`${steps.length} of ${steps.length} guarantees shown`);
      expect(code).toBe(0);
    }
    expect(await names()).toEqual(before);
  });

  test('names the remedy without a server, and without demo data', async () => {
    const dead = await command('--url', 'http://127.0.0.1:9/graphql', '--data', folder);
    expect(dead).toMatchObject({ code: 2, said: expect.stringContaining('npm start') });
    const empty = await command('--url', world.url, '--data', join(folder, 'nothing'));
    expect(empty).toMatchObject({ code: 2, said: expect.stringContaining('demo.json') });
  });
});

describe('the tour fails when a guarantee is broken:', () => {
  test('[E2] a sealed value was moved from another user’s row', async () => {
    const title = 'the row in PostgreSQL is ciphertext';
    const [row] = await rowsOf(
      world,
      `SELECT id, iban, salary FROM "Employee" WHERE email = 'company_member@acme.example'`,
    );
    const [other] = await rowsOf(world, `SELECT iban FROM "Employee" WHERE email = 'manager@acme.example'`);
    expect(await failing([title])).toEqual([]);
    await asIntruder('UPDATE "Employee" SET iban = $2 WHERE id = $1', [row.id, other.iban]);
    expect(await failing([title])).toEqual([title]);
    await asIntruder('UPDATE "Employee" SET iban = $2 WHERE id = $1', [row.id, row.iban]);
    expect(await failing([title])).toEqual([]);
  });

  test('[R8] a submitter may approve their own payroll run', async () => {
    const title = 'four eyes on payroll';
    const sql = `CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS
      $x$ BEGIN NEW."createdById" = NEW."companyId"; NEW."submittedById" = NEW."companyId"; RETURN NEW; END $x$;
      CREATE TRIGGER other BEFORE INSERT OR UPDATE ON "PayrollRun" FOR EACH ROW EXECUTE FUNCTION other()`;
    await rowsOf(world, sql);
    expect(await failing([title])).toEqual([title]);
    await rowsOf(world, 'DROP FUNCTION other CASCADE');
    expect(await failing([title])).toEqual([]);
  });

  test('[A6] an exchanged refresh token counts as unused', async () => {
    const title = 'concurrent refreshes succeed, and a replayed refresh token revokes the session';
    expect(await failing([title])).toEqual([]);
    await rowsOf(
      world,
      `CREATE FUNCTION unused() RETURNS trigger LANGUAGE plpgsql AS $x$ BEGIN NEW."usedAt" = NULL; RETURN NEW; END $x$;
       CREATE TRIGGER unused BEFORE UPDATE ON "RefreshToken" FOR EACH ROW EXECUTE FUNCTION unused()`,
    );
    expect(await failing([title])).toEqual([title]);
    await rowsOf(world, 'DROP FUNCTION unused CASCADE');
  });

  test('[A3] [A4] a mailed link works more than once', async () => {
    const links = {
      'a stranger joins with a verified address, and no answer reveals who is a member': 'SignUpRequest',
      'a forgotten password is reset by a link that works once': 'EmailToken',
    };
    for (const [title, table] of Object.entries(links)) {
      expect(await failing([title])).toEqual([]);
      const [{ basis }] = await rowsOf(
        world,
        `SELECT pg_get_functiondef('email_token_basis'::regproc) AS basis`,
      );
      // a used token is void for a second reason: the password that it rests on has changed
      await rowsOf(
        world,
        `CREATE OR REPLACE FUNCTION email_token_basis(target_user uuid, token_kind "EmailTokenKind", company uuid)
         RETURNS text LANGUAGE sql AS $x$ SELECT '' $x$`,
      );
      await rowsOf(
        world,
        `CREATE FUNCTION unused() RETURNS trigger LANGUAGE plpgsql AS $x$
           BEGIN IF TG_OP = 'DELETE' THEN RETURN NULL; END IF; RETURN OLD; END $x$;
         CREATE TRIGGER unused BEFORE UPDATE OR DELETE ON "${table}" FOR EACH ROW EXECUTE FUNCTION unused()`,
      );
      expect(await failing([title])).toEqual([title]);
      await rowsOf(world, `DROP FUNCTION unused CASCADE; ${basis}`);
    }
  });

  test('[L3] an audit event is altered in the database', async () => {
    const title = 'the audit log is intact';
    expect(await failing([title])).toEqual([]);
    await rowsOf(world, 'ALTER TABLE audit_event DISABLE TRIGGER ALL');
    await rowsOf(world, `UPDATE audit_event SET body = replace(body, '"v":1', '"v":2') WHERE pos = 3`);
    expect(await failing([title])).toEqual([title]);
  });
});

test('npm run tour looks for the server and its data where PORT and DATA_DIR say [U9]', async () => {
  const { code, error } = await runProgram('tour', { environment: { PORT: '1', DATA_DIR: folder } });
  expect(error).toContain('No server answers on http://127.0.0.1:1/health/live.');
  expect(code).toBe(2);
});
