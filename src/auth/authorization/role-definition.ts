import { AppError } from '../../errors.ts';
import { builtInRole, fitsAccessScope, isPermission, isPlatformPermission } from './permissions.ts';
import { type CustomRole, type RoleCatalogue, roleDefinition } from './roles.ts';

/*
 * Which roles can be named and defined, independent of the actor. Whether the actor may give them,
 * `guardRights` decides by what they change (auth/rights/guard.ts).
 */

/** Error: INVALID_INPUT for a role that the company does not have. */
export function requireKnownRoles(names: readonly string[], catalogue: RoleCatalogue): void {
  if (names.every((name) => roleDefinition(name, catalogue))) return;
  throw new AppError('INVALID_INPUT', 'Unknown role.', {
    fields: { 'input.roles': 'expected roles of this company' },
  });
}

/**
 * Error: INVALID_INPUT for a built-in role's name, or a permission that a custom role of this
 * access scope cannot have.
 */
export function requireDefinable({ slug, permissions, accessScope }: CustomRole & { slug: string }): void {
  if (builtInRole(slug)) {
    throw new AppError('INVALID_INPUT', 'Built-in roles cannot be changed.', {
      fields: { 'input.slug': 'expected a name that no built-in role has' },
    });
  }
  if (permissions.some((name) => !isPermission(name) || isPlatformPermission(name))) {
    throw new AppError('INVALID_INPUT', 'Unknown permission, or not available to company roles.', {
      fields: { 'input.permissions': "expected permissions from the policy map, none of the platform's" },
    });
  }
  const unfit = permissions.filter(isPermission).filter((name) => !fitsAccessScope(name, accessScope));
  if (unfit.length > 0) {
    throw new AppError('INVALID_INPUT', `Only for the whole company: ${unfit.join(', ')}.`, {
      fields: {
        'input.permissions': `expected permissions that a role with the access scope ${accessScope} can hold`,
      },
    });
  }
}
