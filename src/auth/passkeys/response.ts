import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import {
  decodeAttestationObject,
  decodeClientDataJSON,
  isoBase64URL,
  parseAuthenticatorData,
  toHash,
} from '@simplewebauthn/server/helpers';
import { z } from 'zod';
import type { RelyingParty } from './relying-party.ts';

/**
 * Reasons of a refusal. They describe the client's input, and do not reveal whether the passkey
 * exists.
 */
export const passkeyRefusals = {
  challenge: 'The challenge is unknown, used or expired: start again.',
  origin: 'This page may not use passkeys of this server.',
  site: 'The passkey is of another site.',
  userVerification: 'The passkey did not check who holds it.',
  attestation: 'The passkey’s attestation is not valid.',
  credential: 'The passkey is unknown here, or its signature is wrong.',
  counter: 'The passkey’s counter went back: it may have been copied.',
} as const;
export type PasskeyRefusal = keyof typeof passkeyRefusals;

const base64url = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/, 'expected base64url');

/** At most 1023 bytes (WebAuthn Level 3, 7.1). */
const credentialId = base64url(1364);
const credential = { id: credentialId, rawId: credentialId, type: z.literal('public-key') };

/**
 * `navigator.credentials.get()` as JSON (WebAuthn Level 3, 5.1 AuthenticationResponseJSON); what
 * isn't named here is left out.
 */
export const assertionResponse = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(8192),
      authenticatorData: base64url(8192),
      signature: base64url(8192),
      userHandle: base64url(128).nullish(),
    }),
  })
  .transform(
    ({ response, ...rest }): AuthenticationResponseJSON => ({
      ...rest,
      clientExtensionResults: {},
      response: { ...response, userHandle: response.userHandle ?? undefined },
    }),
  );

/** `navigator.credentials.create()` as JSON (RegistrationResponseJSON). */
export const registrationResponse = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(8192),
      attestationObject: base64url(65_536),
      transports: z.array(z.string().max(32)).max(10).optional(),
    }),
  })
  .transform(
    ({ response, ...rest }): RegistrationResponseJSON => ({
      ...rest,
      clientExtensionResults: {},
      response: response as RegistrationResponseJSON['response'],
    }),
  );

type Expected = { challenge: string; site: RelyingParty };

/**
 * The first thing that is wrong with a response that was refused. It only names a refusal: what is
 * accepted is decided by the library's verification, whose errors say it in words alone.
 */
export async function refusalOf(
  { challenge, site }: Expected,
  { clientDataJSON, authenticatorData }: { clientDataJSON: string; authenticatorData: Uint8Array },
  otherwise: PasskeyRefusal,
): Promise<PasskeyRefusal> {
  const client = decodeClientDataJSON(clientDataJSON);
  if (client.challenge !== challenge) return 'challenge';
  if (!site.origins.includes(client.origin) || client.crossOrigin) return 'origin';
  const { rpIdHash, flags } = parseAuthenticatorData(authenticatorData as Uint8Array<ArrayBuffer>);
  const expected = await toHash(new TextEncoder().encode(site.id));
  if (Buffer.compare(rpIdHash, expected) !== 0) return 'site';
  return flags.uv ? otherwise : 'userVerification';
}

/** The attestation's format, and whether it brings certificates. */
export function attestationOf({ response }: RegistrationResponseJSON) {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(response.attestationObject));
  return {
    format: decoded.get('fmt'),
    certified: decoded.get('attStmt').get('x5c') !== undefined,
    authenticatorData: decoded.get('authData') as Uint8Array,
  };
}
