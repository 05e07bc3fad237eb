import { queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { ownPolicies } from './own-policies.ts';

/** On whose record it is what a user does outside of any company: that of their first one, or the platform's while they have none. */
export async function companyOf({ pool }: Services, userId: string): Promise<string> {
  const [first] = await ownPolicies(queryAs(pool, { companyId: null, userId }));
  return first?.companyId ?? PLATFORM_ID;
}
