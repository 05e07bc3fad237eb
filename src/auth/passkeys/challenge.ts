import { v7 as uuidv7 } from 'uuid';
import { queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';

/** The purpose that a challenge is bound to. */
export type PasskeyPurpose = 'register' | 'signIn' | 'secondFactor' | 'stepUp';

/**
 * Seconds that a browser's dialog stays open: enough to find a phone. The recommended default
 * (WebAuthn Level 3, 15.1).
 */
export const DIALOG_SECONDS = 300;

/**
 * Seconds until a challenge expires. A sign-in page that offers passkeys in its autofill
 * (conditional mediation) starts with its challenge when it opens, and browsers then apply no
 * timeout (WebAuthn Level 3, 5.1.4): the challenge lasts as long as such a page may reasonably
 * wait.
 */
const LIFETIME_SECONDS: Record<PasskeyPurpose, number> = {
  register: DIALOG_SECONDS,
  signIn: 3600,
  secondFactor: DIALOG_SECONDS,
  stepUp: DIALOG_SECONDS,
};

const NO_TENANT = { companyId: null, userId: null };
const kindOf = (purpose: PasskeyPurpose): string => `passkey.${purpose}`;

/** Stores a base64url challenge for a user; null for sign-in. Returns its id. */
export async function keepChallenge(
  pool: TenantPool,
  purpose: PasskeyPurpose,
  userId: string | null,
  challenge: string,
): Promise<string> {
  const id = uuidv7();
  const values = [id, kindOf(purpose), userId, challenge, LIFETIME_SECONDS[purpose]];
  await queryAs(pool, NO_TENANT)('SELECT store_webauthn_challenge($1, $2, $3, $4, $5)', values);
  return id;
}

/**
 * The challenge, this once; `null` when it is unknown, used, expired, of another purpose or another
 * user's. It is gone in any case.
 */
export async function takeChallenge(
  pool: TenantPool,
  purpose: PasskeyPurpose,
  userId: string | null,
  id: string,
): Promise<string | null> {
  const [taken] = await queryAs(pool, NO_TENANT)<{ user_id: string | null; challenge: string }>(
    'SELECT user_id, challenge FROM consume_webauthn_challenge($1, $2)',
    [id, kindOf(purpose)],
  );
  return taken && taken.user_id === userId ? taken.challenge : null;
}
