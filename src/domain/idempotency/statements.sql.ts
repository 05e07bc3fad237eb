/** Takes the key for this transaction; false while another one holds it. */
export const LOCK = `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free`;

/** Inserts the key, or takes over an expired one. Returns no row for a key that is in use. */
export const INSERT = `INSERT INTO "IdempotencyKey" ("companyId", id, "userId", "keyHash", "sealedRequest", "expiresAt")
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, now() + interval '24 hours')
  ON CONFLICT ("companyId", "userId", "keyHash") DO UPDATE
  SET id = EXCLUDED.id, "sealedRequest" = EXCLUDED."sealedRequest", "sealedAnswer" = NULL, "expiresAt" = EXCLUDED."expiresAt"
  WHERE "IdempotencyKey"."expiresAt" <= now() RETURNING id`;

export const FIND = `SELECT id, "sealedRequest", "sealedAnswer" FROM "IdempotencyKey"
  WHERE "companyId" = $1 AND "userId" = $2 AND "keyHash" = $3 AND "expiresAt" > now()`;

export const KEEP_ANSWER = `UPDATE "IdempotencyKey" SET "sealedAnswer" = $3 WHERE "companyId" = $1 AND id = $2`;
