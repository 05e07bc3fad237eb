import { randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Keyring } from '../../crypto/keys/keyring.ts';
import { equalSecrets } from '../../crypto/token.ts';
import type { Query } from '../../db/sql.ts';
import { codeHash } from './code-hash.ts';

export type Channel = 'email' | 'sms';

/** How long a code that was sent may take, and how often it may be guessed at before it is void. */
export const CODE_MINUTES = 10;
const TRIES = 5;
const CODE = /^\d{6}$/;

/** What a code is good for and nothing else: this sign-in, this session, this address. */
export type Purpose = { userId: string; channel: Channel; purpose: string };

/** Six random digits, stored as a keyed hash bound to their row. Earlier codes for the same are void. In the user's own context. */
export async function createCode(
  query: Query,
  keyring: Keyring,
  { userId, channel, purpose }: Purpose,
): Promise<string> {
  const id = uuidv7();
  const code = String(randomInt(1_000_000)).padStart(6, '0');
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
 * Whether this is the code, which it uses up: of any number of requests with the same one, one gets `true`. Each try is counted before it is
 * compared, in constant time; after five the code is void, right or wrong. In the user's own context.
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
