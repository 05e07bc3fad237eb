import { type RegistrationResponseJSON, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeClientDataJSON, isoBase64URL } from '@simplewebauthn/server/helpers';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { takeChallenge } from './challenge.ts';
import { ALGORITHMS } from './options.ts';
import type { RelyingParty } from './relying-party.ts';
import { attestationOf, type PasskeyRefusal, refusalOf } from './response.ts';

/** A passkey as it is stored: the key is COSE in base64url. */
export type NewPasskey = {
  credentialId: string;
  publicKey: string;
  counter: number;
  transports: string[];
  deviceType: string;
  backedUp: boolean;
};

/**
 * Checks a new passkey (WebAuthn Level 3, 7.1): the challenge once, origin, site, user
 * verification, attestation.
 */
export async function verifyNewPasskey(
  pool: TenantPool,
  site: RelyingParty,
  given: { userId: string; challengeId: string; response: RegistrationResponseJSON },
): Promise<{ ok: true; passkey: NewPasskey } | { ok: false; refusal: PasskeyRefusal }> {
  const { userId, challengeId, response } = given;
  const challenge = await takeChallenge(pool, 'register', userId, challengeId);
  if (challenge === null) return { ok: false, refusal: 'challenge' };
  try {
    return await verify(site, challenge, response);
  } catch {
    return { ok: false, refusal: await whyNot(site, challenge, response).catch(() => 'attestation') };
  }
}

async function verify(site: RelyingParty, challenge: string, response: RegistrationResponseJSON) {
  // In a frame of another site's page (7.1, step 10): the library does not look.
  if (decodeClientDataJSON(response.response.clientDataJSON).crossOrigin)
    return { ok: false as const, refusal: 'origin' as const };
  const { format, certified } = attestationOf(response);
  // We ask for no attestation, so a browser sends none, or the passkey's own signature.
  // Certificates would name addresses to fetch.
  if (certified || (format !== 'none' && format !== 'packed'))
    return { ok: false as const, refusal: 'attestation' as const };
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: site.origins,
    expectedRPID: site.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  });
  if (!verified) return { ok: false as const, refusal: await whyNot(site, challenge, response) };
  const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo;
  // the response's id is outside of what is signed; the library compares it with its raw form alone
  if (response.id !== credential.id) return { ok: false as const, refusal: 'attestation' as const };
  return {
    ok: true as const,
    passkey: {
      credentialId: credential.id,
      publicKey: isoBase64URL.fromBuffer(credential.publicKey),
      counter: credential.counter,
      transports: credential.transports ?? [],
      deviceType: credentialDeviceType,
      backedUp: credentialBackedUp,
    },
  };
}

async function whyNot(site: RelyingParty, challenge: string, response: RegistrationResponseJSON) {
  const { authenticatorData } = attestationOf(response);
  const parts = { clientDataJSON: response.response.clientDataJSON, authenticatorData };
  return refusalOf({ challenge, site }, parts, 'attestation');
}
