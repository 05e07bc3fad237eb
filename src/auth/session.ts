import { createHash, randomBytes } from 'node:crypto';
import { type Adapter, Lucia, TimeSpan } from 'lucia';
import { type Query, queryAs } from '../db/sql.ts';
import type { TenantPool } from '../db/tenant-pool.ts';
import type { Identity } from './actor.ts';

// lucia's last release is final, so nothing of it is visible outside of this file.

/** Sliding: used in its second half, a session lasts another 24 hours; never beyond the absolute limit. */
const LIFETIME = new TimeSpan(24, 'h');
const ABSOLUTE_LIMIT = new TimeSpan(30, 'd');

export type Authenticated = Identity & {
  session: { createdAt: Date; expiresAt: Date; absoluteExpiresAt: Date };
  /** This request renewed the session: send its cookie again. */
  renewed: boolean;
};

export type SessionOrigin = { companyId: string | null; ip: string | null; userAgent: string | null };

/** As its person sees it. `lastUsedAt` is the sign-in or the latest renewal, so up to half a lifetime old. */
export type ListedSession = {
  id: string;
  companyId: string | null;
  ip: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
};

/** 256 bits from the system's generator, base64url. */
const newToken = (): string => randomBytes(32).toString('base64url');
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A token is as random as a key, so a plain hash hides it. It is found by this hash: no secret is compared, at any speed. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** What clients and the record call a session: enough of the hash to find it among one person's, of no use as a token. */
export const publicSessionId = (hash: string): string => hash.slice(0, 12);

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
 * A new session; `query` runs in the person's context. Returns the token: only its hash is stored, so this is the one time that
 * anybody sees it.
 */
export async function createSession(query: Query, personId: string, origin: SessionOrigin): Promise<string> {
  const token = newToken();
  const lucia = luciaWith({
    setSession: async ({ id, userId, expiresAt }) => {
      await query(
        `INSERT INTO "Session" (id, "personId", "companyId", ip, "userAgent", "expiresAt", "absoluteExpiresAt")
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [
          hashOf(id),
          userId,
          origin.companyId,
          origin.ip,
          origin.userAgent,
          expiresAt,
          fromNow(ABSOLUTE_LIMIT),
        ],
      );
    },
  });
  await lucia.createSession(personId, {}, { sessionId: token });
  return token;
}

const fromNow = (span: TimeSpan): Date => new Date(Date.now() + span.milliseconds());

/**
 * Who holds this token, in one round trip, plus one when it is time to renew. `null`: malformed, unknown, expired or revoked; the
 * answer doesn't tell which.
 */
export async function authenticate(pool: TenantPool, token: string): Promise<Authenticated | null> {
  if (!TOKEN.test(token)) return null;
  let found: Authenticated | null = null;
  const lucia = luciaWith({
    getSessionAndUser: async (id) => {
      found = await findByHash(pool, hashOf(id));
      if (!found) return [null, null];
      const { session, person } = found;
      // lucia hands this id back to updateSessionExpiration and deleteSession: it is the raw one that it knows.
      return [
        { id, userId: person.id, expiresAt: session.expiresAt, attributes: {} },
        { id: person.id, attributes: {} },
      ];
    },
    updateSessionExpiration: async (_id, expiresAt) => {
      if (found) await renew(pool, found, expiresAt);
    },
    // Expired by this server's clock, though not yet by the database's: the row's own end is close enough.
    deleteSession: async () => {},
  });
  const { session } = await lucia.validateSession(token);
  return session ? found : null;
}

async function findByHash(pool: TenantPool, hash: string): Promise<Authenticated | null> {
  const query = queryAs(pool, { companyId: null, personId: null });
  const [row] = await query<{ found: Authenticated | null }>('SELECT authenticate($1) AS found', [hash]);
  if (!row?.found) return null;
  const { session, person, memberships } = row.found;
  const dates = {
    createdAt: new Date(session.createdAt),
    expiresAt: new Date(session.expiresAt),
    absoluteExpiresAt: new Date(session.absoluteExpiresAt),
    lastUsedAt: new Date(session.lastUsedAt),
    mfaAt: session.mfaAt && new Date(session.mfaAt),
  };
  return { session: { ...session, ...dates }, person, memberships, renewed: false };
}

/** Of requests that come at the same time one renews; at the absolute limit there is nothing left to renew. */
async function renew(pool: TenantPool, found: Authenticated, wanted: Date): Promise<void> {
  const { session, person } = found;
  const expiresAt = wanted < session.absoluteExpiresAt ? wanted : session.absoluteExpiresAt;
  if (expiresAt <= session.expiresAt) return;
  const query = queryAs(pool, { companyId: null, personId: person.id });
  const renewed = await query(
    'UPDATE "Session" SET "expiresAt" = $3, "lastUsedAt" = now() WHERE id = $1 AND "expiresAt" = $2 RETURNING 1',
    [session.id, session.expiresAt, expiresAt],
  );
  found.renewed = renewed.length === 1;
  if (found.renewed) session.expiresAt = expiresAt;
}

/**
 * A new token for the same sign-in, the old one ends: whenever what the session may do changes (OWASP ASVS 5.0, 7.2.4). The absolute
 * limit stays. `null` when the session has been revoked meanwhile.
 */
export async function rotateSession(
  query: Query,
  hash: string,
  companyId: string | null,
): Promise<string | null> {
  const token = newToken();
  const rotated = await query(
    `WITH old AS (DELETE FROM "Session" WHERE id = $1 RETURNING *)
     INSERT INTO "Session" (id, "personId", "companyId", ip, "userAgent", "createdAt", "expiresAt", "absoluteExpiresAt")
     SELECT $2, "personId", $3, ip, "userAgent", "createdAt", LEAST($4::timestamptz, "absoluteExpiresAt"), "absoluteExpiresAt"
     FROM old WHERE "expiresAt" > now() AND "absoluteExpiresAt" > now() RETURNING 1`,
    [hash, hashOf(token), companyId, fromNow(LIFETIME)],
  );
  return rotated.length === 1 ? token : null;
}

/** The person's sessions that still hold, latest first; `query` runs in their context. */
export const listSessions = (query: Query, personId: string): Promise<ListedSession[]> =>
  query(
    `SELECT left(id, 12) AS id, "companyId", ip, "userAgent", "createdAt", "lastUsedAt", "expiresAt" FROM "Session"
     WHERE "personId" = $1 AND "expiresAt" > now() AND "absoluteExpiresAt" > now() ORDER BY "createdAt" DESC, id`,
    [personId],
  );

/** Ends one session of the person, by its public id, from the next request on. `false`: they have no such session. */
export async function revokeSession(query: Query, personId: string, publicId: string): Promise<boolean> {
  const revoked = await query(
    'DELETE FROM "Session" WHERE "personId" = $1 AND left(id, 12) = $2 RETURNING 1',
    [personId, publicId],
  );
  return revoked.length > 0;
}

/** Ends all sessions of the person, or all but the one with this hash; returns how many. */
export async function revokeAllSessions(query: Query, personId: string, exceptHash = ''): Promise<number> {
  return (
    await query('DELETE FROM "Session" WHERE "personId" = $1 AND id <> $2 RETURNING 1', [
      personId,
      exceptHash,
    ])
  ).length;
}

/** The public id of the session that this token opens. */
export const publicIdOf = (token: string): string => publicSessionId(hashOf(token));
