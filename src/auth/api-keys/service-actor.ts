import type { AccessScope } from '../../db/tenant/context.ts';
import { type Actor, accessScopeByPermission, type Held, heldRoles } from '../authorization/actor.ts';
import type { Membership } from '../authorization/identity.ts';
import { isForServices } from '../authorization/permissions.ts';
import type { RoleCatalogue } from '../authorization/roles.ts';

/** A service account, loaded by its key. */
export type ServiceAccount = {
  account: { id: string; name: string; roles: string[] };
  company: { id: string; name: string; currency: string };
  customRoles: RoleCatalogue;
  key: { id: string };
};

/**
 * Returns the actor of a service account, without permissions reserved for users (A7). It belongs
 * to no branch, department or team, so a role limited to those shows no row.
 */
export function serviceActor(found: ServiceAccount): Actor {
  const { account, company, key } = found;
  const membership = membershipOf(found);
  const held = heldRoles(membership).map(forServices);
  const readOnly = held.some(({ definition }) => definition.readOnly);
  const accessScope = accessScopeByPermission(held, membership, account.id, readOnly);
  const nothing: AccessScope = { branches: [], departments: [], teams: [], self: account.id };
  return {
    kind: 'service',
    assurance: null,
    userId: account.id,
    email: '',
    name: account.name,
    language: 'en',
    sessionId: key.id,
    companyId: company.id,
    companyName: company.name,
    membershipId: account.id,
    roles: [...new Set(held.map(({ role }) => role))],
    permissions: new Set(accessScope.keys()),
    readOnly,
    level: Math.max(0, ...held.map(({ definition }) => definition.level)),
    branches: [],
    departments: [],
    teams: [],
    can: (permission) => accessScope.has(permission),
    accessScope: (permission) => accessScope.get(permission as never) ?? nothing,
  };
}

const forServices = (held: Held): Held => ({
  ...held,
  definition: { ...held.definition, permissions: held.definition.permissions.filter(isForServices) },
});

const membershipOf = ({ account, company, customRoles }: ServiceAccount): Membership => ({
  id: account.id,
  company,
  roles: account.roles,
  branchId: null,
  departmentId: null,
  teams: [],
  customRoles,
  mfaRequired: false,
  mfaGraceFrom: null,
  policy: null,
});
