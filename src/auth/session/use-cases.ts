import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import type { EventFacts, Origin } from '../../audit/record/body.ts';
import { queryAs, type TransactionalQuery, transactionAs } from '../../db/sql.ts';
import { id, nothing } from '../../domain/input.ts';
import { AppError, notFound } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { type Actor, actorOf } from '../authorization/actor.ts';
import type { Identity } from '../authorization/identity.ts';
import { type IdentityTools, identityCommand } from '../identity-command.ts';
import { limitsIn } from '../policy/own-policies.ts';
import { reading } from '../reading.ts';
import { isWithinLimits } from './acting-company.ts';
import { publicIdOf, publicSessionId } from './public-id.ts';
import {
  authenticate,
  listSessions,
  revokeAllSessions,
  revokeSession as revokeOne,
  rotateSession,
} from './store.ts';

/** A session that has just begun or moved: its token, shown this once, and who it makes of the caller. */
export type Started = { token: string; identity: Identity; actor: Actor };

/** The same sign-in, acting in another of the user's companies from now on, under a new token. Errors: NOT_FOUND. */
export const switchCompany = identityCommand({
  caller: 'enrolling',
  input: z.object({ companyId: id }),
  run: async ({ services, origin, identity, input: { companyId } }) => {
    if (!actorOf(identity, companyId)) throw notFound();
    if (!isWithinLimits(identity, companyId)) throw ended();
    const userId = identity.user.id;
    const sessionId = identity.session.id;
    return start(
      services,
      origin,
      { companyId, userId },
      { action: 'session.companySwitched' },
      async (query) =>
        rotateSession(query, sessionId, { companyId, limits: await limitsIn(query, companyId) }),
    );
  },
});

/** The user's own sessions; `current` is the one that the request came with. */
export const ownSessions = reading({
  caller: 'user',
  run: async ({ services, actor: { userId, sessionId } }) => {
    const sessions = await listSessions(queryAs(services.pool, { companyId: null, userId }), userId);
    return sessions.map((session) => ({ ...session, current: session.id === publicSessionId(sessionId) }));
  },
});

type Place = { companyId: string; userId: string };
type Begin = (query: TransactionalQuery) => Promise<string | null>;

/**
 * The session's row and its event commit together, and with whatever else `begin` writes; who the token makes of the caller is read back
 * as any request would read it. `begin` gives the token, or null when the session has ended meanwhile.
 */
export async function start(
  services: Services,
  origin: Origin,
  place: Place,
  facts: EventFacts,
  begin: Begin,
): Promise<Started> {
  const token = await transactionAs(services.pool, place, async (query) => {
    const begun = await begin(query);
    if (!begun) throw ended();
    const performer = { kind: 'user' as const, userId: place.userId, session: publicIdOf(begun) };
    await append(query, place.companyId, [{ ...facts, performer, origin }]);
    return begun;
  });
  const identity = await authenticate(services, token);
  const actor = identity && actorOf(identity, place.companyId);
  if (!identity || !actor) throw ended();
  return { token, identity, actor };
}

const ended = () =>
  new AppError('UNAUTHENTICATED', 'The session is unknown, expired or revoked; sign in again.');

/** Revokes the session of the request. */
export const signOut = identityCommand({
  caller: 'enrolling',
  input: nothing,
  run: (tools) => revoke(tools, 'session.signedOut', publicSessionId(tools.actor.sessionId)),
});

/** A global id, already decoded by the schema: the public id of a session. Any other text names none. */
const publicId = z
  .object({ id: z.string() })
  .transform(({ id }) => (/^[0-9a-f]{12}$/.test(id) ? id : 'none'));

/** Revokes one of the user's sessions by its public id, which it returns. Errors: INVALID_INPUT, NOT_FOUND. */
export const revokeSession = identityCommand({
  caller: 'user',
  input: z.object({ sessionId: publicId }),
  run: (tools) => revoke(tools, 'session.revoked', tools.input.sessionId),
});

/** Revokes all of the user's sessions, or all others; returns their number. */
export const revokeSessions = identityCommand({
  caller: 'user',
  input: z.object({ which: z.enum(['all', 'others']) }),
  run: ({ actor: { companyId, userId, sessionId }, input: { which }, transaction }) =>
    transaction({ companyId, userId }, async (tx) => {
      const count = await revokeAllSessions(tx, userId, which === 'others' ? sessionId : undefined);
      await tx.append({ action: 'session.revoked', data: { sessions: which, count } });
      return count;
    }),
});

type Revoking = Pick<IdentityTools<'user', unknown>, 'actor' | 'transaction'>;

const revoke = (
  { actor: { companyId, userId }, transaction }: Revoking,
  action: EventFacts['action'],
  publicId: string,
): Promise<{ id: string }> =>
  transaction({ companyId, userId }, async (tx) => {
    if (!(await revokeOne(tx, userId, publicId))) throw notFound();
    await tx.append({ action, data: { session: publicId } });
    return { id: publicId };
  });
