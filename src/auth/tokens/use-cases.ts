import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { anonymous, type Origin, performerOf } from '../../audit/record/body.ts';
import { transactionAs } from '../../db/sql.ts';
import { nothing } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { identityCommand } from '../identity-command.ts';
import { publicSessionId } from '../session/public-id.ts';
import { ACCESS_SECONDS, signAccessToken } from './access-token.ts';
import { beginFamily, exchange, type Owner, ownerOf, type Refresh } from './refresh-token.ts';

/** An access token (RFC 9068) and the refresh token to get the next one with, shown this once. `expiresIn`: seconds, of the access token. */
export type Tokens = { accessToken: string; expiresIn: number; refreshToken: string; refreshExpiresAt: Date };

const ended = () =>
  new AppError('UNAUTHENTICATED', 'The refresh token is unknown, used, expired or revoked; sign in again.');

/** Continues the session with tokens and revokes its session token. Error: UNAUTHENTICATED for a session revoked meanwhile. */
export const issueTokens = identityCommand({
  caller: 'user',
  input: nothing,
  run: async ({ services, origin, actor }) => {
    const { companyId, userId, sessionId } = actor;
    const refresh = await transactionAs(services.pool, { companyId, userId }, async (query) => {
      const begun = await beginFamily(query, userId, sessionId);
      if (!begun) throw ended();
      const performer = performerOf({ ...actor, sessionId: begun.session });
      await append(query, companyId, [{ action: 'token.issued', performer, origin }]);
      return begun;
    });
    return tokensOf(services, refresh, { userId, companyId });
  },
});

const input = z.object({ refreshToken: z.string().max(200, 'expected a refresh token') });

/**
 * The next pair for a refresh token, in two round trips. Within ten seconds the same one for the same token, so that requests which refresh
 * at the same time stay signed in; later it is a replay: the session ends, on the record, and its user is told (RFC 9700, 4.14.2).
 * Error: one UNAUTHENTICATED for every way in which it may not hold.
 */
export const refreshTokens = identityCommand({
  caller: 'anyone',
  input: input,
  run: async ({ services, origin, input }) => {
    const { refreshToken } = input;
    const owner = await ownerOf(services.pool, refreshToken);
    if (!owner?.active || owner.companyId === null) throw ended();
    const given = await exchange(services.pool, services.keyring, owner, refreshToken);
    if (given === 'unknown') throw ended();
    if ('replayed' in given) {
      await endFamily(services, origin, owner, given.replayed);
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

/** Revokes a replayed session and notifies its user, once under concurrent requests. PostgreSQL denies its access tokens (deny_access_tokens). */
async function endFamily(services: Services, origin: Origin, owner: Owner, session: string): Promise<void> {
  const { userId } = owner;
  const companyId = owner.companyId ?? PLATFORM_ID;
  const user = await transactionAs(services.pool, { companyId, userId }, async (query) => {
    const gone = await query('DELETE FROM "Session" WHERE id = $1 RETURNING 1', [session]);
    if (gone.length === 0) return undefined;
    const data = { userId, session: publicSessionId(session) };
    await append(query, companyId, [{ action: 'token.reused', data, performer: anonymous, origin }]);
    const [found] = await query<User>('SELECT email, language FROM "User" WHERE id = $1', [userId]);
    return found;
  });
  if (user) notify(services, user, 'tokenReused', { when: now(), address: origin.ip });
}
