import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import type { Deployment } from './deployment.ts';
import { type Finding, finding, notChecked, ok } from './finding.ts';

type Adoption = { members: number; protected: number };

/** All members of the platform are administrators. */
export async function administrators({ platform }: Deployment): Promise<Finding> {
  if (!platform) return notChecked('the figures are not readable without PLATFORM_DATABASE_URL');
  const [row] = await platform<Adoption>(
    'SELECT members, protected FROM factor_adoption_of_companies($1::uuid[])',
    [[PLATFORM_ID]],
  );
  const { members, protected: safe } = row ?? { members: 0, protected: 0 };
  if (members === 0) return finding('the platform has no administrator');
  const detail = `${safe} of ${members} administrators of the platform have a second factor`;
  return safe < members ? finding(detail) : ok(detail);
}

/** Addresses of demo accounts; `.example` is reserved (RFC 2606, 3). */
const DEMO = ['platform@bulwark.example', 'company_admin@acme.example', 'company_admin@globex.example'];

export async function demoAccounts({ config, query }: Deployment): Promise<Finding> {
  if (config.env === 'development') return ok('development has them on purpose');
  const found: string[] = [];
  for (const email of DEMO)
    if ((await query()('SELECT id FROM user_for_sign_in($1)', [email])).length > 0) found.push(email);
  return found.length > 0 ? finding(`${found.join(', ')} can sign in`) : ok('none');
}
