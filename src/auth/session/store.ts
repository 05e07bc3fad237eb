import { type Adapter, Lucia, TimeSpan } from 'lucia';
import { hashToken, isToken, newToken } from '../../crypto/token.ts';
import { databaseNow, databaseTime } from '../../db/clock.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import type { Authenticated } from '../authorization/identity.ts';
import type { Identities } from '../identity-version/identities.ts';
import { defaultLimits, type SessionLimits } from '../policy/session-limits.ts';
import { isWithinLimits, shortestIdle } from './acting-company.ts';
import { deviceName } from './device-name.ts';

// lucia's last release is final, so nothing of it is visible outside of this file.

/**
 * lucia would renew in the second half of this: twice the longest idle time, so that it always asks. When a session is renewed, and how
 * long it lasts unused, is for its row's `idleSeconds` to say.
 */
const LIFETIME = new TimeSpan(14, 'd');
/** How exact `lastUsedAt` is: a session in use writes it this often, or twice in the shortest time that it may lie unused. */
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

/** As its user sees it. `lastUsedAt` is exact to five minutes. */
export type ListedSession = {
  id: string;
  companyId: string | null;
  ip: string | null;
  userAgent: string | null;
  deviceName: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
};

const refuse = async () => {
  throw new Error('session: lucia called a part of its adapter that this file does not use');
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
 * A new session; `query` runs in the user's context. Returns the token: only its hash is stored, so this is the one time that
 * anybody sees it.
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

/** What a session is authenticated with. */
export type Authenticating = { pool: TenantPool; identities: Identities };

/**
 * Returns who holds this token, in one round trip, plus one when it is time to renew, or when the session may have got another one a
 * moment ago; null for a token that is malformed, unknown, expired, revoked, or not good for acting in `company`.
 */
export async function authenticate(
  means: Authenticating,
  token: string,
  company?: string,
): Promise<Authenticated | null> {
  if (!isToken(token)) return null;
  const { pool } = means;
  let found: Authenticated | null = null;
  const lucia = luciaWith({
    getSessionAndUser: async (id) => {
      found = (await find(means, hashToken(id))) ?? (await authenticateFormer(pool, hashToken(id)));
      if (!found || !isWithinLimits(found, company)) return [null, null];
      const { user } = found;
      // PostgreSQL has said by its own clock that the session holds; lucia hears of an end that is always a moment ahead
      const expiresAt = new Date(Date.now() + 60_000);
      // lucia hands this id back to updateSessionExpiration and deleteSession: it is the raw one that it knows.
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

const NOBODY = { companyId: null, userId: null };

function find({ pool, identities }: Authenticating, hash: string): Promise<Authenticated | null> {
  const query = queryAs(pool, NOBODY);
  const ask = async (version: string | null) => {
    const [row] = await query<{ said: string | null }>('SELECT authenticate_if_changed($1, $2) AS said', [
      hash,
      version,
    ]);
    return row?.said ?? null;
  };
  return identities.authenticate(hash, { ask, read: readIdentity });
}

/** By the token that a session had a moment ago, whose hash this is. */
export async function authenticateFormer(pool: TenantPool, hash: string): Promise<Authenticated | null> {
  const query = queryAs(pool, NOBODY);
  const [row] = await query<{ found: string | null }>('SELECT authenticate_rotated($1)::text AS found', [
    hash,
  ]);
  return row?.found ? readIdentity(row.found) : null;
}

/** Reads an identity from PostgreSQL's JSON, with its times as dates. */
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
 * Used in the second half of its idle time, a session lasts that time anew. Of requests that come at the same time one renews; at the
 * absolute limit there is nothing left to renew.
 */
async function renewed(pool: TenantPool, found: Authenticated): Promise<Authenticated> {
  const { session, user } = found;
  if (session.expiresAt.getTime() - databaseNow() > (session.idleSeconds * 1000) / 2) return found;
  if (session.expiresAt >= session.absoluteExpiresAt) return found;
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

/** Writes when it was last used. */
async function touch(pool: TenantPool, found: Authenticated): Promise<void> {
  const { session, user } = found;
  const every = Math.min(TOUCH_MS, shortestIdle(found) * 500);
  if (databaseNow() - session.lastUsedAt.getTime() < every) return;
  const query = queryAs(pool, { companyId: null, userId: user.id });
  await query('UPDATE "Session" SET "lastUsedAt" = now() WHERE id = $1 AND "lastUsedAt" = $2', [
    session.id,
    session.lastUsedAt,
  ]);
}

/** Changes that come with a new token; omitted columns stay. */
export type Rotation = {
  companyId?: string | null;
  methods?: string[];
  mfaAt?: Date;
  limits?: SessionLimits;
};

/**
 * A new token for the same sign-in, the old one ends: whenever what the session may do changes (OWASP ASVS 5.0, 7.2.4). The absolute
 * limit stays, or comes nearer. `null` when the session has been revoked meanwhile.
 */
export async function rotateSession(
  query: Query,
  hash: string,
  change: Rotation = {},
): Promise<string | null> {
  const token = newToken();
  const { companyId = null, methods = null, mfaAt = null, limits } = change;
  const rotated = await query(
    `UPDATE "Session" SET id = $2, "companyId" = CASE WHEN $3::boolean THEN $4::uuid ELSE "companyId" END,
       methods = COALESCE($5::text[], methods), "mfaAt" = COALESCE($6::timestamptz, "mfaAt"), "lastUsedAt" = now(),
       "idleSeconds" = COALESCE($7::int, "idleSeconds"),
       "absoluteExpiresAt" = LEAST("absoluteExpiresAt", "createdAt" + $8::int * interval '1 second'),
       "expiresAt" = LEAST(now() + COALESCE($7::int, "idleSeconds") * interval '1 second', "absoluteExpiresAt",
                           "createdAt" + $8::int * interval '1 second')
     WHERE id = $1 AND "expiresAt" > now() AND "absoluteExpiresAt" > now() RETURNING 1`,
    [
      ...[hash, hashToken(token), 'companyId' in change, companyId, methods, mfaAt],
      ...[limits?.idle ?? null, limits?.absolute ?? null],
    ],
  );
  return rotated.length === 1 ? token : null;
}

/** Returns the user's valid sessions, latest first. `query` runs in the user's context. */
export const listSessions = (query: Query, userId: string): Promise<ListedSession[]> =>
  query(
    `SELECT left(id, 12) AS id, "companyId", ip, "userAgent", "deviceName", "createdAt", "lastUsedAt", "expiresAt" FROM "Session"
     WHERE "userId" = $1 AND "expiresAt" > now() AND "absoluteExpiresAt" > now() ORDER BY "createdAt" DESC, id`,
    [userId],
  );

/** Revokes one session of the user by its public id, effective on the next request. Returns `false` for an unknown one. */
export async function revokeSession(query: Query, userId: string, publicId: string): Promise<boolean> {
  const revoked = await query('DELETE FROM "Session" WHERE "userId" = $1 AND left(id, 12) = $2 RETURNING 1', [
    userId,
    publicId,
  ]);
  return revoked.length > 0;
}

/** Revokes all sessions of the user, or all but the one with this hash; returns their number. */
export async function revokeAllSessions(query: Query, userId: string, exceptHash = ''): Promise<number> {
  return (
    await query('DELETE FROM "Session" WHERE "userId" = $1 AND id <> $2 RETURNING 1', [userId, exceptHash])
  ).length;
}
