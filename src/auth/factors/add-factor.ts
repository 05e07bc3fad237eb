import type { Origin } from '../../audit/record/body.ts';
import { databaseTime } from '../../db/clock.ts';
import type { Query } from '../../db/sql.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import type { Actor } from '../authorization/actor.ts';
import type { Factor } from '../authorization/factor.ts';
import type { Identity } from '../authorization/identity.ts';
import { methodsWith } from '../mfa/usable-factors.ts';
import { revokeAllSessions, rotateSession } from '../session/store.ts';
import { type Started, start } from '../session/use-cases.ts';

/**
 * A factor that has just been proven counts from now on. All other sessions end, since they were begun without it; this one gets a new token
 * and has proven the factor. `confirm` writes it in the same transaction, or throws.
 */
export async function addFactor(
  services: Services,
  origin: Origin,
  { user, session }: Identity,
  { companyId }: Actor,
  factor: Factor,
  confirm: (query: Query) => Promise<void>,
): Promise<Started> {
  const facts = { action: 'factor.added' as const, data: { method: factor } };
  const started = await start(services, origin, { companyId, userId: user.id }, facts, async (query) => {
    await confirm(query);
    await revokeAllSessions(query, user.id, session.id);
    const methods = methodsWith(factor, session.methods);
    return rotateSession(query, session.id, { methods, mfaAt: databaseTime() });
  });
  notify(services, user, 'factorAdded', { factor, when: now() });
  return started;
}
