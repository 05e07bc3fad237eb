import type { AccessScope } from '../../db/tenant/context.ts';
import { AppError } from '../../errors.ts';
import type { Membership } from '../authorization/identity.ts';
import type { Permission } from '../authorization/permissions.ts';
import { checkRights, type Grantor } from './check.ts';
import { rightsOf } from './rights.ts';

/** What the database says of a membership's rights; the rest of a membership changes none. */
export type Grants = Pick<Membership, 'roles' | 'branchId' | 'departmentId' | 'teams' | 'customRoles'>;

/**
 * Returns whether a member who granted these rights by `permission` could grant them now: what is
 * used later, such as an invitation or a key, lasts no longer than its grantor's right to it. The
 * permission alone does not suffice, because roles change.
 */
export function mayStillGrant(grantor: Grants, permission: Permission, granted: Grants): boolean {
  const by = grantorWith(grantor);
  if (!by.can(permission)) return false;
  const { branchId, departmentId } = granted;
  const branchOf = new Map(departmentId && branchId ? [[departmentId, branchId]] : []);
  try {
    checkRights(by, {
      before: new Map(),
      after: new Map([['granted', rightsOf(membershipWith(granted), true)]]),
      direct: new Set(),
      structure: { branchOf, departmentOf: new Map() },
    });
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'FORBIDDEN') return false;
    throw error;
  }
}

function grantorWith(grants: Grants): Grantor {
  const { level, placed } = rightsOf(membershipWith(grants), true);
  const nowhere: AccessScope = { branches: [], departments: [], teams: [], self: '' };
  return {
    level,
    can: (permission) => placed.has(permission),
    accessScope: (permission) => placed.get(permission as Permission) ?? nowhere,
  };
}

const membershipWith = (grants: Grants): Membership => ({
  ...{ id: '', company: { id: '', name: '', currency: '' } },
  ...{ mfaRequired: false, mfaGraceFrom: null, policy: null },
  ...grants,
});
