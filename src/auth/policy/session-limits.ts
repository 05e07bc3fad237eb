import { builtInRole } from '../authorization/permissions.ts';
import { policyOf, type SignInPolicy } from '../authorization/sign-in-policy.ts';

/** Idle and absolute limits of a session, in seconds. */
export type SessionLimits = { idle: number; absolute: number };

const HOUR = 3600;

/** Upper limits by role level (auth/authorization/permissions.ts), whatever a company's policy. */
const byLevel: Record<number, SessionLimits> = {
  5: { idle: HOUR, absolute: 12 * HOUR },
  4: { idle: 12 * HOUR, absolute: 7 * 24 * HOUR },
};

const limitsOf = ({ sessionIdleMinutes, sessionAbsoluteHours }: SignInPolicy): SessionLimits => ({
  idle: sessionIdleMinutes * 60,
  absolute: sessionAbsoluteHours * HOUR,
});

export const defaultLimits = limitsOf(policyOf(null));

/** Returns the company's limits, or the level's where those are shorter. */
export function sessionLimits(level: number, policy: SignInPolicy | null): SessionLimits {
  const [asked, most] = [limitsOf(policyOf(policy)), byLevel[level]];
  if (!most) return asked;
  return { idle: Math.min(asked.idle, most.idle), absolute: Math.min(asked.absolute, most.absolute) };
}

/** Returns the highest level of these roles; `own` is the level of the company's custom roles. */
export const levelOf = (roles: readonly string[], own: number): number =>
  Math.max(own, ...roles.map((role) => builtInRole(role)?.level ?? 0));

/** Seconds that a refresh token can be exchanged. */
export const REFRESH_SECONDS = 7 * 24 * HOUR;
/**
 * The usual idle limit in seconds; a shorter one of a company or role level also applies to refresh
 * tokens.
 */
export const USUAL_IDLE = 24 * HOUR;
/**
 * Returns the idle limit of a session with refresh tokens, given that of a session with a cookie.
 */
export const tokenIdle = (idle: number): number => (idle < USUAL_IDLE ? idle : REFRESH_SECONDS);
