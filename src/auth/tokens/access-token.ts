import { errors, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { hashToken } from '../../crypto/token.ts';
import { databaseTime } from '../../db/clock.ts';
import { queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';
import type { AuthenticationStrategy } from '../authentication-strategy.ts';
import type { Authenticated } from '../authorization/identity.ts';
import { tokenIdle } from '../policy/session-limits.ts';
import { ALGORITHM, type SigningKeys } from '../secrets/signing-keys.ts';
import { isWithinLimits } from '../session/acting-company.ts';
import { readIdentity } from '../session/store.ts';

/** Seconds from its issue on; the database denies it for as long by its id (deny_access_tokens). */
export const ACCESS_SECONDS = 15 * 60;
/** Accepted clock skew between instances, in seconds. */
const SKEW = 5;
/** RFC 9068, 2.1: no other kind of JWT is accepted as an access token. */
const TYPE = 'at+jwt';

type Site = { publicUrl: string };
const issuerOf = ({ publicUrl }: Site) => publicUrl;
const audienceOf = ({ publicUrl }: Site) => `${publicUrl}/graphql`;

/**
 * `id` is the refresh token's that it comes with; `session` the hash that names the session's row,
 * of no use as a token.
 */
export type AccessGrant = {
  id: string;
  session: string;
  userId: string;
  companyId: string;
  issuedAt: Date;
};

/** A signed JWT (RFC 7519, RFC 9068). The same grant gives the same token, byte for byte. */
export async function signAccessToken(keys: SigningKeys, site: Site, grant: AccessGrant): Promise<string> {
  const { id, privateKey } = await keys.current();
  const issued = Math.floor(grant.issuedAt.getTime() / 1000);
  return new SignJWT({ sid: grant.session, company: grant.companyId })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: id })
    .setIssuer(issuerOf(site))
    .setAudience(audienceOf(site))
    .setSubject(grant.userId)
    .setJti(grant.id)
    .setIssuedAt(issued)
    .setExpirationTime(issued + ACCESS_SECONDS)
    .sign(privateKey);
}

const claims = z.object({ jti: z.uuid(), sub: z.uuid(), sid: z.string().regex(/^[0-9a-f]{64}$/) });
const IS_JWT = /^[\w-]+\.[\w-]*\.[\w-]*$/;

export const accessToken: AuthenticationStrategy = async (services, token, _origin, company) => {
  if (!IS_JWT.test(token)) return undefined;
  const proof = await verify(services, token);
  if (!proof) {
    services.identities.forget(hashToken(token)); // otherwise queries with it would still be prefetched
    return null;
  }
  const found = await findSession(services, hashToken(token), proof);
  // the subject of the token must be the session's user
  if (found?.user.id !== proof.sub || !isWithinLimits(found, company, tokenIdle)) return null;
  return { identity: found, renewed: false };
};

type Proof = { jti: string; sub: string; sid: string; kid: string };

/**
 * Verifies signature, algorithm, type, issuer, audience, times and claims; ignores keys in the
 * header (jwk, jku, x5u).
 */
async function verify({ signingKeys, config }: Services, token: string): Promise<Proof | null> {
  const keyOf = async ({ kid }: JWTHeaderParameters) => {
    const key = kid ? await signingKeys.verifying(kid) : null;
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyOf, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: issuerOf(config),
      audience: audienceOf(config),
      clockTolerance: SKEW,
      maxTokenAge: ACCESS_SECONDS,
      currentDate: databaseTime(),
      requiredClaims: ['exp', 'iat', 'jti', 'sub'],
    });
    const said = claims.safeParse(payload);
    return said.success ? { ...said.data, kid: protectedHeader.kid as string } : null;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

/**
 * Returns the session in one round trip; null when the token's id was revoked or its signing key is
 * retired.
 */
function findSession(
  { pool, identities }: Services,
  hash: string,
  { sid, jti, kid }: Proof,
): Promise<Authenticated | null> {
  const query = queryAs(pool, { companyId: null, userId: null });
  const ask = async (version: string | null) => {
    const [row] = await query<{ said: string | null }>(
      'SELECT authenticate_access_token_if_changed($1, $2, $3, $4) AS said',
      [sid, jti, kid, version],
    );
    return row?.said ?? null;
  };
  return identities.authenticate(hash, { ask, read: readIdentity });
}
