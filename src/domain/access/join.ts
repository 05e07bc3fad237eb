import { system } from '../../audit/record/body.ts';
import type { IdentityTransaction } from '../../auth/identity-command.ts';
import { settleGrace } from '../consequences/mfa-grace.ts';
import { isStillGranted, lockRightsOf } from './inviter.ts';

/**
 * Makes an invited user a member, in a transaction of that company. Returns `false` without a valid
 * invitation, or when its inviter could not make it now. Of concurrent requests, one gets `true`.
 */
export async function join(
  tx: IdentityTransaction,
  { companyId, userId }: { companyId: string; userId: string },
): Promise<boolean> {
  await lockRightsOf(tx, companyId);
  if (!(await isStillGranted(tx, { companyId, userId }))) return false;
  const [joined] = await tx<{ id: string }>(
    `UPDATE "Membership" SET status = 'active', "invitedUntil" = NULL
     WHERE "companyId" = $1 AND "userId" = $2 AND status = 'invited' AND "invitedUntil" > now() RETURNING id`,
    [companyId, userId],
  );
  if (!joined) return false;
  const { id } = joined;
  const change = { action: 'member.joined', entity: 'Membership', entityId: id } as const;
  await tx.record([change], { kind: 'user', userId });
  // the grace period for a required second factor starts at acceptance
  await tx.record(await settleGrace(tx, companyId, id), system);
  return true;
}
