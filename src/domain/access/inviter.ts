import type { IdentityTransaction } from '../../auth/identity-command.ts';
import { type Grants, mayStillGrant } from '../../auth/rights/grantor.ts';

type Place = { companyId: string; userId: string };
type Invited = Grants & { invitedById: string | null; inviter: Grants | null };

/**
 * The roles and place of an invitation, and the rights of its inviter while they are an active
 * member.
 */
const INVITED = `SELECT m.roles, m."branchId", m."departmentId", '[]'::jsonb AS teams, m."invitedById",
    (SELECT COALESCE(jsonb_object_agg(r.slug, jsonb_build_object(
       'level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions)), '{}')
     FROM "Role" r WHERE r."companyId" = m."companyId") AS "customRoles",
    (SELECT jsonb_build_object('roles', i.roles, 'branchId', i."branchId", 'departmentId', i."departmentId", 'teams', COALESCE((
       SELECT jsonb_agg(jsonb_build_object('id', t.id, 'roles', t.roles))
       FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
       WHERE tm."companyId" = i."companyId" AND tm."membershipId" = i.id), '[]'))
     FROM "Membership" i WHERE i."companyId" = m."companyId" AND i."userId" = m."invitedById" AND i.status = 'active') AS inviter
  FROM "Membership" m WHERE m."companyId" = $1 AND m."userId" = $2 AND m.status = 'invited'`;

/**
 * Returns whether the invitation still holds: its inviter could make it now. One of the deployment
 * or of the platform, which founds companies, has no inviter and holds.
 */
export async function isStillGranted(
  tx: IdentityTransaction,
  { companyId, userId }: Place,
): Promise<boolean> {
  const [invited] = await tx<Invited>(INVITED, [companyId, userId]);
  if (!invited) return false;
  const { invitedById, inviter, ...granted } = invited;
  if (invitedById === null) return true;
  const { customRoles } = granted;
  return inviter !== null && mayStillGrant({ ...inviter, customRoles }, 'member.write', granted);
}

/**
 * Takes the lock of the commands that change rights (auth/rights/guard.ts), before any row: rights
 * stay as they are until commit.
 */
export const lockRightsOf = (tx: IdentityTransaction, companyId: string): Promise<unknown> =>
  tx('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${companyId}:rights`]);
