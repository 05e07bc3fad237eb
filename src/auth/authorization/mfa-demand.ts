import type { Membership } from './identity.ts';
import { PLATFORM_ID } from './permissions.ts';
import { policyOf } from './sign-in-policy.ts';

const DAY_MS = 24 * 3600 * 1000;

/**
 * Whether a second factor is required of a member, and the end of their grace period; null before
 * it has begun.
 */
export type MfaDemand = { required: boolean; graceEnds: Date | null };

type Asked = Pick<Membership, 'mfaRequired' | 'mfaGraceFrom' | 'policy'> & { company: { id: string } };

/**
 * Returns whether a second factor is required: of this member, of the company, of one of their
 * roles or their teams' roles, or of the platform, where it cannot be disabled (M5). The grace
 * period counts from the first requirement in the company.
 */
export function mfaDemand(membership: Asked, roles: readonly string[]): MfaDemand {
  const policy = policyOf(membership.policy);
  const required =
    membership.company.id === PLATFORM_ID ||
    membership.mfaRequired ||
    policy.mfaRequired ||
    policy.mfaRoles.some((role) => roles.includes(role));
  const from = required && membership.mfaGraceFrom ? new Date(membership.mfaGraceFrom) : null;
  return { required, graceEnds: from && new Date(from.getTime() + policy.mfaGraceDays * DAY_MS) };
}
