import { expect } from 'vitest';
import { accountSubject } from '../../../src/auth/lockout/limits.ts';
import { factorsOf, isAlive } from './rules.ts';
import type { Server } from './server.ts';
import { type Model, type Of, secretsOf } from './state.ts';

/**
 * What the rows of each user must say after every step. `sessions` and `tokens`: how long those
 * last that hold still, in seconds; `twins`: refresh tokens that could be exchanged beside another
 * of their family, or came of the same one. `tries`: failures and locks that are remembered of
 * passwords, app codes and backup codes.
 */
type Rows = {
  suspended: boolean;
  role: string;
  grace: boolean;
  app: boolean;
  pending: number;
  devices: number;
  codes: number;
  sessions: number[];
  tokens: number[];
  twins: number;
  tries: number[];
};

export function rowsBy(model: Model): Rows[] {
  const { now } = model;
  const live = (kind: 'pending' | 'device' | 'backup', of: number) =>
    model.secrets.filter(
      (one) => one.kind === kind && one.user === of && !one.gone && !('expires' in one && one.expires <= now),
    ).length;
  const isFresh = ({ gone, usedAt, expires }: Of<'refresh'>) => !gone && usedAt === null && expires > now;
  return model.people.map(({ suspended, role, graceFrom, tries }, user) => {
    const sessions = model.sessions.filter((one) => one.user === user && isAlive(model, one));
    const tokens = secretsOf(model, 'refresh')
      .map(({ is }) => is)
      .filter((one) => isFresh(one) && sessions.includes(model.sessions[one.session] as never));
    return {
      ...{ suspended, role, grace: graceFrom !== null, app: factorsOf(model, user).includes('totp') },
      ...{ pending: live('pending', user), devices: live('device', user), codes: live('backup', user) },
      sessions: about(sessions.map(({ expires, absolute }) => Math.min(expires, absolute) - now)),
      tokens: about(tokens.map(({ expires }) => expires - now)),
      twins: 0,
      tries: KINDS.flatMap((kind) => [tries[kind].failures, tries[kind].lockouts]),
    };
  });
}

/** To less than a minute: the server's clock does not stand still between steps. */
const about = (seconds: number[]) => seconds.sort((a, b) => a - b).map((left) => expect.closeTo(left, -2));

const KINDS = ['password', 'totp', 'backupCode'] as const;
const LASTS = 'least("expiresAt", "absoluteExpiresAt")';
const ROWS = `
  SELECT m.status = 'suspended' AS suspended, m.roles[1] AS role, m."mfaGraceFrom" IS NOT NULL AS grace,
    EXISTS (SELECT FROM "TotpFactor" f WHERE f."userId" = m."userId" AND f."confirmedAt" IS NOT NULL) AS app,
    (SELECT count(*)::int FROM "MfaChallenge" s WHERE s."userId" = m."userId" AND "expiresAt" > now()) AS pending,
    (SELECT count(*)::int FROM "TrustedDevice" d WHERE d."userId" = m."userId" AND "expiresAt" > now()) AS devices,
    (SELECT count(*)::int FROM "BackupCode" b WHERE b."userId" = m."userId" AND "usedAt" IS NULL) AS codes,
    ARRAY(SELECT extract(epoch FROM ${LASTS} - now())::float FROM "Session" s
      WHERE s."userId" = m."userId" AND ${LASTS} > now() ORDER BY 1) AS sessions,
    ARRAY(SELECT extract(epoch FROM t."expiresAt" - now())::float FROM "RefreshToken" t WHERE t."userId" = m."userId"
      AND "usedAt" IS NULL AND t."expiresAt" > now() AND EXISTS (SELECT FROM "Session" WHERE id = t."sessionId" AND ${LASTS} > now())
      ORDER BY 1) AS tokens,
    (SELECT count(*)::int FROM "RefreshToken" t JOIN "RefreshToken" o ON o."sessionId" = t."sessionId" AND o.id <> t.id
      WHERE t."userId" = m."userId" AND (t."usedAt" IS NULL AND o."usedAt" IS NULL OR t."successorId" = o."successorId")) AS twins,
    ARRAY(SELECT unnest(ARRAY[COALESCE(t.failures, 0), COALESCE(t.lockouts, 0)]) FROM unnest($3::text[]) WITH ORDINALITY AS k (kind, place)
      LEFT JOIN "Throttle" t ON t.kind = k.kind AND t.subject = given.subject ORDER BY k.place) AS tries
  FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS given (id, subject, place) JOIN "Membership" m ON m."userId" = given.id ORDER BY place`;

export const rowsOfServer = ({ clock, people }: Server): Promise<Rows[]> =>
  clock.rows(ROWS, [
    people.map(({ userId }) => userId),
    people.map(({ email }) => accountSubject(email)),
    KINDS,
  ]);
