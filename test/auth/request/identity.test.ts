import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actorOf } from '../../../src/auth/authorization/actor.ts';
import { identityVersions } from '../../../src/auth/identity-version/identity-versions.ts';
import { authenticateSession, createSession } from '../../../src/auth/session/store.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { useOf } from '../../../src/shortcuts.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { companyRow, credentialRow, insert, membershipRow, userRow } from '../../support/sign-in/people.ts';

const [acme, globex, nora, otto, branch, department, team] = Array.from({ length: 7 }, () =>
  randomUUID(),
) as [string, string, string, string, string, string, string];
// as the server makes them: in the order of their making, also within a millisecond
const noraAtAcme = uuidv7();
let database: FreshDatabase;
let pool: TenantPool;
const identities = identityVersions(useOf('identityVersions'));
const means = () => ({ pool, identities });
const anonymous = { companyId: null, userId: null };
const asNora = () => queryAs(pool, { companyId: null, userId: nora });

beforeAll(async () => {
  database = await freshDatabase();
  pool = new TenantPool({ connectionString: database.appUrl, max: 3 });
  await insert(database.ownerUrl, [
    companyRow(acme, 'Acme'),
    companyRow(globex, 'Globex'),
    userRow(nora, 'nora@acme.example'),
    userRow(otto, 'otto@globex.example'),
    credentialRow(nora, '$argon2id$unknown'),
    ['INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, $3)', [acme, branch, 'North']],
    [
      'INSERT INTO "Department" ("companyId", id, "branchId", name) VALUES ($1, $2, $3, $4)',
      [acme, department, branch, 'Ledger'],
    ],
    [
      'INSERT INTO "Team" ("companyId", id, "departmentId", name, roles) VALUES ($1, $2, $3, $4, $5)',
      [acme, team, department, 'Checks', ['reviewer', 'scribe']],
    ],
    ...(['scribe', 'unused'] as const).map((slug): [string, unknown[]] => [
      `INSERT INTO "Role" ("companyId", id, slug, name, level, "accessScope", permissions) VALUES ($1, $2, $3, $3, 2, 'company', $4)`,
      [acme, randomUUID(), slug, ['audit.read']],
    ]),
    membershipRow({ companyId: acme, id: noraAtAcme, userId: nora, roles: ['company_member'] }),
    membershipRow({ companyId: globex, userId: nora, roles: ['client'] }),
    membershipRow({ companyId: globex, userId: otto, roles: ['company_admin'] }),
    [
      'INSERT INTO "TeamMember" ("companyId", id, "teamId", "membershipId") VALUES ($1, $2, $3, $4)',
      [acme, randomUUID(), team, noraAtAcme],
    ],
  ]);
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const signedIn = async () => {
  const token = await createSession(asNora(), nora, { companyId: acme, ip: null, userAgent: null });
  return async () => {
    const found = await authenticateSession(means(), token);
    if (!found) throw new Error('expected a session');
    return found;
  };
};

describe('authenticate', () => {
  it('[R4] brings every active membership with its teams, and the own roles that these use and no others', async () => {
    const { user, memberships } = await (await signedIn())();
    expect(user).toEqual({
      id: nora,
      email: 'nora@acme.example',
      name: 'A User',
      language: 'en',
      emailVerified: false,
      factors: [],
    });
    expect(memberships.map(({ company }) => company.name)).toEqual(['Acme', 'Globex']);
    expect(memberships[0]).toEqual({
      id: noraAtAcme,
      company: { id: acme, name: 'Acme', currency: 'EUR' },
      roles: ['company_member'],
      branchId: null,
      departmentId: null,
      teams: [{ id: team, roles: ['reviewer', 'scribe'] }],
      customRoles: {
        scribe: { level: 2, accessScope: 'company', readOnly: false, permissions: ['audit.read'] },
      },
      mfaRequired: false,
      mfaGraceFrom: null,
      policy: null,
    });
    expect(memberships[1]).toMatchObject({ roles: ['client'], teams: [], customRoles: {} });
  });

  it('[R4] returns an actor with direct, team and custom roles', async () => {
    const actor = actorOf(await (await signedIn())());
    expect(actor?.roles).toEqual(['company_member', 'reviewer', 'scribe']);
    expect(
      ['attendance.record', 'payroll.approve', 'audit.read'].map((p) => actor?.can(p as 'audit.read')),
    ).toEqual([true, true, true]);
    expect(actorOf(await (await signedIn())(), globex)?.roles).toEqual(['client']);
  });

  it('[R6] leaves a suspended membership out from the next request on', async () => {
    const now = await signedIn();
    const setStatus = (status: string) =>
      insert(database.ownerUrl, [
        [`UPDATE "Membership" SET status = $2::text::"MembershipStatus" WHERE id = $1`, [noraAtAcme, status]],
      ]);
    await setStatus('suspended');
    const suspended = await now();
    await setStatus('active');
    expect(suspended.memberships.map(({ company }) => company.name)).toEqual(['Globex']);
    expect(actorOf(suspended)).toBeNull();
    expect(actorOf(await now())?.companyId).toBe(acme);
  });
});

describe('the functions of sign-in', () => {
  const functions = [
    'authenticate',
    'authenticate_access_token_if_changed',
    'authenticate_api_key',
    'authenticate_if_changed',
    'authenticate_rotated',
    'consume_webauthn_challenge',
    'disable_factors',
    'factor_adoption',
    'limit_company_sessions',
    'own_invitations',
    'own_sign_in_policies',
    'purge_expired',
    'require_session_rotation',
    'revoke_company_sessions',
    'sign_up_of_token',
    'sign_up_rules',
    'store_webauthn_challenge',
    'user_for_invitation',
    'user_for_sign_in',
    'user_of_email_token',
    'user_of_mfa_challenge',
    'user_of_passkey',
    'user_of_refresh_token',
    'user_of_trusted_device',
  ];
  it('[T2] belong to a role without login or bypass, with a pinned search path, and only the server may call them', async () => {
    const rows = await asOwner(
      database.ownerUrl,
      async (db) =>
        (
          await db.query(
            `SELECT proname, prosecdef, proconfig::text AS config, r.rolname AS owner, r.rolcanlogin OR r.rolsuper OR r.rolbypassrls AS strong,
              has_function_privilege('bulwark_app', p.oid, 'EXECUTE') AS app,
              has_function_privilege('bulwark_platform', p.oid, 'EXECUTE') AS platform
       FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE proname = ANY ($1) ORDER BY proname`,
            [functions],
          )
        ).rows,
    );
    expect(rows.map(({ proname }) => proname)).toEqual(functions);
    for (const row of rows) {
      expect(row).toMatchObject({
        prosecdef: true,
        owner: 'bulwark_identity',
        strong: false,
        app: true,
        platform: false,
      });
      expect(row.config).toBe('{"search_path=pg_catalog, public, pg_temp"}');
    }
  });

  it('[T2] run as a role limited to adding users, challenges and denied tokens, shortening sessions, setting identity versions and deleting expired rows', async () => {
    const [row] = await asOwner(
      database.ownerUrl,
      async (db) =>
        (
          await db.query(
            `SELECT has_schema_privilege('bulwark_identity', 'public', 'CREATE') AS creates,
              ARRAY(SELECT table_name || '.' || privilege_type FROM information_schema.column_privileges
                    WHERE grantee = 'bulwark_identity' AND privilege_type <> 'SELECT' GROUP BY 1 ORDER BY 1) AS writes,
              ARRAY(SELECT table_name FROM information_schema.table_privileges
                    WHERE grantee = 'bulwark_identity' AND privilege_type = 'DELETE' ORDER BY 1) AS deletes,
              ARRAY(SELECT tablename || ': ' || qual FROM pg_policies
                    WHERE 'bulwark_identity' = ANY (roles) AND cmd IN ('UPDATE', 'DELETE', 'ALL')
                      AND qual !~ '"expiresAt" < now\\(\\)' AND qual !~ '"confirmedAt" IS NULL' AND qual !~ 'context_company\\(\\)') AS wide`,
          )
        ).rows,
    );
    expect(row).toMatchObject({
      creates: false,
      writes: [
        ...['RevokedToken.INSERT', 'Session.UPDATE', 'User.INSERT', 'WebAuthnChallenge.INSERT'],
        ...['identity_version.INSERT', 'identity_version.UPDATE'],
      ],
      // random numbers beside ids: nothing of a user's
      wide: ['identity_version: true'],
    });
    for (const table of ['User', 'Credential', 'Membership', 'Company', 'PasswordHistory'])
      expect(row.deletes).not.toContain(table);
  });

  it('[T3] list nothing to raw SQL without the token’s hash or the e-mail', async () => {
    const query = queryAs(pool, anonymous);
    for (const guess of ['', '%', 'x', 'f'.repeat(64)]) {
      expect(await query('SELECT authenticate($1) AS found', [guess])).toEqual([{ found: null }]);
      expect(await query('SELECT * FROM user_for_sign_in($1)', [guess])).toEqual([]);
    }
    expect(await query('SELECT authenticate(NULL) AS found')).toEqual([{ found: null }]);
    for (const table of ['User', 'Credential', 'Session', 'Membership']) {
      expect(await query(`SELECT * FROM "${table}"`), table).toEqual([]);
    }
    await expect(query('SET ROLE bulwark_identity')).rejects.toThrow('permission denied');
  });

  it('[A5] know an expired session by the database’s own clock', async () => {
    const hash = 'e'.repeat(64);
    const insertEnding = (id: string, expires: string, absolute: string): [string, unknown[]] => [
      `INSERT INTO "Session" (id, "userId", "expiresAt", "absoluteExpiresAt") VALUES ($1, $2, now() + $3::interval, now() + $4::interval)`,
      [id, nora, expires, absolute],
    ];
    await insert(database.ownerUrl, [
      insertEnding(hash, '-1 second', '1 day'),
      insertEnding('d'.repeat(64), '1 day', '-1 second'),
    ]);
    for (const id of [hash, 'd'.repeat(64)]) {
      expect(await queryAs(pool, anonymous)('SELECT authenticate($1) AS found', [id])).toEqual([
        { found: null },
      ]);
    }
  });

  const temporary = (what: 'GRANT' | 'REVOKE') =>
    `${what} TEMPORARY ON DATABASE ${new URL(database.ownerUrl).pathname.slice(1)} ${what === 'GRANT' ? 'TO' : 'FROM'} PUBLIC`;

  it('[T3] look into their own schema when the caller puts a table of the same name before it', async () => {
    const client = await pool.connect();
    try {
      // the server may create none; the functions do not rely on that alone
      await asOwner(database.ownerUrl, (db) => db.query(temporary('GRANT')));
      await client.query({ text: 'CREATE TEMP TABLE "User" (id uuid, email text, name text)' });
      await client.query({
        text: `INSERT INTO pg_temp."User" VALUES (gen_random_uuid(), 'planted@x.example', 'Planted')`,
      });
      await client.query({ text: 'SET search_path = pg_temp, public' });
      const { rows } = await client.query({ text: `SELECT * FROM user_for_sign_in('planted@x.example')` });
      expect(rows).toEqual([]);
    } finally {
      await asOwner(database.ownerUrl, (db) => db.query(temporary('REVOKE')));
      client.release(true);
    }
  });
});

describe('user_for_invitation', () => {
  const invite = (email: string, name: string, id: string) =>
    queryAs(pool, anonymous)<{ id: string }>('SELECT user_for_invitation($1, $2, $3, $4) AS id', [
      email,
      name,
      'de',
      id,
    ]);
  const nameOf = async (id: string) =>
    (await queryAs(pool, { companyId: null, userId: id })<{ name: string }>('SELECT name FROM "User"'))[0]
      ?.name;

  it('[A1] creates a user for a new e-mail', async () => {
    const id = randomUUID();
    expect(await invite('new@acme.example', 'New', id)).toEqual([{ id }]);
    expect(await nameOf(id)).toBe('New');
  });

  it('[A1] finds the user of a known e-mail and keeps their name', async () => {
    expect(await invite('otto@globex.example', 'Another User', randomUUID())).toEqual([{ id: otto }]);
    expect(await nameOf(otto)).toBe('A User');
  });

  it('[A1] gives one user to invitations at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => invite('busy@acme.example', 'Busy', randomUUID())),
    );
    expect(new Set(answers.map(([row]) => row?.id)).size).toBe(1);
  });
});
