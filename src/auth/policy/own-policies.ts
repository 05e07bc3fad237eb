import type { Query } from '../../db/sql.ts';
import type { PasswordPreset, SignInPolicy } from '../authorization/sign-in-policy.ts';
import { levelOf, type SessionLimits, sessionLimits } from './session-limits.ts';

/** The sign-in policy of one company of a user. */
export type OwnPolicy = {
  companyId: string;
  companyName: string;
  level: number;
  policy: (SignInPolicy & { passwordPreset: PasswordPreset }) | null;
};

type Row = {
  company_id: string;
  company_name: string;
  roles: string[];
  own_level: number;
  policy: OwnPolicy['policy'];
};

/**
 * Returns the policy of each company where the context's user is an active member, oldest first.
 */
export async function ownPolicies(query: Query): Promise<OwnPolicy[]> {
  const rows = await query<Row>('SELECT * FROM own_sign_in_policies()');
  return rows.map(({ company_id, company_name, roles, own_level, policy }) => ({
    companyId: company_id,
    companyName: company_name,
    level: levelOf(roles, own_level),
    policy,
  }));
}

/** Returns the session limits of the context's user in one of their companies. */
export async function limitsIn(query: Query, companyId: string): Promise<SessionLimits> {
  const own = (await ownPolicies(query)).find((one) => one.companyId === companyId);
  return sessionLimits(own?.level ?? 0, own?.policy ?? null);
}
