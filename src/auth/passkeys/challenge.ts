import { v7 as uuidv7 } from 'uuid';
import { queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';

/** The purpose that a challenge is bound to. */
export type PasskeyPurpose = 'register' | 'signIn' | 'secondFactor' | 'stepUp';

/** Seconds until a challenge expires: enough to find a phone, too short to wait for a victim. */
export const CHALLENGE_SECONDS = 300;

const NOBODY = { companyId: null, userId: null };
const kindOf = (purpose: PasskeyPurpose): string => `passkey.${purpose}`;

/** Stores a base64url challenge for a user; null for sign-in. Returns its id. */
export async function keepChallenge(
  pool: TenantPool,
  purpose: PasskeyPurpose,
  userId: string | null,
  challenge: string,
): Promise<string> {
  const id = uuidv7();
  const values = [id, kindOf(purpose), userId, challenge, CHALLENGE_SECONDS];
  await queryAs(pool, NOBODY)('SELECT store_webauthn_challenge($1, $2, $3, $4, $5)', values);
  return id;
}

/** The challenge, this once; `null` when it is unknown, used, expired, of another purpose or another user's. It is gone in any case. */
export async function takeChallenge(
  pool: TenantPool,
  purpose: PasskeyPurpose,
  userId: string | null,
  id: string,
): Promise<string | null> {
  const [taken] = await queryAs(pool, NOBODY)<{ user_id: string | null; challenge: string }>(
    'SELECT user_id, challenge FROM consume_webauthn_challenge($1, $2)',
    [id, kindOf(purpose)],
  );
  return taken && taken.user_id === userId ? taken.challenge : null;
}
