import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken } from '../../../src/crypto/token.ts';

import { newcomer, openWorld, rowsOf, type World } from '../../support/server/world.ts';

let world: World;
let db: pg.Client;
/** As the server asks, in a connection of its role. */
let server: pg.Client;
const of: Record<'session' | 'user' | 'member' | 'company' | 'department' | 'team' | 'spare', string> = {
  session: '',
  user: '',
  member: '',
  company: '',
  department: '',
  team: crypto.randomUUID(),
  spare: crypto.randomUUID(),
};

beforeAll(async () => {
  world = await openWorld();
  db = new pg.Client({ connectionString: world.database.ownerUrl });
  server = new pg.Client({ connectionString: world.database.appUrl });
  await Promise.all([db.connect(), server.connect()]);
  // past the record and the foreign keys, as no command can: what is watched is watched all the
  // same
  await db.query('SET session_replication_role = replica');
  const { token, email } = await newcomer(world, ['company_admin']);
  of.session = hashToken(token);
  const [member] = await rowsOf(world, 'SELECT * FROM "Membership" WHERE email = $1', [email]);
  Object.assign(of, { user: member.userId, member: member.id, company: member.companyId });
  const [department] = await rowsOf(world, 'SELECT id FROM "Department" WHERE "companyId" = $1 LIMIT 1', [
    of.company,
  ]);
  of.department = department.id;
});
afterAll(async () => {
  await Promise.all([db?.end(), server?.end()]);
  await world?.end();
});

/** What PostgreSQL says of the session to who knows the answer under this stamp. */
async function asked(stamp: string | null): Promise<{ stamp: string; said: string } | 'as before' | null> {
  const { rows } = await server.query('SELECT authenticate_if_changed($1, $2) AS said', [of.session, stamp]);
  const said = rows[0].said as string | null;
  if (said === null) return null;
  if (said === '=') return 'as before';
  const end = said.indexOf('\n');
  return { stamp: said.slice(0, end), said: said.slice(end + 1) };
}
async function answer() {
  const found = await asked(null);
  if (found === null || found === 'as before') throw new Error('expected a session');
  return found;
}
const filled = (sql: string) => sql.replaceAll(/\$(\w+)/g, (_all, name: keyof typeof of) => `'${of[name]}'`);
const run = (sql: string) => db.query(filled(sql));

/** How many stamps a user or company has. */
async function stampsOf(id: string): Promise<number> {
  await db.query('BEGIN; SET LOCAL ROLE bulwark_identity');
  const { rows } = await db.query('SELECT FROM identity_version WHERE owner = $1', [id]);
  await db.query('ROLLBACK');
  return rows.length;
}

