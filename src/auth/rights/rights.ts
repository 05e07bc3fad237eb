import type { AccessScope } from '../../db/tenant/context.ts';
import { accessScopeByPermission, type Held } from '../authorization/actor.ts';
import type { Membership } from '../authorization/identity.ts';
import {
  type AccessScopeName,
  accessScopes,
  type Permission,
  permissions,
} from '../authorization/permissions.ts';
import { roleDefinition } from '../authorization/roles.ts';

/**
 * The permissions of a member, a service account, or a future holder of a role or team membership.
 */
export type Rights = {
  level: number;
  /** The widest access scope of each permission, by name: it counts wherever its holder works. */
  named: ReadonlyMap<Permission, AccessScopeName>;
  /** The same as the branches, departments and teams where the holder works now. */
  placed: ReadonlyMap<Permission, AccessScope>;
  /** Whether the rights can be used now. They cannot while a membership is suspended. */
  usable: boolean;
};

/** A permission that a change gives, and how far it reaches now that it did not reach before. */
export type Gain = { permission: Permission; scope: AccessScopeName; places: AccessScope | null };

/**
 * Returns the rights that a membership's own roles and its teams' roles give; unknown roles give
 * none.
 */
export function rightsOf(membership: Membership, usable: boolean): Rights {
  const held = assigned(membership);
  const readOnly = held.some(({ definition }) => definition.readOnly);
  return {
    level: Math.max(0, ...held.map(({ definition }) => definition.level)),
    named: widestScopes(held, readOnly),
    placed: accessScopeByPermission(held, membership, membership.id, readOnly),
    usable,
  };
}

/** Includes platform roles in a company: granting one must be rejected, not ignored. */
function assigned({ roles, teams, customRoles }: Membership): Held[] {
  const all = teams.map(({ id }) => id);
  const named = [
    ...roles.map((role) => ({ role, teams: all })),
    ...teams.flatMap((team) => team.roles.map((role) => ({ role, teams: [team.id] }))),
  ];
  return named.flatMap((one) => {
    const definition = roleDefinition(one.role, customRoles);
    return definition ? [{ ...one, definition }] : [];
  });
}

function widestScopes(held: Held[], readOnly: boolean): Map<Permission, AccessScopeName> {
  const widest = new Map<Permission, AccessScopeName>();
  for (const { definition } of held) {
    for (const permission of definition.permissions) {
      if (readOnly && permissions[permission].writes) continue;
      const before = widest.get(permission);
      if (!before || isWider(definition.accessScope, before)) widest.set(permission, definition.accessScope);
    }
  }
  return widest;
}

export const isWider = (a: AccessScopeName, b: AccessScopeName): boolean =>
  accessScopes.indexOf(a) < accessScopes.indexOf(b);

/**
 * Returns every permission that `after` gives beyond `before`. Rights that become usable are gained
 * as a whole.
 */
export function gainsOf(before: Rights | undefined, after: Rights | undefined): Gain[] {
  if (!after) return [];
  const base = before && (before.usable || !after.usable) ? before : undefined;
  return [...after.named].flatMap(([permission, scope]) => {
    const known = base?.named.get(permission);
    const wider = !known || isWider(scope, known);
    const places = beyond(base?.placed.get(permission), after.placed.get(permission));
    return wider || places ? [{ permission, scope: wider ? scope : known, places }] : [];
  });
}

/** Whether `after` is less than `before` in level or any permission. */
export const loses = (before: Rights, after: Rights | undefined): boolean =>
  !after ||
  after.level < before.level ||
  gainsOf(after, before).length > 0 ||
  (before.usable && !after.usable);

/** Returns the places that are in `after` and not in `before`; `null` when there are none. */
function beyond(before: AccessScope | undefined, after: AccessScope | undefined): AccessScope | null {
  if (!after || before === 'company') return null;
  if (after === 'company') return 'company';
  const added = (name: 'branches' | 'departments' | 'teams') =>
    after[name].filter((id) => !before?.[name].includes(id));
  const [branches, departments, teams] = [added('branches'), added('departments'), added('teams')];
  return branches.length + departments.length + teams.length > 0
    ? { branches, departments, teams, self: after.self }
    : null;
}
