import { append } from '../../audit/record/append.ts';
import type { Origin } from '../../audit/record/body.ts';
import { databaseNow } from '../../db/clock.ts';
import { transactionAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../authorization/actor.ts';
import type { Identity } from '../authorization/identity.ts';
import { type SessionLimits, sessionLimits } from '../policy/session-limits.ts';
import { publicSessionId } from './public-id.ts';

/**
 * Returns whether a session is within the limits of a company beside its own: its age and its
 * longest idle time, for the user's roles there. Its own company's limits are in its row. True for
 * a company that is not the user's, which authentication rejects.
 * @param idleOf returns the idle limit of this kind of credential, given the company's in seconds
 */
export function isWithinLimits(
  identity: Identity,
  companyId: string | undefined,
  idleOf: (seconds: number) => number = (seconds) => seconds,
): boolean {
  const { session } = identity;
  const asked = companyId?.toLowerCase() ?? session.companyId;
  const limits = asked === session.companyId ? null : limitsIn(identity, asked);
  if (!limits) return true;
  const now = databaseNow();
  const unused = Math.max(session.longestIdleSeconds * 1000, now - session.lastUsedAt.getTime());
  const age = now - session.createdAt.getTime();
  return age < limits.absolute * 1000 && unused < idleOf(limits.idle) * 1000;
}

/** Returns the shortest idle limit of the user's companies, in seconds. */
export const shortestIdle = (identity: Identity): number =>
  Math.min(
    identity.session.idleSeconds,
    ...identity.memberships.map(({ company }) => limitsIn(identity, company.id)?.idle ?? Infinity),
  );

function limitsIn(identity: Identity, companyId: string | null): SessionLimits | null {
  const actor = actorOf(identity, companyId);
  const membership = identity.memberships.find(({ company }) => company.id === companyId);
  return actor && membership ? sessionLimits(actor.level, membership.policy) : null;
}

export const hasEntered = ({ session }: Identity, companyId: string): boolean =>
  companyId === session.companyId || session.enteredCompanies.includes(companyId);

/**
 * Audits the first time that a session acts in a company beside its own, in that company's audit
 * log, and notes it in the session's row, by which the company revokes it. Error: UNAUTHENTICATED
 * for a session that was revoked meanwhile.
 */
export async function enterCompany(
  pool: TenantPool,
  origin: Origin,
  identity: Identity,
  companyId: string,
): Promise<void> {
  if (hasEntered(identity, companyId)) return;
  const { session, user } = identity;
  await transactionAs(pool, { companyId, userId: user.id }, async (query) => {
    const [before] = await query<{ entered: boolean }>(
      'SELECT $2 = ANY ("enteredCompanies") AS entered FROM "Session" WHERE id = $1 FOR UPDATE',
      [session.id, companyId],
    );
    if (!before) throw new AppError('UNAUTHENTICATED', 'The session has ended; sign in again.');
    if (before.entered) return;
    await query(
      'UPDATE "Session" SET "enteredCompanies" = array_append("enteredCompanies", $2) WHERE id = $1',
      [session.id, companyId],
    );
    const performer = { kind: 'user' as const, userId: user.id, session: publicSessionId(session.id) };
    await append(query, companyId, [{ action: 'session.companyEntered', performer, origin }]);
  });
}
