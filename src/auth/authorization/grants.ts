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
 * May the actor give these roles ('grant'), or change who or what has them now ('change')? Granting asks for each permission of
 * the role, in an access scope at least as wide as the role's, and a level not above the actor's; changing asks for the level only.
 * Errors: INVALID_INPUT for a name that is no role, FORBIDDEN.
 */
export function mayGrant(
  actor: Actor,
  names: readonly string[],
  catalogue: RoleCatalogue,
  mode: 'grant' | 'change' = 'grant',
): void {
  for (const name of names) {
    const role = roleDefinition(name, catalogue);
    // A role that has since gone gives nothing, so taking it away takes no right.
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
 * May the actor define this role for the company? Bound as granting is, so that nobody widens a role that they have.
 * Errors: INVALID_INPUT with fields for a built-in's name or a permission that no company role can hold, FORBIDDEN.
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
    // What a read-only role cannot use, nobody is given by it.
    if (role.readOnly && permissions[permission].writes) continue;
    if (!actor.can(permission))
      throw new AppError('FORBIDDEN', `The role ${name} holds ${permission}, which you don't.`);
    // The same permission over more rows is more than they hold.
    if (accessScopes.indexOf(role.accessScope) < widest(actor, permission)) {
      throw new AppError(
        'FORBIDDEN',
        `The role ${name} gives ${permission} a wider access scope than yours.`,
      );
    }
  }
}

/** Index into `reaches`, widest first, of how far the actor's permission goes. */
function widest(actor: Actor, permission: Permission): number {
  const accessScope = actor.accessScope(permission);
  if (accessScope === 'company') return accessScopes.indexOf('company');
  if (accessScope.branches.length > 0) return accessScopes.indexOf('branch');
  if (accessScope.departments.length > 0) return accessScopes.indexOf('department');
  return accessScopes.indexOf(accessScope.teams.length > 0 ? 'team' : 'self');
}
