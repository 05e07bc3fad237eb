import { guarantees, type ModelName } from '../guarantees.gen.ts';
import type { Reach, Tenant } from './context.ts';

/** Prisma's `where`, for any model. */
export type Where = Record<string, unknown>;

const DIMENSIONS = { branch: 'branches', department: 'departments', team: 'teams' } as const;

/**
 * The rows of a model that the tenant's reach covers, as a `where`; `null` when that is all of the company's. The model's @visible
 * annotation names the columns (a dotted path goes through to-one relations) and the permission whose reach counts.
 */
export function visibleWhere(model: ModelName, tenant: Tenant): Where | null {
  const { visible } = guarantees[model];
  if (!visible) return null;
  const reach = tenant.reach?.(visible.read);
  if (reach === 'company') return null;
  const ways = reach ? covered(visible, reach) : [];
  return ways.length > 0 ? { OR: ways } : noRow(model);
}

/** Matches no row wherever it stands. `OR: []` doesn't do that: inside an AND, Prisma drops it. */
export function noRow(model: ModelName): Where {
  const { tenant, identity } = guarantees[model];
  return { [(tenant ?? identity) as string]: { in: [] } };
}

function covered(
  visible: NonNullable<(typeof guarantees)[ModelName]['visible']>,
  reach: Exclude<Reach, 'company'>,
) {
  const ways: Where[] = [];
  for (const [dimension, ids] of Object.entries(DIMENSIONS)) {
    const path = visible[dimension as keyof typeof DIMENSIONS];
    if (path && reach[ids].length > 0) ways.push(along(path, { in: reach[ids] }));
  }
  if (visible.self) ways.push(along(visible.self, reach.self));
  return ways;
}

/** 'employee.branchId' → { employee: { branchId: condition } } */
const along = (path: string, condition: unknown): Where =>
  path.split('.').reduceRight<unknown>((inner, step) => ({ [step]: inner }), condition) as Where;
