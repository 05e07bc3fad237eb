import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealSecret } from '../../../src/auth/secrets/sealed-secret.ts';
import {
  createEmailToken,
  type EmailTokenKind,
  emailTokenMinutes,
} from '../../../src/auth/tokens/email-token.ts';
import { transactionAs } from '../../../src/db/sql.ts';
import { lockWaits } from '../../support/db/lock-waits.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';
import { codeOf, mutate } from '../../support/sign-in/factors.ts';

let world: World;
let acme: string;
let template: string;
let sealed: string;
beforeAll(async () => {
  world = await openWorld();
  [{ id: acme }] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
  [{ hash: template }] = await rowsOf(
    world,
    `SELECT "passwordHash" AS hash FROM "Credential" c JOIN "User" u ON u.id = c."userId" WHERE email = 'platform@bulwark.example'`,
  );
  sealed = await sealSecret(world.services.keyring, 'totp', acme, 'x');
});
afterAll(() => world?.end());

/**
 * Statements past triggers and foreign keys: what a change means to a token does not depend on
 * which use case makes it.
 */
const past = (sql: string, userId: string) =>
  rowsOf(
    world,
    `SET session_replication_role = replica; ${sql.replaceAll('$user', `'${userId}'`).replaceAll('$sealed', sealed)}`,
  );

/** Changes of what a token may rest on. A new one goes here, and into the table below. */
const changes = {
  password: `UPDATE "Credential" SET "changedAt" = "changedAt" + interval '1 second' WHERE "userId" = $user`,
  address: `UPDATE "User" SET email = 'new-' || email WHERE id = $user`,
  recoveryAddress: `UPDATE "User" SET "recoveryEmail" = 'new-' || "recoveryEmail" WHERE id = $user`,
  recoveryAddressVerified: `UPDATE "User" SET "recoveryEmailVerifiedAt" = now() WHERE id = $user`,
  authenticatorApp: `INSERT INTO "TotpFactor" (id, "userId", secret, "confirmedAt") VALUES (gen_random_uuid(), $user, '$sealed', now())`,
  contactFactor: `UPDATE "ContactFactor" SET "confirmedAt" = now() WHERE "userId" = $user`,
  passkey: `DELETE FROM "Passkey" WHERE "userId" = $user`,
  membership: `UPDATE "Membership" SET id = gen_random_uuid() WHERE "userId" = $user`,
  membershipStatus: `UPDATE "Membership" SET status = 'suspended', "invitedUntil" = NULL WHERE "userId" = $user`,
  roles: `UPDATE "Membership" SET roles = '{staff}' WHERE "userId" = $user`,
  branch: `UPDATE "Membership" SET "branchId" = gen_random_uuid() WHERE "userId" = $user`,
  department: `UPDATE "Membership" SET "branchId" = COALESCE("branchId", gen_random_uuid()), "departmentId" = gen_random_uuid() WHERE "userId" = $user`,
  nameAndLanguage: `UPDATE "User" SET name = 'Another', language = 'de' WHERE id = $user`,
} as const;
type Change = keyof typeof changes;

const recovery: Change[] = ['password', 'address', 'recoveryAddress', 'recoveryAddressVerified'];
/** What each kind of token rests on, and how it is used. */
const kinds: Record<EmailTokenKind, { restsOn: Change[]; use: string; input?: object }> = {
  invitation: {
    restsOn: ['address', 'membership', 'membershipStatus', 'roles', 'branch', 'department'],
    use: 'acceptInvitation',
  },
  resetPassword: {
    restsOn: ['password', 'address'],
    use: 'resetPassword',
    input: { password: 'a-New-Lantern-in-1742' },
  },
  unlock: { restsOn: ['password', 'address'], use: 'unlockAccount' },
  recoverMfa: {
    restsOn: [...recovery, 'authenticatorApp', 'contactFactor', 'passkey'],
    use: 'recoverAccount',
  },
  verifyRecoveryEmail: { restsOn: recovery, use: 'verifyRecoveryEmail' },
};

/**
 * A user with all that a token may rest on, who is invited to Acme and a member of another company.
 */
async function user(): Promise<string> {
  const id = randomUUID();
  await past(
    `INSERT INTO "User" (id, email, name, "recoveryEmail") VALUES ($user, '${id}@token.example', 'Token', '${id}@recovery.example');
     INSERT INTO "Credential" ("userId", "passwordHash") VALUES ($user, '${template}');
     INSERT INTO "ContactFactor" (id, "userId", channel, destination, hint, "confirmedAt")
       VALUES (gen_random_uuid(), $user, 'sms', '$sealed', 'x', now() - interval '1 day');
     INSERT INTO "Passkey" (id, "userId", "credentialId", "publicKey", counter, transports, name, "deviceType", "backedUp")
       VALUES (gen_random_uuid(), $user, '${id}', 'x', 0, '{}', 'x', 'x', false);
     INSERT INTO "Membership" ("companyId", id, "userId", email, name, roles, status, "invitedUntil") VALUES
       ('${acme}', gen_random_uuid(), $user, '${id}@token.example', 'Token', '{client}', 'invited', now() + interval '7 days')`,
    id,
  );
  return id;
}

const mailed = (userId: string, kind: EmailTokenKind) =>
  transactionAs(world.services.pool, { companyId: null, userId }, (query) =>
    createEmailToken(query, userId, kind, { companyId: kind === 'invitation' ? acme : null }),
  );
const use = async (kind: EmailTokenKind, token: string) =>
  codeOf(await mutate(world, kinds[kind].use, { token, ...kinds[kind].input }));

describe.each(Object.keys(emailTokenMinutes) as EmailTokenKind[])('an email token of the kind %s', (kind) => {
  const { restsOn } = kinds[kind];
  it.each(restsOn)('[S9] is void once this has changed: %s', async (change) => {
    const userId = await user();
    const token = await mailed(userId, kind);
    await past(changes[change], userId);
    expect(await use(kind, token)).toBe('NOT_FOUND');
    // the change itself refuses no later token: what is mailed after it works, unless the
    // invitation is gone
    if (change !== 'membershipStatus') expect(await use(kind, await mailed(userId, kind))).toBe('ok');
  });

  it('[S9] is used by one of two requests at once', async () => {
    const userId = await user();
    const token = await mailed(userId, kind);
    const codes = await asOwner(world.database.ownerUrl, async (db) => {
      await db.query('BEGIN');
      await db.query('SELECT FROM "EmailToken" WHERE "userId" = $1 FOR UPDATE', [userId]);
      // both have found the token unused, and wait for its row
      const both = Promise.all([use(kind, token), use(kind, token)]);
      await lockWaits(world, 2);
      await db.query('ROLLBACK');
      return both;
    });
    expect(codes.sort()).toEqual(['NOT_FOUND', 'ok']);
  });

  it('[S9] outlasts every other change', async () => {
    const userId = await user();
    const token = await mailed(userId, kind);
    for (const change of Object.keys(changes) as Change[])
      if (!restsOn.includes(change) && !/^membership/.test(change)) await past(changes[change], userId);
    expect(await use(kind, token)).toBe('ok');
  });
});

it('[S9] the server role cannot change the conditions of an email token', async () => {
  const userId = await user();
  await mailed(userId, 'recoverMfa');
  for (const column of ['basis', 'kind', '"userId"', '"companyId"', '"expiresAt"', 'hash'])
    await expect(
      transactionAs(world.services.pool, { companyId: null, userId }, (query) =>
        query(`UPDATE "EmailToken" SET ${column} = ${column} WHERE "userId" = $1`, [userId]),
      ),
    ).rejects.toThrow('permission denied');
});
