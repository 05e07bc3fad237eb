import { queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { ownPolicies } from './own-policies.ts';

/**
 * Returns the company that audits a user's actions outside of any company: their first one, or the
 * platform.
 */
export async function companyOf({ pool }: { pool: TenantPool }, userId: string): Promise<string> {
  const [first] = await ownPolicies(queryAs(pool, { companyId: null, userId }));
  return first?.companyId ?? PLATFORM_ID;
}
