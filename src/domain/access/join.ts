import { append } from '../../audit/record/append.ts';
import { type Origin, system } from '../../audit/record/body.ts';
import type { TransactionalQuery } from '../../db/sql.ts';
import { settleGrace } from '../consequences/mfa-grace.ts';

type Row = { id: string; invitedUntil: Date };

/**
 * Makes an invited user a member, in a transaction of that company. Returns `false` without a valid
 * invitation. Of concurrent requests, one gets `true`.
 */
export async function join(
  query: TransactionalQuery,
  origin: Origin,
  { companyId, userId }: { companyId: string; userId: string },
): Promise<boolean> {
  const [joined] = await query<Row>(
    `UPDATE "Membership" m SET status = 'active', "invitedUntil" = NULL
     FROM (SELECT id, "invitedUntil" FROM "Membership"
           WHERE "companyId" = $1 AND "userId" = $2 AND status = 'invited' AND "invitedUntil" > now() FOR UPDATE) asked
     WHERE m."companyId" = $1 AND m.id = asked.id RETURNING m.id, asked."invitedUntil"`,
    [companyId, userId],
  );
  if (!joined) return false;
  const { id, invitedUntil } = joined;
  const facts = {
    action: 'member.joined' as const,
    entity: 'Membership' as const,
    entityId: id,
    before: { id, status: 'invited', invitedUntil: invitedUntil.toISOString() },
    after: { id, status: 'active', invitedUntil: null },
  };
  await append(query, companyId, [{ ...facts, performer: { kind: 'user', userId }, origin }]);
  // the grace period for a required second factor starts at acceptance
  for (const begun of await settleGrace(query, companyId, id))
    await append(query, companyId, [{ ...begun, performer: system, origin }]);
  return true;
}
