import type { AccessScopeName, Permission, RoleDefinition } from './permissions.ts';
import {
  builtInRole,
  fitsAccessScope,
  isPermission,
  isPlatformPermission,
  PLATFORM_LEVEL,
  permissions,
} from './permissions.ts';

/** A company's custom roles by slug, as stored: permission names may be unknown. */
export type CustomRole = {
  level: number;
  accessScope: AccessScopeName;
  readOnly: boolean;
  permissions: readonly string[];
};
export type RoleCatalogue = Record<string, CustomRole>;

/**
 * Returns a built-in or custom role; undefined for an unknown name. Built-in roles take precedence.
 */
export function roleDefinition(name: string, catalogue: RoleCatalogue): RoleDefinition | undefined {
  const custom = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
  return builtInRole(name) ?? (custom && bounded(custom));
}

/**
 * Returns a custom role without platform permissions and level, and without permissions that its
 * access scope cannot narrow.
 */
export const bounded = (custom: CustomRole): RoleDefinition => ({
  level: Math.min(custom.level, PLATFORM_LEVEL - 1),
  accessScope: custom.accessScope,
  readOnly: custom.readOnly,
  permissions: custom.permissions
    .filter(isPermission)
    .filter((name) => !isPlatformPermission(name) && fitsAccessScope(name, custom.accessScope)),
});

/** The built-in roles that manage members and roles: a company needs a member with one. */
export function isAdministrator(role: string): boolean {
  const held = builtInRole(role)?.permissions ?? [];
  return held.includes('member.write') && held.includes('role.write');
}

/**
 * Returns whether these roles together administer; a read-only one removes writing permissions
 * (R5).
 */
export const administers = (roles: readonly string[], catalogue: RoleCatalogue): boolean =>
  roles.some(isAdministrator) && !roles.some((role) => roleDefinition(role, catalogue)?.readOnly);

/**
 * Returns the highest level and all permissions of these roles; a read-only one removes writing
 * permissions (R5).
 */
export type Standing = { level: number; permissions: ReadonlySet<Permission> };

export function standingOf(roles: readonly string[], catalogue: RoleCatalogue): Standing {
  const held = roles.map((role) => roleDefinition(role, catalogue)).filter((role) => role !== undefined);
  const readOnly = held.some((role) => role.readOnly);
  const granted = held.flatMap((role) => role.permissions);
  return {
    level: Math.max(0, ...held.map(({ level }) => level)),
    permissions: new Set(granted.filter((permission) => !(readOnly && permissions[permission].writes))),
  };
}