/** Each changes what `authenticate` says; they follow each other. */
const CHANGES: [what: string, sql: string][] = [
  ['a role taken', `UPDATE "Membership" SET roles = '{view_only,scribe}' WHERE id = $member`],
  [
    'a branch and department taken',
    'UPDATE "Membership" SET ("branchId", "departmentId") = (SELECT "branchId", id FROM "Department" WHERE id = $department) WHERE id = $member',
  ],
  [
    'a second factor asked of a member',
    'UPDATE "Membership" SET "mfaRequired" = true, "mfaGraceFrom" = now() WHERE id = $member',
  ],
  [
    'a role of the company’s own',
    `INSERT INTO "Role" ("companyId", id, slug, name, level, "accessScope", permissions) VALUES ($company, $spare, 'scribe', 'Scribe', 2, 'company', '{audit.read}')`,
  ],
  ['its permissions', `UPDATE "Role" SET permissions = '{}' WHERE id = $spare`],
  ['its end', 'DELETE FROM "Role" WHERE id = $spare'],
  [
    'a team joined',
    `INSERT INTO "Team" ("companyId", id, "departmentId", name, roles) VALUES ($company, $team, $department, 'Stamps', '{reviewer}');
     INSERT INTO "TeamMember" ("companyId", id, "teamId", "membershipId") VALUES ($company, $spare, $team, $member)`,
  ],
  ['a team’s roles', `UPDATE "Team" SET roles = '{}' WHERE id = $team`],
  ['a team left', 'DELETE FROM "TeamMember" WHERE id = $spare'],
  ['a policy', 'INSERT INTO "SignInPolicy" ("companyId", id) VALUES ($company, $spare)'],
  ['a policy changed', 'UPDATE "SignInPolicy" SET "stepUpMinutes" = 3 WHERE id = $spare'],
  ['a policy gone', 'DELETE FROM "SignInPolicy" WHERE id = $spare'],
  ['a company’s name', `UPDATE "Company" SET name = 'Acme & Sons' WHERE id = $company`],
  ['a user’s name', `UPDATE "User" SET name = 'Another' WHERE id = $user`],
  ['a proven address', 'UPDATE "User" SET "emailVerifiedAt" = now() WHERE id = $user'],
  ['a language', `UPDATE "User" SET language = 'de' WHERE id = $user`],
  [
    'an authenticator',
    `INSERT INTO "TotpFactor" (id, "userId", secret, "confirmedAt") SELECT $spare, $user, "secret", now() FROM (SELECT 'b1.' || gen_random_uuid() || '.' || repeat('A', 60) AS secret) made`,
  ],
  ['no authenticator', 'DELETE FROM "TotpFactor" WHERE id = $spare'],
  [
    'a passkey',
    `INSERT INTO "Passkey" (id, "userId", "credentialId", "publicKey", counter, transports, "deviceType", "backedUp", name) VALUES ($spare, $user, 'stamp', 'AA', 0, '{}', 'singleDevice', false, 'Stamp')`,
  ],
  ['no passkey', 'DELETE FROM "Passkey" WHERE id = $spare'],
  [
    'a number for codes',
    `INSERT INTO "ContactFactor" (id, "userId", channel, destination, hint, "confirmedAt") VALUES ($spare, $user, 'sms', 'b1.' || gen_random_uuid() || '.' || repeat('A', 60), '…1', now())`,
  ],
  ['no number', 'DELETE FROM "ContactFactor" WHERE id = $spare'],
  ['a backup code', `INSERT INTO "BackupCode" (id, "userId", hash) VALUES ($spare, $user, repeat('a', 64))`],
  ['a backup code used', 'UPDATE "BackupCode" SET "usedAt" = now() WHERE id = $spare'],
  ['a factor proven', `UPDATE "Session" SET "mfaAt" = now(), methods = '{pwd,otp}' WHERE id = $session`],
  ['a new token due', 'UPDATE "Session" SET "rotateDue" = true WHERE id = $session'],
  ['a use', `UPDATE "Session" SET "lastUsedAt" = now() + interval '1 second' WHERE id = $session`],
  ['another company', 'UPDATE "Session" SET "companyId" = NULL WHERE id = $session'],
  ['a suspension', `UPDATE "Membership" SET status = 'suspended' WHERE id = $member`],
];

