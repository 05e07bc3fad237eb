import { system } from '../../audit/record/body.ts';
import type { IdentityTransaction } from '../../auth/identity-command.ts';
import { settleGrace } from '../consequences/mfa-grace.ts';

type Row = { id: string; invitedUntil: Date };

/**
 * Makes an invited user a member, in a transaction of that company. Returns `false` without a valid
 * invitation. Of concurrent requests, one gets `true`.
 */
export async function join(
  tx: IdentityTransaction,
  { companyId, userId }: { companyId: string; userId: string },
): Promise<boolean> {
  const [joined] = await tx<Row>(
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
  await tx.append(facts, { kind: 'user', userId });
  // the grace period for a required second factor starts at acceptance
  for (const begun of await settleGrace(tx, companyId, id)) await tx.append(begun, system);
  return true;
}
