import { z } from 'zod';
import type { EventFacts } from '../../audit/record/body.ts';
import { queryAs } from '../../db/sql.ts';
import { id, nothing } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import { actorOf } from '../authorization/actor.ts';
import { type IdentityTools, identityCommand } from '../identity-command.ts';
import { limitsIn } from '../policy/own-policies.ts';
import { reading } from '../reading.ts';
import { isWithinLimits } from './acting-company.ts';
import { publicSessionId } from './public-id.ts';
import {
  listSessions,
  revokeAllSessions,
  revokeSession as revokeOne,
  rotateSession,
} from './session-rows.ts';
import { sessionEnded, startSession } from './store.ts';

/** Moves the session to another of the user's companies, under a new token. Error: NOT_FOUND. */
export const switchCompany = identityCommand({
  caller: 'enrolling',
  input: z.object({ companyId: id }),
  run: async (work) => {
    const { identity, input } = work;
    const { companyId } = input;
    if (!actorOf(identity, companyId)) throw notFound();
    if (!isWithinLimits(identity, companyId)) throw sessionEnded();
    const place = { companyId, userId: identity.user.id };
    return startSession(work, place, { action: 'session.companySwitched' }, async (tx) =>
      rotateSession(tx, identity.session.id, { companyId, limits: await limitsIn(tx, companyId) }),
    );
  },
});

/** Returns the user's sessions; `current` is the request's own. */
export const ownSessions = reading({
  caller: 'user',
  run: async ({ services, actor: { userId, sessionId } }) => {
    const sessions = await listSessions(queryAs(services.pool, { companyId: null, userId }), userId);
    return sessions.map((session) => ({ ...session, current: session.id === publicSessionId(sessionId) }));
  },
});

/** Revokes the session of the request. */
export const signOut = identityCommand({
  caller: 'enrolling',
  input: nothing,
  run: (tools) => revoke(tools, 'session.signedOut', publicSessionId(tools.actor.sessionId)),
});

/**
 * The public id of a session, decoded from its global id by the schema. Other text matches no
 * session.
 */
const publicId = z
  .object({ id: z.string() })
  .transform(({ id }) => (/^[0-9a-f]{12}$/.test(id) ? id : 'none'));

/**
 * Revokes one of the user's sessions by its public id, which it returns. Errors: INVALID_INPUT,
 * NOT_FOUND.
 */
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
