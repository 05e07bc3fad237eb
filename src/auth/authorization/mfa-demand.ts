import type { Membership } from './identity.ts';
import { PLATFORM_ID } from './permissions.ts';
import { policyOf } from './sign-in-policy.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Whether a second factor is required of a member, and until when they may go without: `null` while that time has not begun. */
export type MfaDemand = { required: boolean; graceEnds: Date | null };

type Asked = Pick<Membership, 'mfaRequired' | 'mfaGraceFrom' | 'policy'> & { company: { id: string } };

/**
 * Required of this member in particular, of everybody in the company, of one of their roles (their teams' included), or because this is the
 * platform, where it cannot be switched off (M5). The grace period counts from the moment at which it began to apply to them.
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
