import { z } from 'zod';
import { anonymous, performerOf } from '../../audit/record/body.ts';
import { nothing } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { type IdentityWork, identityCommand } from '../identity-command.ts';
import { publicSessionId } from '../session/public-id.ts';
import { ACCESS_SECONDS, signAccessToken } from './access-token.ts';
import { beginFamily, exchange, type Owner, ownerOf, type Refresh } from './refresh-token.ts';

/**
 * An access token (RFC 9068) and a refresh token, shown once. `expiresIn`: seconds, of the access
 * token.
 */
export type Tokens = { accessToken: string; expiresIn: number; refreshToken: string; refreshExpiresAt: Date };

const ended = () =>
  new AppError('UNAUTHENTICATED', 'The refresh token is unknown, used, expired or revoked; sign in again.');

/**
 * Continues the session with tokens and revokes its session token. Error: UNAUTHENTICATED for a
 * session revoked meanwhile.
 */
export const issueTokens = identityCommand({
  caller: 'user',
  input: nothing,
  run: async ({ services, actor, transaction }) => {
    const { companyId, userId, sessionId } = actor;
    const refresh = await transaction({ companyId, userId }, async (tx) => {
      const begun = await beginFamily(tx, userId, sessionId);
      if (!begun) throw ended();
      await tx.append({ action: 'token.issued' }, performerOf({ ...actor, sessionId: begun.session }));
      return begun;
    });
    return tokensOf(services, refresh, { userId, companyId });
  },
});

const input = z.object({ refreshToken: z.string().max(200, 'expected a refresh token') });

/**
 * Exchanges a refresh token for the next pair, in two round trips. Within ten seconds the same
 * token gives the same pair, so that concurrent refreshes stay signed in. Later it is a replay: the
 * session is revoked, audited, and its user notified (RFC 9700, 4.14.2).
 * Error: one UNAUTHENTICATED for every invalid token.
 */
export const refreshTokens = identityCommand({
  caller: 'anyone',
  input,
  run: async (work) => {
    const { services } = work;
    const { refreshToken } = work.input;
    const owner = await ownerOf(services.pool, refreshToken);
    if (!owner?.active || owner.companyId === null) throw ended();
    const given = await exchange(services.pool, services.keyring, owner, refreshToken);
    if (given === 'unknown') throw ended();
    if ('replayed' in given) {
      await revokeReplayed(work, owner, given.replayed);
      throw ended();
    }
    return tokensOf(services, given, { userId: owner.userId, companyId: owner.companyId });
  },
});

async function tokensOf(
  { signingKeys, config }: Services,
  { token, id, session, issuedAt, expiresAt }: Refresh,
  { userId, companyId }: { userId: string; companyId: string },
): Promise<Tokens> {
  const accessToken = await signAccessToken(signingKeys, config, {
    ...{ id, session, issuedAt },
    ...{ userId, companyId },
  });
  return { accessToken, expiresIn: ACCESS_SECONDS, refreshToken: token, refreshExpiresAt: expiresAt };
}

type User = { email: string; language: string };

/**
 * Revokes a replayed session and notifies its user, once under concurrent requests. PostgreSQL
 * denies its access tokens (deny_access_tokens).
 */
async function revokeReplayed(
  { services, origin, transaction }: IdentityWork,
  { userId, companyId: own }: Owner,
  session: string,
): Promise<void> {
  const companyId = own ?? PLATFORM_ID;
  await transaction({ companyId, userId }, async (tx) => {
    const revoked = await tx('DELETE FROM "Session" WHERE id = $1 RETURNING 1', [session]);
    if (revoked.length === 0) return;
    const data = { userId, session: publicSessionId(session) };
    await tx.append({ action: 'token.reused', data }, anonymous);
    const [user] = await tx<User>('SELECT email, language FROM "User" WHERE id = $1', [userId]);
    const notice = { when: now(), address: origin.ip };
    if (user) tx.afterCommit(() => notify(services, user, 'tokenReused', notice));
  });
}
