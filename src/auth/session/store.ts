import { type Adapter, Lucia, TimeSpan } from 'lucia';
import type { EventFacts } from '../../audit/record/body.ts';
import { hashToken, isToken, newToken } from '../../crypto/token.ts';
import { databaseNow, databaseTime } from '../../db/clock.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { AppError } from '../../errors.ts';
import { type Actor, actorOf } from '../authorization/actor.ts';
import type { Authenticated, Identity } from '../authorization/identity.ts';
import type { IdentityTransaction, IdentityWork } from '../identity-command.ts';
import type { Identities } from '../identity-version/identities.ts';
import { defaultLimits, type SessionLimits } from '../policy/session-limits.ts';
import { hasEntered, isWithinLimits, shortestIdle } from './acting-company.ts';
import { deviceName } from './device-name.ts';
import { publicIdOf } from './public-id.ts';

// Lucia's last release is final, so nothing of it is visible outside of this file.

/**
 * Lucia renews in the second half of this time. It is twice the longest idle limit, so that
 * `renewed` is always called and decides by the row's `idleSeconds`.
 */
const LIFETIME = new TimeSpan(14, 'd');
/**
 * Precision of `lastUsedAt`: a session in use writes it this often, or twice within the shortest
 * idle limit of its companies.
 */
const TOUCH_MS = 5 * 60_000;

/** `methods`: authentication methods by RFC 8176; `mfaAt`: when a second factor was verified. */
export type SessionOrigin = {
  companyId: string | null;
  ip: string | null;
  userAgent: string | null;
  limits?: SessionLimits;
  methods?: string[];
  mfaAt?: Date | null;
};

const refuse = async () => {
  throw new Error('session: Lucia called a part of its adapter that this file does not use');
};
const luciaWith = (parts: Partial<Adapter>): Lucia =>
  new Lucia(
    {
      getSessionAndUser: refuse,
      getUserSessions: refuse,
      setSession: refuse,
      updateSessionExpiration: refuse,
      deleteSession: refuse,
      deleteUserSessions: refuse,
      deleteExpiredSessions: refuse,
      ...parts,
    },
    { sessionExpiresIn: LIFETIME },
  );

/**
 * Creates a session; `query` runs in the user's context. Returns its token, of which only the hash
 * is stored.
 */
export async function createSession(query: Query, userId: string, origin: SessionOrigin): Promise<string> {
  const token = newToken();
  const lucia = luciaWith({
    setSession: async ({ id, userId }) => {
      const { companyId, ip, userAgent, limits = defaultLimits, methods = [], mfaAt = null } = origin;
      await query(
        `INSERT INTO "Session" (id, "userId", "companyId", ip, "userAgent", "deviceName", methods, "mfaAt",
           "idleSeconds", "expiresAt", "absoluteExpiresAt")
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::int, now() + least($9::int, $10::int) * interval '1 second',
           now() + $10::int * interval '1 second')`,
        [
          ...[hashToken(id), userId, companyId, ip, userAgent, deviceName(userAgent), methods, mfaAt],
          ...[limits.idle, limits.absolute],
        ],
      );
    },
  });
  await lucia.createSession(userId, {}, { sessionId: token });
  return token;
}

/**
 * A session that has just begun or moved: its token, shown once, and the actor that it
 * authenticates.
 */
export type Started = { token: string; identity: Identity; actor: Actor };

/**
 * Starts or moves a session. `begin` writes its row and returns its token, or null for a session
 * that was revoked meanwhile; the event commits with it. The identity is then read as every request
 * reads it. Error: UNAUTHENTICATED.
 */
export async function startSession(
  { services, transaction }: IdentityWork,
  place: { companyId: string; userId: string },
  facts: EventFacts,
  begin: (tx: IdentityTransaction) => Promise<string | null>,
): Promise<Started> {
  const token = await transaction(place, async (tx) => {
    const begun = await begin(tx);
    if (!begun) throw sessionEnded();
    await tx.append(facts, { kind: 'user', userId: place.userId, session: publicIdOf(begun) });
    return begun;
  });
  const identity = await authenticateSession(services, token);
  const actor = identity && actorOf(identity, place.companyId);
  if (!identity || !actor) throw sessionEnded();
  return { token, identity, actor };
}

export const sessionEnded = (): AppError =>
  new AppError('UNAUTHENTICATED', 'The session is unknown, expired or revoked; sign in again.');

/** What a session is authenticated with. */
export type SessionServices = { pool: TenantPool; identities: Identities };

/**
 * Returns the identity of a session's token, in one round trip, with a second one to renew the
 * session or to look up a former token. Null for a token that is malformed, unknown, expired,
 * revoked, or beyond the limits of `company`.
 */
