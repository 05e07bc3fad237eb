import { guarantees, type ModelName } from '../guarantees.gen.ts';
import type { AccessScope, Tenant } from './context.ts';

/** Prisma's `where`, for any model. */
export type Where = Record<string, unknown>;

const DIMENSIONS = { branch: 'branches', department: 'departments', team: 'teams' } as const;

/**
 * The rows of a model that the tenant's reach covers, as a `where`; `null` when that is all of the
 * company's. The model's @visible annotation names the columns (a dotted path goes through to-one
 * relations) and the permission whose reach counts.
 */
export function visibleWhere(model: ModelName, tenant: Tenant): Where | null {
  const { visible } = guarantees[model];
  if (!visible) return null;
  const accessScope = tenant.accessScope?.(visible.read);
  if (accessScope === 'company') return null;
  const ways = accessScope ? covered(visible, accessScope) : [];
  return ways.length > 0 ? { OR: ways } : noRow(model);
}

/** The columns of a model itself that name a branch, department or team of the row. */
export function placeColumns(model: ModelName): string[] {
  const visible = guarantees[model].visible ?? { read: '' };
  const dimensions = Object.keys(DIMENSIONS) as (keyof typeof DIMENSIONS)[];
  return dimensions
    .map((dimension) => visible[dimension])
    .filter((path) => path !== undefined && path in guarantees[model].fields) as string[];
}

/** The relations through which @visible finds the place of a row, such as `employee`. */
export function placeRelations(model: ModelName): string[] {
  const { read: _, ...paths } = guarantees[model].visible ?? { read: '' };
  const relations = Object.values(paths).flatMap((path) =>
    path.includes('.') ? [path.split('.')[0] as string] : [],
  );
  return [...new Set(relations)];
}

/**
 * Returns whether a unique key can be held by a row that the tenant does not see. A key that
 * contains the row's parent is held by rows of the same parent alone, which share its place.
 */
export function hidesConflicts(model: ModelName, tenant: Tenant): boolean {
  if (!visibleWhere(model, tenant)) return false;
  const { uniques, fields } = guarantees[model];
  const parents = placeRelations(model).flatMap((name) => fields[name]?.on?.map(([here]) => here) ?? []);
  const sharesPlace = (key: string[]) =>
    parents.length > 0 && parents.every((column) => key.includes(column));
  return Object.entries(uniques).some(([name, columns]) => name !== 'key' && !sharesPlace(columns));
}

/** Returns whether a new row names, in columns of its own, a place that the tenant reaches. */
export function namesReachedPlace(model: ModelName, row: Where, tenant: Tenant): boolean {
  const { visible, fields } = guarantees[model];
  const accessScope = visible && tenant.accessScope?.(visible.read);
  if (!visible || accessScope === 'company') return true;
  return Object.entries(DIMENSIONS).some(([dimension, ids]) => {
    const column = visible[dimension as keyof typeof DIMENSIONS];
    return column !== undefined && column in fields && accessScope?.[ids].includes(row[column] as string);
  });
}

/**
 * Returns the rows whose branch, department or team the tenant reaches, as a `where`: being one's
 * own does not count. `null` when that is all of the company's. Where a row may be put is decided
 * by this, not by `visibleWhere`.
 */
export function placedWhere(model: ModelName, tenant: Tenant): Where | null {
  const { visible } = guarantees[model];
  const accessScope = visible && tenant.accessScope?.(visible.read);
  if (!visible || accessScope === 'company') return null;
  const { self: _, ...places } = visible;
  const ways = accessScope ? covered(places, accessScope) : [];
  return ways.length > 0 ? { OR: ways } : noRow(model);
}

/** Matches no row wherever it stands. `OR: []` doesn't do that: inside an AND, Prisma drops it. */
export function noRow(model: ModelName): Where {
  const { tenant, identity } = guarantees[model];
  return { [(tenant ?? identity) as string]: { in: [] } };
}

function covered(
  visible: NonNullable<(typeof guarantees)[ModelName]['visible']>,
  accessScope: Exclude<AccessScope, 'company'>,
) {
  const ways: Where[] = [];
  for (const [dimension, ids] of Object.entries(DIMENSIONS)) {
    const path = visible[dimension as keyof typeof DIMENSIONS];
    if (path && accessScope[ids].length > 0) ways.push(along(path, { in: accessScope[ids] }));
  }
  if (visible.self) ways.push(along(visible.self, accessScope.self));
  return ways;
}

/** 'employee.branchId' → { employee: { branchId: condition } } */
const along = (path: string, condition: unknown): Where =>
  path.split('.').reduceRight<unknown>((inner, step) => ({ [step]: inner }), condition) as Where;
