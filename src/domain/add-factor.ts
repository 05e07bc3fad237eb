import type { Origin } from '../audit/body.ts';
import type { Actor, Identity } from '../auth/actor.ts';
import { type Factor, methodsWith } from '../auth/factor.ts';
import { revokeAllSessions, rotateSession } from '../auth/session.ts';
import type { Query } from '../db/sql.ts';
import { notify, now } from './notify.ts';
import type { Services } from './services.ts';
import { type Started, start } from './session.ts';

/**
 * A factor that has just been proven counts from now on. All other sessions end, since they were begun without it; this one gets a new token
 * and has proven the factor. `confirm` writes it in the same transaction, or throws.
 */
export async function addFactor(
  services: Services,
  origin: Origin,
  { person, session }: Identity,
  { companyId }: Actor,
  factor: Factor,
  confirm: (query: Query) => Promise<void>,
): Promise<Started> {
  const facts = { action: 'factor.added' as const, data: { method: factor } };
  const started = await start(services, origin, { companyId, personId: person.id }, facts, async (query) => {
    await confirm(query);
    await revokeAllSessions(query, person.id, session.id);
    const methods = methodsWith(factor, session.methods);
    return rotateSession(query, session.id, { methods, mfaAt: new Date() });
  });
  notify(services, person, 'factorAdded', { factor, when: now() });
  return started;
}
