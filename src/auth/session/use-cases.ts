import { append } from '../../audit/record/append.ts';
import { type EventFacts, type Origin, performerOf } from '../../audit/record/body.ts';
import { type TransactionalQuery, transactionAs } from '../../db/sql.ts';
import { AppError, notFound } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { limitsIn } from '../account/own-policies.ts';
import { type Actor, actorOf, type Identity } from '../authorization/actor.ts';
import {
  authenticate,
  revokeSession as end,
  publicIdOf,
  publicSessionId,
  revokeAllSessions,
  rotateSession,
} from './store.ts';

/** A session that has just begun or moved: its token, shown this once, and who it makes of the caller. */
export type Started = { token: string; identity: Identity; actor: Actor };

/** The same sign-in, acting in another of the user's companies from now on, under a new token. Errors: NOT_FOUND. */
export async function switchCompany(
  services: Services,
  origin: Origin,
  identity: Identity,
  companyId: string,
): Promise<Started> {
  if (!actorOf(identity, companyId)) throw notFound();
  const userId = identity.user.id;
  const sessionId = identity.session.id;
  return start(
    services,
    origin,
    { companyId, userId },
    { action: 'session.companySwitched' },
    async (query) => rotateSession(query, sessionId, { companyId, limits: await limitsIn(query, companyId) }),
  );
}

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
  const identity = await authenticate(services.pool, token);
  const actor = identity && actorOf(identity, place.companyId);
  if (!identity || !actor) throw ended();
  return { token, identity, actor };
}

const ended = () =>
  new AppError('UNAUTHENTICATED', 'The session is unknown, expired or revoked; sign in again.');

/** Ends the session that the request came with. */
export const signOut = (services: Services, origin: Origin, actor: Actor): Promise<void> =>
  finish(services, origin, actor, 'session.signedOut', publicSessionId(actor.sessionId));

/** Ends one of the user's sessions by its public id. Errors: NOT_FOUND. */
export const revokeSession = (
  services: Services,
  origin: Origin,
  actor: Actor,
  publicId: string,
): Promise<void> => finish(services, origin, actor, 'session.revoked', publicId);

/** Ends all of the user's sessions, or all but the one that the request came with; returns how many. */
export async function revokeSessions(
  services: Services,
  origin: Origin,
  actor: Actor,
  which: 'all' | 'others',
): Promise<number> {
  const { companyId, userId, sessionId } = actor;
  return transactionAs(services.pool, { companyId, userId }, async (query) => {
    const count = await revokeAllSessions(query, userId, which === 'others' ? sessionId : undefined);
    const facts = { action: 'session.revoked' as const, data: { sessions: which, count } };
    await append(query, companyId, [{ ...facts, performer: performerOf(actor), origin }]);
    return count;
  });
}

async function finish(
  services: Services,
  origin: Origin,
  actor: Actor,
  action: EventFacts['action'],
  publicId: string,
) {
  const { companyId, userId } = actor;
  await transactionAs(services.pool, { companyId, userId }, async (query) => {
    if (!(await end(query, userId, publicId))) throw notFound();
    await append(query, companyId, [
      { action, data: { session: publicId }, performer: performerOf(actor), origin },
    ]);
  });
}
