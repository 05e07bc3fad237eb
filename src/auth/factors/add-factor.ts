import { databaseTime } from '../../db/clock.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Actor } from '../authorization/actor.ts';
import { type Factor, methodsWith } from '../authorization/factor.ts';
import type { Identity } from '../authorization/identity.ts';
import type { IdentityTransaction, IdentityWork } from '../identity-command.ts';
import { revokeAllSessions, rotateSession } from '../session/session-rows.ts';
import { type Started, startSession } from '../session/store.ts';

/**
 * Adds a factor that was just verified. Revokes all other sessions, which began without it, and
 * rotates this one, which has now verified the factor. `confirm` writes the factor in the same
 * transaction, or throws.
 */
export const addFactor = (
  work: IdentityWork,
  { user, session }: Identity,
  { companyId }: Actor,
  factor: Factor,
  confirm: (tx: IdentityTransaction) => Promise<void>,
): Promise<Started> => {
  const facts = { action: 'factor.added' as const, data: { method: factor } };
  return startSession(work, { companyId, userId: user.id }, facts, async (tx) => {
    await confirm(tx);
    await revokeAllSessions(tx, user.id, session.id);
    tx.afterCommit(() => notify(work.services, user, 'factorAdded', { factor, when: now() }));
    const methods = methodsWith(factor, session.methods);
    return rotateSession(tx, session.id, { methods, mfaAt: databaseTime() });
  });
};
