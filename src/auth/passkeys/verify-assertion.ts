import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from '@simplewebauthn/server';
import { decodeClientDataJSON, isoBase64URL } from '@simplewebauthn/server/helpers';
import { queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { type PasskeyPurpose, takeChallenge } from './challenge.ts';
import { userHandleOf } from './options.ts';
import type { RelyingParty } from './relying-party.ts';
import { type PasskeyRefusal, refusalOf } from './response.ts';

/** The passkey's user, and the companies where they are an active member, oldest first. */
type Holder = { passkeyId: string; userId: string; email: string; companies: string[] };

export type VerifiedPasskey = Holder & { ok: true };
/**
 * `holder` is for the audit log only; it is null for a passkey of another user than the one who had
 * to present it.
 */
export type RefusedPasskey = { ok: false; refusal: PasskeyRefusal; holder: Holder | null };

type Row = {
  passkey_id: string;
  user_id: string;
  email: string;
  public_key: string;
  companies: string[];
};

/**
 * A key of no passkey, so that unknown passkeys are verified in the same steps and rejected for the
 * same reasons.
 */
const PLACEHOLDER_KEY =
  'pQECAyYgASFYIA8v1DzCHlIWyctUtojmz3AWtFdB8jSBtzfTcXnyl6k1Ilgg_aCbQtCwRIAbkRHOJNQX7p21wv0QQeIqpM9E48UM-2s';

/**
 * Verifies an assertion (WebAuthn Level 3, 7.2): the challenge once, origin, relying party, user
 * verification, signature, and the counter. `userId`: the user who must present the passkey; null
 * for any user.
 */
export async function verifyPasskeyAssertion(
  pool: TenantPool,
  site: RelyingParty,
  given: {
    purpose: Exclude<PasskeyPurpose, 'register'>;
    userId: string | null;
    challengeId: string;
    response: AuthenticationResponseJSON;
  },
): Promise<VerifiedPasskey | RefusedPasskey> {
  const { purpose, userId, challengeId, response } = given;
  const challenge = await takeChallenge(pool, purpose, userId, challengeId);
  const row = await findPasskey(pool, response.id);
  const known = row && (userId === null || row.user_id === userId) ? row : undefined;
  const refused = (refusal: PasskeyRefusal): RefusedPasskey => ({
    ok: false,
    refusal,
    holder: known ? holderOf(known) : null,
  });
  if (challenge === null) return refused('challenge');
  const signed = await verify(site, challenge, response, known?.public_key ?? PLACEHOLDER_KEY);
  if (!signed.ok) return refused(signed.refusal);
  if (!known || !isHolder(known, response, userId)) return refused('credential');
  const moved = await moveCounter(pool, known, signed);
  if (moved !== 'moved') return refused(moved);
  return { ok: true, ...holderOf(known) };
}

async function findPasskey(pool: TenantPool, credentialId: string): Promise<Row | undefined> {
  const query = queryAs(pool, { companyId: null, userId: null });
  const [row] = await query<Row>(
    'SELECT passkey_id, user_id, email, public_key, companies FROM user_of_passkey($1)',
    [credentialId],
  );
  return row;
}

const holderOf = ({ passkey_id, user_id, email, companies }: Row): Holder => ({
  passkeyId: passkey_id,
  userId: user_id,
  email,
  companies,
});

type Signed = { ok: true; counter: number; deviceType: string; backedUp: boolean };

async function verify(
  site: RelyingParty,
  challenge: string,
  response: AuthenticationResponseJSON,
  publicKey: string,
): Promise<Signed | { ok: false; refusal: PasskeyRefusal }> {
  try {
    // Embedded in another site's page (7.2, step 14); the library accepts it where the browser does
    // not name that page.
    if (decodeClientDataJSON(response.response.clientDataJSON).crossOrigin)
      return { ok: false, refusal: 'origin' };
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origins,
      expectedRPID: site.id,
      requireUserVerification: true,
      // The library compares the counter before the signature, so a forged one could raise the
      // alert: compared last, below.
      credential: { id: response.id, publicKey: isoBase64URL.toBuffer(publicKey), counter: 0 },
    });
    if (!verified) return { ok: false, refusal: 'credential' };
    const { newCounter, credentialDeviceType, credentialBackedUp } = authenticationInfo;
    return { ok: true, counter: newCounter, deviceType: credentialDeviceType, backedUp: credentialBackedUp };
  } catch {
    return { ok: false, refusal: await whyNot(site, challenge, response).catch(() => 'credential') };
  }
}

async function whyNot(site: RelyingParty, challenge: string, response: AuthenticationResponseJSON) {
  const { clientDataJSON } = response.response;
  const authenticatorData = isoBase64URL.toBuffer(response.response.authenticatorData);
  return refusalOf({ challenge, site }, { clientDataJSON, authenticatorData }, 'credential');
}

/** Verifies the user handle (7.2, step 6), which is required when the user is not known yet. */
function isHolder(
  { user_id }: Row,
  { response: { userHandle } }: AuthenticationResponseJSON,
  userId: string | null,
): boolean {
  if (userHandle === undefined) return userId !== null;
  return userHandle === isoBase64URL.fromBuffer(userHandleOf(user_id));
}

/**
 * Advances the counter in one statement, so that of two assertions with the same count one is
 * rejected. Authenticators without a counter send 0 each time (6.1.1). The device type never
 * changes (7.2, step 19).
 */
async function moveCounter(
  pool: TenantPool,
  { passkey_id: id, user_id: userId }: Row,
  { counter, deviceType, backedUp }: Signed,
): Promise<'moved' | 'counter' | 'credential'> {
  const query = queryAs(pool, { companyId: null, userId });
  const moved = await query(
    `UPDATE "Passkey" SET counter = $2, "backedUp" = $4, "lastUsedAt" = now()
     WHERE id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0)) AND "deviceType" = $3 RETURNING 1`,
    [id, counter, deviceType, backedUp],
  );
  if (moved.length > 0) return 'moved';
  const regressed = await query('SELECT FROM "Passkey" WHERE id = $1 AND "deviceType" = $2', [
    id,
    deviceType,
  ]);
  return regressed.length > 0 ? 'counter' : 'credential';
}
