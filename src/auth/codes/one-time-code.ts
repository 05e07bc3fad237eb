import { v7 as uuidv7 } from 'uuid';
import type { Keyring } from '../../crypto/keys/keyring.ts';
import { equalSecrets, newCode } from '../../crypto/token.ts';
import type { Query } from '../../db/sql.ts';
import { codeHash } from '../secrets/code-hash.ts';

export type Channel = 'email' | 'sms';

/** Lifetime of a sent code, and attempts until it is void. */
export const CODE_MINUTES = 10;
const TRIES = 5;
const CODE = /^\d{6}$/;

/** The purpose that a code is bound to: a challenge, a session or an address. */
export type Purpose = { userId: string; channel: Channel; purpose: string };

/**
 * Creates six random digits, stored as a keyed hash bound to their row. Earlier codes for the
 * purpose are void. Runs in the user's context.
 */
export async function createCode(
  query: Query,
  keyring: Keyring,
  { userId, channel, purpose }: Purpose,
): Promise<string> {
  const id = uuidv7();
  const code = newCode();
  const hash = await codeHash(keyring, 'one-time code', id, code);
  await query(
    'UPDATE "OneTimeCode" SET "usedAt" = now() WHERE "userId" = $1 AND purpose = $2 AND channel::text = $3 AND "usedAt" IS NULL',
    [userId, purpose, channel],
  );
  await query(
    `INSERT INTO "OneTimeCode" (id, "userId", channel, purpose, "codeHash", "expiresAt")
     VALUES ($1, $2, $3::text::"CodeChannel", $4, $5, now() + $6 * interval '1 minute')`,
    [id, userId, channel, purpose, hash, CODE_MINUTES],
  );
  return code;
}

/**
 * Verifies and consumes a code: of concurrent requests with the same code, one gets `true`. Each
 * attempt is counted before a constant-time comparison; after five the code is void. Runs in the
 * user's context.
 */
export async function useCode(
  query: Query,
  keyring: Keyring,
  { userId, channel, purpose }: Purpose,
  code: string,
): Promise<boolean> {
  if (!CODE.test(code)) return false;
  const [row] = await query<{ id: string; codeHash: string }>(
    `UPDATE "OneTimeCode" SET attempts = attempts + 1
     WHERE "userId" = $1 AND purpose = $2 AND channel::text = $3 AND attempts < $4 AND "usedAt" IS NULL AND "expiresAt" > now()
     RETURNING id, "codeHash"`,
    [userId, purpose, channel, TRIES],
  );
  if (!row) return false;
  if (!equalSecrets(await codeHash(keyring, 'one-time code', row.id, code), row.codeHash)) return false;
  const used = await query(
    'UPDATE "OneTimeCode" SET "usedAt" = now() WHERE id = $1 AND "usedAt" IS NULL RETURNING 1',
    [row.id],
  );
  return used.length === 1;
}
