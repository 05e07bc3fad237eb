import { rowsOf, type World } from '../server/world.ts';

/**
 * One row of each table of sign-in for every company, put there without audit events, with values
 * of no user.
 */
export async function rowsOfWaysIn(world: World): Promise<void> {
  const each = (table: string, columns: string, values: string, from = '"Company" c') =>
    `INSERT INTO "${table}" ("companyId", id, ${columns}) SELECT c.id, gen_random_uuid(), ${values} FROM ${from} ON CONFLICT DO NOTHING`;
  await rowsOf(
    world,
    [
      'SET session_replication_role = replica',
      each('SignInPolicy', '"signUpMode"', `'invitation'`),
      each(
        'SignUpRequest',
        'email, name, status, "expiresAt"',
        `n || c.id::text || '@walk.example', 'Walk', 'waiting'::"SignUpStatus", now() + interval '1 day'`,
        '"Company" c, generate_series(1, 4) n',
      ),
      each(
        'IdempotencyKey',
        '"userId", "keyHash", "sealedRequest", "expiresAt"',
        `gen_random_uuid(), 'walk', 'b1.walk.' || repeat('w', 40), now() + interval '1 day'`,
      ),
      each('ServiceAccount', 'name, roles, "createdById"', `'Walk ' || c.id, '{client}', gen_random_uuid()`),
      each(
        'ApiKey',
        '"serviceAccountId", name, hash, "allowedNetworks", "createdById", "expiresAt"',
        `a.id, 'Walk', 'x', '{}', gen_random_uuid(), now() + interval '1 day'`,
        '"Company" c JOIN "ServiceAccount" a ON a."companyId" = c.id',
      ),
      `INSERT INTO "ApiKeyUse" ("companyId", id, "lastUsedAt", addresses) SELECT "companyId", id, now(), '{}' FROM "ApiKey" ON CONFLICT DO NOTHING`,
      `INSERT INTO "ApiKeyAnomaly" ("companyId", id, "apiKeyId", kind, day, count)
       SELECT "companyId", gen_random_uuid(), id, 'walk', current_date, 1 FROM "ApiKey" ON CONFLICT DO NOTHING`,
      `INSERT INTO "EmailToken" (hash, "userId", kind, "companyId", basis, "expiresAt")
       SELECT m.id::text, m."userId", 'invitation', m."companyId", 'walk', now() + interval '1 day' FROM "Membership" m ON CONFLICT DO NOTHING`,
      `INSERT INTO "TrustedDevice" (id, "userId", hash, name, "expiresAt")
       SELECT gen_random_uuid(), p.id, 'walk ' || p.id, 'Walk', now() + interval '14 days' FROM "User" p ON CONFLICT DO NOTHING`,
      'SET session_replication_role = origin',
    ].join(';'),
  );
}
