import { randomUUID } from 'node:crypto';
import { append } from '../../audit/record/append.ts';
import type { EventFacts, Origin } from '../../audit/record/body.ts';
import { hashToken, newToken } from '../../crypto/token.ts';
import { transactionAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';
import type { Authenticated } from '../authorization/identity.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { openSecret, sealSecret } from '../secrets/sealed-secret.ts';
import { publicSessionId } from './public-id.ts';
import { authenticateFormer } from './store.ts';

/** Seconds that the former token stays valid, for concurrent requests and lost answers. */
const GRACE = 30;

type Rotating = Pick<Services, 'pool' | 'keyring'>;

/**
 * Returns the token that replaces the request's one (OWASP ASVS 5.0, 7.2.4): a new one after
 * another user changed the permissions, and the same one for each request with the former token in
 * the grace period; null for no change. Only cookies are replaced, never tokens in `Authorization`.
 */
export async function successorOf(
  services: Rotating,
  origin: Origin,
  found: Authenticated,
  byCookie: boolean,
): Promise<string | null> {
  if (found.former)
    return openSecret(services.keyring, 'formerSession', found.former.id, found.former.successor);
  if (!found.session.rotateDue || !byCookie) return null;
  const former = found.session.id;
  const token = await rotate(services, origin, found);
  if (token) return token;
  // a concurrent request rotated it first
  const now = await authenticateFormer(services.pool, former);
  if (!now?.former) return null;
  found.session.id = now.session.id;
  return openSecret(services.keyring, 'formerSession', now.former.id, now.former.successor);
}

/**
 * Rotates the token once under concurrent requests; returns null to the others. The session then
 * has its new id.
 */
async function rotate(
  { pool, keyring }: Rotating,
  origin: Origin,
  { session, user }: Authenticated,
): Promise<string | null> {
  const [id, token] = [randomUUID(), newToken()];
  const successor = await sealSecret(keyring, 'formerSession', id, token);
  const companyId = session.companyId ?? PLATFORM_ID;
  const done = await transactionAs(pool, { companyId, userId: user.id }, async (query) => {
    const rotated = await query(
      `UPDATE "Session" SET id = $2, "rotateDue" = false WHERE id = $1 AND "rotateDue" RETURNING 1`,
      [session.id, hashToken(token)],
    );
    if (rotated.length === 0) return false;
    await query(
      `INSERT INTO "RotatedSessionToken" (id, hash, "userId", "sessionId", successor, "expiresAt")
       VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 second')`,
      [id, session.id, user.id, hashToken(token), successor, GRACE],
    );
    const performer = {
      kind: 'user' as const,
      userId: user.id,
      session: publicSessionId(hashToken(token)),
    };
    const facts: EventFacts = { action: 'session.rotated', data: { former: publicSessionId(session.id) } };
    await append(query, companyId, [{ ...facts, performer, origin }]);
    return true;
  });
  if (!done) return null;
  session.id = hashToken(token);
  return token;
}
