import type { Factor } from '../mfa/factor.ts';
import type { RoleCatalogue } from './roles.ts';
import type { SignInPolicy } from './sign-in-policy.ts';

/** An active membership as sign-in's function returns it. */
export type Membership = {
  id: string;
  company: { id: string; name: string; currency: string };
  roles: string[];
  branchId: string | null;
  departmentId: string | null;
  teams: { id: string; roles: string[] }[];
  customRoles: RoleCatalogue;
  /** A second factor is required of this member in particular, and since when it has been of them for whatever reason. */
  mfaRequired: boolean;
  mfaGraceFrom: string | null;
  /** What the company asks; `null` while it has set nothing: then `policyOf` of sign-in-policy.ts has the defaults. */
  policy: SignInPolicy | null;
};

/** A session that holds, its user, and every company where they are an active member. `session.id` is the token's hash. */
export type Identity = {
  session: {
    id: string;
    companyId: string | null;
    /** How the user proved who they are (RFC 8176 names), and when a second factor was last proven. */
    methods: string[];
    mfaAt: Date | null;
    createdAt: Date;
    lastUsedAt: Date;
    /** How long the session may lie unused, and the longest that it ever has. */
    idleSeconds: number;
    longestIdleSeconds: number;
    /** Companies in which it has acted beside its own. */
    enteredCompanies: string[];
  };
  user: {
    id: string;
    email: string;
    name: string;
    language: string;
    emailVerified: boolean;
    /** Second factors that could be used now. */
    factors: Factor[];
  };
  memberships: Membership[];
};
