import { AppError } from '../../errors.ts';
import type { Actor } from './actor.ts';
import type { RoleDefinition } from './permissions.ts';
import {
  accessScopes,
  builtInRole,
  fitsAccessScope,
  isPermission,
  isPlatformPermission,
  type Permission,
  permissions,
} from './permissions.ts';
import { bounded, type CustomRole, type RoleCatalogue, roleDefinition } from './roles.ts';

/**
 * Verifies that the actor may grant these roles ('grant'), or change their current holders ('change').
 * Granting requires each permission of the role in at least its access scope, and its level; changing
 * requires the level only. Errors: INVALID_INPUT for an unknown role, FORBIDDEN.
 */
export function mayGrant(
  actor: Actor,
  names: readonly string[],
  catalogue: RoleCatalogue,
  mode: 'grant' | 'change' = 'grant',
): void {
  for (const name of names) {
    const role = roleDefinition(name, catalogue);
    // A deleted role has no permissions, so removing it requires none.
    if (!role && mode === 'change') continue;
    if (!role)
      throw new AppError('INVALID_INPUT', 'Unknown role.', {
        fields: { 'input.roles': 'expected roles of this company' },
      });
    notAbove(actor, name, role);
    if (mode === 'grant') onlyWhatIsHeld(actor, name, role);
  }
}

/**
 * Verifies that the actor may define this custom role, by the rules of granting, so that members cannot
 * widen their own role. Errors: INVALID_INPUT for a built-in name or a permission that custom roles
 * cannot have, FORBIDDEN.
 */
export function mayDefine(actor: Actor, role: CustomRole & { slug: string }): void {
  if (builtInRole(role.slug)) {
    throw new AppError('INVALID_INPUT', 'Built-in roles cannot be changed.', {
      fields: { 'input.slug': 'expected a name that no built-in role has' },
    });
  }
  if (role.permissions.some((name) => !isPermission(name) || isPlatformPermission(name))) {
    throw new AppError('INVALID_INPUT', 'Unknown permission, or not available to company roles.', {
      fields: { 'input.permissions': "expected permissions from the policy map, none of the platform's" },
    });
  }
  const unfit = role.permissions
    .filter(isPermission)
    .filter((name) => !fitsAccessScope(name, role.accessScope));
  if (unfit.length > 0) {
    throw new AppError('INVALID_INPUT', `Only for the whole company: ${unfit.join(', ')}.`, {
      fields: {
        'input.permissions': `expected permissions that a role of reach ${role.accessScope} can hold`,
      },
    });
  }
  notAbove(actor, role.slug, role);
  onlyWhatIsHeld(actor, role.slug, bounded(role));
}

function notAbove(actor: Actor, name: string, role: { level: number }): void {
  if (role.level > actor.level) {
    throw new AppError('FORBIDDEN', `The role ${name} is of level ${role.level}; yours is ${actor.level}.`);
  }
}

function onlyWhatIsHeld(actor: Actor, name: string, role: RoleDefinition): void {
  for (const permission of role.permissions) {
    // A read-only role does not give its writing permissions.
    if (role.readOnly && permissions[permission].writes) continue;
    if (!actor.can(permission))
      throw new AppError('FORBIDDEN', `The role ${name} holds ${permission}, which you don't.`);
    // The same permission with a wider scope exceeds the actor's.
    if (accessScopes.indexOf(role.accessScope) < widest(actor, permission)) {
      throw new AppError(
        'FORBIDDEN',
        `The role ${name} gives ${permission} a wider access scope than yours.`,
      );
    }
  }
}

/** Returns the index of the actor's access scope in `reaches`, widest first. */
function widest(actor: Actor, permission: Permission): number {
  const accessScope = actor.accessScope(permission);
  if (accessScope === 'company') return accessScopes.indexOf('company');
  if (accessScope.branches.length > 0) return accessScopes.indexOf('branch');
  if (accessScope.departments.length > 0) return accessScopes.indexOf('department');
  return accessScopes.indexOf(accessScope.teams.length > 0 ? 'team' : 'self');
}
