import type { AccessScopeName, Permission, RoleDefinition } from './permissions.ts';
import {
  builtInRole,
  fitsAccessScope,
  isPermission,
  isPlatformPermission,
  PLATFORM_LEVEL,
  permissions,
} from './permissions.ts';

/** A company's own roles by slug, as the database holds them: permission names are not trusted to exist. */
export type CustomRole = {
  level: number;
  accessScope: AccessScopeName;
  readOnly: boolean;
  permissions: readonly string[];
};
export type RoleCatalogue = Record<string, CustomRole>;

/** A built-in role, or a company's own; `undefined` for a name that is no role. Nothing shadows a built-in role. */
export function roleDefinition(name: string, catalogue: RoleCatalogue): RoleDefinition | undefined {
  const custom = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
  return builtInRole(name) ?? (custom && bounded(custom));
}

/** A company's own role without the platform's permissions and level, and without what its reach cannot narrow, whatever its row says. */
export const bounded = (custom: CustomRole): RoleDefinition => ({
  level: Math.min(custom.level, PLATFORM_LEVEL - 1),
  accessScope: custom.accessScope,
  readOnly: custom.readOnly,
  permissions: custom.permissions
    .filter(isPermission)
    .filter((name) => !isPlatformPermission(name) && fitsAccessScope(name, custom.accessScope)),
});

/** Roles without which a company could appoint nobody any more: the built-in ones that manage members and roles. */
export function isAdministrator(role: string): boolean {
  const held = builtInRole(role)?.permissions ?? [];
  return held.includes('member.write') && held.includes('role.write');
}

/** Whether these roles together administer: a read-only one among them takes every writing permission away (R5). */
export const administers = (roles: readonly string[], catalogue: RoleCatalogue): boolean =>
  roles.some(isAdministrator) && !roles.some((role) => roleDefinition(role, catalogue)?.readOnly);

/** What these roles amount to in a company: the highest level, and every permission less what a read-only one takes away (R5). */
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