export async function authenticateSession(
  services: SessionServices,
  token: string,
  company?: string,
): Promise<Authenticated | null> {
  if (!isToken(token)) return null;
  const { pool } = services;
  let found: Authenticated | null = null;
  const lucia = luciaWith({
    getSessionAndUser: async (id) => {
      found = (await find(services, hashToken(id))) ?? (await authenticateFormer(pool, hashToken(id)));
      if (!found || !isWithinLimits(found, company)) return [null, null];
      const { user } = found;
      // PostgreSQL has verified the expiry by its own clock; Lucia gets one that is always ahead
      const expiresAt = new Date(Date.now() + 60_000);
      // Lucia hands this raw id back to updateSessionExpiration and deleteSession.
      return [
        { id, userId: user.id, expiresAt, attributes: {} },
        { id: user.id, attributes: {} },
      ];
    },
    updateSessionExpiration: async () => {
      if (found) found = await renewed(pool, found);
    },
  });
  const { session } = await lucia.validateSession(token);
  if (session && found) await touch(pool, found);
  return session ? found : null;
}

const NO_TENANT = { companyId: null, userId: null };

function find({ pool, identities }: SessionServices, hash: string): Promise<Authenticated | null> {
  const query = queryAs(pool, NO_TENANT);
  const ask = async (version: string | null) => {
    const [row] = await query<{ answer: string | null }>('SELECT authenticate_if_changed($1, $2) AS answer', [
      hash,
      version,
    ]);
    return row?.answer ?? null;
  };
  return identities.authenticate(hash, { ask, read: readIdentity });
}

/** Authenticates by the hash of a session's former token, within its grace period. */
export async function authenticateFormer(pool: TenantPool, hash: string): Promise<Authenticated | null> {
  const query = queryAs(pool, NO_TENANT);
  const [row] = await query<{ found: string | null }>('SELECT authenticate_rotated($1)::text AS found', [
    hash,
  ]);
  return row?.found ? readIdentity(row.found) : null;
}

/** Parses an identity, with its times as dates. */
export function readIdentity(found: string): Authenticated {
  const { session, user, memberships, former } = JSON.parse(found) as Authenticated;
  const dates = {
    createdAt: new Date(session.createdAt),
    expiresAt: new Date(session.expiresAt),
    absoluteExpiresAt: new Date(session.absoluteExpiresAt),
    lastUsedAt: new Date(session.lastUsedAt),
    mfaAt: session.mfaAt && new Date(session.mfaAt),
  };
  return {
    session: { ...session, ...dates },
    user,
    memberships,
    renewed: false,
    ...(former && { former }),
  };
}

/**
 * Renews a session that is used in the second half of its idle limit, up to its absolute limit. One
 * of concurrent requests renews.
 */
async function renewed(pool: TenantPool, found: Authenticated): Promise<Authenticated> {
  const { session, user } = found;
  if (!isRenewalDue(found)) return found;
  const query = queryAs(pool, { companyId: null, userId: user.id });
  const [lasting] = await query<{ expiresAt: Date }>(
    `UPDATE "Session" SET "lastUsedAt" = now(),
       "expiresAt" = least(now() + "idleSeconds" * interval '1 second', "absoluteExpiresAt")
     WHERE id = $1 AND "expiresAt" = $2 RETURNING "expiresAt"`,
    [session.id, session.expiresAt],
  );
  const renewed = lasting !== undefined;
  return { ...found, renewed, session: { ...session, ...lasting, lastUsedAt: databaseTime() } };
}

const isRenewalDue = ({ session }: Authenticated): boolean =>
  session.expiresAt.getTime() - databaseNow() <= (session.idleSeconds * 1000) / 2 &&
  session.expiresAt < session.absoluteExpiresAt;

/** Writes the time of the last use, at most once in `TOUCH_MS`. */
async function touch(pool: TenantPool, found: Authenticated): Promise<void> {
  const { session, user } = found;
  if (!isTouchDue(found)) return;
  const query = queryAs(pool, { companyId: null, userId: user.id });
  await query('UPDATE "Session" SET "lastUsedAt" = now() WHERE id = $1 AND "lastUsedAt" = $2', [
    session.id,
    session.lastUsedAt,
  ]);
}

const isTouchDue = (found: Authenticated): boolean =>
  databaseNow() - found.session.lastUsedAt.getTime() >= Math.min(TOUCH_MS, shortestIdle(found) * 500);

/** Whether a request in this company needs nothing of the session but that it is still valid. */
export const needsNoWrite = (found: Authenticated, companyId: string): boolean =>
  !found.session.rotateDue &&
  !isRenewalDue(found) &&
  !isTouchDue(found) &&
  hasEntered(found, companyId) &&
  isWithinLimits(found, companyId);