describe('[A5][R6] a session with a cached identity', () => {
  it('is NOT_MODIFIED without a change, also under unrelated changes', async () => {
    const { stamp } = await answer();
    expect(await asked(stamp)).toBe('as before');
    await run(`UPDATE "Company" SET name = 'Globex Corporation' WHERE name = 'Globex'`);
    expect(await asked(stamp)).toBe('as before');
  });

  it.each(CHANGES)('is returned in full after %s', async (_what, sql) => {
    const before = await answer();
    await run(sql);
    const now = await asked(before.stamp);
    expect(now).toMatchObject({ said: (await answer()).said });
    expect(now).not.toMatchObject({ said: before.said });
  });

  it('is as before until a change commits, and after one that does not', async () => {
    const { stamp } = await answer();
    await run(`BEGIN; UPDATE "User" SET name = 'Not yet' WHERE id = $user`);
    expect(await asked(stamp)).toBe('as before');
    await run('ROLLBACK');
    expect(await asked(stamp)).toBe('as before');
    await run(`BEGIN; UPDATE "User" SET name = 'Now' WHERE id = $user`);
    await run('COMMIT');
    expect(await asked(stamp)).not.toBe('as before');
  });

  it('is returned in full after each of two concurrent changes that do not block each other', async () => {
    const other = new pg.Client({ connectionString: world.database.ownerUrl });
    await other.connect();
    const both = [db, other];
    const [one, two] = both.map((client) => (sql: string) => client.query(filled(sql))) as [
      typeof run,
      typeof run,
    ];
    const backupCode = (hash: string) =>
      `INSERT INTO "BackupCode" (id, "userId", hash) VALUES (gen_random_uuid(), $user, repeat('${hash}', 64))`;
    const others = (name: string) =>
      `UPDATE "Membership" SET "mfaGraceFrom" = now() WHERE "companyId" = $company AND email LIKE '${name}@%'`;
    await other.query('SET session_replication_role = replica');
    const before = await answer();
    // the stamps of a company and of a user, in either order
    for (const begin of [one, two]) await begin('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
    await one(others('manager'));
    await two(backupCode('b'));
    await one(backupCode('c'));
    await two(others('staff'));
    expect(await asked(before.stamp)).toBe('as before');
    await one('COMMIT');
    const between = await answer();
    await two('COMMIT');
    const after = await answer();
    await run(`UPDATE "User" SET name = 'Once more' WHERE id = $user`);
    const last = await answer();
    expect(new Set([before, between, after, last].map(({ stamp }) => stamp)).size).toBe(4);
    expect(last.stamp.length).toBeLessThan(after.stamp.length);
    await other.end();
  });

  it('is returned in full after one of its rows moved to another user', async () => {
    const { stamp } = await answer();
    const [other] = await rowsOf(world, `SELECT id FROM "User" WHERE email = 'staff@acme.example'`);
    await db.query('UPDATE "BackupCode" SET "userId" = $1 WHERE "userId" = $2', [other.id, of.user]);
    expect(await asked(stamp)).not.toBe('as before');
  });

  it.each([
    'Company',
    'Membership',
    'Team',
    'TeamMember',
    'Role',
    'SignInPolicy',
    'User',
    'TotpFactor',
    'Passkey',
    'ContactFactor',
    'BackupCode',
  ])('cannot be bypassed by truncating %s', async (table) => {
    await expect(db.query(`TRUNCATE "${table}" CASCADE`)).rejects.toThrow(/TRUNCATE of \w+ is refused/);
  });

  it('costs one version for each transaction, whatever the number of rows', async () => {
    const change = async () => {
      await run('UPDATE "Membership" SET "mfaGraceFrom" = now() WHERE "companyId" = $company');
      await db.query('SET LOCAL ROLE bulwark_identity');
      const { rows } = await db.query('SELECT version FROM identity_version WHERE owner = $1', [of.company]);
      await db.query('RESET ROLE');
      return rows;
    };
    await db.query('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
    const first = await change();
    expect(first).toHaveLength(1);
    expect(await change()).toEqual(first);
    await db.query('COMMIT');
  });

  it('is nothing once it has ended', async () => {
    const { stamp } = await answer();
    await run(`UPDATE "Session" SET "expiresAt" = now() - interval '1 second' WHERE id = $session`);
    expect(await asked(stamp)).toBeNull();
  });

  it('is versioned by rows that the server role can neither read nor change', async () => {
    for (const sql of [
      'SELECT * FROM identity_version',
      'DELETE FROM identity_version',
      `SELECT identity_version_of('')`,
    ])
      await expect(server.query(sql)).rejects.toThrow('permission denied');
  });

  it('leaves no version of a deleted user', async () => {
    expect(await stampsOf(of.user)).toBe(1);
    await run('DELETE FROM "User" WHERE id = $user');
    expect(await stampsOf(of.user)).toBe(0);
  });
});
